// How connections end, by their close codes, and how the server ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { withServer } from '../lib/served.mjs';
import { CLOSE, PING, PONG } from '../lib/wire.mjs';

test('1001: a server that is told to stop closes everybody and ends with 0', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    await t.test(signal, withServer(async ({ server, join, dial }) => {
      const people = [await join(), await join({ room: 'garden' }), await join({ protocols: [] })];
      const idle = await dial();
      const wire = await dial();
      await wire.upgrade();
      server.process.kill(signal);
      for (const person of people) assert.equal((await person.closed()).code, 1001);
      assert.equal(await wire.closeCode(), 1001);
      wire.frame(Buffer.from([0x03, 0xE9]), { opcode: CLOSE });
      for (const ended of [wire, idle]) {
        await ended.rest();
        ended.hangUp();
      }
      assert.equal(await server.ended(), 0);
    }));
  }
});

test('1001 comes after everything that was on its way', withServer(async ({ server, join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await bob.next('system');
  bob.socket.pause();
  const count = 400;
  for (let i = 1; i <= count; ++i) await jane.say('x'.repeat(20_000), i);
  server.process.kill('SIGTERM');
  assert.equal((await jane.closed()).code, 1001);
  bob.socket.resume();
  assert.equal((await bob.closed()).code, 1001);
  assert.deepEqual(bob.received.filter(({ type }) => type === 'message').map(({ ref }) => ref),
    Array.from({ length: count }, (_, i) => i + 1));
  assert.equal(await server.ended(), 0);
}, { config: {
  server: { shutdown_timeout: '1m' }, websocket: { outbox: '64MiB', close_timeout: '1m', rate: { burst_size: '64MiB' } }, plugins: { chat: { max_length: 65536 } },
} }));

test('a server that is told to stop does not wait for clients that never close', withServer(async ({ server, dial }) => {
  const wire = await dial();
  await wire.upgrade();
  server.process.kill('SIGTERM');
  assert.equal(await wire.closeCode(), 1001);
  assert.equal(await server.ended(), 0);
}, { config: { server: { shutdown_timeout: '200ms' }, websocket: { close_timeout: '1m' } } }));

test('a server that is stopping accepts no new clients', withServer(async ({ server, dial, join }) => {
  const silent = await dial();
  await silent.upgrade();
  const jane = await join();
  server.process.kill('SIGTERM');
  await jane.closed();
  await assert.rejects(dial(), { code: 'ECONNREFUSED' });
  silent.hangUp();
  assert.equal(await server.ended(), 0);
}, { config: { server: { shutdown_timeout: '1m' }, websocket: { close_timeout: '1m' } } }));

test('4001: a client that does not answer pings is closed, one that answers stays', withServer(async ({ dial, join }) => {
  const wire = await dial();
  await wire.upgrade('?nickname=Eve');
  const jane = await join({ nickname: 'Jane' });
  const pinged = within(once(jane.socket, 'ping'), 'a ping');
  await wire.until(PING);
  assert.equal(await wire.closeCode(), 4001);
  await jane.next(({ content }) => content === 'Eve left the room');
  await pinged;
  await jane.say('I am still here');
}, { config: { websocket: { ping_interval: '1s', pong_timeout: '1s' } } }));

test('4502: a client that keeps sending too fast is closed', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  for (let i = 1; i <= 50; ++i) jane.send('message', 'x', i);
  assert.equal((await jane.closed()).code, 4502);
  const refused = jane.received.filter(({ type }) => type === 'error');
  assert.ok(refused.length >= 2, 'was told first');
  assert.ok(refused.every(({ code }) => code === 'rate_limited'));
}, { config: { websocket: { rate: { messages: 1, burst: 1, strikes: 3 } } } }));

test('1013: a full room refuses newcomers until somebody leaves, other rooms do not', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await bob.next('system');
  const joe = await join({ nickname: 'Joe' });
  assert.equal((await joe.closed()).code, 1013);
  assert.deepEqual(joe.received, []);
  await (await join({ nickname: 'Joe', room: 'garden' })).say('Here is room');

  await bob.leave();
  await jane.next(({ content }) => content === 'Bob left the room');
  await (await join({ nickname: 'Joe' })).say('Thank you');
}, { config: { rooms: { members: 2 } } }));

test('a client that closes is answered with its own code, and the others are told', withServer(async ({ join, dial }) => {
  const jane = await join({ nickname: 'Jane' });
  for (const code of [1000, 1001, 3000, 4999]) {
    const wire = await dial();
    await wire.upgrade('?nickname=Bob');
    await jane.next(({ content }) => content === 'Bob joined the room');
    wire.frame(Buffer.from([code >> 8, code & 255]), { opcode: CLOSE });
    assert.equal(await wire.closeCode(), code);
    await wire.rest();
    await jane.next(({ content }) => content === 'Bob left the room');
  }
}));

test('a client that closes without a code has closed normally', withServer(async ({ dial }) => {
  const wire = await dial();
  await wire.upgrade();
  wire.frame('', { opcode: CLOSE });
  assert.ok([1000, 1005].includes(await wire.closeCode()));
}));

test('frames after a close frame are ignored', withServer(async ({ join, dial }) => {
  const jane = await join({ nickname: 'Jane' });
  const wire = await dial();
  await wire.upgrade('?nickname=Eve');
  const one = '{"type":"message","content":"before"}';
  wire.frame(one).frame(Buffer.from([0x03, 0xE8]), { opcode: CLOSE }).frame(one.replace('before', 'after'));
  await jane.next(({ content }) => content === 'Eve left the room');
  await jane.say('done');
  assert.deepEqual(jane.received.filter(({ type }) => type === 'message').map(({ content }) => content), ['before', 'done']);
}));

test('a ping is answered with its own payload', withServer(async ({ dial }) => {
  const wire = await dial();
  await wire.upgrade();
  for (const payload of ['', 'x', 'x'.repeat(125)]) {
    wire.frame(payload, { opcode: PING });
    assert.equal((await wire.until(PONG)).text, payload);
  }
}));
