// Cursors over real sockets: the newest position always arrives, however fast they move and however slowly somebody reads.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';

const cursors = { config: { plugins: { cursor_move: {} } } };
const fast = {
  config: {
    plugins: { cursor_move: { max_rate: 1000 } },
    websocket: { outbox: '32KiB', rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
  },
};
const errors = (member) => member.received.filter(({ type }) => type === 'error');

// Moves a cursor from 1 to `last`, a thousand times a second, and calls `done` when it is there.
function move(member, last, done) {
  const began = performance.now();
  let at = 0;
  const pace = setInterval(() => { // the pace of a client, not a wait
    for (const due = Math.min(last, performance.now() - began); at < due;) member.send('cursor_move', { x: ++at, y: at });
    if (at < last) return;
    clearInterval(pace);
    done();
  }, 5);
}

test('of a thousand positions a second about twenty are passed on, in order, the newest last', withServer(async ({ join }) => {
  const [john, jane] = [await join({ nickname: 'John' }), await join({ nickname: 'Jane' })];
  const began = performance.now();
  await new Promise((resolve) => { move(john, 1000, resolve); });
  await jane.next(({ content }) => content.x === 1000);
  const seconds = (performance.now() - began) / 1000;
  const seen = jane.received.filter(({ type }) => type === 'cursor_move').map(({ content }) => content.x);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.ok(seen.length >= 5 && seen.length <= 20 * seconds + 2, `${seen.length} in ${seconds} s`);
  assert.deepEqual(errors(john), []);
}, cursors));

// More than fits into the sockets' buffers, so that it must wait in the server: 10 cursors of about 2 KiB, again and again.
test('a slow reader is not closed, and gets the newest position of each cursor in the end', withServer(async ({ join }) => {
  const rounds = 1500;
  const [jane, bob] = [await join({ nickname: 'Jane' }), await join({ nickname: 'Bob' })];
  const movers = await Promise.all(Array.from({ length: 10 }, (_, i) => join({ nickname: 'John', id: `john${i}` })));
  await bob.next(({ type, content }) => type === 'users_update' && content.length === 12);
  for (const { socket } of [jane, ...movers]) socket.pause();
  const padding = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`field${i}`, 'x'.repeat(200)]));
  const heard = new Map();
  const all = (x) => movers.every((_, i) => heard.get(`john${i}`) === x);
  for (let x = 1; x <= rounds; ++x) {
    for (const john of movers) john.send('cursor_move', { x, y: 0, ...padding });
    while (!all(x)) {
      const { id, content } = await bob.next('cursor_move');
      heard.set(id, content.x);
    }
    bob.forget();
  }
  jane.socket.resume();
  const last = new Map();
  let count = 0;
  while (movers.some((_, i) => last.get(`john${i}`) !== rounds)) {
    const { id, content } = await jane.next('cursor_move');
    assert.ok(content.x > (last.get(id) ?? 0), `${id} at ${content.x} after ${last.get(id)}`);
    last.set(id, content.x);
    ++count;
  }
  assert.ok(count < rounds * movers.length * 0.9, `Jane was not slow enough: she got ${count}`);
  assert.equal(jane.ended, undefined);
}, fast));

test('a cursor disappears with the last connection that showed it, and does not come back', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const john = await join({ nickname: 'John', id: 'john' });
  const tab = await join({ nickname: 'John', id: 'john' });
  for (let x = 0; x < 50; ++x) john.send('cursor_move', { x, y: 0 });
  await jane.next('cursor_move');
  tab.send('cursor_update', { cursor: 99 }); // another type, with its own rate
  await jane.next('cursor_update');
  await john.leave();
  await jane.next(({ type, content }) => type === 'users_update' && content.length === 2);
  tab.send('cursor_move', { x: 100, y: 0 });
  tab.send('cursor_move', { x: 101, y: 0 });
  await jane.next(({ content }) => content.x === 100);
  tab.hangUp();
  const gone = await jane.next('cursor_gone');
  assert.deepEqual(gone.content, { nickname: 'John', id: 'john' });
  assert.equal(jane.received.filter(({ type }) => type === 'cursor_gone').length, 1);
  const later = await join({ nickname: 'Later', id: 'later' });
  later.send('cursor_move', { x: 0, y: 0 });
  await jane.next('cursor_move');
  const after = jane.received.slice(jane.received.indexOf(gone)).filter(({ type }) => type.startsWith('cursor_'));
  assert.deepEqual(after.map(({ id, type }) => [type, id]), [['cursor_gone', undefined], ['cursor_move', 'later']]);
}, cursors));
