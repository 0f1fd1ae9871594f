// The client library with the real server, over sockets that are really cut. The rest of the
// library is tested in tests/static.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../lib/client.mjs';
import { within } from '../lib/deadline.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { startServer } from '../lib/server.mjs';

const became = (hub, state) => within(new Promise((resolve) => {
  const end = hub.onStatus((status) => { if (status.state === state) setImmediate(() => { end?.(); resolve(status); }); });
}), `the hub to be ${state}`);

const heard = (hub, type, matches = () => true) => within(new Promise((resolve) => {
  const end = hub.on(type, (message) => { if (matches(message)) { end(); resolve(message); } });
}), `a ${type}`);

const code = (promise) => within(promise.then(() => 'resolved', (error) => error.code), 'a promise to settle');

// Runs body with a server, a proxy in front of it, and hubs that are closed afterwards.
function withServer(body, config) {
  return async () => {
    const server = await startServer({ config });
    const proxy = await startProxy(server.port);
    const hubs = [];
    try {
      await body({ server, proxy, join: (options) => {
        const hub = connect({ url: proxy.ws, room: 'garden', nickname: 'Jane', ...options });
        hubs.push(hub);
        return hub;
      } });
    } finally {
      hubs.forEach((hub) => hub.close());
      await proxy.stop();
      await server.stop();
    }
  };
}

test('a sent message resolves with what the room logged', withServer(async ({ join }) => {
  const jane = join();
  const message = await within(jane.send('message', 'Hello!'), 'the acknowledgement');
  assert.deepEqual([message.type, message.content, message.nickname, message.room, message.seq, message.id],
    ['message', 'Hello!', 'Jane', 'garden', 1, jane.id]);
  assert.equal(jane.pending, 0);
  assert.deepEqual(jane.members, ['Jane']);
  assert.ok(jane.types.includes('message'));
}));

test('a refusal rejects with its code, and leaves the connection as it was', withServer(async ({ join }) => {
  const jane = join();
  assert.equal(await code(jane.send('no-such-type', 1)), 'unknown_type');
  assert.equal(await code(jane.send('message', { not: 'a string' })), 'invalid');
  assert.equal(await code(jane.send('message', 'fine')), 'resolved');
  assert.equal(jane.status.failures, 0);
}));

test('content that is not valid text is made valid, instead of failing silently', withServer(async ({ join }) => {
  const jane = join();
  const { content } = await within(jane.send('message', 'half \ud83d a pair'), 'the acknowledgement');
  assert.ok(content.startsWith('half ') && content.endsWith(' a pair'));
  assert.equal((await within(jane.send('message', 'a\0b'), 'the acknowledgement')).content, 'a\uFFFDb');
}));

test('a cast reaches the others, and is dropped while offline', withServer(async ({ join, server, proxy }) => {
  const jane = join();
  const bob = join({ nickname: 'Bob', url: server.ws });
  assert.equal(jane.cast('typing', true), false, 'not online yet');
  await Promise.all([became(jane, 'online'), became(bob, 'online')]);
  const typing = heard(bob, 'typing');
  assert.equal(jane.cast('typing', true), true);
  const { nickname, content, seq } = await typing;
  assert.deepEqual([nickname, content, seq], ['Jane', true, undefined]);
  proxy.cut();
  await became(jane, 'offline');
  assert.equal(jane.cast('typing', true), false);
}));

test('messages sent before and between connections arrive in order, each once', withServer(async ({ join, server, proxy }) => {
  const bob = join({ nickname: 'Bob', url: server.ws });
  await became(bob, 'online');
  const contents = [];
  bob.on('message', ({ content }) => contents.push(content));

  const jane = join();
  const acknowledged = [];
  const send = (i) => acknowledged.push(jane.send('message', String(i)));
  const lastSeen = heard(bob, 'message', ({ content }) => content === '11');
  for (let i = 0; i < 4; i += 1) send(i);
  await became(jane, 'online');
  for (let i = 4; i < 8; i += 1) send(i);
  proxy.cut();
  for (let i = 8; i < 12; i += 1) send(i);
  proxy.restore();
  const messages = await within(Promise.all(acknowledged), 'every acknowledgement');
  await lastSeen;
  assert.deepEqual(messages.map(({ content }) => Number(content)), [...Array(12).keys()]);
  assert.deepEqual(contents.map(Number), [...Array(12).keys()]);
}));

test('a server that refuses the connection is asked again and again, and the failures are counted', withServer(async ({ join }) => {
  const nobody = join({ nickname: 'x'.repeat(65) });
  const status = await within(new Promise((resolve) => {
    nobody.onStatus((now) => { if (now.failures === 3) resolve(now); });
  }), 'three failures');
  assert.equal(status.state, 'offline');
  assert.equal(status.error.code, 1006);
  assert.ok(status.retryAt > 0);
}));

test('a hub that only reads notices a dead connection, and misses nothing', withServer(async ({ join, server, proxy }) => {
  const jane = join({ probeAfter: 100, patience: 1000 });
  const bob = join({ nickname: 'Bob', url: server.ws });
  await Promise.all([heard(jane, 'users_update'), became(bob, 'online')]);
  proxy.deafen();
  await within(bob.send('message', 'is anybody there?'), 'the acknowledgement');
  await became(jane, 'offline');
  const missed = heard(jane, 'message');
  proxy.restore();
  assert.equal((await missed).content, 'is anybody there?');
}));

test('a message that is too big for the server is refused, and the messages before and after it arrive', withServer(async ({ join }) => {
  const jane = join();
  const codes = ['small', 'x'.repeat(100_000), 'small, too'].map((content) => code(jane.send('message', content)));
  assert.deepEqual(await Promise.all(codes), ['resolved', 'too_big', 'resolved']);
}));
