// What a page may rely on when it sends: in which order, how often, how it ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubError } from '../../static/lib/hubbub.js';
import { alone, settled } from '../lib/alone.mjs';

const outcome = (promise) => promise.then(() => 'resolved', (error) => error);

test('what is sent online goes out at once, as type, content and a ref of its own', alone(({ hub, home, line, say }) => {
  home();
  say({ text: 'one' });
  say(undefined, 'poke');
  const [one, poke] = line().sent;
  assert.deepEqual(one, { type: 'message', content: { text: 'one' }, ref: one.ref });
  assert.deepEqual(poke, { type: 'poke', ref: poke.ref });
  assert.notEqual(one.ref, poke.ref);
  assert.equal(hub.pending, 2);
}));

test('a sent message resolves with what the room has, and is shown before that', alone(async ({ hub, home, line, say, heard }) => {
  home();
  const pending = [];
  hub.on('message', () => pending.push(hub.pending));
  const one = say('one');
  line().back(line().sent[0], 1);
  const { seq, content, nickname } = await one;
  assert.deepEqual([seq, content, nickname], [1, 'one', 'Jane']);
  assert.deepEqual(heard.slice(-2), ['message 1', 'said one']);
  assert.deepEqual(pending, [0]);
}));

test('an answer to me alone resolves what asked for it, whatever its type', alone(async ({ hub, home, line }) => {
  home();
  const question = hub.send('request_tasks');
  line().tell({ type: 'tasks_update', content: ['water'], ref: line().sent[0].ref });
  assert.deepEqual((await question).content, ['water']);
}));

test('only a message with my id, or none, and the ref of what waits acknowledges it, once', alone(async ({ hub, home, line, say, heard }) => {
  home();
  say('mine');
  const [mine] = line().sent;
  line().tell({ ...mine, id: 'other', seq: 1 });
  line().tell({ ...mine, ref: `${mine.ref}x`, id: 'me', seq: 2 });
  line().tell({ ...mine, ref: undefined, id: 'me', seq: 3 });
  line().tell({ ...mine, ref: undefined });
  await settled();
  assert.equal(hub.pending, 1);
  line().back(mine, 4);
  line().refuse(mine, 'invalid'); // nothing waits for that any more
  await settled();
  assert.equal(hub.pending, 0);
  assert.deepEqual(heard.slice(-7), ['message 1', 'message 2', 'message 3', 'message', 'message 4', 'error', 'said mine']);
}));

test('before the first welcome nothing has an id, and nothing acknowledges', alone(async ({ line, say, heard }) => {
  say('early');
  line().readyState = 1;
  line().tell({ type: 'message', content: 'for whom?', id: undefined, ref: undefined });
  await settled();
  assert.deepEqual(heard, ['connecting', 'message']);
}));

test('a refusal rejects with the server’s words, and is heard by those alone who hear everything', alone(async ({ hub, home, line }) => {
  home();
  const heard = [];
  hub.on('error', () => heard.push('error'));
  hub.on('*', ({ type }) => heard.push(`*${type}`));
  const refused = outcome(hub.send('message', 'one'));
  line().refuse(line().sent[0], 'rate_limited', { content: 'too fast', retry_after_ms: 0 });
  const error = await refused;
  assert.ok(error instanceof HubError && error instanceof Error);
  assert.deepEqual([error.name, error.message, error.code, error.retryAfterMs], ['HubError', 'too fast', 'rate_limited', 0]);
  assert.deepEqual(heard, ['*error']);
  const other = outcome(hub.send('message', 'two'));
  line().refuse(line().sent[1], 'invalid');
  assert.equal('retryAfterMs' in (await other), false);
  line().tell({ type: 'error', content: 'no', code: 'forbidden' });
  line().tell({ type: 'error', content: 'no', code: 'forbidden', ref: 'of something long settled' });
  assert.deepEqual(heard.slice(2), ['error', '*error', 'error', '*error']);
  assert.deepEqual([hub.status.state, hub.pending], ['online', 0]);
}));

test('what was not acknowledged goes again under the same ref, in its order, with what was said meanwhile behind it', alone(async ({ hub, home, line, say, heard, clock }) => {
  say('before');
  assert.deepEqual(line().frames, []);
  home();
  for (const content of ['acknowledged', 'refused', 'lost']) say(content);
  const [before, acknowledged, refused, lost] = line().sent;
  assert.deepEqual(line().contents, ['before', 'acknowledged', 'refused', 'lost']);
  line().back(acknowledged, 1);
  line().refuse(refused, 'invalid');
  line().lose();
  say('meanwhile');
  clock.pass(500);
  say('connecting');
  assert.deepEqual(line().frames, []);
  line().welcome({ recovered: true });
  assert.deepEqual(line().contents, ['before', 'lost', 'meanwhile', 'connecting']);
  assert.deepEqual(line().sent.slice(0, 2), [before, lost]);
  line().lose();
  clock.pass(1000);
  line().welcome({ recovered: true });
  assert.deepEqual(line().contents, ['before', 'lost', 'meanwhile', 'connecting']);
  const again = line().sent;
  again.forEach((frame, i) => line().back(frame, i + 2));
  await settled();
  assert.equal(hub.pending, 0);
  assert.deepEqual(heard.filter((what) => /^said|:/.test(what)), ['said acknowledged', 'invalid: refused', 'said before', 'said lost', 'said meanwhile', 'said connecting']);
}));

test('what handlers send when we are online goes behind what has waited', alone(({ hub, line, say }) => {
  for (const subscribe of ['onStatus', 'onReset']) hub[subscribe](() => { if (hub.status.state === 'online') say(subscribe); });
  hub.on('welcome', () => say('welcome'));
  say('waited');
  line().welcome();
  assert.deepEqual(line().contents, ['waited', 'onStatus', 'welcome']);
}));

test('an acknowledgement that comes again, of what was shown, is not shown again', alone(async ({ home, line, say, heard, clock }) => {
  home();
  say('mine');
  const [mine] = line().sent;
  line().lose();
  clock.pass(500);
  line().welcome({ recovered: true, seq: 1 });
  line().tell({ type: 'message', content: 'mine', id: 'me', seq: 1, ref: mine.ref }); // what was missed
  line().tell({ type: 'message', content: 'mine', id: 'me', seq: 1, ref: mine.ref }); // and the answer
  await settled();
  assert.deepEqual(heard.slice(-4), ['online', 'welcome', 'message 1', 'said mine']);
}));

test('the answer to what was repeated settles it, though what it says was shown long ago', alone(async ({ home, line, say, heard }) => {
  home({ seq: 9 });
  say('mine');
  line().logged(10);
  line().back(line().sent[0], 5);
  await settled();
  assert.deepEqual(heard.slice(-2), ['message 10', 'said mine']);
}));

// How many more may wait, by the option and how many wait already.
for (const [options, most] of [[{}, 100], [{ queueLimit: 3 }, 3], [{ queueLimit: 0 }, 0]]) {
  test(`${most} messages may wait while offline, and any number while online`, alone(async ({ hub, home, line, say, clock }) => {
    const fill = async () => {
      while (hub.pending < most) say('waits');
      const error = await outcome(hub.send('message', 'one too many'));
      assert.deepEqual([error.code, hub.pending], ['offline', most]);
      assert.match(error.message, new RegExp(`\\b${most}\\b`));
    };
    await fill();
    home();
    for (let i = 0; i < 3; i += 1) say('online');
    assert.equal(hub.pending, most + 3);
    line().lose();
    assert.equal((await outcome(hub.send('message', 'one too many'))).code, 'offline');
    clock.pass(500);
    line().welcome({ recovered: true });
    for (const frame of line().sent) line().back(frame, 1);
    line().lose();
    await fill();
  }, options));
}

test('closing settles everything that waits, and what is sent later at once', alone(async ({ hub, home, line, say, heard }) => {
  home();
  say('sent');
  line().lose();
  say('waits');
  hub.close();
  assert.equal(hub.pending, 0);
  say('late');
  await settled();
  assert.deepEqual(heard.slice(-4), ['closed', 'closed: sent', 'closed: waits', 'closed: late']);
  assert.deepEqual(line().contents, ['sent']);
}));

test('while a socket is closing, what is sent waits for the next one, and a cast is dropped', alone(({ hub, home, line, say, clock }) => {
  home();
  line().readyState = 2;
  say('later');
  assert.equal(hub.cast('typing', true), false);
  line().lose(1001);
  clock.pass(500);
  line().welcome({ recovered: true });
  assert.deepEqual(line().contents, ['later']);
}));

test('a cast goes out without a ref, or not at all where it could only be late', alone(({ hub, home, line, clock }) => {
  assert.equal(hub.cast('typing', 1), false, 'connecting');
  home();
  for (const [buffered, sent] of [[0, true], [64 * 1024, true], [64 * 1024 + 1, false]]) {
    line().bufferedAmount = buffered;
    assert.equal(hub.cast('typing', buffered), sent);
  }
  assert.deepEqual(line().sent, [{ type: 'typing', content: 0 }, { type: 'typing', content: 64 * 1024 }]);
  assert.equal(hub.pending, 0);
  line().lose();
  assert.equal(hub.cast('typing', 2), false, 'offline');
  clock.pass(500);
  line().welcome({ recovered: true });
  assert.deepEqual(line().frames, []);
  hub.close();
  assert.equal(hub.cast('typing', 3), false, 'closed');
}));

const [tiny, short, middle, longest] = [10, 100, 1000, 2000].map((length) => 'x'.repeat(length)); // refs differ in length, too
const cases = [
  // What was sent, what was acknowledged of it, which one is refused.
  [[middle, short, longest, tiny], [], longest],
  [[short, longest, middle], [longest], middle],
  [['x'.repeat(1500), 'é'.repeat(1000), '🙂'], [], 'é'.repeat(1000)], // the server counts bytes
  [[tiny], [tiny], undefined],
  [[], [], undefined],
];
test('of what was sent the largest is refused as too big, once, and the others are sent again', async () => {
  for (const [sent, acknowledged, refused] of cases) {
    await alone(async ({ home, line, say, heard, clock }) => {
      home();
      sent.forEach((content) => say(content));
      line().sent.filter(({ content }) => acknowledged.includes(content)).forEach((frame, i) => line().back(frame, i + 1));
      line().readyState = 2;
      say('larger than all of them, and never sent');
      line().lose(1009);
      await settled();
      assert.deepEqual(heard.filter((what) => what.includes(': ')), refused === undefined ? [] : [`too_big: ${refused}`]);
      clock.pass(500);
      line().welcome({ recovered: true });
      assert.deepEqual(line().contents, [...sent.filter((content) => content !== refused && !acknowledged.includes(content)), 'larger than all of them, and never sent']);
    })();
  }
});

test('a cast that was too big is nobody else’s fault, and the next connection knows nothing of it', alone(async ({ hub, home, line, say, heard, clock }) => {
  home();
  for (const length of [1000, 2000, 10]) hub.cast('typing', 'x'.repeat(length));
  say('x'.repeat(1500));
  line().lose(1009);
  await settled();
  assert.equal(hub.pending, 1);
  clock.pass(500);
  line().welcome({ recovered: true });
  line().lose(1009);
  await settled();
  assert.equal(heard.at(-1), `too_big: ${'x'.repeat(1500)}`);
}));

test('of casts, too, the one of most bytes was too big, not the one of most characters', alone(async ({ hub, home, line, say, heard }) => {
  home();
  hub.cast('typing', 'x'.repeat(2000));
  hub.cast('typing', '字'.repeat(1500));
  say('x'.repeat(3000));
  line().lose(1009);
  await settled();
  assert.equal(hub.pending, 1);
  assert.deepEqual(heard.filter((line) => line.startsWith('too_big')), []);
}));

test('whatever else closes a connection refuses nothing', async () => {
  for (const code of [1000, 1006, 1008, 1010, 1011, 4000, 4499]) {
    await alone(async ({ hub, home, line, say }) => {
      home();
      say('one');
      line().lose(code);
      await settled();
      assert.equal(hub.pending, 1, `${code}`);
    })();
  }
});

test('what is too big for the one who said it before the first welcome is not known yet', alone(async ({ hub, line, say }) => {
  say('never sent');
  line().lose(1009);
  await settled();
  assert.equal(hub.pending, 1);
}));

test('what no text can hold is replaced, wherever it stands, and nothing else', alone(({ hub, home, line, say }) => {
  home();
  const content = (fill) => ({ list: [`half ${fill[0]} a pair`, { deep: `${fill[1]}\u{1F642}${fill[2]}` }], number: 1, none: null, yes: true, '': '' });
  say(content(['\ud83d', '\0', '\ude42']));
  hub.cast('typing', '\0\0');
  assert.deepEqual(line().sent.map((message) => message.content), [content(['\uFFFD', '\uFFFD', '\uFFFD']), '\uFFFD\uFFFD']);
}));

// As on Node 18, which has no crypto.
for (const [name, crypto] of [['with', globalThis.crypto], ['without', undefined]]) {
  test(`a ref is short, and nobody can tell the next one from it, ${name} the browser’s random numbers`, async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    try {
      await alone(({ home, line, say, roll }) => {
        roll(null);
        home();
        for (let i = 0; i < 300; i += 1) say(i);
        const refs = line().sent.map(({ ref }) => ref);
        assert.ok(refs.every((ref) => /^[a-z0-9]{1,10}(-[a-z0-9]{1,7}){2}$/.test(ref)), refs[0]);
        const parts = refs.map((ref) => ref.split('-'));
        assert.equal(new Set(parts.map(([prefix]) => prefix)).size, 1);
        assert.ok(parts.every(([, one, other]) => one !== other));
        for (const part of [1, 2]) {
          const numbers = parts.map((its) => Number.parseInt(its[part], 36));
          assert.ok(new Set(numbers).size > 295);
          assert.ok(Math.max(...numbers) > 2 ** 31 && Math.max(...numbers) < 2 ** 32 && Math.min(...numbers) < 2 ** 31);
        }
      })();
    } finally {
      if (before) Object.defineProperty(globalThis, 'crypto', before);
      else delete globalThis.crypto;
    }
  });
}

test('a message is this page’s own by its id and its ref, which another tab of the same person does not share', alone(({ hub, home, line, say }) => {
  home();
  say('mine');
  const [{ ref }] = line().sent;
  const [prefix, ...rest] = ref.split('-');
  for (const [message, own] of [
    [{ id: 'me', ref }, true],
    [{ id: 'other', ref }, false],
    [{ id: 'me' }, false],
    [{ id: 'me', ref: 7 }, false],
    [{ id: 'me', ref: ['x', ...rest].join('-') }, false],
    [{ id: 'me', ref: [`${prefix}0`, ...rest].join('-') }, false],
    [{ id: 'me', ref: `x-${ref}` }, false],
    [{ type: 'users_update' }, false],
  ]) assert.equal(hub.isOwn(message), own, JSON.stringify(message));
}));
