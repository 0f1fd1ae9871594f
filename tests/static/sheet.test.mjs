// What a sheet's page may rely on of what it holds: what can be taken back, what fits, who reads what.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf, History } from '../../static/lib/sheet_history.js';
import { bytesOf, contentOf, misfit, USUAL, within } from '../../static/lib/sheet_limits.js';
import { rangesIn, References } from '../../static/lib/sheet_references.js';
import { Chance } from '../lib/chance.mjs';

// A sheet with a history of mine in it. write() and turn() do as the page does. The room has it at once, unless `slow`: then answer()
// answers the oldest block, for which it returns the room's text; until then it is shown over what others write.
function sheet({ slow = false } = {}) {
  const cells = new Map();
  const underWay = [];
  const raw = (row, col) => underWay.reduce((text, { block }) => block.values[row - block.row]?.[col - block.col] ?? text, cells.get(`${row}-${col}`) ?? '');
  const history = new History(raw);
  const put = (row, col, text) => cells.set(`${row}-${col}`, text);
  const answer = (isStored = true) => {
    const { step, block } = underWay.shift();
    if (!isStored) return history.refused(step, block);
    block.values.forEach((line, down) => line.forEach((text, right) => put(block.row + down, block.col + right, text)));
    return history.stored(step, block);
  };
  const send = (step, blocks) => {
    for (const block of blocks) underWay.push({ step, block });
    while (!slow && underWay.length) answer();
    return step;
  };
  return {
    history, raw, answer,
    write: (row, col, ...values) => send(history.write(row, col, values), [{ row, col, values }]),
    somebody(row, col, text) {
      put(row, col, text);
      history.changedBySomebody(row, col, text);
    },
    turn(which) {
      const turned = history[which]();
      if (!turned) return null;
      if (turned.step) send(turned.step, blocksOf(turned.cells));
      return { cells: turned.cells.map(({ row, col, from, to }) => [row, col, from, to]), skipped: turned.skipped.map(({ row, col }) => [row, col]) };
    },
  };
}

test('what I wrote is taken back step by step, and done again, until I write something else', () => {
  const { write, turn, raw } = sheet();
  assert.equal(turn('undo'), null);
  write(0, 0, ['a', 'b'], ['c']);
  write(0, 0, ['x']);
  assert.deepEqual(turn('undo'), { cells: [[0, 0, 'x', 'a']], skipped: [] });
  assert.deepEqual(turn('undo'), { cells: [[0, 0, 'a', ''], [0, 1, 'b', ''], [1, 0, 'c', '']], skipped: [] });
  assert.equal(turn('undo'), null);
  assert.deepEqual(turn('redo').cells, [[0, 0, '', 'a'], [0, 1, '', 'b'], [1, 0, '', 'c']]);
  assert.deepEqual(turn('redo').cells, [[0, 0, 'a', 'x']]);
  assert.equal(turn('redo'), null);
  turn('undo');
  write(5, 5, ['new']);
  assert.equal(turn('redo'), null);
  turn('undo');
  assert.deepEqual([raw(5, 5), raw(0, 0)], ['', 'a']);
});

test('a cell into which somebody else has written since stays as it is, also if that is what I wrote', () => {
  const { write, turn, somebody, raw } = sheet();
  write(0, 0, ['a', 'b', 'c']);
  somebody(0, 0, 'theirs');
  somebody(0, 1, 'b');
  assert.deepEqual(turn('undo'), { cells: [[0, 2, 'c', '']], skipped: [[0, 0], [0, 1]] });
  assert.deepEqual(turn('redo'), { cells: [[0, 2, '', 'c']], skipped: [] });
  assert.deepEqual([raw(0, 0), raw(0, 1)], ['theirs', 'b']);
});

test('what somebody wrote before me hinders nothing, and what is as it was before me already is nothing to tell', () => {
  const { write, turn, somebody } = sheet();
  somebody(0, 0, 'old');
  write(0, 0, ['mine']);
  assert.deepEqual(turn('undo'), { cells: [[0, 0, 'mine', 'old']], skipped: [] });
  write(0, 0, ['again']);
  somebody(0, 0, 'old');
  assert.deepEqual(turn('undo'), { cells: [], skipped: [] });
  assert.equal(turn('redo'), null, 'nothing was undone');
});

test('what the room gets of mine after somebody else’s is mine to take back, before it answers and after it, and leads back to theirs', () => {
  for (const isAnswered of [false, true]) {
    const { write, turn, somebody, answer, raw } = sheet({ slow: true });
    write(0, 0, ['mine']);
    write(0, 0, ['more']);
    somebody(0, 0, 'theirs');
    somebody(9, 9, 'elsewhere');
    assert.equal(raw(0, 0), 'more');
    for (let left = isAnswered ? 2 : 0; left; left -= 1) answer();
    assert.deepEqual(turn('undo'), { cells: [[0, 0, 'more', 'mine']], skipped: [] });
    assert.deepEqual(turn('undo'), { cells: [[0, 0, 'mine', 'theirs']], skipped: [] });
    for (let left = isAnswered ? 2 : 4; left; left -= 1) answer();
    assert.equal(raw(0, 0), 'theirs');
    somebody(0, 0, 'later');
    assert.deepEqual(turn('redo'), { cells: [], skipped: [[0, 0]] });
  }
});

test('what the room refused was never done', () => {
  const { history, write, turn, answer } = sheet({ slow: true });
  const step = history.write(0, 0, [['a', 'b'], ['c', 'd']]);
  history.refused(step, { row: 1, col: 0, values: [['c']] });
  assert.deepEqual(step.cells.map(({ row, col }) => `${row}-${col}`), ['0-0', '0-1', '1-1']);
  history.refused(step, { row: 0, col: 0, values: [['a', 'b'], [undefined, 'd']] });
  write(5, 5, ['x']);
  answer(false);
  assert.equal(turn('undo'), null, 'a step of which nothing is left is none');
});

test('what the room refused to undo, or to redo, can be tried again', () => {
  const { write, turn, answer, somebody } = sheet({ slow: true });
  write(0, 0, ['old', 'old']);
  write(0, 0, ['', 'new']);
  for (const which of ['undo', 'redo']) {
    const { cells } = turn(which);
    for (const isStored of which === 'undo' ? [true, true, false] : [false]) answer(isStored);
    assert.deepEqual(turn(which).cells, cells, which);
    answer();
  }
  turn('undo');
  answer(false);
  somebody(0, 0, '');
  assert.deepEqual(turn('undo'), { cells: [[0, 1, 'new', 'old']], skipped: [[0, 0]] }, 'except where somebody has written meanwhile');
});

test('two hundred steps can be taken back', () => {
  const { write, turn } = sheet();
  for (let i = 0; i < 205; i += 1) write(0, i, [`${i}`]);
  for (let i = 204; i >= 5; i -= 1) assert.equal(turn('undo').cells[0][2], `${i}`);
  assert.equal(turn('undo'), null);
});

test('cells are sent as blocks that hold all of them, and nothing between', () => {
  const cells = (...places) => places.map(([row, col]) => ({ row, col, to: `${row}-${col}` }));
  for (const [places, wanted] of [
    [[], []],
    [[[0, 0], [0, 1], [1, 0], [1, 1]], ['0,0 2x2']], [[[0, 0], [0, 2]], ['0,0 1x1', '0,2 1x1']], [[[0, 0], [1, 1]], ['0,0 1x1', '1,1 1x1']],
    [[[0, 0], [2, 0]], ['0,0 1x1', '2,0 1x1']], [[[0, 0], [0, 1], [1, 0]], ['0,0 1x2', '1,0 1x1']], [[[0, 0], [0, 5], [1, 0], [1, 5]], ['0,0 2x1', '0,5 2x1']],
    [[[0, 9], [1, 0]], ['0,9 1x1', '1,0 1x1']], [[[0, 0], [2, 0], [3, 0]], ['0,0 1x1', '2,0 2x1']], [[[0, 3], [1, 4]], ['0,3 1x1', '1,4 1x1']],
  ]) {
    const blocks = blocksOf(cells(...places));
    assert.deepEqual(blocks.map(({ row, col, values }) => `${row},${col} ${values.length}x${values[0].length}`), wanted, JSON.stringify(places));
    assert.deepEqual(blocks.flatMap(({ row, col, values }) => values.flatMap((line, y) => line.map((text, x) => [`${row + y}-${col + x}`, text]))).filter(([key, text]) => key !== text), []);
    assert.equal(blocks.flatMap(({ values }) => values.flat()).length, places.length);
  }
});

test('what does not fit is said, with as much of it as does; what fits exactly does', () => {
  const limits = { rows: 10, columns: 5, cells: 4, text: 20, length: 6 };
  const held = { cells: 1, text: 3 };
  const raw = (row, col) => (row === 0 && col === 0 ? 'old' : '');
  const tell = (row, col, values) => misfit({ row, col, values }, limits, raw, held);
  for (const [row, col, values, fits, words] of [
    [0, 0, [['a']], null], [9, 4, [['a']], null], [8, 3, [['a', 'b'], ['c']], null], [9, 4, [['a', ''], ['']], null],
    [9, 0, [['a'], ['b']], { rows: 1, cols: 1 }, /^That is 2 rows, and from A10 on the sheet has 1\.$/],
    [10, 0, [['a']], { rows: 0, cols: 1 }, /^That is 1 row, and from A11 on the sheet has 0\.$/],
    [0, 4, [['a', 'b']], { rows: 1, cols: 1 }, /^That is 2 columns, and from E1 on the sheet has 1\.$/],
    [0, 3, [['a'], ['a', 'b', 'c']], { rows: 2, cols: 2 }, /^That is 3 columns, /],
    [1, 0, [['123456']], null], [1, 0, [['🙂🙂🙂🙂']], null],
    [1, 1, [['x', '1234567']], { rows: 0 }, /^C2 would hold 7 characters, and a cell can hold 6\.$/],
    [1, 0, [['a', 'b', 'c']], null], [1, 0, [['a', 'b', 'c', 'd']], { rows: 0, cols: 4 }, /^The sheet would be too full: at most 4 cells /],
    [1, 0, [['a', 'b'], ['c', 'd']], { rows: 1, cols: 2 }, /too full: at most 4 cells /], [0, 0, [['a', 'b', 'c', 'd']], null], [0, 0, [['', 'b', 'c', 'd', 'e']], null],
    [1, 0, [['123456', '123456', '12345']], null], [1, 0, [['123456', '123456', '123456']], { rows: 0, cols: 3 }, /^The sheet would be too full: all cells together can hold 20 bytes/],
    [1, 0, [['ééé'], ['ééé'], ['ééé']], { rows: 2, cols: 1 }, /20 bytes/], [0, 0, [['123456', '123456', '123456']], null],
    [0, 0, [['12345', '12345', '12345', '12345']], null],
  ]) {
    const told = tell(row, col, values);
    const what = JSON.stringify([row, col, values]);
    if (!fits) assert.equal(told, null, what);
    else {
      const { reason, ...rest } = told;
      assert.deepEqual(rest, fits, what);
      assert.match(reason, words);
    }
  }
  assert.match(misfit({ row: 0, col: 0, values: Array(1001).fill(['a']) }, USUAL, () => '', { cells: 0, text: 0 }).reason, /^That is 1,001 rows, and from A1 on the sheet has 1,000\.$/);
  assert.equal(bytesOf('aé🙂'), 7);
  assert.deepEqual(within([['a', 'b', 'c'], ['d'], ['e']], { rows: 2, cols: 2 }), [['a', 'b'], ['d']]);
});

test('a sheet holds what is shown: the room’s texts, and mine on their way over them', () => {
  const known = new Map([['0-0', 'old'], ['0-1', 'é']]);
  for (const [underWay, wanted] of [
    [[], [2, 5]], [[{ row: 0, col: 0, values: [['', '']] }], [0, 0]], [[{ row: 1, col: 0, values: [['a', ''], ['b']] }], [4, 7]],
    [[{ row: 0, col: 0, values: [['', '']] }, { row: 0, col: 1, values: [['new', 'x']] }], [2, 4]],
  ]) assert.deepEqual(Object.values(contentOf(known, underWay)), wanted, JSON.stringify(underWay));
});

test('a formula names ranges of cells, whole rows, whole columns, and what only looks like one is none', () => {
  const END = 2 ** 21;
  const cell = (row, col) => ({ top: row, left: col, bottom: row, right: col });
  for (const [formula, ...wanted] of [
    ['=A1', cell(0, 0)], ['=$B$2+c3', cell(1, 1), cell(2, 2)], ['=SUM(A1:C3)', { top: 0, left: 0, bottom: 2, right: 2 }], ['=SUM(C3:A1)', { top: 0, left: 0, bottom: 2, right: 2 }],
    ['=SUM($A$1:B$2)', { top: 0, left: 0, bottom: 1, right: 1 }], ['=SUM(B:D)', { top: 0, left: 1, bottom: END, right: 3 }], ['=SUM($D:$B)', { top: 0, left: 1, bottom: END, right: 3 }],
    ['=SUM(2:3)', { top: 1, left: 0, bottom: 2, right: END }], ['=SUM($3:$2)', { top: 1, left: 0, bottom: 2, right: END }], ['=AA10', cell(9, 26)],
    ['="A1"&B1', cell(0, 1)], ['="a""A1"', ], ["='A1'!B1", cell(0, 1)], ['=LOG10(1)'], ['=A1B'], ['=ABCD1'], ['=A1.5'], ['=A(1)'], ['=1'], ['=xA1y'], ['=1.A1'], ['=A12345678'],
  ]) assert.deepEqual(rangesIn(formula), wanted, formula);
});

test('a formula is a reader of what it names, of what that reads, of what spills there, and of everything if it is unclear', () => {
  const references = new References();
  const spills = { '5-0': ['6-0', '7-0'] };
  const readers = (...keys) => [...references.readers(keys, (key) => spills[key] ?? [])].sort();
  for (const [key, text] of [['0-1', '=A1*2'], ['0-2', '=B1+1'], ['1-1', '=SUM(A:A)'], ['2-2', '=A7'], ['3-3', '=D4'], ['5-0', '=SEQUENCE(3)'], ['9-9', 'A1'], ['8-8', '=SUM(B1:B64)'], ['8-9', '=SUM(B1:B65)']]) references.set(key, text);
  assert.deepEqual(readers('0-0'), ['0-1', '0-2', '1-1', '8-8', '8-9']);
  assert.deepEqual(readers('0-1'), ['0-2', '8-8', '8-9']);
  assert.deepEqual(readers('63-1'), ['8-8', '8-9']);
  assert.deepEqual(readers('64-1'), ['8-9']);
  assert.deepEqual(readers('65-1'), []);
  assert.deepEqual(readers('5-0'), ['1-1', '2-2', '8-8', '8-9']);
  assert.deepEqual(readers('3-3'), ['3-3'], 'itself, if it reads itself');
  assert.deepEqual(readers(), []);
  references.set('4-4', '=INDIRECT("A1")');
  assert.deepEqual(readers('20-20'), ['4-4']);
  assert.deepEqual(readers(), [], 'nothing has changed');
  for (const key of ['4-4', '1-1', '8-9']) references.set(key, '');
  references.set('0-1', '=C9');
  assert.deepEqual([readers('0-0'), readers('8-2'), readers('20-20')], [[], ['0-1', '0-2', '8-8'], []]);
});

test('a formula that names a cell twice can be written anew', () => {
  const references = new References();
  references.set('0-1', '=A1*A1+SUM(A1:A2)');
  references.set('0-2', '=A1');
  references.set('0-1', '=A2');
  assert.deepEqual([...references.readers(['0-0'])], ['0-2']);
  references.set('0-2', '');
  assert.deepEqual([...references.readers(['0-0'])], []);
});

test('what formulas read is known, unless one of them reads much or unclearly', () => {
  const references = new References();
  const sources = (keys, anchors = {}) => {
    const found = references.sources(keys, (key) => anchors[key]);
    return found && [...found].sort();
  };
  for (const [key, text] of [['0-1', '=A1*2'], ['0-2', '=B1+1'], ['1-1', '=SUM(A:A)'], ['2-2', '=B2'], ['3-3', '=OFFSET(A1,1,1)'], ['4-4', '=D4']]) references.set(key, text);
  assert.deepEqual(sources(['0-2']), ['0-0', '0-1', '0-2']);
  assert.deepEqual(sources(['0-1'], { '0-0': '9-9' }), ['0-0', '0-1', '9-9']);
  for (const key of ['1-1', '2-2', '3-3', '4-4']) assert.equal(sources([key]), null, key);
  assert.deepEqual(sources(['7-7']), ['7-7']);
});

// Against all cells one by one.
test('however formulas are written and rewritten, their readers are those who name what has changed', () => {
  const chance = new Chance(7);
  const references = new References();
  const texts = new Map();
  const place = () => `${'ABCD'[chance.below(4)]}${1 + chance.below(5)}`;
  const names = (text, key) => {
    const [row, col] = key.split('-').map(Number);
    return text.startsWith('=') && rangesIn(text).some(({ top, left, bottom, right }) => row >= top && row <= bottom && col >= left && col <= right);
  };
  for (let round = 0; round < 500; round += 1) {
    const key = `${chance.below(5)}-${chance.below(4)}`;
    const text = chance.of([`=${place()}`, `=${place()}+${place()}`, `=SUM(${place()}:${place()})`, '=SUM(B:B)', '=SUM(A1:D99)', 'text', '']);
    references.set(key, text);
    texts.set(key, text);
    const start = `${chance.below(5)}-${chance.below(4)}`;
    const wanted = new Set();
    for (const open = [start]; open.length;) {
      const next = open.pop();
      for (const [reader, its] of texts) if (!wanted.has(reader) && names(its, next)) { wanted.add(reader); open.push(reader); }
    }
    assert.deepEqual([...references.readers([start])].sort(), [...wanted].sort());
  }
});
