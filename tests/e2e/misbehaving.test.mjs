// A misbehaving plugin does not disturb the rest of the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtures, withServer } from '../lib/served.mjs';

const limits = { budget: '1ms', faults: 3, off: '2s' };

test('a plugin that keeps failing is off for a while, its senders are told, and everything else goes on', withServer(async ({ server, join }) => {
  const [john, jane] = [await join({ nickname: 'John' }), await join({ nickname: 'Jane' })];
  const seqs = [];
  const chat = async (text) => seqs.push((await jane.say(text)).seq);
  const note = async (content) => {
    john.send('note', content, content);
    return john.next(({ ref }) => ref === content);
  };
  const isHello = ({ type, content }) => type === 'answer' && content === 'hello John';
  await john.next(isHello);
  await chat('before');
  for (const i of [1, 2, 3]) {
    john.send('note', 'throw', i);
    assert.equal((await john.next(({ ref }) => ref === i)).code, 'internal');
  }
  await chat('meanwhile');
  const refusal = await note('again');
  assert.equal(refusal.code, 'unavailable');
  assert.match(refusal.content, /^probe failed too often and is off here for another [12] s; send it again then$/);
  assert.ok(refusal.retry_after_ms > 0 && refusal.retry_after_ms <= 2000, `${refusal.retry_after_ms}`);
  await john.next(isHello); // the probe sends it to everybody when it starts again
  const { type, seq } = await note('again');
  assert.equal(type, 'note');
  seqs.push(seq);
  await chat('after');
  assert.deepEqual(seqs, [1, 2, 3, 4]);
  await server.lines('plugin=probe is', 2);
  assert.deepEqual(server.log().match(/room=general plugin=probe is .*/g), [
    'room=general plugin=probe is switched off here for 2s: 3 calls failed within 10s',
    'room=general plugin=probe is tried again',
  ]);
}, { config: { plugins: { directory: fixtures, limits, probe: { announces: true } } } }));

test('a plugin that takes too long is warned about in the log', withServer(async ({ server, join }) => {
  const john = await join();
  john.send('note', 'take 5 ms');
  await john.next('note');
  const [warning] = await server.lines('on_message took');
  assert.match(warning, /\[warning\] room=general plugin=probe on_message took \d+ ms; plugins\.limits\.budget is 1ms, and slower calls so far: \d+$/);
}, { config: { plugins: { directory: fixtures, limits, probe: {} } } }));
