// Clients that misbehave: each is told why and loses at most its own connection. Meanwhile others in the same room talk
// to each other, and notice nothing except that somebody joined and left.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';
import { BINARY, CONTINUATION, head, PING, TEXT, UPGRADE } from '../lib/wire.mjs';

const MiB = 1024 * 1024;
const config = {
  http: { timeout: '1s' },
  websocket: { max_message: '1MiB', message_timeout: '1s', close_timeout: '1m', rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
  plugins: { chat: { history: 0, max_length: 65536 } },
  store: { retention: { messages: 100, size: '64KiB' }, snapshot_every: 10 },
};

// Runs `misbehave` while Jane talks and Bob listens.
const undisturbed = (misbehave) => withServer(async (stage) => {
  const jane = await stage.join({ nickname: 'Jane', room: 'garden' });
  const bob = await stage.join({ nickname: 'Bob', room: 'garden' });
  let over = false;
  const talk = (async () => {
    for (let i = 1; i <= 5 || !over; ++i) {
      await jane.say(`number ${i}`, i);
      assert.equal((await bob.next(({ type, nickname }) => type === 'message' && nickname === 'Jane')).ref, i);
    }
  })();
  try {
    await Promise.race([talk, misbehave({ ...stage, ask: (...request) => asked(stage, ...request) })]);
  } finally {
    over = true;
  }
  await talk;
  const strange = [jane, bob].flatMap(({ received }) => received)
    .filter(({ type }) => !['welcome', 'message', 'users_update', 'system'].includes(type));
  assert.deepEqual(strange, []);
}, { config });

// A WebSocket by hand in the room.
async function enter(dial, query = '?room=garden&nickname=Eve') {
  const wire = await dial();
  assert.equal((await wire.upgrade(query)).status, 101);
  return wire;
}

// The next answer, skipping presence and other people's messages.
async function answer(wire) {
  for (;;) {
    const message = JSON.parse((await wire.until(TEXT)).text);
    if (message.type === 'error' || message.nickname === 'Eve') return message;
  }
}

async function asked({ dial }, ...request) {
  const wire = await dial();
  wire.write(head(...request));
  return wire.response();
}

const message = (content) => `{"type":"message","content":${content}}`;

const answered = (code, payloads) => undisturbed(async ({ dial }) => {
  const wire = await enter(dial);
  for (const payload of payloads) {
    wire.frame(payload);
    assert.equal((await answer(wire)).code, code, payload.toString().slice(0, 60));
  }
  wire.frame(message('"I am still here"'));
  assert.equal((await answer(wire)).content, 'I am still here');
});

// Each misbehaviour, on its own connection, ends with this close code and an orderly end of the connection.
const closed = (code, ways) => undisturbed(async ({ dial }) => {
  for (const misbehave of ways) {
    const wire = await enter(dial);
    misbehave(wire);
    assert.equal(await wire.closeCode(), code, misbehave.toString());
    wire.hangUp();
  }
});

test('what is not JSON is answered with bad_json', answered('bad_json', [
  '', 'Hello', '{', '\u0000', message('"a'), '{"type":"message","content":"x"}}', '{"type":"message" "content":1}',
]));

test('100,000 levels of JSON are answered with bad_json', answered('bad_json', [
  message('['.repeat(100_000) + ']'.repeat(100_000)), '['.repeat(100_000), '{"a":'.repeat(100_000), '[{"":'.repeat(50_000),
  `{"ref":${'['.repeat(100_000)}`,
]));

test('numbers that are not finite, or not numbers, are answered with bad_json', answered('bad_json',
  ['NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '0x10', '01', '+1', '.5', '1.', '1e', '-', '1_000'].map(message)));

test('a lone surrogate is answered with bad_json', answered('bad_json',
  ['"\\ud800"', '"\\udc00"', '"\\ud83c \\udf38"', '"\\udf38\\ud83c"', '"\\ud83c\\u0041"', '"\\u12"', '"\\x41"'].map(message)));

test('huge texts are answered with a refusal', answered('invalid', [
  message(`"${'x'.repeat(900_000)}"`), message(`"${'\\u0000'.repeat(100_000)}"`), `{"type":"message","ref":"${'r'.repeat(900_000)}"}`,
]));

test('a huge type is answered with unknown_type', answered('unknown_type', [`{"type":"${'t'.repeat(900_000)}"}`]));

test('text that is not UTF-8 closes the connection with 1007', closed(1007, [
  (wire) => wire.frame(Buffer.from([0xFF])),
  (wire) => wire.frame(Buffer.from([0xC0, 0xAF])), // an overlong encoding
  (wire) => wire.frame(Buffer.from([0xED, 0xA0, 0x80])), // a surrogate
  (wire) => wire.frame(Buffer.from([0xF4, 0x90, 0x80, 0x80])), // beyond Unicode
  (wire) => wire.frame(Buffer.from([0xF0, 0x9F, 0x8C])), // the end is missing
  (wire) => wire.frame(Buffer.from([0xC3]), { fin: false }).frame('x', { opcode: CONTINUATION }),
]));

test('a character may be split between two fragments', undisturbed(async ({ dial }) => {
  const wire = await enter(dial);
  const bytes = Buffer.from(message('"🌸"'));
  const middle = bytes.indexOf(0xF0) + 2;
  wire.frame(bytes.subarray(0, middle), { fin: false }).frame(bytes.subarray(middle), { opcode: CONTINUATION });
  assert.equal((await answer(wire)).content, '🌸');
}));

test('a binary message closes the connection with 1003', closed(1003, [
  (wire) => wire.frame(message('"Hello!"'), { opcode: BINARY }),
  (wire) => wire.frame('', { opcode: BINARY }),
  (wire) => wire.frame(Buffer.from([0xFF]), { opcode: BINARY, fin: false }).frame('', { opcode: CONTINUATION }),
]));

test('a message longer than websocket.max_message closes the connection with 1009', closed(1009, [
  (wire) => wire.frame('x'.repeat(MiB + 1)),
  (wire) => wire.frame('', { length: MiB + 1 }), // announced only
  (wire) => wire.frame('', { length: 2 ** 50 }),
  (wire) => {
    wire.frame('x'.repeat(MiB), { fin: false });
    wire.frame('x', { opcode: CONTINUATION });
  },
]));

test('a message that never ends closes the connection with 1008', closed(1008, [
  (wire) => wire.frame('{"type":', { fin: false }),
  (wire) => wire.frame('{"type":', { length: 1000 }),
  (wire) => wire.write(Buffer.from([0x81])),
  (wire) => {
    wire.frame('{', { fin: false });
    const drip = setInterval(() => wire.frame('', { opcode: CONTINUATION, fin: false }).frame('', { opcode: PING }), 50);
    wire.socket.on('error', () => {}).on('close', () => clearInterval(drip));
  },
]));

test('frames that break the protocol close the connection with 1002', closed(1002, [
  (wire) => wire.frame(message('"Hello!"'), { masked: false }),
  (wire) => wire.frame('x', { reserved: 4 }),
  (wire) => wire.frame('x', { opcode: 3 }),
  (wire) => wire.frame('x', { opcode: 11 }),
  (wire) => wire.frame('x', { opcode: CONTINUATION }),
  (wire) => wire.frame('x', { fin: false }).frame('y'),
  (wire) => wire.frame('x', { opcode: PING, fin: false }),
  (wire) => wire.frame('x'.repeat(126), { opcode: PING }),
  (wire) => wire.frame(Buffer.from([0x03]), { opcode: 8 }),
  (wire) => wire.frame(Buffer.from([0x03, 0xED]), { opcode: 8 }), // 1005 never goes on the wire
]));

test('bytes that are not WebSocket frames end the connection', undisturbed(async ({ dial }) => {
  const wire = await enter(dial);
  wire.write('GET / HTTP/1.1\r\n\r\n'.repeat(1000));
  await wire.rest();
}));

test('a client that disappears in the middle of a message or a handshake harms nobody', undisturbed(async ({ dial, join }) => {
  const watcher = await join({ room: 'garden', nickname: 'Watcher' });
  const wire = await enter(dial);
  await watcher.next(({ content }) => content === 'Eve joined the room');
  wire.frame('{"type":"mess', { fin: false });
  wire.socket.resetAndDestroy();
  await watcher.next(({ content }) => content === 'Eve left the room');
  const other = await dial();
  other.write(head('GET /api/ws HTTP/1.1', UPGRADE).slice(0, 40));
  other.hangUp();
  await watcher.leave();
}));

test('a client that never finishes its handshake is dropped after http.timeout', undisturbed(async ({ dial }) => {
  const silent = await dial();
  const half = (await dial()).write('GET /api/ws?room=garden HTTP/1.1\r\nHost: x\r\nUpgr');
  const slow = await dial();
  const drip = setInterval(() => slow.write('X'), 50);
  slow.socket.on('close', () => clearInterval(drip)).on('error', () => {});
  try {
    assert.equal((await silent.rest()).length, 0);
    assert.equal((await half.response()).status, 408);
    await half.rest();
    assert.match((await slow.rest()).toString(), /^(HTTP\/1.1 408 |$)/);
  } finally {
    clearInterval(drip);
  }
}));

test('ids and rooms with control characters are refused with 400', undisturbed(async ({ ask }) => {
  for (const query of ['room=a%00', 'room=%0Agarden', 'room=%7F', 'room=%C2%85', 'id=%00', 'id=a%0D%0Ab', 'nickname=%1B%5B2J']) {
    const { status } = await ask(`GET /api/ws?${query} HTTP/1.1`, UPGRADE);
    assert.equal(status, 400, query);
  }
  for (const target of ['/api/ws?room=a\u0000', '/api/ws?room=a\u0001b', '/api/ws?room=\u007F']) {
    assert.equal((await ask(`GET ${target} HTTP/1.1`, UPGRADE)).status, 400, JSON.stringify(target));
  }
}));

// Some megabytes fit into the sockets' own buffers; only the rest waits in the server.
test('a client that never reads is closed with 4000, and costs the server no more than its outbox', withServer(async ({ server, join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  const eve = await join({ nickname: 'Eve' });
  await eve.next('system');
  eve.socket.pause();
  const text = 'x'.repeat(60_000);
  let gone = false;
  let before;
  for (let i = 1; !gone; ++i) {
    await jane.say(text, i);
    assert.equal((await bob.next('message')).seq, i);
    before ??= await server.memory();
    gone = jane.received.some(({ content }) => content === 'Eve left the room');
    jane.forget();
    bob.forget();
    assert.ok(i < 3000, 'Eve is not closed');
  }
  const growth = await server.memory() - before;
  if (!sanitized) assert.ok(growth < 16 * MiB, `${growth} bytes more`);

  eve.socket.resume();
  assert.equal((await eve.closed()).code, 4000);
  const seqs = eve.received.filter(({ type }) => type === 'message').map(({ seq }) => seq);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1), 'what came was in order, without a gap');
}, { config }));
