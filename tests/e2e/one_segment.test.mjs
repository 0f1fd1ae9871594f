// Frames in one TCP segment are handled like frames that arrive one by one: a client's last message is answered before the connection
// ends, however it ends, and each ping has its pong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';
import { BINARY, CLOSE, CONTINUATION, encodeFrame, head, PING, PONG, TEXT, UPGRADE } from '../lib/wire.mjs';

const said = (content) => encodeFrame(JSON.stringify({ type: 'message', content }));
const contents = (frames) => frames.filter(({ opcode }) => opcode === TEXT).map(({ text }) => JSON.parse(text))
  .filter(({ type }) => type === 'message').map(({ content }) => content);

// Frames up to the close frame, and its code.
async function untilClosed(wire) {
  const frames = [];
  for (;;) {
    const frame = await wire.next();
    if (frame.opcode === CLOSE) return { frames, code: frame.payload.length === 0 ? 1005 : frame.payload.readUInt16BE(0) };
    frames.push(frame);
  }
}

test('ten pings in one segment are answered by ten pongs, in order', withServer(async ({ dial }) => {
  const wire = await dial();
  await wire.upgrade();
  const sent = Array.from({ length: 10 }, (_, i) => `ping ${i}`);
  wire.write(Buffer.concat([said('between'), ...sent.map((text) => encodeFrame(text, { opcode: PING })), said('and after')]));
  const pongs = [];
  while (pongs.length < sent.length) pongs.push((await wire.until(PONG)).text);
  assert.deepEqual(pongs, sent);
}));

const ends = {
  'a message that is not UTF-8': [1007, encodeFrame(Buffer.from([0xff]))],
  'a fragment that is not UTF-8': [1007, Buffer.concat([
    encodeFrame('a', { fin: false }), encodeFrame(Buffer.from([0xff]), { opcode: CONTINUATION, fin: false })])],
  'a reserved bit': [1002, encodeFrame('x', { reserved: 2 })],
  'a reserved opcode': [1002, encodeFrame('x', { opcode: 5 })],
  'a reserved control opcode': [1002, encodeFrame('x', { opcode: 13 })],
  'a continuation of nothing': [1002, encodeFrame('x', { opcode: CONTINUATION })],
  'a message within a message': [1002, Buffer.concat([encodeFrame('x', { fin: false }), encodeFrame('y')])],
  'a ping in fragments': [1002, encodeFrame('x', { opcode: PING, fin: false })],
  'a long ping': [1002, encodeFrame('x'.repeat(126), { opcode: PING })],
  'a frame that is not masked': [1002, encodeFrame('x', { masked: false })],
  'a message that is too long': [1009, encodeFrame('x'.repeat(2000))],
  'a header of a message that is too long': [1009, encodeFrame('', { length: 1_000_000 })],
  'a binary message': [1003, encodeFrame('x', { opcode: BINARY })],
  'a close frame': [3333, encodeFrame(Buffer.from([3333 >> 8, 3333 & 255]), { opcode: CLOSE })],
  'a close frame without a code': [1005, encodeFrame('', { opcode: CLOSE })],
  'a close frame with a code that must not be sent': [1002, encodeFrame(Buffer.from([3, 0xED]), { opcode: CLOSE })],
};

for (const threads of [1, 2]) {
  test(`a valid message is answered before what follows it ends the connection, with ${threads} threads`, withServer(async ({ dial, join }) => {
    for (const [what, [code, bytes]] of Object.entries(ends)) {
      for (const room of ['garden', 'kitchen']) {
        const jane = await join({ room });
        const wire = await dial();
        await wire.upgrade(`?room=${room}&nickname=Bob`);
        wire.write(Buffer.concat([said('one'), said('two'), bytes, said('late'), Buffer.alloc(1000, 0x89)]));
        const { frames, code: got } = await untilClosed(wire);
        assert.equal(got, code, what);
        assert.deepEqual(contents(frames).slice(-2), ['one', 'two'], what);
        wire.hangUp();
        await jane.next(({ content }) => content === 'two');
        jane.hangUp();
      }
    }
  }, { config: { server: { threads }, websocket: { max_message: '1KiB' }, plugins: { chat: { history: 0 } } } }));
}

test('a valid message is answered even if the client then shuts its side of the socket', withServer(async ({ dial }) => {
  for (const last of [Buffer.alloc(0), encodeFrame('x', { reserved: 1 }), encodeFrame('', { opcode: CLOSE })]) {
    const wire = await dial();
    await wire.upgrade();
    wire.write(Buffer.concat([said('one'), said('two'), last]));
    wire.socket.end();
    const frames = [];
    for (;;) {
      const frame = await wire.next().catch(() => undefined);
      if (!frame) break;
      frames.push(frame);
    }
    assert.deepEqual(contents(frames), ['one', 'two']);
    assert.equal(frames.filter(({ opcode }) => opcode === CLOSE).length, last.length === 0 ? 0 : 1);
  }
}, { config: { plugins: { chat: { history: 0 } } } }));

test('frames in the same segment as the handshake are answered too', withServer(async ({ dial }) => {
  const wire = await dial();
  wire.write(Buffer.concat([Buffer.from(head('GET /api/ws HTTP/1.1', UPGRADE)), said('early'), encodeFrame('x', { reserved: 1 })]));
  assert.equal((await wire.response()).status, 101);
  const { frames, code } = await untilClosed(wire);
  assert.equal(code, 1002);
  assert.deepEqual(contents(frames), ['early']);
}));
