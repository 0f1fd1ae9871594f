// What a page may rely on of what it hears: each message once, in the room's order, through greetings, breaks and resets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone, settled } from '../lib/alone.mjs';

// Loses the connection and comes back.
const back = ({ line, clock }, welcome) => {
  line().lose();
  clock.pass(15_000);
  line().welcome(welcome);
};

test('before anything has come a hub knows nothing', alone(({ hub, line }) => {
  assert.deepEqual([hub.status, hub.members, hub.memberCount, hub.pending, hub.types, hub.epoch, hub.seq, hub.id, hub.nickname, hub.room],
    [{ state: 'connecting', failures: 0, retryAt: null, error: null }, [], 0, 0, [], undefined, 0, undefined, 'Jane', 'garden']);
  line().welcome({ id: 'made', nickname: 'Jane Doe', epoch: 'e', seq: 3, types: ['message'] });
  assert.deepEqual([hub.id, hub.nickname, hub.epoch, hub.seq, hub.types], ['made', 'Jane Doe', 'e', 3, ['message']]);
}));

test('a welcome without types says that there are none', alone(({ hub, line }) => {
  line().welcome({ types: undefined });
  assert.deepEqual(hub.types, []);
}));

test('a handler hears its type, or everything, as it came, until it is ended', alone(({ hub, home, line }) => {
  home();
  const heard = [];
  const ends = ['note', '*', 'other'].map((type) => hub.on(type, (message) => heard.push([type, message])));
  const second = hub.on('note', () => heard.push('second'));
  const note = { type: 'note', content: { a: 1 }, room: 'garden', id: 'other', nickname: 'Bob', ts: 1 };
  line().tell(note);
  assert.deepEqual(heard, [['note', note], 'second', ['*', note]]);
  ends[0]();
  line().tell(note);
  assert.deepEqual(heard.slice(3), ['second', ['*', note]]);
  second();
  ends[1]();
  line().tell(note);
  assert.equal(heard.length, 5);
}));

test('whoever asks for the status or for resets hears of them until it is ended', alone((all) => {
  const { hub, home, line, clock } = all;
  const heard = [];
  const ends = [hub.onStatus((status) => heard.push(status)), hub.onReset((...values) => heard.push(values))];
  assert.deepEqual(heard, [hub.status]);
  assert.ok(Object.isFrozen(heard[0]) || heard[0].state === 'connecting');
  home();
  back(all);
  assert.deepEqual(heard.map((what) => what.state ?? what), ['connecting', 'online', 'offline', 'connecting', [], 'online']);
  assert.equal(heard.at(-1), hub.status);
  for (const end of ends) end();
  back(all);
  line().lose();
  clock.pass(1000);
  assert.equal(heard.length, 6);
}));

test('a handler that throws keeps nobody from hearing, and its error is reported', alone(async ({ hub, home, line }) => {
  const { queueMicrotask } = globalThis;
  const reported = [];
  globalThis.queueMicrotask = (task) => queueMicrotask(() => {
    try { task(); } catch (error) { reported.push(error.message); }
  });
  try {
    const heard = [];
    for (const word of ['first', 'second']) {
      hub.on('note', () => { heard.push(word); throw new Error(word); });
      hub.onStatus(({ state }) => { if (state === 'online') throw new Error(`status, ${word}`); });
    }
    home();
    line().tell({ type: 'note' });
    assert.deepEqual(heard, ['first', 'second']);
    await settled();
    assert.deepEqual(reported, ['status, first', 'status, second', 'first', 'second']);
  } finally {
    globalThis.queueMicrotask = queueMicrotask;
  }
}));

test('a handler may end itself, and none that stands behind it is skipped', alone(({ hub, home, line }) => {
  home();
  const heard = [];
  const end = hub.on('note', () => { heard.push('once'); end(); });
  hub.on('note', () => heard.push('always'));
  line().tell({ type: 'note' });
  line().tell({ type: 'note' });
  assert.deepEqual(heard, ['once', 'always', 'always']);
}));

test('who is here and what the server handles is known before anybody hears of it', alone(({ hub, line }) => {
  const seen = [];
  hub.on('users_update', () => seen.push([hub.members, hub.memberCount]));
  hub.on('types', () => seen.push(hub.types));
  line().welcome();
  line().members('Jane', 'Bob');
  line().tell({ type: 'users_update', content: ['Jane'], count: 2000 });
  line().tell({ type: 'users_update', content: [], count: 0 });
  line().tell({ type: 'types', content: ['draw'] });
  line().logged(1);
  assert.deepEqual(seen, [[['Jane', 'Bob'], 2], [['Jane'], 2000], [[], 0], ['draw']]);
  assert.deepEqual([hub.members, hub.memberCount, hub.types], [[], 0, ['draw']]);
}));

test('a greeting is delivered whole, and is over with the list of members: from there on nothing comes twice', alone(({ hub, line, heard }) => {
  line().welcome({ seq: 9 });
  line().logged(7);
  line().tell({ type: 'typing' }); // without a seq it ends nothing
  for (const seq of [8, 9]) line().logged(seq);
  line().members('Jane');
  for (const seq of [9, 10, 10, 11]) line().logged(seq);
  assert.deepEqual(heard.slice(3), ['message 7', 'typing', 'message 8', 'message 9', 'users_update', 'message 10', 'message 11']);
  assert.equal(hub.seq, 11);
}));

test('a greeting is over with the first message that is newer, too', alone(({ hub, line, heard }) => {
  line().welcome({ seq: 9 });
  for (const seq of [9, 10, 9, 10, 11]) line().logged(seq);
  assert.deepEqual(heard.slice(3), ['message 9', 'message 10', 'message 11']);
  assert.equal(hub.seq, 11);
}));

test('messages of one seq are one, and what has no seq always comes', alone(({ home, line, heard }) => {
  home();
  line().logged(1);
  line().logged(1);
  for (let i = 0; i < 2; i += 1) line().tell({ type: 'typing', id: 'me', ref: 'mine' });
  assert.deepEqual(heard.slice(4), ['message 1', 'typing', 'typing']);
}));

test('after a break come exactly the messages that were missed, and nobody is told to begin anew', alone((all) => {
  const { hub, home, line, heard } = all;
  home({ seq: 1 });
  for (const seq of [2, 3]) line().logged(seq);
  back(all, { recovered: true, seq: 5 });
  assert.deepEqual([line().query.since, line().query.epoch, hub.seq], ['3', 'e', 3]);
  for (const seq of [3, 4, 5, 5, 6]) line().logged(seq);
  assert.deepEqual(heard.slice(4), ['message 2', 'message 3', 'offline', 'connecting', 'online', 'welcome', 'message 4', 'message 5', 'message 6']);
  line().logged(9); // what lies between was not for us
  line().lose();
  all.clock.pass(1000);
  assert.equal(line().query.since, '9');
}));

test('a page is told to begin anew before anything else, and what follows is a greeting', alone((all) => {
  const { hub, home, line, heard } = all;
  home({ seq: 5 });
  line().logged(6);
  let state;
  hub.onReset(() => { state = hub.status.state; });
  back(all, { epoch: 'another', seq: 2 });
  assert.equal(state, 'online');
  assert.deepEqual([hub.epoch, hub.seq], ['another', 2]);
  for (const seq of [1, 2]) line().logged(seq);
  line().members('Jane');
  line().logged(2);
  assert.deepEqual(heard.slice(4), ['message 6', 'offline', 'connecting', 'reset', 'online', 'welcome', 'message 1', 'message 2', 'users_update']);
  back(all, { recovered: true, seq: 2 });
  assert.deepEqual([line().query.since, line().query.epoch], ['2', 'another']);
  assert.equal(heard.filter((what) => what === 'reset').length, 1);
}));

test('a greeting that broke off is no position: it comes again, from its beginning', alone((all) => {
  const { line, heard } = all;
  line().welcome({ seq: 9 });
  line().logged(8);
  back(all, { seq: 9 });
  assert.deepEqual(['since' in line().query, 'epoch' in line().query], [false, false]);
  for (const seq of [8, 9]) line().logged(seq);
  line().members('Jane');
  assert.deepEqual(heard.slice(5), ['connecting', 'reset', 'online', 'welcome', 'message 8', 'message 9', 'users_update']);
  back(all, { recovered: true, seq: 9 });
  assert.equal(line().query.since, '9');
}));

test('an own message in a greeting and once more as the answer is shown once, and again in a second greeting', alone(async (all) => {
  const { home, line, say, heard, clock } = all;
  home();
  say('mine');
  const [mine] = line().sent;
  const greeted = (epoch) => {
    line().welcome({ epoch, seq: 4 });
    line().logged(3);
    line().back(mine, 4);
    line().back(mine, 4); // the answer
    line().logged(4); // somebody else's, whatever its number
    line().members('Jane');
  };
  const shown = ['reset', 'online', 'welcome', 'message 3', 'message 4', 'message 4', 'users_update'];
  line().lose();
  clock.pass(500);
  greeted('second');
  await settled();
  assert.deepEqual(heard.slice(6), [...shown, 'said mine']);
  line().lose();
  clock.pass(1000);
  greeted('third');
  assert.deepEqual(heard.slice(16), shown);
}));

test('own messages without a ref, and others’ with the same, are shown in a greeting as they come', alone(({ line, heard }) => {
  line().welcome({ seq: 9 });
  for (const [seq, ref, id] of [[1, undefined, 'me'], [2, undefined, 'me'], [3, 'a', 'me'], [4, 'a', 'other'], [5, 'a', 'me'], [6, 'b', 'other'], [7, 'b', 'me']]) {
    line().logged(seq, { ref, id });
  }
  assert.deepEqual(heard.slice(3), ['message 1', 'message 2', 'message 3', 'message 4', 'message 6', 'message 7']);
}));

test('a connection that was replaced is heard no more', alone(({ hub, home, lines, heard }) => {
  home();
  hub.rename('Janet');
  const [old, newer] = lines;
  const before = heard.length;
  old.onmessage({ data: JSON.stringify({ type: 'message', seq: 1 }) });
  old.onerror({}); // or a program in Node ends
  old.lose(4500);
  newer.onerror({});
  assert.deepEqual([heard.slice(before), hub.status.state, hub.seq], [[], 'connecting', 0]);
  newer.welcome({ recovered: true });
  assert.equal(hub.status.state, 'online');
}));
