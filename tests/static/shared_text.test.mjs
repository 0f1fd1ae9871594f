// A text that many write at once, without a browser: the state of each one's editor, and a server that does as the README of
// code_update says. HUBBUB_SEED repeats the random choices of a run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { author, carried, SharedText } from '../../static/lib/shared_text.js';
import { ChangeSet, EditorState, EditorView, Text, Transaction } from '../../static/vendor/codemirror.js';
import { settled } from '../lib/alone.mjs';
import { Chance } from '../lib/chance.mjs';
import { Clock } from '../lib/clock.mjs';

const textOf = (string) => Text.of(string.split('\n'));

class Server {
  constructor(text = '') { Object.assign(this, { text: textOf(text), seq: 0, edits: [], people: [] }); }

  say(message, from) {
    this.seq += 1;
    for (const person of this.people) person.inbox.push({ ...message, seq: this.seq, id: from?.id, mine: from === person ? message.mine : undefined });
  }

  replace(string, from) {
    this.text = textOf(string);
    this.edits = [];
    this.since = this.seq + 1;
    this.say({ type: 'code_update', content: string }, from);
  }

  // What is refused goes to the sender alone.
  edit({ version, changes: json, client }, from, mine) {
    if (version < (this.since ?? 0)) return void from.inbox.push({ refused: 'invalid', mine });
    let changes = ChangeSet.fromJSON(JSON.parse(JSON.stringify(json)));
    for (const edit of this.edits) if (edit.seq > version) changes = changes.map(edit.changes);
    this.text = changes.apply(this.text);
    this.edits.push({ seq: this.seq + 1, changes });
    this.say({ type: 'code_edit', content: { version: this.seq, changes: changes.toJSON(), client }, mine }, from);
  }
}

// Somebody with an editor. What is sent waits in `outbox`, what comes in `inbox`.
class Person {
  outbox = [];
  inbox = [];
  shared = [];
  moves = 0;
  authors = [];
  #handlers = new Map();

  constructor(server, id = 'me') {
    Object.assign(this, { server, id });
    const hub = {
      seq: server.seq,
      on: (type, handle) => this.#handlers.set(type, handle),
      onReset: (handle) => this.#handlers.set('reset', handle),
      send: (type, content) => new Promise((resolve, reject) => { this.outbox.push({ type, content, resolve, reject }); }),
    };
    this.hub = hub;
    this.text = new SharedText(hub);
    this.text.onShared = (state) => this.shared.push(state);
    this.text.onMine = () => { this.moves += 1; };
    const person = this;
    this.view = {
      state: EditorState.create({ extensions: this.text.extension }),
      dispatch(...specs) {
        const transaction = this.state.update(...specs);
        this.state = transaction.state;
        for (const effect of transaction.effects) if (effect.is(author)) person.authors.push(effect.value);
        for (const listener of this.state.facet(EditorView.updateListener)) listener({ transactions: [transaction], docChanged: transaction.docChanged, state: this.state });
      },
    };
    this.text.open(this.view);
    server.people.push(this);
  }

  get doc() { return this.view.state.doc.toString(); }
  tell(type, message = {}) { this.#handlers.get(type)?.(message); }

  // Comes in, or back: is greeted, and sends again what was not answered. `early` says whether the answer to what the room has
  // already comes within the greeting or after it, when the library shows it to nobody.
  greeted({ early = false } = {}) {
    const known = this.inbox.find(({ mine }) => mine);
    const lost = this.outbox.shift();
    this.inbox.length = 0;
    this.hub.seq = this.server.seq;
    this.tell('reset');
    this.tell('code_update', { content: this.server.text.toString() });
    if (early && known && !known.refused) this.tell(known.type, known);
    this.tell('users_update');
    if (known?.refused) known.mine.reject({ code: known.refused });
    else known?.mine.resolve(known);
    if (lost) this.server.edit(lost.content, this, lost);
    return this;
  }

  // `text` in place of what is from there to there.
  type(text, from = this.doc.length, to = from) { this.view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length } }); }

  // The server takes the oldest that was sent.
  deliver() {
    const sent = this.outbox.shift();
    if (sent) this.server.edit(sent.content, this, sent);
  }

  hear() {
    const message = this.inbox.shift();
    if (!message) return;
    if (message.refused) return void message.mine.reject({ code: message.refused });
    this.hub.seq = message.seq;
    this.tell(message.type, message);
    message.mine?.resolve(message);
  }

  refuse(code, more) { this.outbox.shift().reject({ code, ...more }); }
}

const alone = (text) => new Person(new Server(text)).greeted();

test('what is typed shows at once; one edit is on its way at a time, and what is typed meanwhile goes as one', async () => {
  const jane = alone('abc');
  jane.type('d');
  assert.deepEqual([jane.doc, jane.outbox.map(({ type, content }) => [type, content.version, content.changes.toJSON()])], ['abcd', [['code_edit', 0, [3, [0, 'd']]]]]);
  assert.deepEqual(jane.shared.at(-1), { waiting: true, refusal: null });
  jane.type('e');
  jane.type('', 0, 1);
  assert.equal(jane.outbox.length, 1);
  jane.deliver();
  assert.deepEqual(jane.outbox, []);
  jane.hear();
  assert.deepEqual(jane.outbox.map(({ content }) => [content.version, content.changes.toJSON()]), [[1, [[1], 3, [0, 'e']]]]);
  jane.deliver();
  jane.hear();
  await settled();
  assert.deepEqual([jane.doc, jane.server.text.toString(), jane.outbox, jane.shared.at(-1)], ['bcde', 'bcde', [], { waiting: false, refusal: null }]);
});

test('everybody’s edits say who made them, and my own do not come twice', () => {
  const server = new Server('abc');
  const [jane, bob] = ['jane', 'bob'].map((id) => new Person(server, id).greeted());
  jane.authors.length = 0;
  bob.type('!');
  bob.deliver();
  for (const person of [jane, bob]) person.hear();
  assert.deepEqual([jane.doc, jane.authors, bob.doc], ['abc!', ['bob'], 'abc!']);
  server.replace('new', bob);
  for (const person of [jane, bob]) person.hear();
  assert.deepEqual([jane.doc, bob.doc, jane.authors], ['new', 'new', ['bob', 'bob']]);
});

test('an object with a language is a text, too', () => {
  const jane = alone('abc');
  jane.tell('code_update', { seq: 1, content: { code: 'a\nb', language: 'c' }, id: 'bob' });
  assert.equal(jane.doc, 'a\nb');
});

test('whoever writes at once, edits, replaces, comes and goes: in the end all have the same, and nothing that was typed is lost or there twice', async () => {
  const first = Number(process.env.HUBBUB_SEED ?? 0);
  for (let seed = first || 1; seed <= (first || 150); seed += 1) {
    const chance = new Chance(seed * 7919);
    const server = new Server('The text.\nTwo lines 🙂');
    const people = ['ann', 'bob', 'cy'].map((id) => new Person(server, id).greeted());
    let typed = 0;
    let isWhole = true;
    for (let step = 0; step < 80; step += 1) {
      const person = chance.of(people);
      const act = chance.below(12);
      if (act < 4) {
        const at = chance.below(person.doc.length + 1);
        person.type(`<${typed += 1}>`, at);
      } else if (act < 5) {
        const at = chance.below(person.doc.length + 1);
        person.type('', at, Math.min(person.doc.length, at + chance.below(3)));
        isWhole = false;
      } else if (act < 7) person.deliver();
      else if (act < 11) person.hear();
      else if (chance.oneIn(6)) server.replace(`${server.text}\nreplaced`, chance.of(people));
      else if (chance.oneIn(3)) person.greeted({ early: chance.oneIn(2) });
      if (chance.oneIn(3)) await settled();
    }
    for (let turn = 0; turn < 400 && people.some(({ outbox, inbox, shared }) => outbox.length || inbox.length || shared.at(-1)?.waiting); turn += 1) {
      for (const person of people) {
        person.deliver();
        while (person.inbox.length) person.hear();
        await settled();
      }
    }
    for (const person of people) assert.equal(person.doc, server.text.toString(), `HUBBUB_SEED=${seed}: ${person.id}`);
    if (isWhole) for (let i = 1; i <= typed; i += 1) assert.equal(server.text.toString().split(`<${i}>`).length, 2, `HUBBUB_SEED=${seed}: <${i}>`);
  }
});

for (const answered of ['early', 'late']) {
  test(`a greeting is put together before anything is shown of it, with what was not delivered in its place; the answer comes ${answered}`, async () => {
    const jane = alone('one two');
    jane.type('!');
    jane.deliver(); // and the answer is lost
    jane.type('?', 0);
    const { server } = jane;
    server.edit({ version: 1, changes: [[3, 'ONE'], 5], client: 'bob' }, undefined);
    jane.inbox.splice(0, 2, jane.inbox[0]);
    jane.tell('reset');
    jane.hub.seq = 2;
    jane.tell('code_update', { content: 'one two!' });
    assert.deepEqual([jane.doc, jane.outbox], ['?one two!', []]);
    jane.tell('code_edit', { seq: 2, content: { version: 1, changes: [8] }, id: 'me' }); // it has that already
    jane.tell('code_edit', { seq: 3, content: { version: 2, changes: [[3, 'ONE'], 5], client: 'bob' }, id: 'bob' }); // and this not
    if (answered === 'early') jane.inbox[0].mine.resolve();
    await settled();
    assert.equal(jane.doc, '?one two!', 'there is more to come');
    jane.tell('users_update');
    if (answered === 'late') {
      assert.equal(jane.doc, '?one two!', 'whether it has mine is not known yet');
      jane.inbox[0].mine.resolve();
      await settled();
    }
    assert.equal(jane.doc, '?ONE two!');
    assert.deepEqual(jane.outbox.map(({ content }) => content.changes.toJSON()), [[[0, '?'], 8]]);
  });
}

// How an edit is refused, and after how many ms it is tried again; null: with the next change, and the person is told.
for (const [code, more, wait] of [['rate_limited', { retryAfterMs: 300 }, 300], ['unavailable', { retryAfterMs: 50 }, 50], ['unavailable', {}, 2000], ['invalid', {}, null], ['forbidden', {}, null]]) {
  test(`an edit that is refused as ${code} (${JSON.stringify(more)}) is tried again ${wait === null ? 'with the next change' : `after ${wait} ms`}`, async () => {
    const clock = new Clock();
    const restore = clock.install();
    try {
      const jane = alone('abc');
      jane.type('d');
      jane.refuse(code, more);
      await settled();
      assert.deepEqual([jane.doc, jane.outbox], ['abcd', []]);
      clock.pass((wait ?? 10_000) - 1);
      assert.deepEqual([jane.outbox.length, jane.shared.at(-1).waiting, jane.shared.at(-1).refusal?.code], [0, true, wait === null ? code : undefined]);
      clock.pass(1);
      if (wait === null) jane.type('e');
      assert.equal(jane.outbox.length, 1);
      jane.deliver();
      jane.hear();
      await settled();
      assert.deepEqual([jane.server.text.toString(), jane.shared.at(-1)], [jane.doc, { waiting: false, refusal: null }]);
    } finally {
      restore();
    }
  });
}

test('a refusal is told until the edit is taken, and whatever is heard of the text is an occasion to try again', async () => {
  for (const occasion of [(jane) => jane.type('e'), (jane) => jane.tell('code_update', { seq: 1, content: 'abc\n', id: 'bob' }), (jane) => jane.tell('code_edit', { seq: 1, content: { changes: [3, [0, '!']] }, id: 'bob' })]) {
    const restore = new Clock().install();
    const jane = alone('abc');
    jane.type('d', 1);
    jane.refuse('forbidden');
    await settled();
    occasion(jane);
    assert.deepEqual([jane.outbox.length, jane.shared.at(-1)], [1, { waiting: true, refusal: { code: 'forbidden' } }]);
    jane.refuse('unavailable', { retryAfterMs: 1000 });
    await settled();
    jane.tell('types');
    restore();
    assert.equal(jane.shared.at(-1).refusal, null);
  }
});

test('what was typed while an edit was on its way to be refused is tried at once, with it', async () => {
  const jane = alone('abc');
  jane.type('d');
  jane.type('e');
  jane.refuse('forbidden');
  await settled();
  assert.deepEqual(jane.outbox.map(({ content }) => content.changes.toJSON()), [[3, [0, 'de']]]);
});

test('an edit that was for a text which is no more is tried for the one that is; another refusal of it stands', async () => {
  for (const [code, tries] of [['invalid', 1], ['forbidden', 0]]) {
    const jane = alone('abc');
    jane.type('d');
    jane.tell('code_update', { seq: 1, content: 'xyz', id: 'bob' });
    jane.refuse(code);
    await settled();
    assert.deepEqual([jane.outbox.length, jane.shared.at(-1).refusal?.code], [tries, tries ? undefined : code]);
  }
});

test('once the hub is closed nothing is refused, nor tried again', async () => {
  const jane = alone('abc');
  jane.type('d');
  jane.refuse('closed');
  await settled();
  assert.deepEqual([jane.outbox, jane.shared.at(-1).refusal, jane.doc], [[], null, 'abcd']);
});

test('a server that is given the plugin gets what waited for it', async () => {
  const jane = alone('abc');
  jane.type('d');
  jane.refuse('unknown_type');
  await settled();
  jane.tell('types');
  assert.equal(jane.outbox.length, 1);
});

test('what could not be delivered can be given up: the text is what the room has, and goes on from there', async () => {
  const jane = alone('abc');
  jane.type('d');
  jane.refuse('forbidden');
  await settled();
  jane.text.giveUp();
  assert.deepEqual([jane.doc, jane.shared.at(-1), jane.outbox], ['abc', { waiting: false, refusal: null }, []]);
  jane.type('x');
  assert.deepEqual(jane.outbox.map(({ content }) => content.changes.toJSON()), [[3, [0, 'x']]]);
  jane.deliver();
  jane.hear();
  await settled();
  assert.deepEqual([jane.doc, jane.server.text.toString()], ['abcx', 'abcx']);
});

test('what is being sent again is given up as soon as it is refused again; not if the room takes it, nor with what is typed later', async () => {
  const dated = (jane) => jane.tell('code_edit', { seq: 1, content: { changes: [3, [0, '!']] }, id: 'bob' }); // the edit would be sent for the new text
  for (const [code, more, before] of [['forbidden'], ['rate_limited', { retryAfterMs: 1000 }], ['invalid', {}, dated]]) {
    const jane = alone('abc');
    jane.type('d', 1);
    jane.text.giveUp();
    assert.equal(jane.doc, 'adbc', 'it may be in the room already');
    before?.(jane);
    jane.refuse(code, more);
    await settled();
    assert.deepEqual([jane.doc, jane.shared.at(-1), jane.outbox], [before ? 'abc!' : 'abc', { waiting: false, refusal: null }, []], code);
  }

  const greeted = alone('abc');
  greeted.type('d', 1);
  greeted.refuse('forbidden');
  await settled();
  greeted.tell('reset');
  greeted.text.giveUp();
  greeted.greeted();
  assert.deepEqual([greeted.doc, greeted.outbox], ['abc', []]);

  const jane = alone('abc');
  jane.type('d');
  jane.text.giveUp();
  jane.deliver();
  jane.hear();
  jane.type('e');
  jane.text.giveUp();
  jane.type('f');
  for (const wanted of ['e', 'ef']) {
    assert.deepEqual(jane.outbox.map(({ content }) => content.changes.toJSON()), [[4, [0, wanted]]]);
    jane.refuse('forbidden');
    await settled();
  }
  assert.deepEqual([jane.doc, jane.shared.at(-1).refusal.code], ['abcdef', 'forbidden']);
});

test('what is too long for one message goes in several, of at most so many characters, and no character is cut in two', async () => {
  const inserted = (changes) => changes.toJSON().flatMap((part) => (Array.isArray(part) ? part.slice(1).join('\n') : [])).join('');
  for (const [typed, lengths] of [
    ['x'.repeat(9970), [9970]], ['x'.repeat(9971), [9970, 1]], ['x'.repeat(25_000), [9970, 9970, 5060]], [`${'x'.repeat(9969)}🙂y`, [9969, 3]], [`${'x'.repeat(9968)}🙂y`, [9970, 1]],
  ]) {
    const jane = alone('abc');
    jane.type(typed, 1, 2);
    const sent = [];
    while (jane.outbox.length) {
      sent.push(inserted(jane.outbox[0].content.changes));
      jane.deliver();
      jane.hear();
      await settled();
    }
    assert.deepEqual(sent.map(({ length }) => length), lengths);
    assert.ok(sent.join('') === typed && sent.every((part) => part.isWellFormed?.() ?? true));
    assert.ok(jane.server.text.toString() === `a${typed}c` && jane.doc === `a${typed}c`);
  }
});

test('changes in many places are cut where a message is full', async () => {
  const jane = alone('abc'.repeat(3));
  jane.view.dispatch({ changes: [{ from: 0, to: 1, insert: 'x'.repeat(6000) }, { from: 3, insert: 'y'.repeat(6000) }, { from: 5, to: 8 }] });
  const wanted = jane.doc;
  let messages = 0;
  for (; jane.outbox.length; messages += 1) {
    jane.deliver();
    jane.hear();
    await settled();
  }
  assert.equal(messages, 2);
  assert.ok(jane.server.text.toString() === wanted && jane.doc === wanted);
});

test('many small edits that wait go in one message, as many as it holds', async () => {
  const jane = alone('');
  jane.type('first');
  for (let i = 0; i < 5; i += 1) jane.type(`${i}`.repeat(3000));
  const sent = [];
  while (jane.outbox.length) {
    sent.push(jane.outbox[0].content.changes.newLength - jane.outbox[0].content.changes.length);
    jane.deliver();
    jane.hear();
    await settled();
  }
  assert.deepEqual(sent, [5, 9000, 6000]);
  assert.ok(jane.server.text.toString() === jane.doc);
});

test('a text that comes whole is the smallest change of the one before: what others have selected stays where it was', () => {
  for (const [before, after, kept] of [['one two three', 'one 2 three', [0, 4, 6, 11]], ['aaa', 'aaaa'], ['ab', ''], ['', 'ab'], ['same', 'same'], ['🙂', '🙃'], ['x🙂y', 'x🙃y'], ['a🌀', 'a🐀']]) {
    const jane = alone(before);
    let changes;
    jane.view.dispatch = ((dispatch) => function told(...specs) { changes = this.state.update(...specs).changes; dispatch.apply(this, specs); })(jane.view.dispatch);
    jane.tell('code_update', { seq: 1, content: after, id: 'bob' });
    assert.equal(jane.doc, after);
    if (kept) assert.deepEqual([changes.mapPos(0), changes.mapPos(4), changes.mapPos(7), changes.mapPos(13)], [0, 4, 5, 11]);
    changes.iterChanges((from, to, fromB, toB, inserted) => { for (const half of [inserted.toString(), before.slice(from, to)]) assert.ok(half.isWellFormed?.() ?? true, `${before} to ${after}`); });
  }
});

test('where I am is told in the text that the room has, once I am somewhere in it', () => {
  const jane = new Person(new Server('abc'));
  assert.equal(jane.text.select({ anchor: 0, head: 0 }), undefined);
  jane.greeted();
  assert.equal(jane.text.select({ anchor: 0, head: 0 }), undefined, 'nobody has put the caret there');
  jane.view.dispatch({ selection: { anchor: 1, head: 2 } });
  assert.equal(jane.moves, 2); // greeted, and placed
  assert.deepEqual(jane.text.select({ anchor: 1, head: 2 }), { from: 1, to: 2, version: 0 });
  jane.type('XY', 0);
  assert.deepEqual(jane.text.select({ anchor: 2, head: 4 }), { from: 0, to: 2, version: 0 });
  jane.tell('reset');
  assert.equal(jane.text.select({ anchor: 0, head: 0 }), undefined);
});

test('where somebody else is, is found through what has changed since, theirs and mine, and never beyond the text', () => {
  const server = new Server('abcdef');
  const jane = new Person(server, 'jane').greeted();
  const bob = new Person(server, 'bob').greeted();
  bob.type('12', 2);
  bob.deliver();
  jane.hear(); // version 1: ab12cdef
  jane.type('XY', 0); // not delivered: XYab12cdef
  const find = (selection) => Object.values(jane.text.find({ id: 'bob', ...selection }));
  for (const [selection, wanted] of [
    [{ from: 2, to: 2, version: 1 }, [4, 4]], [{ from: 2, to: 2, version: 0 }, [6, 6]], [{ from: 2, to: 2, version: 0, id: 'cy' }, [4, 4]], [{ from: 3, to: 3, version: 0 }, [7, 7]],
    [{ from: 0, to: 3, version: 1 }, [2, 5]], [{ from: 3, to: 0, version: 1 }, [5, 2]], [{ from: 99, to: 1, version: 1 }, [10, 3]], [{ from: 2, to: 3 }, [4, 5]],
  ]) assert.deepEqual(find(selection), wanted, JSON.stringify(selection));
  const { moves } = jane;
  jane.deliver();
  jane.hear(); // version 2, and mine
  assert.equal(jane.moves, moves + 1, 'others can find me in it now');
  assert.deepEqual([find({ from: 2, to: 2, version: 1 }), find({ from: 2, to: 2, version: 2 })], [[4, 4], [2, 2]]);
  server.replace('new', bob);
  jane.hear();
  assert.deepEqual(find({ from: 1, to: 99 }), [1, 3]);
  jane.greeted();
  assert.deepEqual(find({ from: 1, to: 2, version: 0 }), [1, 2], 'what was before is forgotten');
});

test('a caret goes along with what its owner writes, and stays before what others write at its place', () => {
  const insert = (at) => ChangeSet.of({ from: at, insert: 'xx' }, 10);
  const remove = ChangeSet.of({ from: 2, to: 6 }, 10);
  for (const [selection, changes, isTheirs, wanted] of [
    [[4, 4], insert(4), true, [6, 6]], [[4, 4], insert(4), false, [4, 4]], [[4, 4], insert(3), false, [6, 6]], [[2, 6], insert(2), false, [4, 8]], [[2, 6], insert(6), false, [2, 6]],
    [[2, 6], insert(2), true, [4, 8]], [[2, 6], insert(6), true, [2, 8]], [[6, 2], insert(2), false, [8, 4]], [[6, 2], insert(6), false, [6, 2]], [[3, 5], remove, false, [2, 2]], [[5, 3], remove, true, [2, 2]],
    [[3, 5], ChangeSet.of({ from: 2, to: 6, insert: 'xx' }, 10), false, [4, 4]],
  ]) assert.deepEqual(Object.values(carried({ anchor: selection[0], head: selection[1] }, changes, isTheirs)), wanted, JSON.stringify([selection, changes, isTheirs]));
});

test('what I put in gets line feeds, and nothing that no text holds; what comes from others stays as it is', () => {
  const jane = alone('');
  for (const [typed, wanted] of [
    ['a\r\nb\rc\nd', 'a\nb\nc\nd'], ['a\u0085b\u2028c\u2029d', 'a\nb\nc\nd'], ['a\0b\0', 'ab'], ['half \ud83d a pair \ude42', 'half \uFFFD a pair \uFFFD'], ['🙂', '🙂'], ['\r\n\r\n', '\n\n'],
  ]) {
    jane.type(typed, 0, jane.doc.length);
    assert.equal(jane.doc, wanted, JSON.stringify(typed));
  }
  jane.tell('code_update', { seq: 1, content: 'a\r\nb\u2028c\rd', id: 'bob' });
  assert.ok(jane.doc.includes('a\r\nb\u2028c\rd'), JSON.stringify(jane.doc));
  jane.view.dispatch({ changes: { from: 0, insert: 'x\ry' }, annotations: Transaction.remote.of(true) });
  assert.ok(jane.doc.startsWith('x\ry'));
  const before = jane.doc;
  jane.view.dispatch({ selection: { anchor: 1 } });
  assert.equal(jane.doc, before);
});
