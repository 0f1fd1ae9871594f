// What a sheet's texts become: names of cells, tables for other programs, formulas in another place, blocks for messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../static/lib/formula_refusals.js';
import { goOn } from '../../static/lib/sheet_fill.js';
import {
  cellName, columnName, formatTable, fromField, harmless, looksLikeNumber, parseTable, separatorOf, shiftFormula, splitBlock, toField, widest,
} from '../../static/lib/sheet_text.js';

test('columns are named as everywhere, and cells begin with row 1', () => {
  for (const [col, name] of [[0, 'A'], [25, 'Z'], [26, 'AA'], [51, 'AZ'], [52, 'BA'], [701, 'ZZ'], [702, 'AAA'], [16383, 'XFD']]) assert.equal(columnName(col), name);
  assert.deepEqual([cellName(0, 0), cellName(9, 27)], ['A1', 'AB10']);
});

test('a table is read as other programs write it', () => {
  for (const [text, ...rows] of [
    ['', ['']], ['a', ['a']], ['a,b\nc,d', ['a', 'b'], ['c', 'd']], ['a\r\nb\rc\n', ['a'], ['b'], ['c']], ['a\n\nb', ['a'], [''], ['b']],
    [',', ['', '']], ['"a,b","c\nd"', ['a,b', 'c\nd']], ['"say ""hi""",x', ['say "hi"', 'x']], ['"",a', ['', 'a']], ['""""', ['"']],
    ['"a"\n"b"\r\n"c"\r"d"', ['a'], ['b'], ['c'], ['d']], ['"a"b,c', ['"a"b', 'c']], ['"a', ['"a']], ['"a""', ['"a""']], ['a"b",c', ['a"b"', 'c']],
    ['"a";b', ['"a";b']], ['"\r\n"\r\n', ['\r\n']], ['a\n', ['a']], ['a\r', ['a']], ['a,\n', ['a', '']],
  ]) assert.deepEqual(parseTable(text, ','), rows, JSON.stringify(text));
  assert.deepEqual(parseTable('a\tb,c\n"d\te"\t', '\t'), [['a', 'b,c'], ['d\te', '']]);
  assert.deepEqual(parseTable('a|b\\c', '|'), [['a', 'b\\c']]);
  assert.deepEqual(parseTable('a^b]c-', '^'), [['a', 'b]c-']]);
});

test('a table is written so that any reader takes it for the same', () => {
  for (const [rows, separator, text] of [
    [[['a', 'b'], ['c', '']], ',', 'a,b\r\nc,'],
    [[['a,b', 'c"d', 'e\nf', 'g\rh', 'i;j', 'k\tl']], ',', '"a,b","c""d","e\nf","g\rh","i;j","k\tl"'],
    [[['x'], ['a,b', 'c"d', 'e\nf', 'g\rh', 'i;j', 'k\tl', 'sep=;']], ',', 'x\r\n"a,b","c""d","e\nf","g\rh",i;j,k\tl,sep=;'],
    [[['sep=|', 'SEP=', 'a sep=']], ',', '"sep=|","SEP=",a sep='],
    [[['x'], ['a,b', 'k\tl']], '\t', 'x\r\na,b\t"k\tl"'],
  ]) assert.equal(formatTable(rows, separator), text);
});

test('the separator of a file is the one that its first line has most of', () => {
  for (const [text, separator] of [
    ['a,b\n;;;', ','], ['1,5;2;3', ';'], ['a\tb\tc,d', '\t'], ['"a;b;c",d', ','], ['a', ','], ['', ','], ['a,b;c', ','], ['a;b\r,,,,', ';'],
  ]) assert.equal(separatorOf(text), separator, JSON.stringify(text));
});

test('a number is what looks like one as a whole', () => {
  for (const text of ['1', '-1', '+1.5', '1,000.50', '50%', '-5%', '1e5', '10E+12', '1.5E-3', '+2e+4', '.5']) assert.ok(looksLikeNumber(text), text);
  for (const text of ['', '1-2', '1.', '-', '--1', '1e', 'e5', '1 ', ' 1', '1%%', '=1', '1.5e-3%', 'x1', '1x', '1e5x', 'x1e5', '1x5', '1xe5']) assert.ok(!looksLikeNumber(text), text);
});

test('what a program would run is made text, and comes back as it was; all else stays as it is', () => {
  // The text of a cell; as it is shown to others; as a field of a file.
  for (const [text, shown, field] of [
    ['=1+1', "'=1+1", '=1+1'], ['+x', "'+x", "'+x"], ['-x', "'-x", "'-x"], ['@x', "'@x", "'@x"], ['＝x', "'＝x", "'＝x"], ['＋x', "'＋x", "'＋x"], ['－x', "'－x", "'－x"], ['＠x', "'＠x", "'＠x"],
    ['  =x', "'  =x", "'  =x"], ['- x', "'- x", "'- x"], ['\tx', "'\tx", "'\tx"], ['\rx', "'\rx", "'\rx"], ['\nx', "'\nx", "'\nx"],
    ['-', '-', '-'], ['+ ', '+ ', '+ '], ['-5', '-5', '-5'], ['+1e5', '+1e5', '+1e5'], ['x=1', 'x=1', 'x=1'], ['', '', ''],
    ["'=x", "'=x", "'=x"], ["'-x", "'-x", "''-x"], ["''-x", "''-x", "'''-x"], ["'x", "'x", "'x"], ["'-5", "'-5", "'-5"],
  ]) {
    assert.deepEqual([harmless(text), toField(text)], [shown, field], JSON.stringify(text));
    assert.equal(fromField(field), text);
  }
});

test('the width of a table is that of its widest line', () => {
  for (const [lines, width] of [[[], 0], [[[]], 0], [[['a'], ['a', 'b'], []], 2]]) assert.equal(widest(lines), width);
});

test('a formula moves its references along, but for what is fixed, and for what is no reference', () => {
  for (const [text, moved] of [
    ['=A1', '=C2'], ['=a1+B2', '=C2+D3'], ['=$A1', '=$A2'], ['=A$1', '=C$1'], ['=$A$1', '=$A$1'], ['=Z9:AA10', '=AB10:AC11'], ['=SUM(A1,B2)', '=SUM(C2,D3)'],
    ['A1', 'A1'], ['="A1 ""B2"""&A1', '="A1 ""B2"""&C2'], ["='A1'!A1", "='A1'!C2"], ['=LOG10(A1)', '=LOG10(C2)'], ['=A1.5', '=A1.5'],
    ['=ABCD1', '=ABCD1'], ['=A12345678', '=A12345678'], ['=1A1', '=1A1'], ['=.A1', '=.A1'], ['=A1B', '=A1B'], ['=_A1', '=_A1'],
  ]) assert.equal(shiftFormula(text, 1, 2), moved, text);
  for (const [text, down, right, moved] of [
    ['=A1', -1, 0, '=#REF!'], ['=A1', 0, -1, '=#REF!'], ['=B2', -1, -1, '=A1'], ['=$A$1', -1, -1, '=$A$1'], ['=A1+B2', -1, 0, '=#REF!+B1'],
  ]) assert.equal(shiftFormula(text, down, right), moved, text);
});

test('a block goes in as few messages as it may: of whole rows, none above the bounds, but for a row that is', () => {
  const most = { cells: 4, bytes: 40 };
  const split = (values) => [...splitBlock({ row: 5, col: 2, values }, most)];
  const row = (...texts) => texts;
  assert.deepEqual(split([row('a', 'b'), row('c', 'd')]), [{ row: 5, col: 2, values: [['a', 'b'], ['c', 'd']] }]);
  assert.deepEqual(split([row('a', 'b'), row('c', 'd'), row('e')]), [{ row: 5, col: 2, values: [['a', 'b'], ['c', 'd']] }, { row: 7, col: 2, values: [['e']] }]);
  // ["…"] and what is between two lines: 5 bytes more than the text.
  for (const [texts, count] of [[['x'.repeat(15), 'x'.repeat(15)], 1], [['x'.repeat(15), 'x'.repeat(16)], 2], [['éé'.repeat(7), 'x'], 1], [['éé'.repeat(7), 'xx'.repeat(2)], 2]]) {
    assert.equal(split(texts.map((text) => [text])).length, count, texts.join());
  }
  assert.deepEqual(split([row(1, 2, 3, 4, 5), row(6)]).map(({ row: at, values }) => [at, values.length]), [[5, 1], [6, 1]]);
  const long = Array.from({ length: 9 }, (_, i) => [String(i)]);
  assert.deepEqual(split(long).map(({ row: at, values }) => [at, values.flat().join('')]), [[5, '0123'], [9, '4567'], [13, '8']]);
});

test('a series goes on with its step, everything else is repeated, and formulas move along', () => {
  const column = (...texts) => texts.map((text) => [text]);
  for (const [lines, by, wanted] of [
    [column('1', '2'), { down: 3 }, column('3', '4', '5')], [column('1', '3'), { down: -2 }, column('-3', '-1')], [column('5'), { down: 2 }, column('5', '5')],
    [column('0.1', '0.2'), { down: 2 }, column('0.3', '0.4')], [column('3', '2', '1'), { down: 2 }, column('0', '-1')], [column('1', '2', '4'), { down: 4 }, column('1', '2', '4', '1')],
    [column('a', '1'), { down: 3 }, column('a', '1', 'a')], [column('1', '02'), { down: 1 }, column('1')], [column('a', 'b'), { down: -3 }, column('b', 'a', 'b')],
    [column('=A1', '=A2'), { down: 3 }, column('=A3', '=A4', '=A5')], [column('=A9', '=A10'), { down: -3 }, column('=A6', '=A7', '=A8')],
    [[['1', '2']], { right: 2 }, [['3', '4']]], [[['=A1']], { right: 2 }, [['=B1', '=C1']]], [[['=C1', '=D1']], { right: -1 }, [['=B1']]],
    [[['1', 'x'], ['2', 'y']], { down: 1 }, [['3', 'x']]], [[['1', '2'], ['a', 'b']], { right: 1 }, [['3'], ['a']]],
    [column('-1', '-0.5'), { down: 2 }, column('0', '0.5')], [column('1', '2x'), { down: 1 }, column('1')], [column('x1', '2'), { down: 1 }, column('x1')],
    [column('1.0000000001', '2'), { down: 1 }, column('1.0000000001')], [column('123456789012345', '123456789012346'), { down: 1 }, column('123456789012347')],
    [column('1234567890123456', '1234567890123457'), { down: 1 }, column('1234567890123456')],
  ]) assert.deepEqual(goOn(lines, by), wanted, JSON.stringify([lines, by]));
});

test('a formula that would differ from computer to computer, or is nested too deeply, is refused, and no other', () => {
  for (const [formula, name] of [
    ['=NOW()', 'NOW'], ['=1+rand()', 'RAND'], ['=RANDBETWEEN(1,2)', 'RANDBETWEEN'], ['=_xlfn.RANDARRAY()', 'RANDARRAY'], ['=_xlfn._xlws.RANDARRAY(3)', 'RANDARRAY'],
    ['="a"&NOW()', 'NOW'], ['=NOW', 'NOW'],
    ['=TODAY()'], ['="NOW()"'], ['=KNOW()'], ['=NOWS()'], ['=$NOW'], ['=A.NOW()'], ['=NOW.1'], ['=RANDOM()'], ['=1'],
  ]) {
    const refused = refusal(formula);
    assert.deepEqual(refused && [refused.text, refused.kind, refused.note.split(' ')[0]], name && ['#VALUE!', 'error', name], formula);
  }
  const nested = (depth, open = '(', close = ')') => `=${open.repeat(depth)}1${close.repeat(depth)}`;
  for (const [formula, text] of [
    [nested(64)], [nested(65), '#LIMIT!'], [nested(64, '{', '}')], [nested(65, '{', '}'), '#LIMIT!'], [nested(33, '({', '})'), '#LIMIT!'], [nested(32, '({', '})')],
    [`="${'('.repeat(65)}"`], [`=${'(1)+'.repeat(100)}1`],
  ]) assert.equal(refusal(formula)?.text, text, formula);
  assert.deepEqual([refusal(nested(65)).kind, /\b64\b/.test(refusal(nested(65)).note)], ['error', true]);
});
