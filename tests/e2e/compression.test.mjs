// Compressed messages, between the server and an independent client.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';

const compressing = { config: { websocket: { compression: true } } };
const threshold = 0; // bytes: ws compresses even the shortest
const OFFERS = [
  false,
  { threshold },
  { threshold, serverNoContextTakeover: true, clientNoContextTakeover: true },
  ...[9, 12, 15].map((bits) => ({ threshold, serverMaxWindowBits: bits })),
  { threshold, serverMaxWindowBits: 10, clientMaxWindowBits: 9 },
];
const TEXTS = ['a', 'short', 'again and '.repeat(100), 'äöü 🙂 '.repeat(50), [...Array(1500)].map((_, i) => String.fromCharCode(33 + (i * i * 7919) % 90)).join('')];

test('clients get the same messages with every offer of compression and without compression', withServer(async ({ join }) => {
  const people = [];
  for (const [i, deflate] of OFFERS.entries()) {
    const person = await join({ id: `id${i}`, deflate });
    assert.equal(person.socket.extensions, deflate ? 'permessage-deflate' : '');
    people.push(person);
  }
  const expected = [];
  for (const person of people) {
    for (const text of TEXTS) {
      person.send('message', text);
      expected.push(text);
      for (const other of people) assert.equal((await other.next('message')).content, text);
    }
  }
  const late = await join({ deflate: { threshold } });
  for (const text of expected.slice(-50)) assert.equal((await late.next('message')).content, text);
}, compressing));

test('without compression in the configuration nobody gets it', withServer(async ({ join }) => {
  const jane = await join({ deflate: true });
  assert.equal(jane.socket.extensions, '');
}));

test('compressed messages take fewer bytes on the wire', withServer(async ({ join }) => {
  const bytes = [];
  for (const deflate of [false, { threshold }]) {
    const person = await join({ deflate });
    await person.next('users_update');
    const before = person.socket._socket.bytesRead;
    person.send('message', 'again and '.repeat(190));
    await person.next('message');
    bytes.push(person.socket._socket.bytesRead - before);
  }
  assert.ok(bytes[1] < bytes[0] / 5, `${bytes[1]} of ${bytes[0]} bytes`);
}, compressing));
