// Line breaks in a shared text. All line breaks that this user types or pastes become line feeds: positions in a shared text count
// every character, so the editor must not drop or add a "\r" by itself. U+0000 and lone surrogates are removed as well: the server
// would refuse them, and everything that is written after them.
//
// Text from others may have any line breaks. They are shown as they are: a "\r" before a line feed is invisible, any other foreign
// line break is a small arrow.

import { EditorState, Transaction, highlightSpecialChars } from '../vendor/codemirror.js';

const FOREIGN = /\r\n?|[\0\u0085\u2028\u2029\p{Cs}]/gu;
const INSTEAD = { '\0': '', '\r': '\n', '\u0085': '\n', '\u2028': '\n', '\u2029': '\n' };

const intoLineFeeds = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.annotation(Transaction.remote)) return transaction;
  const changes = [];
  transaction.changes.iterChanges((fromA, toA, from, to, inserted) => {
    for (const { 0: found, index } of inserted.toString().matchAll(FOREIGN)) {
      changes.push({ from: from + index, to: from + index + found.length, insert: INSTEAD[found[0]] ?? '\uFFFD' });
    }
  });
  return changes.length ? [transaction, { changes, sequential: true }] : transaction;
});

const foreign = highlightSpecialChars({
  // The editor's default, except for a "\r" at the end of a line.
  specialChars: /[\0-\x08\n-\f\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufeff\ufff9-\ufffc]|\r(?!$)/gu,
  render(code, description) {
    if (![0x0d, 0x85, 0x2028, 0x2029].includes(code)) return null;
    const mark = document.createElement('span');
    mark.className = 'cm-foreignBreak';
    mark.textContent = '↵';
    mark.title = mark.ariaLabel = description;
    mark.role = 'img';
    return mark;
  },
});

export const lineBreaks = [intoLineFeeds, foreign];
