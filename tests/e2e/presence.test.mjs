// Presence: the list and the announcements, in quiet, busy and large rooms.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';

const lists = ({ received }) => received.filter(({ type }) => type === 'users_update');
const lines = ({ received }) => received.filter(({ type }) => type === 'system').map(({ content }) => content);
const names = (count) => Array.from({ length: count }, (_, i) => `Guest ${i + 1}`);
const listOf = (count) => ({ type, content }) => type === 'users_update' && content.length === count;
const line = (text) => ({ type, content }) => type === 'system' && content === text;

// Everybody joins at once, as after a restart of the server.
const crowd = (join, count) => Promise.all(names(count).map((nickname) => join({ nickname })));

test('the list names everyone in the order of their arrival, and each room has its own', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane', room: 'garden' });
  await jane.next('system');
  const bob = await join({ nickname: 'Bob', room: 'garden' });
  await bob.next('system');
  await join({ nickname: 'Joe', room: 'kitchen' });
  const ann = await join({ nickname: '"Ann" <b>', room: 'garden' });
  for (const person of [jane, bob, ann]) {
    assert.deepEqual(await person.next(listOf(3)), { type: 'users_update', content: ['Jane', 'Bob', '"Ann" <b>'], room: 'garden' });
  }
  await bob.leave();
  assert.deepEqual((await ann.next(listOf(2))).content, ['Jane', '"Ann" <b>']);
  assert.deepEqual(lines(ann), ['"Ann" <b> joined the room', 'Bob left the room']);
}));

test('a newcomer gets its own announcement, but not those of earlier members', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  await jane.next('system');
  const bob = await join({ nickname: 'Bob' });
  await bob.next(listOf(2));
  await jane.next(line('Bob joined the room'));
  assert.deepEqual(lines(bob), ['Bob joined the room']);
  assert.deepEqual(lines(jane), ['Jane joined the room', 'Bob joined the room']);
}));

test('in a busy room the last list is always complete, however people come and go', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  for (let round = 1; round <= 3; ++round) {
    const guests = await crowd(join, 30);
    const { content } = await jane.next(listOf(31));
    assert.deepEqual([...content].sort(), ['Jane', ...names(30)].sort());
    await Promise.all(guests.slice(10).map((guest) => guest.leave()));
    const left = guests.slice(0, 10);
    for (const person of [jane, ...left]) assert.deepEqual((await person.next(listOf(11))).content.slice(0, 1), ['Jane']);
    await Promise.all(left.map((guest) => guest.leave()));
    assert.deepEqual((await jane.next(listOf(1))).content, ['Jane']);
  }
}, { config: { rooms: { presence: { interval: '50ms' } } } }));

test('a busy room sends the list at most once an interval, but every announcement', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  await jane.next('system');
  const guests = await crowd(join, 20);
  while (lines(jane).length < 21) await jane.next('system');
  await Promise.all(guests.map((guest) => guest.leave()));
  while (lines(jane).length < 41) await jane.next('system');
  assert.deepEqual(lists(jane).map(({ content }) => content), [['Jane']]);
}, { config: { rooms: { presence: { interval: '1m' } } } }));

test('in a room with more than rooms.presence.announce members there are no announcements, only the list', withServer(async ({ join }) => {
  const people = [];
  for (let count = 1; count <= 5; ++count) {
    people.push(await join({ nickname: `Guest ${count}` }));
    for (const person of people) await person.next(listOf(count));
  }
  const [first] = people;
  await people.pop().leave();
  await first.next(listOf(4));
  while (people.length > 1) {
    await people.pop().leave();
    await first.next(listOf(people.length));
  }
  const [joined, left] = [/joined/, /left/].map((what) => lines(first).filter((text) => what.test(text)));
  assert.deepEqual(joined, ['Guest 1 joined the room', 'Guest 2 joined the room', 'Guest 3 joined the room']);
  assert.ok(!left.includes('Guest 5 left the room'));
  assert.ok(left.includes('Guest 3 left the room') && left.includes('Guest 2 left the room'), left.join());
}, { config: { rooms: { presence: { interval: '10ms', announce: 3 } } } }));

test('with rooms.presence.announce: 0 there are no announcements at all', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await jane.next(listOf(2));
  await bob.leave();
  await jane.next(listOf(1));
  assert.deepEqual(lines(jane), []);
}, { config: { rooms: { presence: { interval: '10ms', announce: 0 } } } }));

test('a list longer than rooms.presence.list is capped and carries the count', withServer(async ({ join }) => {
  const people = [];
  const counts = [undefined, undefined, 3, 4];
  for (const count of counts) {
    people.push(await join({ nickname: `Guest ${people.length + 1}` }));
    const shown = Math.min(people.length, 2);
    const list = await people[0].next(({ type, content, count: total }) => (
      type === 'users_update' && content.length === shown && total === count));
    assert.deepEqual(list.content, names(shown));
    assert.equal('count' in list, count !== undefined);
  }
  await people[0].leave();
  const { content } = await people[3].next(({ type, count }) => type === 'users_update' && count === 3);
  assert.deepEqual(content, ['Guest 2', 'Guest 3']);
  await people[1].leave();
  const whole = await people[3].next(({ type, count }) => type === 'users_update' && count === undefined);
  assert.deepEqual(whole.content, ['Guest 3', 'Guest 4']);
}, { config: { rooms: { presence: { interval: '10ms', list: 2 } } } }));

// Members come back before this time.
const patient = { config: { rooms: { presence: { interval: '10ms', absence: '1m' } } } };
const brief = { config: { rooms: { presence: { interval: '10ms', absence: '50ms' } } } };

test('a member who reloads was never away: the others get nothing, the member gets its own announcement', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  let bob = await join({ nickname: 'Bob', id: 'bob' });
  await join({ nickname: 'Joe' });
  await jane.next(listOf(3));
  for (const code of [undefined, 1001]) { // a page that is closed, or left
    bob.socket.close(code);
    await bob.closed();
    bob = await join({ nickname: 'Bob', id: 'bob' });
    assert.deepEqual((await bob.next('users_update')).content, ['Jane', 'Bob', 'Joe'], 'where it was');
    await bob.next(line('Bob joined the room'));
  }
  await join({ nickname: 'Ann' });
  await jane.next(line('Ann joined the room'));
  assert.deepEqual(lines(jane), ['Jane', 'Bob', 'Joe', 'Ann'].map((name) => `${name} joined the room`));
}, patient));

const resumed = ({ content: { id, epoch, seq } }) => ({ id, epoch, since: seq });

for (const [when, first] of Object.entries({ 'before it comes back': true, 'after it is back': false })) {
  test(`a new nickname is announced in one line, if the previous connection ends ${when}`, withServer(async ({ join }) => {
    const jane = await join({ nickname: 'Jane' });
    const john = await join({ nickname: 'John' });
    await jane.next(line('John joined the room'));
    const position = resumed(await john.next('welcome'));
    const end = async () => {
      john.socket.close();
      await john.closed();
    };
    if (first) await end();
    const johnny = await join({ nickname: 'Johnny', ...position });
    await johnny.next('welcome');
    if (!first) await end();
    for (const person of [jane, johnny]) await person.next(line('John is now Johnny'));
    assert.deepEqual(lines(jane), ['Jane joined the room', 'John joined the room', 'John is now Johnny']);
    assert.deepEqual(lines(johnny), ['John is now Johnny']);
  }, patient));
}

test('a person with two connections joins once and leaves once, and both connections are listed', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const [one, other] = [await join({ nickname: 'Bob', id: 'bob' }), await join({ nickname: 'Bob', id: 'bob' })];
  await other.next(line('Bob joined the room'));
  assert.deepEqual((await jane.next(listOf(3))).content, ['Jane', 'Bob', 'Bob']);
  one.hangUp();
  await jane.next(listOf(2));
  await other.leave();
  await jane.next(listOf(1));
  assert.deepEqual(lines(jane), ['Jane joined the room', 'Bob joined the room', 'Bob left the room']);
}, brief));

test('a person whose second connection opens before the first one closes was never away', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const before = await join({ nickname: 'Bob', id: 'bob' });
  await jane.next(listOf(2));
  const back = await join({ nickname: 'Bob', id: 'bob' });
  await jane.next(listOf(3));
  before.socket.close(1001);
  await before.closed();
  await join({ nickname: 'Ann' });
  const { content } = await jane.next(({ type, content }) => type === 'users_update' && content.includes('Ann'));
  assert.deepEqual(content, ['Jane', 'Bob', 'Ann'], 'at once');
  await back.leave();
  await jane.next(line('Bob left the room'));
  assert.deepEqual(lines(jane), ['Jane joined the room', 'Bob joined the room', 'Ann joined the room', 'Bob left the room']);
}, patient));

test('a client that comes back is not listed twice, and nobody else is closed', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob', id: 'bob' });
  await bob.next('welcome');
  const tab = await join({ nickname: 'Bob', id: 'bob' });
  await jane.next(listOf(3));
  bob.socket.pause(); // like a connection that has gone silent
  const back = await join({ nickname: 'Bob', id: 'bob', key: bob.key });
  await jane.next(listOf(4));
  assert.deepEqual((await jane.next(listOf(3))).content, ['Jane', 'Bob', 'Bob']);
  const other = await join({ nickname: 'Bob', id: 'bob', key: back.key });
  await join({ nickname: 'Eve', id: 'eve', key: back.key });
  await jane.next(line('Eve joined the room'));
  for (const member of [tab, back, other]) await member.say('Still here', 'ref');
  assert.deepEqual(lines(jane), ['Jane joined the room', 'Bob joined the room', 'Eve joined the room']);
}, { config: { websocket: { close_timeout: '3s' }, rooms: { presence: { interval: '10ms' } } } }));

test('a client that was closed for sending too much, and comes back in a moment, was never away', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob', id: 'bob' });
  await jane.next(listOf(2));
  bob.send('message', 'x'.repeat(100_000));
  assert.equal((await bob.closed()).code, 1009);
  const back = await join({ nickname: 'Bob', id: 'bob' });
  await back.next(line('Bob joined the room'));
  await join({ nickname: 'Ann' });
  await jane.next(line('Ann joined the room'));
  assert.deepEqual(lines(jane), ['Jane joined the room', 'Bob joined the room', 'Ann joined the room']);
}, patient));

test('two people with the same id count as two', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane', id: 'x' });
  await jane.next('system');
  const bob = await join({ nickname: 'Bob', id: 'x' });
  for (const person of [jane, bob]) await person.next(line('Bob joined the room'));
  await bob.leave();
  await jane.next(line('Bob left the room'));
}, patient));

test('a second connection under another nickname counts as joining if the first one stays', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const john = await join({ nickname: 'John' });
  await join({ nickname: 'Johnny', ...resumed(await john.next('welcome')) });
  await jane.next(line('Johnny joined the room'));
}, brief));

test('a client that closes with 1000 is gone at once', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await jane.next(listOf(2));
  await bob.leave();
  await jane.next(line('Bob left the room'));
  await jane.next(listOf(1));
}, patient));

test('a member who does not come back in time has left', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await jane.next(listOf(2));
  bob.socket.close();
  await jane.next(line('Bob left the room'));
  await jane.next(listOf(1));
  await join({ nickname: 'Bob', id: bob.id });
  await jane.next(line('Bob joined the room'));
}, brief));

test('the number of members waited for is bounded; if there are more, the first has left', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const guests = await crowd(join, 110);
  await jane.next(listOf(111));
  for (const guest of guests) guest.socket.close();
  await jane.next(listOf(101));
  assert.equal(lines(jane).filter((text) => / left /.test(text)).length, 10);
}, { config: { rooms: { presence: { interval: '10ms', absence: '1m', announce: 1000, list: 1000 } } } }));

test('a connection that was lost silently is removed from the list', withServer(async ({ join }) => {
  const jane = await join({ nickname: 'Jane' });
  const bob = await join({ nickname: 'Bob' });
  await jane.next(listOf(2));
  bob.hangUp();
  await jane.next(line('Bob left the room'));
  assert.deepEqual((await jane.next(listOf(1))).content, ['Jane']);
}));

test('the figures are for the whole server, on whatever thread a room is', withServer(async ({ join }) => {
  const people = [];
  for (let i = 0; i < 12; ++i) people.push(await join({ room: `room ${i}` }));
  people[0].send('request_metrics');
  const { content } = await people[0].next(({ type, content: of }) => type === 'system_metrics' && of.connections === 12);
  assert.equal(content.rooms, 12);
  for (const person of people.slice(1)) await person.leave();
  await people[0].next(({ type, content: of }) => type === 'system_metrics' && of.connections === 1);
}, { config: { server: { threads: 3 }, plugins: { monitor: { interval: '250ms' } } } }));
