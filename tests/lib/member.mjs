// A member of a room, without a browser and without the client library: one connection, and the messages it receives.
//
//   const jane = await join(server, { nickname: 'Jane', room: 'garden' });   // query parameters
//   jane.send('message', 'Hello!', 7);
//   const { seq } = await jane.next('message');   // skips what comes before it; next() takes whatever is next
//   const { code } = await jane.closed();

import { WebSocket } from 'ws';
import { within } from './deadline.mjs';

// Speaks hubbub.v1; with `protocols: []`, the plain dialect. `deflate` is the perMessageDeflate option of the package ws.
export async function join(server, { protocols = ['hubbub.v1'], deflate = false, ...parameters } = {}) {
  const socket = new WebSocket(`${server.ws}?${new URLSearchParams(parameters)}`, protocols, { perMessageDeflate: deflate });
  const member = new Member(socket);
  await within(new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)), 'a WebSocket', {
    details: server.log,
  });
  socket.on('error', () => {}); // a close event follows, and tests check that
  return member;
}

class Member {
  #taken = 0;
  #closed;
  #changed = () => {};

  constructor(socket) {
    this.socket = socket;
    this.received = []; // every message since forget(), parsed
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'welcome') Object.assign(this, { id: message.content.id, key: message.content.key });
      this.received.push(message);
      this.#changed();
    });
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        this.#changed();
        resolve(this.ended);
      });
    });
  }

  send(type, content, ref) {
    this.socket.send(JSON.stringify({ type, content, ref }));
  }

  // The next message of a type, or the next for which `wanted` returns true.
  next(wanted = () => true) {
    const fits = typeof wanted === 'string' ? ({ type }) => type === wanted : wanted;
    const what = typeof wanted === 'string' ? `a ${wanted}` : 'a message';
    return within(this.#next(fits, what), what, { details: () => JSON.stringify(this.received.slice(-5)) });
  }

  async #next(fits, what) {
    for (;;) {
      while (this.#taken < this.received.length) {
        const message = this.received[this.#taken++];
        if (fits(message)) return message;
      }
      if (this.ended) throw new Error(`closed with ${this.ended.code} ${this.ended.reason} while waiting for ${what}`);
      await new Promise((resolve) => { this.#changed = resolve; });
    }
  }

  // Drops from `received` the messages that next() has taken or skipped, to save memory.
  forget() {
    this.received.splice(0, this.#taken);
    this.#taken = 0;
  }

  // Sends a message, and resolves with its acknowledgement.
  async say(content, ref = `said ${this.received.length} ${content}`) {
    this.send('message', content, ref);
    return this.next((message) => message.ref === ref && [message.id, undefined].includes(this.id));
  }

  // How the connection ended, once it has.
  closed() {
    return within(this.#closed, 'the connection to be closed', { details: () => JSON.stringify(this.received.slice(-5)) });
  }

  // Ends the connection without a closing handshake.
  hangUp() {
    this.socket.terminate();
  }

  async leave() {
    this.socket.close(1000);
    return this.closed();
  }
}
