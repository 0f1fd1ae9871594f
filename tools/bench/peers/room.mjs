// A room as in the protocol, shared by the servers on Node and independent of the transport. Nothing is checked
// and nothing is kept.

const LISTED = 100; // names in a list; in rooms with more members nothing is announced
const BETWEEN_LISTS = 250; // ms

export class Room {
  #name;
  #send;
  #nicknames = new Map();
  #seq = 0;
  #due;

  // `send(message)` must send an object to everybody in the room.
  constructor(name, send) {
    this.#name = name;
    this.#send = send;
  }

  get isEmpty() {
    return this.#nicknames.size === 0;
  }

  join(member, nickname) {
    this.#nicknames.set(member, nickname);
    this.#announce(`${nickname} joined the room`);
  }

  leave(member) {
    const nickname = this.#nicknames.get(member);
    this.#nicknames.delete(member);
    if (!this.isEmpty) this.#announce(`${nickname} left the room`);
  }

  say({ type, content, ref }, { id, nickname }) {
    this.#send({ type, content, room: this.#name, nickname, id, seq: ++this.#seq, ts: Date.now(), ref });
  }

  #announce(content) {
    if (this.#nicknames.size <= LISTED) this.#send({ type: 'system', content, room: this.#name, nickname: 'System' });
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      const names = [...this.#nicknames.values()];
      const count = names.length > LISTED ? { count: names.length } : {};
      this.#send({ type: 'users_update', content: names.slice(0, LISTED), room: this.#name, ...count });
    }, BETWEEN_LISTS);
  }
}

// Rooms by name; `send(name, message)` must send a message to a room.
export class Rooms {
  #rooms = new Map();

  constructor(send) {
    this.send = send;
  }

  at(name) {
    if (!this.#rooms.has(name)) this.#rooms.set(name, new Room(name, (message) => this.send(name, message)));
    return this.#rooms.get(name);
  }

  leave(name, member) {
    const room = this.at(name);
    room.leave(member);
    if (room.isEmpty) this.#rooms.delete(name);
  }
}

export function listen(server) {
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', 4096, () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
}
