// What goes from a sheet to other programs and comes from them, by the clipboard and as bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, filledUp, readCsv, selection, useClipboard, writeCsv } from '../../static/lib/sheet_exchange.js';

const OWN = 'application/x-hubbub-cells';

const gridOf = (cells, [top, left, bottom, right], { rows = cells.length, cols = cells[0].length } = {}) => ({ rows, cols, range: { top, left, bottom, right } });
const fillFrom = (cells) => (row, col) => cells[row]?.[col] ?? '';

test('of whole rows or columns that are selected only what holds something counts, of other blocks all', () => {
  const cells = [['a', '', 'c', ''], ['', '', '', ''], ['d', '', '', ''], ['', '', '', '']];
  for (const [range, wanted] of [
    [[0, 0, 1, 1], [['a', ''], ['', '']]], [[1, 1, 2, 3], [['', '', ''], ['', '', '']]],
    [[0, 0, 3, 0], [['a'], [''], ['d']]], [[0, 1, 3, 1], [['']]], [[0, 0, 0, 3], [['a', '', 'c']]], [[1, 0, 1, 3], [['']]],
    [[0, 0, 3, 3], [['a', '', 'c'], ['', '', ''], ['d', '', '']]], [[1, 0, 2, 3], [[''], ['d']]],
  ]) assert.deepEqual(selection(gridOf(cells, range), fillFrom(cells)), wanted, `${range}`);
  assert.deepEqual(selection({ rows: 1, cols: 3, range: { top: 0, left: 0, bottom: 0, right: 0 } }, () => ''), [['']]);
  assert.deepEqual(selection({ rows: 3, cols: 1, range: { top: 0, left: 0, bottom: 2, right: 0 } }, fillFrom([['a'], [''], ['']])), [['a']]);
});

// An element with the sheet's clipboard; do(type, data) is what somebody does with the keyboard. Returns whether the browser still acts.
function clipboard(cells, { range, ...size }) {
  const grid = gridOf(cells, range, size);
  const handlers = {};
  const done = [];
  useClipboard({ addEventListener: (type, handle) => { handlers[type] = handle; } }, grid, {
    look: (row, col) => ({ text: `${fillFrom(cells)(row, col)}` }),
    raw: (row, col) => (cells[row]?.[col] ? `=${cells[row][col]}` : ''),
    bring: (...values) => done.push(values),
    clear: () => done.push('clear'),
  });
  return {
    grid, done,
    does(type, content = {}) {
      const held = new Map(Object.entries(content));
      let acts = true;
      handlers[type]({ clipboardData: { setData: (kind, text) => held.set(kind, text), getData: (kind) => held.get(kind) ?? '' }, preventDefault: () => { acts = false; } });
      assert.equal(acts, false);
      return Object.fromEntries(held);
    },
  };
}

test('what is copied is there as others take it, harmless, and with its formulas for this sheet; what is cut goes', () => {
  const { does, done } = clipboard([['', '', ''], ['', 'A1', '-B2'], ['', 'x\ty', '']], { range: [1, 1, 2, 2] });
  const copied = does('copy');
  assert.equal(copied['text/plain'], "A1\t'-B2\r\n\"x\ty\"\t");
  assert.deepEqual(JSON.parse(copied[OWN]), { row: 1, col: 1, cut: false, lines: [['=A1', '=-B2'], ['=x\ty', '']] });
  assert.deepEqual(done, []);
  assert.equal(JSON.parse(does('cut')[OWN]).cut, true);
  assert.deepEqual(done, ['clear']);
  for (const type of ['beforecopy', 'beforecut', 'beforepaste']) does(type);
});

test('what is pasted comes to where the selection begins, and fills it as often as it fits', () => {
  const paste = (range, content) => {
    const { does, done } = clipboard([['']], { range, rows: 9, cols: 9 });
    does('paste', content);
    return done[0];
  };
  const text = (value) => ({ 'text/plain': value });
  const own = (row, col, lines, cut = false) => ({ [OWN]: JSON.stringify({ row, col, cut, lines }), 'text/plain': 'not this' });
  for (const [range, content, wanted] of [
    [[2, 3, 2, 3], text('a\tb\nc'), [2, 3, [['a', 'b'], ['c']]]], [[2, 3, 2, 3], text('a\0\tb\0'), [2, 3, [['a', 'b']]]], [[0, 0, 0, 0], text(''), [0, 0, [['']]]],
    [[0, 0, 3, 1], text('a\nb'), [0, 0, [['a', 'a'], ['b', 'b'], ['a', 'a'], ['b', 'b']]]], [[0, 0, 2, 0], text('a\nb'), [0, 0, [['a'], ['b']]]],
    [[0, 0, 1, 3], text('a\tb\nc'), [0, 0, [['a', 'b', 'a', 'b'], ['c', '', 'c', '']]]], [[0, 0, 0, 2], text('a\tb'), [0, 0, [['a', 'b']]]],
    [[4, 1, 4, 1], own(1, 0, [['=A1', '=$A$1']]), [4, 1, [['=B4', '=$A$1']]]], [[4, 1, 4, 1], own(1, 0, [['=A1']], true), [4, 1, [['=A1']]]],
    [[0, 0, 1, 1], own(0, 0, [['=A1']]), [0, 0, [['=A1', '=B1'], ['=A2', '=B2']]]], [[2, 0, 3, 0], own(0, 0, [['=A1'], ['=A2']]), [2, 0, [['=A3'], ['=A4']]]],
    [[0, 2, 0, 5], own(0, 0, [['=A1', '=A1']]), [0, 2, [['=C1', '=C1', '=E1', '=E1']]]], [[0, 0, 0, 1], own(0, 0, [['=A1']], true), [0, 0, [['=A1', '=A1']]]],
    [[0, 0, 0, 0], own(0, 0, [[]]), undefined],
  ]) assert.deepEqual(paste(range, content), wanted, JSON.stringify([range, content]));
});

test('bytes are read by their mark, as UTF-16 without one, as UTF-8, or as Excel writes; what is no text is not', () => {
  const utf16 = (text, high) => [...text].flatMap((sign) => [sign.charCodeAt(0) & 255, sign.charCodeAt(0) >> 8]).map((_, i, all) => all[high ? i ^ 1 : i]);
  const bytes = (text) => [...new TextEncoder().encode(text)];
  for (const [what, given, text, encoding] of [
    ['UTF-8', bytes('a,é'), 'a,é', 'UTF-8'], ['with its mark', [0xef, 0xbb, 0xbf, ...bytes('é')], 'é', 'UTF-8'], ['nothing', [], '', 'UTF-8'],
    ['UTF-16', [0xff, 0xfe, ...utf16('a,é')], 'a,é', 'UTF-16LE'], ['UTF-16, the other way', [0xfe, 0xff, ...utf16('a,é', true)], 'a,é', 'UTF-16BE'],
    ['UTF-16 without a mark', utf16('a,é'), 'a,é', 'UTF-16LE'], ['the other way', utf16('a,é', true), 'a,é', 'UTF-16BE'],
    ['mostly of another script', utf16('語語語語語語,語語語語語語'), '語語語語語語,語語語語語語', 'UTF-16LE'],
    ['Windows-1252', [0x61, 0xe9], 'aé', 'Windows-1252'], ['a stray zero', [...bytes('abcdefgh'), 0, 0x61], undefined, 'UTF-8'],
    ['of odd length', [0x61, 0, 0x62], undefined, 'UTF-8'], ['zeros on both sides', [0x61, 0, 0, 0x61], undefined, 'UTF-8'],
    ['zeros at the even places alone, few', [0, 0x61, ...bytes('abcdefgh')], undefined, 'UTF-8'],
  ]) assert.deepEqual(decode(Uint8Array.from(given)), { text, encoding }, what);
});

test('a file says by its first line how it is separated, or by what it has most of', () => {
  for (const [text, ...rows] of [
    ['a,b\nc', ['a', 'b'], ['c']], ['a;b', ['a', 'b']], ['sep=|\na|b,c', ['a', 'b,c']], ['SEP=;\r\na;b', ['a', 'b']], ['sep=;\ra;b', ['a', 'b']], ['sep=;'], [''],
    ['sep=ab\nc', ['sep=ab'], ['c']], ['sep=a\nc', ['sep=a'], ['c']], ['xsep=;\na', ['xsep=', ''], ['a']], ["'-x,''=y", ['-x', "''=y"]],
  ]) assert.deepEqual(readCsv(text), rows, JSON.stringify(text));
});

test('a sheet is written as far as it goes, formulas as what they come to, and nothing in it runs', () => {
  const cells = [['=1+1', 'x', ''], ['', '', ''], ["'=x", '=a', '-y'], ['=t', '=e', ''], ['', '', '']];
  const values = { '=1+1': ['2', 'number'], '=a': ['=evil', 'text'], '=t': ['17', 'text'], '=e': ["'quoted", 'text'] };
  const raw = fillFrom(cells);
  const look = (row, col) => {
    const [text, kind] = values[raw(row, col)] ?? [raw(row, col), 'text'];
    return { text, kind };
  };
  assert.equal(writeCsv({ rows: 5, cols: 3 }, { look, raw }), "\uFEFF2,x,\r\n,,\r\n'=x,'=evil,'-y\r\n'17,''quoted,");
  assert.equal(writeCsv({ rows: 1, cols: 1 }, { look: () => ({ text: '' }), raw: () => '' }), '\uFEFF');
  // What spills from a formula stands in cells that hold nothing.
  assert.equal(writeCsv({ rows: 1, cols: 2 }, { look: (row, col) => ({ text: col ? '@spilled' : '3', kind: col ? 'truth' : 'number' }), raw: () => '' }), "\uFEFF3,'@spilled");
  assert.deepEqual(filledUp([['a'], ['b', 'c'], []]), [['a', ''], ['b', 'c'], ['', '']]);
});
