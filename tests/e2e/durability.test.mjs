// No message that anybody saw or that was acknowledged is lost when the server is killed.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { within } from '../lib/deadline.mjs';
import { runServer, sanitized, startServer } from '../lib/server.mjs';

const folder = await mkdtemp(join(tmpdir(), 'hubbub-durability-'));
after(() => rm(folder, { recursive: true }));

const config = (name) => ({
  store: { path: join(folder, name), snapshot_every: 50, retention: { messages: 100_000_000 } },
  rooms: { grace: '0s' },
  websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
  plugins: { chat: { history: 1000 } },
});

const seed = Number(process.env.HUBBUB_SEED ?? Date.now() % 1_000_000_007);
let state = seed || 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

const AHEAD = 16; // messages that one person has on their way

// Somebody who talks without a pause, across all restarts, and remembers which messages were acknowledged and which it received.
class Person {
  constructor(name, room, { resends }) {
    Object.assign(this, { name, room, resends, said: 0, underWay: [], acknowledged: new Map(), seen: new Map(), greetedTo: 0, position: 0 });
  }

  connect(server) {
    const position = this.epoch ? { since: this.position, epoch: this.epoch, ...(this.key && { key: this.key }) } : {};
    const query = new URLSearchParams({ id: this.name, nickname: this.name, room: this.room, ...position });
    const socket = new WebSocket(`${server.ws}?${query}`, 'hubbub.v1', { perMessageDeflate: false });
    this.socket = socket;
    this.gone = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
    socket.on('message', (data) => this.take(JSON.parse(data), data.toString()));
  }

  take({ type, content, id, seq, ref }, text) {
    if (type === 'error') throw new Error(`${this.name} was refused: ${text}`);
    if (type === 'welcome') this.welcomed(content);
    if (type !== 'message') return;
    if (id === this.name) this.acknowledge(ref, seq);
    if (seq <= this.position) return assert.equal(text, this.seen.get(seq) ?? text, 'the answer to a repetition');
    assert.equal(seq, this.position + 1, `${this.name} missed something`);
    this.position = seq;
    this.seen.set(seq, text);
  }

  welcomed({ epoch, seq, recovered, key }) {
    // A room in which nothing was logged yet gets a new epoch.
    if (this.position > 0) assert.deepEqual([epoch, recovered], [this.epoch, true]);
    Object.assign(this, { epoch, key, ...(!recovered && { greetedTo: seq }) });
    if (!this.resends) this.underWay = [];
    for (const ref of this.underWay) this.send(ref);
    this.talk();
    this.onProgress?.();
  }

  acknowledge(ref, seq) {
    assert.equal(this.acknowledged.get(ref) ?? seq, seq, `${this.name} ${ref} was logged twice`);
    this.acknowledged.set(ref, seq);
    this.underWay = this.underWay.filter((other) => other !== ref);
    this.talk();
    this.onProgress?.();
  }

  talk() {
    while (!this.silent && this.underWay.length < AHEAD) {
      this.underWay.push(++this.said);
      this.send(this.said);
    }
  }

  send(ref) {
    this.socket.send(JSON.stringify({ type: 'message', content: `${this.name} ${ref}`, ref }));
  }

  // Stops talking, and waits for the answers on their way.
  finish() {
    this.silent = true;
    return within(new Promise((resolve) => {
      this.onProgress = () => this.underWay.length === 0 && resolve();
      this.onProgress();
    }), `${this.name}'s last acknowledgement`);
  }
}

// The whole log of a room, as a client gets it that resumes from the beginning.
async function readLog(server, room, epoch, last) {
  const reader = new Person('reader', room, { resends: false });
  Object.assign(reader, { epoch, silent: true });
  reader.connect(server);
  await within(new Promise((resolve) => {
    const take = reader.take.bind(reader);
    reader.take = (message, text) => {
      take(message, text);
      if (reader.position === last) resolve();
    };
  }), `the ${last} messages of ${room}`);
  reader.socket.terminate();
  return reader.seen;
}

async function run(name, ...args) {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify({ store: { path: join(folder, name) } }));
  return runServer(['--config', file, ...args]);
}

// The exported lines with the rooms' states, after every room has been opened and closed.
async function states(name, rooms) {
  const server = await startServer({ config: config(name) });
  for (const room of rooms) {
    const visitor = new Person('visitor', room, { resends: false });
    visitor.silent = true;
    visitor.take = () => visitor.socket.close();
    visitor.connect(server);
    await within(visitor.gone, 'a visit');
  }
  await server.stop();
  const { out, code } = await run(name, 'export', '-');
  assert.equal(code, 0);
  return out.split('\n').filter((line) => line.includes('"snapshot":'));
}

const rounds = sanitized ? 20 : 200;
const rooms = ['garden', 'kitchen'];

test(`killed ${rounds} times at any moment, the server has every message that was acknowledged or seen, once and in order (HUBBUB_SEED=${seed})`, async () => {
  const people = ['Jane', 'Bob', 'Joe', 'Ann', 'Eve', 'Max'].map((name, i) => new Person(name, rooms[i % 2], { resends: i < 4 }));
  for (let round = 1; round <= rounds; ++round) {
    const server = await startServer({ config: config('rooms.db') });
    for (const person of people) person.connect(server);
    const moment = 150 * random() ** 2; // ms
    await new Promise((resolve) => { setTimeout(resolve, moment); }); // the moment, not a wait
    await server.crash();
    await Promise.all(people.map(({ gone }) => gone));
  }

  const server = await startServer({ config: config('rooms.db') });
  for (const person of people) person.connect(server);
  await Promise.all(people.map((person) => person.finish()));
  for (const room of rooms) {
    const here = people.filter((person) => person.room === room);
    const log = await readLog(server, room, here[0].epoch, Math.max(...here.map(({ position }) => position)));
    const places = new Map(); // "name ref" → seq
    for (const [seq, text] of log) {
      const { content } = JSON.parse(text);
      assert.ok(!places.has(content), `${content} was logged twice`);
      places.set(content, seq);
    }
    for (const { name, seen, greetedTo, acknowledged, resends, said } of here) {
      for (const [seq, text] of seen) {
        const logged = log.get(seq);
        const expected = seq <= greetedTo ? logged.replace(/,"ref":\d+\}$/, '}') : logged; // a greeting leaves out the ref
        assert.equal(text, expected, `what ${name} saw is what was logged`);
      }
      for (const [ref, seq] of acknowledged) assert.equal(places.get(`${name} ${ref}`), seq, `${name} ${ref} was acknowledged`);
      if (!resends) continue;
      const own = Array.from({ length: said }, (_, i) => places.get(`${name} ${i + 1}`));
      assert.ok(own.every((seq, i) => seq > (own[i - 1] ?? 0)), `all that ${name} said is there, in ${name}'s order`);
    }
    assert.ok(log.size > rounds, `${log.size} messages`);
  }
  people.forEach(({ socket }) => socket.terminate());
  await server.stop();
});

test('the state from snapshot and log is the state from the log alone, byte for byte', async () => {
  const fromBoth = await states('rooms.db', rooms);
  assert.equal(fromBoth.length, rooms.length);
  const all = join(folder, 'all.jsonl');
  const { code, err } = await run('rooms.db', 'export', all);
  assert.deepEqual([code, err], [0, '2 rooms exported\n']);
  const lines = (await readFile(all, 'utf8')).split('\n');
  await writeFile(join(folder, 'logs.jsonl'), lines.filter((line) => !line.includes('"snapshot":')).join('\n'));
  assert.equal((await run('again.db', 'import', join(folder, 'logs.jsonl'))).code, 0);
  assert.deepEqual(await states('again.db', rooms), fromBoth);
});
