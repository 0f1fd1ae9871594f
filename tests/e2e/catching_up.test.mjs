// A client that missed much gets it as fast as it reads: each message once. A client that does not read costs no more than its outbox.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';

const MiB = 1024 * 1024;
const COUNT = 250;
const config = {
  websocket: { outbox: '256KiB', close_timeout: '1m', rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
  plugins: { chat: { history: 0, max_length: 65536 } },
};
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const seqs = ({ received }) => received.filter(({ type }) => type === 'message').map(({ seq }) => seq);

// Jane has said 15 MB in the room.
const withLongLog = (body, more = {}) => withServer(async (stage) => {
  const jane = await stage.join({ nickname: 'Jane', room: 'garden' });
  const { epoch } = (await jane.next('welcome')).content;
  for (let i = 1; i <= COUNT; ++i) {
    jane.send('message', 'x'.repeat(60_000), i);
    if (i % 10 === 0) await jane.next(({ ref }) => ref === i);
    jane.forget();
  }
  const resume = (options) => stage.join({ room: 'garden', since: 0, epoch, ...options });
  await body({ ...stage, jane, epoch, resume });
}, { config: { ...config, ...more, websocket: { ...config.websocket, ...more.websocket } } });

test('a client that resumes over a long log gets each message once, while others talk', withLongLog(async ({ jane, resume }) => {
  const people = await Promise.all([0, 0, 0, 7, 100, 249, 250].map(async (since, i) => [since, await resume({ since, nickname: `${i}` })]));
  let last = COUNT;
  for (; last < COUNT + 50; ++last) await jane.say('on and on', `more ${last}`);
  for (const [since, person] of people) {
    assert.equal((await person.next('welcome')).content.recovered, true);
    await person.next(({ seq }) => seq === last);
    assert.deepEqual(seqs(person), range(since + 1, last));
  }
}));

test('a client with compression gets the same messages', withLongLog(async ({ resume }) => {
  for (const person of await Promise.all([1, 2, 3].map((i) => resume({ nickname: `${i}`, deflate: true })))) {
    await person.next(({ seq }) => seq === COUNT);
    assert.deepEqual(seqs(person), range(1, COUNT));
  }
}, { websocket: { compression: true } }));

test('messages that clients send while they catch up are answered once they have caught up', withLongLog(async ({ resume }) => {
  const bob = await resume({ nickname: 'Bob' });
  const { seq } = await bob.say('Here I am', 'mine');
  assert.equal(seq, COUNT + 1);
  assert.deepEqual(seqs(bob), range(1, COUNT + 1));
}));

test('clients that resume and never read, or leave at once, cost no more than their outboxes', withLongLog(async ({ server, join, resume }) => {
  const bob = await join({ nickname: 'Bob', room: 'kitchen' });
  const before = await server.memory();
  for (let i = 0; i < 60; ++i) {
    const silent = await resume({ nickname: `silent ${i}` });
    silent.socket.pause();
    (await resume({ nickname: `gone ${i}` })).hangUp();
    await bob.say('still here', i);
  }
  for (let i = 0; i < 50; ++i) await bob.say('and here', `later ${i}`);
  const growth = await server.memory() - before;
  if (!sanitized) assert.ok(growth < 48 * MiB, `${growth} bytes more`);
}));

test('a client that reads nothing of what it missed is closed with 4000', withLongLog(async ({ server, resume }) => {
  const bob = await resume({ nickname: 'Bob' });
  bob.socket.pause();
  const told = async () => {
    while (!/too slow/.test(server.log())) await once(server.process.stdout, 'data');
  };
  await within(told(), 'the server to give it up', { details: server.log });
  bob.socket.resume();
  assert.equal((await bob.closed()).code, 4000);
  const got = seqs(bob);
  assert.deepEqual(got, range(1, got.length));
  const again = await resume({ nickname: 'Bob', since: got.length });
  await again.next(({ seq }) => seq === COUNT);
  assert.deepEqual(seqs(again), range(got.length + 1, COUNT));
}, { websocket: { pong_timeout: '1s', outbox: '64KiB' } }));
