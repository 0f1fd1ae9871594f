// Whatever happens to its connections, a hub shows what its room has, each message once and in order, and tells truly how
// what it sent ended: held against a room that does what the server promises, in hundreds of random lives of both.
// HUBBUB_SEED repeats the random choices of a run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone, settled } from '../lib/alone.mjs';
import { Chance } from '../lib/chance.mjs';

const LIVES = 400;
const STEPS = 60;
const TOO_BIG = 300; // bytes of a frame

// As the server promises it.
class Room {
  lives = 0;
  constructor(chance) {
    this.chance = chance;
    this.begin();
  }

  // A new life of the room, of which nobody remembers the last.
  begin() {
    this.epoch = `epoch ${this.lives += 1}`;
    this.log = [];
    this.forgotten = 0; // messages at the beginning
  }

  append(message) {
    this.log.push({ room: 'garden', ts: 1, ...message, seq: this.log.length + 1 });
    return this.log.at(-1);
  }

  since(seq) { return this.log.slice(seq); }

  // What somebody who comes in is sent.
  admit(since, epoch) {
    const recovered = epoch === this.epoch && since >= this.forgotten;
    const welcome = { type: 'welcome', content: { id: 'me', nickname: 'Jane', epoch: this.epoch, seq: this.log.length, recovered, key: 'mine', types: [] } };
    const missed = this.since(recovered ? since : Math.max(this.forgotten, this.log.length - 4));
    return [welcome, ...missed, { type: 'users_update', content: ['Jane'] }];
  }

  // What comes of a message, for the sender: { message } for everybody, { answer } for nobody else.
  take(frame, id) {
    const known = this.log.find((logged) => logged.id === id && logged.ref === frame.ref);
    if (known) return { answer: known };
    if (frame.content.startsWith('bad')) return { answer: { type: 'error', code: 'invalid', content: 'no', ref: frame.ref } };
    return { message: this.append({ ...frame, id, nickname: 'Jane' }) };
  }
}

// One life of a hub. Frames are on their way in both directions, and are lost with the connection.
async function live(seed) {
  const chance = new Chance(seed);
  const trace = [`HUBBUB_SEED=${seed}`];
  await alone(async ({ hub, line, lines, clock, page, say, heard }) => {
    const room = new Room(chance);
    let shown = [];
    const ends = new Map(); // content -> how it ended
    const ways = new WeakMap(); // line -> what is on its way to the server and back
    hub.on('message', ({ seq, content, id }) => shown.push({ seq, content, id }));
    hub.onReset(() => { shown = []; });

    const way = () => {
      if (!ways.has(line())) ways.set(line(), { there: 0, back: [], isIn: false });
      return ways.get(line());
    };
    const isUp = () => line().readyState < 2;
    const come = () => {
      const its = way();
      if (its.isIn || !isUp()) return;
      its.isIn = true;
      its.back.push(...room.admit(Number(line().query.since ?? -1), line().query.epoch));
    };
    // The server takes the next frame of those sent.
    const take = () => {
      const its = way();
      const frame = line().frames[its.there];
      if (!its.isIn || frame === undefined || !isUp()) return;
      its.there += 1;
      const message = JSON.parse(frame);
      if (message.type === 'ping') return void its.back.push({ type: 'pong', content: null, ref: message.ref });
      if (new TextEncoder().encode(frame).length > TOO_BIG) return void line().lose(1009);
      const { answer, message: logged } = room.take(message, 'me');
      its.back.push(answer ?? logged);
    };
    const hear = () => {
      const its = way();
      const message = isUp() && its.back.shift();
      if (!message) return;
      if (message.type === 'welcome') line().readyState = 1;
      line().tell(message);
    };
    let count = 0;
    const speak = () => {
      count += 1;
      const kind = chance.below(10);
      const content = `${kind === 0 ? 'bad ' : ''}${count}${kind === 1 ? 'é'.repeat(TOO_BIG / 2) : kind === 2 ? ' long'.repeat(20) : ''}`;
      say(content).then(() => ends.set(content, 'resolved'), ({ code }) => ends.set(content, code));
    };
    const other = () => {
      const message = room.append({ type: 'message', content: `other ${room.log.length}`, id: 'other', ref: `r${room.log.length}` });
      if (isUp() && way().isIn) way().back.push(message);
    };
    const steps = [
      come, come, take, take, hear, hear, hear, speak, speak, other, other,
      () => isUp() && line().lose(chance.of([1001, 1006, 4000])),
      () => clock.pass(chance.below(20_000)),
      () => clock.doze(chance.below(100_000) - 20_000),
      () => hub.reconnect(),
      () => hub.rename(chance.of(['Jane', 'Janet'])),
      () => page.tell(chance.of(['online', 'focus', 'offline', 'pagehide', 'pageshow']), { persisted: true }),
      () => page.look(chance.oneIn(2)),
      () => { room.forgotten = Math.max(room.forgotten, room.log.length - 3); },
      () => {
        if (!chance.oneIn(5)) return;
        if (isUp()) line().lose(1012);
        room.begin();
      },
    ];
    for (let step = 0; step < STEPS; step += 1) {
      const does = chance.of(steps);
      trace.push(String(does).slice(0, 60));
      does();
      if (chance.oneIn(4)) await settled();
      // At no time anything is shown twice, out of order, or left out.
      shown.forEach(({ seq }, i) => assert.ok(i === 0 || seq === shown[i - 1].seq + 1, `${trace.join('\n')}\n${JSON.stringify(shown)}\n${heard}`));
    }

    // In the end everything is well for as long as it takes.
    page.hidden = false;
    page.tell('focus');
    for (let turn = 0; turn < 1000 && !(hub.status.state === 'online' && !hub.pending && !way().back.length); turn += 1) {
      if (isUp()) for (const does of [come, take, hear, hear]) does();
      else clock.pass(1000);
    }
    await settled();
    const why = () => `${trace.join('\n')}\n${heard.join(' ')}`;
    assert.deepEqual([hub.status.state, hub.pending, ends.size], ['online', 0, count], why());
    assert.equal(hub.seq, room.log.length, why());
    assert.deepEqual(shown, room.since(shown[0] ? shown[0].seq - 1 : room.log.length).map(({ seq, content, id }) => ({ seq, content, id })), why());
    const mine = room.log.filter(({ id }) => id === 'me').map(({ content }) => content);
    assert.equal(new Set(mine).size, mine.length, why());
    assert.deepEqual(mine, [...mine].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)), why());
    for (const [content, end] of ends) {
      const wanted = content.startsWith('bad') ? 'invalid' : content.length > TOO_BIG / 2 ? 'too_big' : 'resolved';
      assert.equal(end, wanted, `${content}\n${why()}`);
      if (end !== 'resolved') assert.ok(!mine.includes(content), why());
      else if (room.lives === 1) assert.ok(mine.includes(content), why());
    }
    assert.ok(lines.length > 0);
  })();
}

const seed = Number(process.env.HUBBUB_SEED ?? 0);
test('whatever happens, what is shown is what the room has, once and in order, and what was said ended as it is told', async () => {
  for (let life = 0; life < (seed ? 1 : LIVES); life += 1) await live(seed || life + 1);
});
