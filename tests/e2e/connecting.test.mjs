// Connecting: the parameters that a client may use, the first messages, and requests that are refused before the upgrade.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { head, UPGRADE } from '../lib/wire.mjs';
import { fixtures, withServer } from '../lib/served.mjs';

const flower = '%F0%9F%8C%B8'; // one character, four bytes

// Requests an upgrade with this query, byte by byte as given.
const ask = async (dial, query, headers) => (await dial()).upgrade(query, headers);

function refuses(parameter, queries) {
  return withServer(async ({ dial }) => {
    for (const query of queries) {
      const { status, headers, json } = await ask(dial, query);
      assert.equal(status, 400, query);
      assert.match(headers['content-type'], /^application\/json/, query);
      assert.match(json().error, parameter, query);
    }
  });
}

// Each query, with the expected content of the welcome.
function welcomes(cases) {
  return withServer(async ({ dial }) => {
    for (const [query, expected] of cases) {
      const wire = await dial();
      const { status } = await wire.upgrade(query, { 'Sec-WebSocket-Protocol': 'hubbub.v1' });
      assert.equal(status, 101, query);
      const { room, content } = JSON.parse((await wire.next()).text);
      for (const [name, value] of Object.entries(expected)) assert.equal({ room, ...content }[name], value, query);
    }
  });
}

test('a client without parameters is Guest in the room general, with an id of its own', withServer(async ({ join }) => {
  const [one, other] = [await join(), await join()];
  const { content: first, room } = await one.next('welcome');
  const { content: second } = await other.next('welcome');
  assert.equal(room, 'general');
  assert.equal(first.nickname, 'Guest');
  assert.match(first.id, /^[A-Za-z0-9._:-]{1,64}$/);
  assert.notEqual(first.id, second.id);
}));

test('an id of 1 to 64 letters, digits, dots, underscores, colons and hyphens is accepted', welcomes([
  ['?id=x', { id: 'x' }],
  ['?id=Az0.9_:-', { id: 'Az0.9_:-' }],
  [`?id=${'i'.repeat(64)}`, { id: 'i'.repeat(64) }],
]));

test('any other id is refused', refuses(/^id: /, [
  '?id=', '?id=a%20b', '?id=a+b', '?id=a%00', '?id=a%0A', '?id=%C3%A9', '?id=a/b', '?id=%FF', `?id=${'i'.repeat(65)}`,
]));

test('a nickname of any 1 to 64 characters is accepted', welcomes([
  ['?nickname=J', { nickname: 'J' }],
  ['?nickname=%22%3Cb%3E%5C%26', { nickname: '"<b>\\&' }],
  [`?nickname=${'n'.repeat(64)}`, { nickname: 'n'.repeat(64) }],
  [`?nickname=${flower.repeat(64)}`, { nickname: '🌸'.repeat(64) }],
]));

test('white space around a nickname is removed', welcomes([
  ['?nickname=%20Jane%09', { nickname: 'Jane' }],
  ['?nickname=+Mary+Ann+', { nickname: 'Mary Ann' }],
  ['?nickname=%C2%A0%E3%80%80Jane%0A', { nickname: 'Jane' }],
  [`?nickname=%20${'n'.repeat(64)}%20`, { nickname: 'n'.repeat(64) }],
]));

test('a nickname that is empty, too long, not UTF-8 or has control characters is refused', refuses(/^nickname: /, [
  '?nickname=', '?nickname=%20%20', `?nickname=${'n'.repeat(65)}`, `?nickname=${flower.repeat(65)}`,
  '?nickname=%FF', '?nickname=a%C3', '?nickname=%C0%AF', '?nickname=%ED%A0%80', '?nickname=%F4%90%80%80',
  '?nickname=a%00b', '?nickname=a%0Ab', '?nickname=a%1Bb', '?nickname=a%7Fb', '?nickname=a%C2%85b', '?nickname=a%E2%80%A8b',
]));

// Characters that change the writing direction, invisible ones, and joiners, selectors and tags in places where they have no meaning.
const HIDDEN = [
  '\u202E', 'a\u202Eb', 'a\u202A', 'a\u2066b', 'a\u2069', 'a\u200Eb', 'a\u200Fb', 'a\u061Cb', 'a\u200Bb', 'a\u2060b', 'a\uFEFFb', 'a\u00ADb', 'a\u034Fb',
  '\u3164', '\u115F', 'a\uFFA0b', '\u2800', 'a\u206Ab', 'a\uFFF9b', 'a\u{1D173}b', 'a\u{E0001}b', 'a\u{E0041}b', 'a\u200Db', 'Jane\u200C', '\u200Dx', '\u200D', '\uFE0F', 'a\uFE0Fb',
  '\u05D0\u202Bb', '👩\u200D\u200D🌾', '🙂\uFE0F\uFE0F',
];
const SEEN = ['אבי', 'علي', 'می\u200Cخواهم', 'क्\u200Dष', 'ක්\u200Dරි', '👩\u200D🌾', '❤\uFE0F\u200D🔥', '1\uFE0F\u20E3', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}', '葛\u{E0100}城', 'e\u0301', '😀🏽', '日本', 'Zoë', '‹›'];

test('a nickname or a room with hidden characters is refused, with the reason', withServer(async ({ dial }) => {
  for (const text of HIDDEN) {
    for (const name of ['nickname', 'room']) {
      const { status, json } = await ask(dial, `?${name}=${encodeURIComponent(text)}`);
      assert.equal(status, 400, `${name} ${encodeURIComponent(text)}`);
      assert.match(json().error, new RegExp(`^${name}: .*(invisible|characters)`), encodeURIComponent(text));
    }
  }
}));

test('a nickname or a room in any script, or in emoji, is accepted unchanged', welcomes(SEEN.flatMap((text) => [
  [`?nickname=${encodeURIComponent(text)}`, { nickname: text }],
  [`?room=${encodeURIComponent(text)}`, { room: text }],
])));

test('a room of 1 to 64 characters is accepted unchanged', welcomes([
  ['?room=r', { room: 'r' }],
  [`?room=${flower.repeat(64)}`, { room: '🌸'.repeat(64) }],
  ['?room=+two+words+', { room: ' two words ' }],
  ['?room=..%2F..%2Fetc', { room: '../../etc' }],
]));

test('a room that is empty, too long, not UTF-8 or has control characters is refused', refuses(/^room: /, [
  '?room=', `?room=${'r'.repeat(65)}`, `?room=${flower.repeat(65)}`, '?room=%FF', '?room=%E2%82', '?room=a%00', '?room=a%0A',
  '?room=%7F', '?room=%C2%9B',
]));

test('parameters are percent-encoded, with + for a space', welcomes([
  ['?room=caf%C3%A9&nickname=Mary+Ann', { room: 'café', nickname: 'Mary Ann' }],
  ['?%72oom=garden', { room: 'garden' }],
  ['?nickname=1%2B1%3D2', { nickname: '1+1=2' }],
  ['?nickname=a=b', { nickname: 'a=b' }],
  ['?unknown=1&room=garden&', { room: 'garden' }],
]));

test('characters that browsers do not encode in a query are accepted', welcomes([
  ['?nickname=a|b', { nickname: 'a|b' }],
  ['?nickname={a}', { nickname: '{a}' }],
  ['?nickname=[a]', { nickname: '[a]' }],
  ['?nickname=a^`b', { nickname: 'a^`b' }],
  ['?nickname=a\\b', { nickname: 'a\\b' }],
]));

test('invalid percent-encoding is refused', refuses(/./, ['?room=%', '?room=%zz', '?nickname=a%2']));

test('since and epoch must be given together', refuses(/since.*epoch/, ['?since=1', '?epoch=abc']));

test('a since that is not a whole number from 0 is refused', refuses(/^since: /, [
  '?since=-1&epoch=a', '?since=1.5&epoch=a', '?since=x&epoch=a', '?since=&epoch=a', '?since=+1&epoch=a', '?since=0x1&epoch=a',
  '?since=18446744073709551616&epoch=a',
]));

test('an epoch in a form that no server uses is refused', refuses(/^epoch: /, ['?since=1&epoch=', '?since=1&epoch=a%20b']));

test('a key in a form that no welcome has is refused', refuses(/^key: /, ['?key=', '?key=secret', `?key=${'A'.repeat(23)}`, `?key=${'!'.repeat(22)}`]));

test('a client with an unknown since and epoch is welcomed as a newcomer', welcomes([
  ['?since=0&epoch=abc', { recovered: false, seq: 0 }],
  ['?since=18446744073709551615&epoch=abc', { recovered: false, seq: 0 }],
]));

test('the welcome has the client’s id and name, the room’s position, and the types that can be sent', withServer(async ({ join }) => {
  const jane = await join({ id: 'jane', nickname: 'Jane', room: 'garden' });
  const { content, ...rest } = await jane.next();
  assert.deepEqual(rest, { type: 'welcome', room: 'garden' });
  const { epoch, key, types, ...certain } = content;
  assert.deepEqual(certain, { id: 'jane', nickname: 'Jane', seq: 0, recovered: false });
  assert.match(epoch, /^\S+$/);
  assert.match(key, /^[\w-]{22}$/);
  assert.deepEqual([...types].sort(), ['message', 'typing']);
}));

test('a client may offer a bearer token beside hubbub.v1; the server chooses hubbub.v1', withServer(async ({ dial }) => {
  for (const offer of ['hubbub.v1, bearer.secret', 'bearer.secret,hubbub.v1', 'other , hubbub.v1']) {
    const wire = await dial();
    const { headers } = await wire.upgrade('', { 'Sec-WebSocket-Protocol': offer });
    assert.equal(headers['sec-websocket-protocol'], 'hubbub.v1', offer);
    assert.equal(JSON.parse((await wire.next()).text).type, 'welcome', offer);
  }
}));

test('a client that does not offer hubbub.v1 gets everything except the welcome', withServer(async ({ dial, join }) => {
  const wires = [];
  for (const offer of [{}, { 'Sec-WebSocket-Protocol': 'bearer.secret' }, { 'Sec-WebSocket-Protocol': 'hubbub.v2' }]) {
    const wire = await dial();
    const { status, headers } = await wire.upgrade('?room=garden', offer);
    assert.equal(status, 101);
    assert.equal(headers['sec-websocket-protocol'], undefined);
    wires.push(wire);
  }
  const jane = await join({ room: 'garden', nickname: 'Jane' });
  const said = await jane.say('Hello!');
  for (const wire of wires) {
    const received = [];
    while (received.at(-1)?.type !== 'message') received.push(JSON.parse((await wire.next()).text));
    assert.deepEqual(received.at(-1), said);
    assert.ok(received.every(({ type }) => ['users_update', 'system', 'message'].includes(type)), JSON.stringify(received));
  }
}));

const probe = {
  config: { plugins: { directory: fixtures, probe: {} }, rooms: { presence: { interval: '10ms' } } },
};

// Resolves when no presence message of the room is waiting to be sent, because the room's timer has passed.
async function quiet(member) {
  member.send('wake', 200);
  await member.next('note');
}

test('a newcomer gets the welcome, then the greeting, then the list of members, then its own arrival', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  await jane.say('Hello!');
  await quiet(jane);
  const bob = await join({ nickname: 'Bob' });
  await bob.next('system');
  assert.deepEqual(bob.received.map(({ type }) => type), ['welcome', 'message', 'answer', 'users_update', 'system']);
  const [, , , list, line] = bob.received;
  assert.deepEqual(list, { type: 'users_update', content: ['Jane', 'Bob'], room: 'general' });
  assert.deepEqual(line, { type: 'system', content: 'Bob joined the room', room: 'general', nickname: 'System' });
}, probe));

test('the others get list and line for an arrival, line and list for a departure', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  await quiet(jane);
  const bob = await join({ nickname: 'Bob' });
  const presence = (message) => ['users_update', 'system'].includes(message.type);
  assert.deepEqual((await jane.next(presence)).content, ['Jane', 'Bob']);
  assert.equal((await jane.next(presence)).content, 'Bob joined the room');
  await quiet(jane);
  await bob.leave();
  assert.equal((await jane.next(presence)).content, 'Bob left the room');
  assert.deepEqual((await jane.next(presence)).content, ['Jane']);
}, probe));

test('two connections with the same id are both listed, and both get everything', withServer(async ({ join }) => {
  const laptop = await join({ id: 'jane', nickname: 'Jane' });
  const phone = await join({ id: 'jane', nickname: 'Jane' });
  await laptop.next(({ type, content }) => type === 'users_update' && content.length === 2);
  const said = await phone.say('Hello!');
  assert.deepEqual(await laptop.next('message'), said);
  await phone.leave();
  await laptop.next(({ type, content }) => type === 'users_update' && content.length === 1);
}));

test('a request without an upgrade is answered with 426', withServer(async ({ dial }) => {
  const { status, headers } = await (await dial()).write(head('GET /api/ws?room=garden HTTP/1.1', { Host: 'x' })).response();
  assert.equal(status, 426);
  assert.match(headers.upgrade, /websocket/);
}));

test('an invalid handshake is refused with a reason', withServer(async ({ dial }) => {
  const wrong = {
    'no key': { 'Sec-WebSocket-Key': undefined }, 'short key': { 'Sec-WebSocket-Key': 'abc' },
    'no connection header': { Connection: undefined }, 'old version': { 'Sec-WebSocket-Version': '8' },
  };
  for (const [what, headers] of Object.entries(wrong)) {
    const sent = Object.fromEntries(Object.entries({ ...UPGRADE, ...headers }).filter(([, value]) => value));
    const { status, json } = await (await dial()).write(head('GET /api/ws HTTP/1.1', sent)).response();
    assert.equal(status, what === 'old version' ? 426 : 400, what);
    assert.ok(json().error, what);
  }
}));

for (const [how, options] of Object.entries({
  'WS_ENABLED=false': { env: { WS_ENABLED: 'false' } },
  'websocket.enabled: false': { config: { websocket: { enabled: false } } },
})) {
  test(`with ${how} there are no rooms, but pages are served`, withServer(async ({ dial }) => {
    assert.equal((await ask(dial, '?room=garden')).status, 404);
    const wire = await dial();
    assert.equal((await wire.write(head('GET /static/index.html HTTP/1.1', { Host: 'x' })).response()).status, 200);
    assert.equal((await wire.write(head('GET /healthz HTTP/1.1', { Host: 'x' })).response()).status, 200);
  }, options));
}

test('WS_ENABLED=true overrides false in the configuration', withServer(async ({ join }) => {
  await (await join()).next('welcome');
}, { env: { WS_ENABLED: 'true' }, config: { websocket: { enabled: false } } }));

test('above server.connections clients are told to come back later, and are accepted once somebody has left', withServer(async ({ dial }) => {
  const [jane, bob] = [await dial(), await dial()];
  for (const wire of [jane, bob]) assert.equal((await wire.upgrade()).status, 101);
  const { status, headers, json } = await ask(dial, '');
  assert.equal(status, 503);
  assert.ok(headers['retry-after']);
  assert.match(json().error, /full/);

  bob.hangUp();
  let answer;
  do answer = await ask(dial, ''); while (answer.status === 503);
  assert.equal(answer.status, 101);
}, { config: { server: { connections: 2 } } }));
