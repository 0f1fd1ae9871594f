// Messages: what arrives, the fields that the server stamps, and each kind of refusal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtures, withServer } from '../lib/served.mjs';
import { encodeFrame, head, UPGRADE } from '../lib/wire.mjs';

const probe = { config: { plugins: { directory: fixtures, probe: {} } } };

// Jane, who sends, and Bob, who only listens, in one room.
const withTwo = (body, options) => withServer(async (stage) => {
  const jane = await stage.join({ id: 'jane', nickname: 'Jane', room: 'garden' });
  const bob = await stage.join({ id: 'bob', nickname: 'Bob', room: 'garden' });
  await bob.next('system');
  await body({ ...stage, jane, bob });
}, options);

// Sends each text and expects a refusal with the code; Bob must not have received any, and Jane can go on.
const refuses = (code, texts, about = /./) => withTwo(async ({ jane, bob }) => {
  for (const text of texts) {
    jane.socket.send(text);
    const error = await jane.next('error');
    assert.equal(error.code, code, text.slice(0, 80));
    assert.match(error.content, about, text.slice(0, 80));
    assert.equal(error.room, 'garden');
    assert.equal(error.nickname, 'System');
  }
  const { seq } = await jane.say('all is well');
  assert.equal(seq, 1);
  assert.equal((await bob.next(({ type }) => !['users_update', 'system', 'answer'].includes(type))).content, 'all is well');
}, probe);

const send = (type, content, ref) => JSON.stringify({ type, content, ref });

test('a message reaches everyone in the room, also its sender, with identical bytes', withTwo(async ({ jane, bob, join }) => {
  const elsewhere = await join({ room: 'kitchen', id: 'joe', nickname: 'Joe' });
  const before = Date.now();
  const said = await jane.say('Hello, everyone! 🌸', 7);
  const { ts, ...rest } = said;
  assert.deepEqual(rest, {
    type: 'message', content: 'Hello, everyone! 🌸', room: 'garden', nickname: 'Jane', id: 'jane', seq: 1, ref: 7,
  });
  assert.ok(Math.abs(ts - before) < 60_000, `${ts} is no time in ms since 1970`);
  assert.deepEqual(await bob.next('message'), said);
  assert.equal((await elsewhere.say('Anybody here?')).seq, 1);
  assert.equal(elsewhere.received.filter(({ type }) => type === 'message').length, 1);
}));

test('the server overwrites the stamped fields that a client sends', withTwo(async ({ jane, bob }) => {
  jane.socket.send(JSON.stringify({
    type: 'message', content: 'It is me', room: 'kitchen', nickname: 'Bob', id: 'bob', seq: 99, ts: 1, code: 'internal', more: [1],
  }));
  const { ts, ...rest } = await bob.next('message');
  assert.deepEqual(rest, { type: 'message', content: 'It is me', room: 'garden', nickname: 'Jane', id: 'jane', seq: 1 });
  assert.notEqual(ts, 1);
}));

test('a ping is answered with a pong to its sender only, in both dialects', withTwo(async ({ jane, bob, join }) => {
  const plain = await join({ room: 'garden', protocols: [] });
  for (const member of [jane, plain]) {
    for (const ref of ['a', 7, undefined]) {
      member.send('ping', undefined, ref);
      assert.deepEqual(await member.next('pong'), { type: 'pong', content: null, ...(ref !== undefined && { ref }) });
    }
  }
  assert.equal((await jane.say('after it')).seq, 1, 'it is not logged');
  await bob.next('message');
  for (const type of ['ping', 'pong']) assert.ok(!bob.received.some((message) => message.type === type));
}));

test('the welcome comes first, however early a ping was sent', withServer(async ({ dial }) => {
  const wire = await dial();
  wire.write(Buffer.concat([Buffer.from(head('GET /api/ws HTTP/1.1', { ...UPGRADE, 'Sec-WebSocket-Protocol': 'hubbub.v1' })), encodeFrame('{"type":"ping","ref":1}')]));
  await wire.response();
  const types = [];
  do types.push(JSON.parse((await wire.next()).text).type); while (!types.includes('pong'));
  assert.equal(types[0], 'welcome');
}));

test('pings count as messages', withTwo(async ({ jane }) => {
  for (let i = 1; i <= 4; ++i) jane.send('ping', null, i);
  assert.equal((await jane.next(({ ref }) => ref === 3)).type, 'pong');
  assert.equal((await jane.next(({ ref }) => ref === 4)).code, 'rate_limited');
}, { config: { websocket: { rate: { messages: 1, burst: 3 } } } }));

test('a ref comes back unchanged, text or number, and only if there was one', withTwo(async ({ jane }) => {
  for (const ref of ['a', '🌸'.repeat(64), '"\\', '', 0, -1, 1.5, 9007199254740991]) {
    jane.send('message', 'x', ref);
    assert.equal((await jane.next('message')).ref, ref);
    jane.send('nonsense', 'x', ref);
    assert.equal((await jane.next('error')).ref, ref);
  }
  for (const text of [send('message', 'x'), '{"type":"message","content":"x","ref":null}']) {
    jane.socket.send(text);
    assert.ok(!('ref' in await jane.next('message')), text);
  }
}));

test('the messages that a room logs are numbered from 1 without gaps, each room on its own', withTwo(async ({ jane, bob, join }) => {
  const joe = await join({ room: 'kitchen', nickname: 'Joe' });
  for (let i = 1; i <= 20; ++i) {
    const sender = i % 2 ? jane : bob;
    assert.equal((await sender.say(`garden ${i}`)).seq, i);
    if (i % 5 === 0) assert.equal((await joe.say(`kitchen ${i}`)).seq, i / 5);
  }
}));

test('an ephemeral message has no seq and takes none', withTwo(async ({ jane, bob }) => {
  jane.send('typing', true);
  const { ts, ...rest } = await bob.next('typing');
  assert.deepEqual(rest, { type: 'typing', content: true, room: 'garden', nickname: 'Jane', id: 'jane' });
  assert.equal((await jane.say('Hello!')).seq, 1);
}));

test('any JSON passes through a plugin that accepts anything', withTwo(async ({ jane, bob }) => {
  const deep = JSON.parse('['.repeat(31) + ']'.repeat(31));
  for (const content of ['\u0000\u001f\u007f\u2028"\\/', '', 'é🌸', 0, -0.5, 1e300, 123456789012345, true, null, [], {}, { '': [{}] }, deep]) {
    jane.send('note', content);
    assert.deepEqual((await bob.next('note')).content, content);
  }
}, probe));

test('bad_json: text that is not JSON', refuses('bad_json', [
  '', ' ', '{', 'Hello', '{"type":"message"', '{"type":"message",}', "{'type':'message'}", '{"type":"message"} {}',
  '\uFEFF\uFEFF{}', '{"type":"message","content":"a\nb"}', '\u0000',
]));

test('bad_json: JSON that is not an object', refuses('bad_json', ['[]', '"message"', '1', 'null', 'true', '[{"type":"message"}]']));

test('bad_json: JSON nested deeper than websocket.max_depth, but not JSON within it', withTwo(async ({ jane, bob }) => {
  const nested = (levels) => `{"type":"note","content":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  for (const levels of [5, 1000]) {
    jane.socket.send(nested(levels));
    assert.equal((await jane.next('error')).code, 'bad_json');
  }
  jane.socket.send(nested(4));
  await bob.next('note');
  jane.send('note', '[[[[[[{{{{{{');
  await bob.next('note');
}, { config: { ...probe.config, websocket: { max_depth: 5 } } }));

test('bad_json: a type that is missing or not text', refuses('bad_json', [
  '{}', '{"content":"x"}', '{"type":null}', '{"type":7}', '{"type":["message"]}', '{"Type":"message"}',
], /type/));

test('unknown_type: a type that no plugin handles, with its name', refuses('unknown_type', [
  send('nonsense', 1), send('', 1), send('Message', 'x'), send('x'.repeat(1000), 1), send('welcome', {}), send('users_update', []),
  send('system', 'Bob left the room'), send('error', 'x'), send('"\\\u0000', 1),
], /type/));

test('invalid: content that the type’s schema refuses, with field and reason', refuses('invalid', [
  send('message', 7), send('message', null), send('message', ''), send('message', ['x']), send('message', 'x'.repeat(2001)),
  '{"type":"message"}', send('typing', 'yes'),
], /^content: must /));

test('invalid: a message that the plugin itself refuses, with its reason', refuses('invalid', [send('note', 'refuse')], /^content: must not be refuse$/));

test('invalid: content without a field that the plugin reads', refuses('invalid', [
  send('sum', {}), send('sum', 'x'), send('sum', { a: 1, b: 'x' }), send('sum', null),
], /^content: /));

test('invalid: a ref that is neither a number nor a text of at most 64 characters', refuses('invalid', [
  send('note', 1, 'r'.repeat(65)), send('note', 1, '🌸'.repeat(65)), send('note', 1, {}), send('note', 1, [1]), send('note', 1, true),
], /^ref: /));

test('forbidden: types that only the server sends', refuses('forbidden', [send('answer', 1), send('gone', 'Bob'), send('summed', 3)]));

test('internal: a message that makes the plugin fail; the room goes on', refuses('internal', [
  'throw', 'throw a number', 'undeclared', 'not text', 'throw in apply',
].map((what) => send('note', what))));

test('rate_limited: a type that is sent faster than its plugin allows, with how long to wait', withTwo(async ({ jane, bob }) => {
  for (let i = 1; i <= 20; ++i) jane.send('slow_note', i, i);
  const error = await jane.next('error');
  assert.equal(error.code, 'rate_limited');
  assert.ok(error.retry_after_ms > 0 && error.retry_after_ms <= 1000, `${error.retry_after_ms}`);
  assert.ok(error.ref > 1);
  await jane.say('all is well');
  await bob.next('message');
  const refused = jane.received.filter(({ type }) => type === 'error').map(({ ref }) => ref);
  const heard = bob.received.filter(({ type }) => type === 'slow_note').map(({ content }) => content);
  assert.deepEqual([...refused, ...heard].sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1));
}, probe));

test('rate_limited: a connection that sends too much of anything', withTwo(async ({ jane, bob }) => {
  const texts = [send('message', 'x', 1), send('nonsense', 1, 2), '{', send('typing', true, 4), send('message', 'y', 5)];
  texts.forEach((text) => jane.socket.send(text));
  for (const ref of [2, undefined, 4, 5]) {
    const error = await jane.next('error');
    assert.deepEqual([error.code, error.ref], ['rate_limited', ref]);
    assert.ok(error.retry_after_ms > 0 && error.retry_after_ms <= 1000, `${error.retry_after_ms}`);
  }
  assert.equal((await bob.say('I am not Jane')).seq, 2);
}, { config: { websocket: { rate: { messages: 1, burst: 1 } } } }));

test('rate_limited: a connection whose messages are too large together, but never one for its size alone', withTwo(async ({ jane, bob }) => {
  const texts = [send('message', 'x'.repeat(1500), 1), send('message', 'y'.repeat(1500), 2), `{"type":"message","content":"\\u00e9","ref":"\\u00e9"}`];
  texts.forEach((text) => jane.socket.send(text));
  const error = await jane.next('error');
  assert.deepEqual([error.code, error.ref], ['rate_limited', 'é']);
  assert.ok(error.retry_after_ms > 0 && error.retry_after_ms <= 2000, `${error.retry_after_ms}`);
  for (const letter of ['x', 'y']) assert.equal((await bob.next('message')).content, letter.repeat(1500));
  assert.equal((await bob.say('I am not Jane')).seq, 3);
}, { config: { websocket: { rate: { size: '1KiB', burst_size: '2KiB' } } } }));

for (const [how, chat] of [['left out of', undefined], ['disabled in', { enabled: false }]]) {
  test(`a plugin that is ${how} the configuration handles nothing`, withServer(async ({ join }) => {
    const jane = await join();
    const { content } = await jane.next('welcome');
    assert.deepEqual(content.types, []);
    jane.send('message', 'Hello!', 7);
    const { code, ref } = await jane.next('error');
    assert.deepEqual([code, ref], ['unknown_type', 7]);
  }, { config: { plugins: { chat } } }));
}

test('the welcome lists the types that clients can send, not those that only the server sends', withServer(async ({ join }) => {
  const { content } = await (await join()).next('welcome');
  assert.deepEqual(content.types, ['ask', 'blink', 'message', 'note', 'slow_note', 'sum', 'typing', 'wake']);
}, probe));

test('a plugin’s reply goes to the asking client only, with the ref', withTwo(async ({ jane, bob }) => {
  jane.send('note', 'first');
  await bob.next('note');
  jane.send('ask', null, 'q');
  const { type, content, ref } = await jane.next(({ ref }) => ref === 'q');
  assert.deepEqual([type, content, ref], ['answer', ['first'], 'q']);
  await jane.say('done');
  await bob.next('message');
  assert.equal(bob.received.filter((message) => message.ref === 'q').length, 0);
}, probe));
