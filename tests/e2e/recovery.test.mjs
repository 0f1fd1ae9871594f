// Coming back: a client with a position gets exactly what it missed, and a message that is sent twice is logged once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { within } from '../lib/deadline.mjs';
import { fixtures, withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';

const messages = ({ received }) => received.filter(({ type }) => type === 'message');
const seqs = (member) => messages(member).map(({ seq }) => seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function welcomed(join, options) {
  const member = await join({ nickname: 'Bob', ...options });
  return { member, ...(await member.next('welcome')).content };
}

// Jane, who has said `number 1` and so on.
async function talkative(join, count) {
  const { member: jane, epoch } = await welcomed(join, { nickname: 'Jane', id: 'jane' });
  for (let i = 1; i <= count; ++i) await jane.say(`number ${i}`, i);
  return { jane, epoch };
}

test('a position is answered with every logged message after it, once, and then with live ones', withServer(async ({ join }) => {
  const { jane, epoch } = await talkative(join, 10);
  for (const [since, protocols] of [[0], [4], [9], [4, []]]) {
    const bob = await join({ nickname: 'Bob', since, epoch, protocols });
    const { seq } = await jane.say(`after ${since}`);
    await bob.next((message) => message.seq === seq);
    assert.deepEqual(seqs(bob), range(since + 1, seq));
    assert.deepEqual(messages(bob), messages(jane).slice(since), 'they are the very messages');
    if (protocols) continue;
    const { content } = bob.received[0];
    assert.deepEqual([content.recovered, content.epoch, content.seq], [true, epoch, seq - 1]);
  }
}));

test('a client that missed nothing gets nothing', withServer(async ({ join }) => {
  const { epoch } = await talkative(join, 3);
  const { member, recovered } = await welcomed(join, { since: 3, epoch });
  await member.next('system');
  assert.equal(recovered, true);
  assert.deepEqual(seqs(member), []);
}));

test('a client that recovers is not greeted', withServer(async ({ join }) => {
  const { epoch } = await talkative(join, 1);
  const { member } = await welcomed(join, { since: 1, epoch });
  await member.next('system');
  assert.ok(!member.received.some(({ type }) => type === 'answer'));
  await (await join({ nickname: 'Joe' })).next('answer');
}, { config: { plugins: { directory: fixtures, probe: {} } } }));

test('every kind of logged message is recovered, ephemeral ones are not', withServer(async ({ join }) => {
  const { jane, epoch } = await talkative(join, 1);
  jane.send('note', { a: 1 });
  jane.send('typing', true);
  jane.send('blink', 1);
  await jane.say('number 4');
  const { member } = await welcomed(join, { since: 0, epoch });
  await member.next('system');
  const logged = ({ received }) => received.filter(({ seq }) => seq);
  assert.deepEqual(logged(member).map(({ type }) => type), ['message', 'note', 'message']);
  assert.deepEqual(logged(member), logged(jane));
  assert.deepEqual(member.received.filter(({ type }) => ['typing', 'blink'].includes(type)), []);
}, { config: { plugins: { directory: fixtures, probe: {} } } }));

test('a client with another epoch, or a position in the future, is greeted as a newcomer', withServer(async ({ join }) => {
  const { epoch } = await talkative(join, 5);
  for (const position of [{ since: 4, epoch: `${epoch}x` }, { since: 6, epoch }, { since: '18446744073709551615', epoch }]) {
    const { member, recovered, epoch: now, seq } = await welcomed(join, position);
    await member.next('system');
    assert.deepEqual([recovered, now, seq], [false, epoch, 5]);
    assert.deepEqual(seqs(member), [4, 5], 'what chat greets everybody with');
  }
}, { config: { plugins: { chat: { history: 2 } } } }));

test('a client whose position is older than the log is greeted as a newcomer; at the log’s oldest position it recovers', withServer(async ({ join }) => {
  const { epoch } = await talkative(join, 40);
  const old = await welcomed(join, { since: 29, epoch });
  await old.member.next('system');
  assert.equal(old.recovered, false);
  assert.deepEqual(seqs(old.member), [39, 40]);
  const oldest = await welcomed(join, { since: 30, epoch });
  await oldest.member.next('system');
  assert.equal(oldest.recovered, true);
  assert.deepEqual(seqs(oldest.member), range(31, 40));
}, { config: { store: { retention: { messages: 10 }, snapshot_every: 5 }, plugins: { chat: { history: 2 } } } }));

test('a room that everybody left keeps its log and its greeting', withServer(async ({ join, server }) => {
  const { jane, epoch } = await talkative(join, 5);
  await jane.leave();
  const { member, recovered } = await welcomed(join, { since: 2, epoch });
  await member.next('system');
  assert.equal(recovered, true);
  assert.deepEqual(seqs(member), [3, 4, 5]);
  const newcomer = await welcomed(join);
  await newcomer.member.next('system');
  assert.deepEqual(seqs(newcomer.member), range(1, 5));
  assert.equal((await member.say('number 6')).seq, 6);
  assert.ok(!server.log().includes('[error]'), server.log());
}, { config: { rooms: { grace: '0s' } } }));

test('a message that is sent again with its ref is answered with the logged one, and reaches nobody else', withServer(async ({ join }) => {
  const { jane, epoch } = await talkative(join, 2);
  const bob = await join({ nickname: 'Bob', since: 2, epoch });
  await bob.next('welcome');
  const said = await jane.say('Hello!', 'r');
  const again = await jane.say('Hello!', 'r');
  assert.deepEqual(again, said);
  await jane.leave();

  const { key } = jane;
  const { member: returned } = await welcomed(join, { nickname: 'Jane', id: 'jane', since: 2, epoch, key });
  assert.deepEqual(await returned.next('message'), said);
  assert.deepEqual(await returned.say('Hello!', 'r'), said);
  const other = await bob.say('Hello!', 'r');
  assert.equal(other.seq, 4, 'the ref of another is another');
  assert.deepEqual(seqs(bob), [3, 4]);
  const phone = await join({ nickname: 'Jane on the phone', id: 'jane', protocols: ['hubbub.v1', `key.${key}`] });
  assert.deepEqual(await phone.say('Hello!', 'r'), said);
  assert.deepEqual(seqs(bob), [3, 4]);
  assert.equal(JSON.stringify(bob.received).includes(key), false, 'nobody else hears of the key');
}));

test('messages that somebody else sends with an id and its refs have no effect on the owner of that id', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane', id: 'jane' });
  const bob = await join({ nickname: 'Bob', id: 'bob' });
  const mallory = await join({ nickname: 'Jane', id: 'jane' });
  const plain = await join({ nickname: 'Jane', id: 'jane', protocols: [] });
  for (let ref = 1; ref <= 10; ++ref) mallory.send('message', 'nothing', ref);
  for (let ref = 1; ref <= 10; ++ref) plain.send('message', 'nothing', ref);
  await bob.next(({ seq }) => seq === 20);
  for (let ref = 1; ref <= 10; ++ref) jane.send('message', `number ${ref}`, ref);
  for (let ref = 1; ref <= 10; ++ref) assert.equal((await bob.next('message')).content, `number ${ref}`);
  await jane.leave();
  const back = await join({ nickname: 'Jane', id: 'jane', key: jane.key });
  back.send('message', 'number 3', 3);
  assert.equal((await back.next(({ ref }) => ref === 3)).seq, 23);
  plain.send('message', 'nothing', 3);
  assert.equal((await plain.next(({ ref, seq }) => ref === 3 && seq < 21)).content, 'nothing', 'its own refs are known on its connection');
}));

test('a ref that stands for another message already is refused, here and after a restart of the room', withServer(async ({ join }) => {
  let jane = await join({ nickname: 'Jane', id: 'jane' });
  jane.send('note', { text: 'Hello!', n: 1 }, 'r');
  const said = await jane.next('note');
  const { key } = jane;
  for (let i = 0; i < 2; ++i) {
    for (const [type, content] of [['note', { text: 'Hello!' }], ['note', { text: 'Hello!', n: 2 }], ['note', null], ['sum', { a: 1, b: 2 }]]) {
      jane.send(type, content, 'r');
      const { code, ref, content: why } = await jane.next('error');
      assert.deepEqual([code, ref], ['invalid', 'r']);
      assert.match(why, /^ref: /);
    }
    jane.socket.send('{"ref":"r", "content":{"n":1, "text":"Hello\\u0021"}, "type":"note"}');
    assert.deepEqual(await jane.next(({ ref }) => ref === 'r'), said, 'however it is written down');
    await jane.leave();
    jane = await join({ nickname: 'Jane', id: 'jane', key });
  }
}, { config: { rooms: { grace: '0s' }, plugins: { directory: fixtures, probe: {} } } }));

test('if many clients send the same messages again at the same time, each message is logged once', withServer(async ({ join }) => {
  const [people, each] = sanitized ? [5, 20] : [20, 50];
  const bob = await join({ nickname: 'Bob' });
  const { content: { epoch } } = await bob.next('welcome');
  const firsts = await Promise.all(range(1, people).map(async (i) => (await welcomed(join, { id: `id${i}`, nickname: 'Jane' })).member));
  const seconds = await Promise.all(firsts.map(({ id, key }) => join({ id, key, nickname: 'Jane' })));
  const connections = [...firsts, ...seconds];
  for (const i of range(1, each)) {
    for (const connection of connections) {
      connection.send('message', `number ${i}`, i);
      if (i % 10 === 0) connection.send('message', `number ${i - 5}`, i - 5);
    }
  }
  await bob.next(({ seq }) => seq === people * each);
  await Promise.all(connections.map((connection) => connection.say('the end', 'end')));
  const { member } = await welcomed(join, { since: 0, epoch });
  await member.next('system');
  assert.deepEqual(seqs(member), range(1, people * each + people));
  const keys = new Set(messages(member).map(({ id, ref }) => `${id} ${ref}`));
  assert.equal(keys.size, people * each + people);
  for (const connection of connections) {
    const acknowledged = messages(connection).filter(({ id }) => id === connection.id).map(({ ref }) => ref);
    assert.equal(new Set(acknowledged).size, each + 1);
  }
}));

// A client whose connection keeps breaking: it sends `count` messages, resumes, and sends unacknowledged messages again.
class Unlucky {
  constructor({ ws }, name, count, breaks, random) {
    Object.assign(this, { url: ws, name, breaks, random, log: [] });
    this.unacknowledged = range(1, count).map((ref) => JSON.stringify({ type: 'message', content: `${name} ${ref}`, ref }));
    this.connect();
  }

  connect() {
    const position = this.epoch ? { since: this.log.at(-1)?.seq ?? 0, epoch: this.epoch, key: this.key } : {};
    const query = new URLSearchParams({ id: this.name, nickname: this.name, ...position });
    this.socket = new WebSocket(`${this.url}?${query}`, 'hubbub.v1', { perMessageDeflate: false });
    this.socket.on('open', () => this.unacknowledged.forEach((text) => this.socket.send(text)));
    this.socket.on('error', () => {}).on('close', () => !this.over && this.connect());
    let left = this.breaks-- > 0 ? Math.floor(1 + 60 * this.random()) : Infinity;
    this.socket.on('message', (data) => {
      if (left-- > 0) this.take(JSON.parse(data));
      if (left === 0) this.socket.terminate(); // data in the kernel's buffers is lost
    });
  }

  take({ type, content, id, seq, ref }) {
    if (type === 'welcome') {
      if (this.epoch) assert.equal(content.recovered, true);
      Object.assign(this, { epoch: content.epoch, key: content.key });
    }
    if (type !== 'message') return;
    if (id === this.name) this.unacknowledged = this.unacknowledged.filter((text) => JSON.parse(text).ref !== ref);
    // Only the answer to a repeated message may be older than the messages already received.
    if (id === this.name && seq <= this.log.at(-1)?.seq) return;
    this.log.push({ seq, content });
    this.onProgress?.();
  }

  has(count) {
    return within(new Promise((resolve) => {
      this.onProgress = () => this.log.length >= count && !this.unacknowledged.length && resolve();
      this.onProgress();
    }), `${this.name} to have ${count} messages`, { details: () => JSON.stringify(this.log.slice(-3)) });
  }

  leave() {
    this.over = true;
    this.socket.terminate();
  }
}

test('clients whose connections break at random all end up with the whole log, in order, each message once', withServer(async ({ server }) => {
  const [count, breaks] = sanitized ? [50, 4] : [200, 10];
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647; // the same in each run
  const people = ['Jane', 'Bob', 'Joe', 'Ann', 'Eve'].map((name) => new Unlucky(server, name, count, breaks, random));
  try {
    const total = people.length * count;
    await Promise.all(people.map((person) => person.has(total)));
    for (const { log, name } of people) {
      assert.deepEqual(log.map(({ seq }) => seq), range(1, total), name);
      assert.deepEqual(log, people[0].log);
    }
    assert.equal(new Set(people[0].log.map(({ content }) => content)).size, total);
    assert.ok(people.every(({ breaks }) => breaks < 0), 'every connection broke as often as it was to');
  } finally {
    people.forEach((person) => person.leave());
  }
}, { config: { websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } }, plugins: { chat: { history: 1000 } } } }));
