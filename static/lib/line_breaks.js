// Line breaks of a text that many write: what anybody puts into it here gets line feeds, whichever line breaks it had where it
// came from. Positions in a shared text count every character, so a "\r" must not come and go behind the editor's back. What no
// text can hold goes at once, too, U+0000 and half a surrogate pair: the server would refuse it, and all that is written after it.
//
// What others put in is theirs, and may hold any line break. It is shown as what it is: a "\r" before a line feed is nothing to
// see, and any other is a small arrow.

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
  // As the editor has it, but for a "\r" at the end of a line.
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
