// A large room: one person talks, a thousand listen, and fifty others do not read at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';
import { decodeFrame } from '../lib/wire.mjs';

const MiB = 1024 * 1024;
const [readers, sleepers, seconds] = sanitized ? [95, 5, 2] : [950, 50, 10];
const rate = 200; // messages a second
const total = rate * seconds;
const filling = 'x'.repeat(200);

// Checks a client's frames as cheaply as possible: each message must be the next one that was sent.
function listen(socket, onAll, onWrong) {
  const reader = { heard: 0 };
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    let buffer = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (let frame = decodeFrame(buffer); frame; frame = decodeFrame(buffer)) {
      buffer = buffer.subarray(frame.used);
      const text = frame.payload.toString('latin1', 0, 60);
      if (!text.startsWith('{"type":"message"')) continue;
      reader.heard += 1;
      if (!text.includes(`"content":"number ${reader.heard} x`)) onWrong(new Error(`${text} came as number ${reader.heard}`));
      if (reader.heard === total) onAll();
    }
    rest = buffer;
  }).on('close', () => onWrong(new Error(`a connection was closed after ${reader.heard} messages`)));
  return reader;
}

test(`${readers + sleepers} people in one room hear ${total} messages, each of them in order, while ${sleepers} of them do not read`, withServer(async ({ server, join, dial }) => {
  const speaker = await join({ nickname: 'Speaker' });
  const wires = [];
  for (let i = 0; i < readers + sleepers; ++i) {
    const wire = await dial();
    assert.equal((await wire.upgrade(`?nickname=Guest+${i}`)).status, 101);
    wires.push(wire);
  }
  await speaker.next(({ count }) => count === readers + sleepers + 1);
  for (const { socket } of wires.slice(readers)) socket.pause();

  const before = await server.memory();

  let audience = [];
  let done = 0;
  const all = new Promise((resolve, reject) => {
    const onAll = () => ++done === readers && resolve();
    audience = wires.slice(0, readers).map(({ socket }) => listen(socket.removeAllListeners('data'), onAll, reject));
  });

  // Sends at the rate, but never more than half a second ahead of the slowest reader: a slow machine takes longer, with the same result.
  const slowest = () => Math.min(...audience.map(({ heard }) => heard));
  let sent = 0;
  const began = Date.now();
  const speak = setInterval(() => {
    const due = Math.min(total, Math.floor((Date.now() - began) * rate / 1000));
    for (let most = Math.min(due, slowest() + rate / 2); sent < most;) {
      sent += 1;
      speaker.send('message', `number ${sent} ${filling}`, sent);
    }
  }, 1000 / rate / 2);
  try {
    await within(all, 'everybody to hear everything', {
      deadline: 180_000, details: () => `sent ${sent}, the slowest heard ${slowest()}`,
    });
  } finally {
    clearInterval(speak);
  }

  const growth = await server.memory() - before;
  if (!sanitized) assert.ok(growth < 64 * MiB, `${growth} bytes more`);
  assert.deepEqual(speaker.received.filter(({ type }) => type === 'message').map(({ ref, seq }) => [ref, seq]),
    Array.from({ length: total }, (_, i) => [i + 1, i + 1]));
  assert.equal(speaker.received.filter(({ type }) => type === 'error').length, 0);
}, { config: { server: { threads: 'auto' } } }));
