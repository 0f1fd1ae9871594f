// The server maps late edits exactly as CodeMirror does: thousands of random change sets go through the server, and its results
// are compared with those of the real @codemirror/state. HUBBUB_SEED repeats the random choices of a run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeSet, Text } from '@codemirror/state';
import { Chance } from '../lib/chance.mjs';
import { sanitized } from '../lib/server.mjs';
import { withServer } from '../lib/served.mjs';

const EDITS = sanitized ? 500 : 6000;
const BEHIND = 12; // the most edits that an edit is mapped over
const PIECES = ['a', 'b', '\n', 'é', 'e\u0301', '🌸', '\r\n', '漢'];

// In long texts, simultaneous edits rarely touch; in short texts they nearly always do.
const LONGEST = [8, 60];

const text = (chance, most) => Array.from({ length: chance.below(most + 1) }, () => chance.of(PIECES)).join('');

// Sections in any form that the protocol allows: in any order, empty, not joined.
function sections(chance, doc, longest) {
  const characters = [...doc.toString()];
  const made = [];
  const inserted = () => text(chance, doc.length < longest ? 3 : 1).split('\n');
  while (characters.length) {
    const units = characters.splice(0, chance.below(doc.length > 10 ? 12 : 4)).join('').length;
    made.push(chance.of([units, units, [units], [units, ...inserted()], [units, ''], units]));
    if (chance.oneIn(3)) made.push([0, ...inserted()]);
  }
  if (chance.oneIn(3)) made.push([0, ...inserted()]);
  return made;
}

// CodeMirror joins sections whenever it maps: so this maps over an insertion at the end, and removes that again.
function canonical(changes) {
  const joined = changes.map(ChangeSet.of({ from: changes.length, insert: '.' }, changes.length), true).toJSON();
  const kept = joined.pop() - 1;
  return ChangeSet.fromJSON(kept ? [...joined, kept] : joined);
}

// Changes as one transaction makes them, or those of several transactions composed.
function ofEditor(chance, doc, longest) {
  let all = ChangeSet.empty(doc.length);
  for (let i = 1 + chance.below(3); i > 0; --i) {
    const now = all.apply(doc);
    all = all.compose(canonical(ChangeSet.fromJSON(sections(chance, now, longest))));
  }
  return all.toJSON();
}

for (const longest of LONGEST) {
  const seed = Number(process.env.HUBBUB_SEED ?? Date.now() % 10_000_000);
  test(`edits of texts of about ${longest} units are brought up to date as CodeMirror does (HUBBUB_SEED=${seed})`, withServer(async ({ join }) => {
    const chance = new Chance(seed);
    const jane = await join({ nickname: 'Jane' });
    const versions = [{ seq: 0, doc: Text.empty }]; // each with the changes since the previous one
    for (let i = 1; i <= EDITS; ++i) {
      const base = Math.max(0, versions.length - 1 - chance.below(BEHIND));
      const { seq: version, doc } = versions[base];
      const changes = chance.oneIn(2) ? sections(chance, doc, longest) : ofEditor(chance, doc, longest);
      const details = JSON.stringify({ version, doc: doc.toString(), changes, over: versions.slice(base + 1).map((later) => later.changes) });
      let expected = canonical(ChangeSet.fromJSON(changes));
      for (const later of versions.slice(base + 1)) expected = expected.map(later.changes);

      jane.send('code_edit', { version, changes }, i);
      const { seq, content } = await jane.next((message) => message.ref === i);
      assert.deepEqual(content, { version: versions.at(-1).seq, changes: expected.toJSON() }, details);
      versions.push({ seq, changes: expected, doc: expected.apply(versions.at(-1).doc) });
      if (versions.length > BEHIND + 1) versions.shift();
      jane.forget();

      if (i % 200 === 0) {
        const bob = await join({ nickname: 'Bob' });
        assert.equal((await bob.next('code_update')).content, versions.at(-1).doc.toString());
        await bob.leave();
      }
    }
  }, {
    config: {
      store: { type: 'memory' },
      websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
      plugins: { chat: { enabled: false }, code_update: {} },
    },
  }));
}

test('a newcomer gets the longest text there may be, and edits it', withServer(async ({ join }) => {
  const longest = '漢'.repeat(500_000); // 1.5 MB on the wire, more than an outbox holds
  const jane = await join({ nickname: 'Jane' });
  jane.send('code_update', longest);
  const { seq } = await jane.next('code_update');
  const bob = await join({ nickname: 'Bob' });
  assert.equal((await bob.next('code_update')).content, longest);
  bob.send('code_edit', { version: seq, changes: [[1, '字'], 499_999] });
  await bob.next('code_edit');
  assert.equal((await (await join({ nickname: 'Joe' })).next('code_update')).content, `字${longest.slice(1)}`);
}, { config: { websocket: { max_message: '4MiB' }, plugins: { code_update: {} } } }));
