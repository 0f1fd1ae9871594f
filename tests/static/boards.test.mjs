// What is on the boards: the cards of a kanban, and the strokes of a drawing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around, bend, joined, paint, pieceOf, rounded, touch } from '../../static/lib/strokes.js';
import { Board, keyOf } from '../../static/lib/tasks.js';

const columns = (board) => Object.fromEntries(board.columns);
const cards = (...titles) => titles.map((title, i) => ({ id: i + 1, title, column: i < 3 ? 'todo' : 'done' }));

test('a card is known by its id, whatever its type', () => {
  assert.deepEqual([keyOf({ id: 17 }), keyOf({ id: '17' }), keyOf({ taskId: 17 }), keyOf({ id: 0, taskId: 5 })], ['17', '17', '17', '0']);
});

test('a board does what the room does: cards come, change, move and go, and no column is empty', () => {
  const board = new Board(cards('a', 'b', 'c', 'd'));
  assert.deepEqual(columns(board), { todo: ['1', '2', '3'], done: ['4'] });
  for (const [type, content, wanted] of [
    ['add_task', { id: 5, title: 'e', column: 'todo' }, { todo: ['1', '2', '3', '5'], done: ['4'] }],
    ['add_task', { id: 6, title: 'f', column: 'todo', position: 1 }, { todo: ['1', '6', '2', '3', '5'], done: ['4'] }],
    ['task_moved', { taskId: '6', newColumn: 'todo', position: 3 }, { todo: ['1', '2', '3', '6', '5'], done: ['4'] }],
    ['task_moved', { taskId: 6, newColumn: 'done', position: 0 }, { todo: ['1', '2', '3', '5'], done: ['6', '4'] }],
    ['task_moved', { taskId: 1, newColumn: 'done' }, { todo: ['2', '3', '5'], done: ['6', '4', '1'] }],
    ['update_task', { id: 2, column: 'done' }, { todo: ['3', '5'], done: ['6', '4', '1', '2'] }],
    ['update_task', { id: 2, column: 'done', position: 0 }, { todo: ['3', '5'], done: ['2', '6', '4', '1'] }],
    ['update_task', { id: 2, position: 1 }, { todo: ['3', '5'], done: ['6', '2', '4', '1'] }],
    ['update_task', { id: 2, title: 'B' }, { todo: ['3', '5'], done: ['6', '2', '4', '1'] }],
    ['delete_task', { id: 3 }, { todo: ['5'], done: ['6', '2', '4', '1'] }],
    ['delete_task', { id: 5 }, { done: ['6', '2', '4', '1'] }],
    ['delete_task', { id: 5 }, { done: ['6', '2', '4', '1'] }], // gone already
    ['update_task', { id: 5, title: 'x' }, { done: ['6', '2', '4', '1'] }],
    ['task_moved', { taskId: 5, newColumn: 'new' }, { done: ['6', '2', '4', '1'] }],
    ['add_task', { id: '2', title: 'again', column: 'todo' }, { done: ['6', '2', '4', '1'] }], // there already
    ['task_moved', { taskId: 4, newColumn: 'new', position: 9 }, { done: ['6', '2', '1'], new: ['4'] }],
  ]) {
    board.apply(type, content);
    assert.deepEqual(columns(board), wanted, JSON.stringify([type, content]));
    for (const [column, keys] of board.columns) keys.forEach((key, position) => assert.deepEqual([board.placeOf(key), board.tasks.get(key).column], [{ column, position }, column]));
  }
  assert.deepEqual([...board.tasks.keys()].sort(), ['1', '2', '4', '6']);
  assert.deepEqual(board.tasks.get('2'), { id: 2, title: 'B', column: 'done' });
});

test('what a change does not name stays, and a place or a version is no part of a card', () => {
  const board = new Board([{ id: 1, title: 'a', description: 'd', column: 'todo', position: 0, version: 3 }]);
  board.apply('update_task', { id: '1', assignee: 'Bob', version: 4, position: 0 });
  assert.deepEqual(board.tasks.get('1'), { id: 1, title: 'a', description: 'd', assignee: 'Bob', column: 'todo' });
});

test('what is done to a copy of a board is not done to the board', () => {
  const board = new Board(cards('a', 'b', 'c', 'd'));
  const before = [structuredClone(board.tasks), structuredClone(board.columns)];
  const copy = board.copy();
  assert.deepEqual([copy.tasks, copy.columns], before);
  for (const [type, content] of [['delete_task', { id: 1 }], ['task_moved', { taskId: 2, newColumn: 'done', position: 0 }], ['update_task', { id: 3, title: 'x' }], ['add_task', { id: 9, column: 'todo' }]]) copy.apply(type, content);
  assert.deepEqual([board.tasks, board.columns], before);
});

const isNear = (a, b, within = 1e-9) => Math.abs(a - b) <= within;

test('a curve goes through its points, is straight where they are, and is given in steps as small as it needs', () => {
  const straight = bend([0, 0], [10, 0], [20, 0], [30, 0]);
  assert.deepEqual(straight, [[20, 0]]);
  assert.deepEqual(bend([10, 0], [10, 0], [20, 5], [20, 5]), [[20, 5]]);
  assert.deepEqual(bend([1, 1], [1, 1], [1, 1], [1, 1]), [[1, 1]]);
  const round = bend([0, 0], [0, 10], [10, 10], [10, 0]);
  assert.ok(round.length > 3 && round.length <= 32);
  assert.deepEqual(round.at(-1), [10, 10]);
  for (const [x, y] of round.slice(0, -1)) assert.ok(x > 0 && x < 10 && y > 10 && y < 13, `${x},${y}`);
  round.slice(0, -1).forEach(([x, y], i) => {
    const [otherX, otherY] = round[round.length - 2 - i];
    assert.ok(isNear(x, 10 - otherX) && isNear(y, otherY), 'as it began it ends');
  });
  assert.equal(bend([0, 0], [0, 1000], [1000, 1000], [1000, 0]).length, 32);
  // The curve is a cubic with these ends and directions.
  const [from, to] = [[7.0710678, 7.0710678], [7.0710678, -7.0710678]];
  round.forEach(([x, y], i) => {
    const t = (i + 1) / round.length;
    const cubic = (b, way, a, c) => b + t * (a + t * (3 * way - 2 * a - c + t * (a + c - 2 * way)));
    assert.ok(isNear(x, cubic(0, 10, from[0], to[0]), 1e-6) && isNear(y, cubic(10, 0, from[1], to[1]), 1e-6));
  });
});

test('the direction at a point is that of its neighbours, as long as the shorter side, so that nothing loops', () => {
  const points = bend([0, 0], [1000, 0], [1001, 1], [1001, 1]);
  for (const [x, y] of points) assert.ok(x >= 1000 && x <= 1001.3 && y >= -0.3 && y <= 1.3, `${x},${y}`);
});

test('pressure goes evenly from point to point', () => {
  const points = bend([0, 0, 0], [0, 100, 0.2], [100, 100, 0.8], [100, 0, 1]);
  points.forEach(([, , pressure], i) => assert.ok(isNear(pressure, 0.2 + 0.6 * (i + 1) / points.length)));
  assert.ok(bend([0, 0], [0, 100], [100, 100], [100, 0]).every((point) => point.length === 2));
});

// A path that says what was done with it.
class Path {
  constructor(other) { this.steps = [...(other?.steps ?? [])]; }
  moveTo(x, y) { this.steps.push(['move', x, y]); }
  lineTo(x, y) { this.steps.push(['line', x, y]); }
  arc(x, y, radius, from, to) { this.steps.push(['arc', x, y, radius, from, to]); }
  closePath() { this.steps.push(['close']); }
  addPath(other) { this.steps.push(...other.steps); }
}

const withPaths = (body) => () => {
  globalThis.Path2D = Path;
  try { body(); } finally { delete globalThis.Path2D; }
};

test('a stroke without pressure is a line to be stroked, in its width, and a point is a dot', withPaths(() => {
  const line = pieceOf({ points: [[1, 2], [3, 2], [5, 2]], color: '#123', size: '6' });
  assert.deepEqual([line.path.steps, line.color, line.width, line.points], [[['move', 1, 2], ['line', 3, 2], ['line', 5, 2]], '#123', 6, 3]);
  assert.deepEqual(line.box, [-7, -6, 13, 10]);
  const old = pieceOf({ fromX: 0, fromY: 0, toX: 4, toY: 3, color: 'red' });
  assert.deepEqual([old.path.steps, old.width, old.box], [[['move', 0, 0], ['line', 4, 3]], 4, [-6, -6, 10, 9]]);
  const still = pieceOf({ points: [[5, 5], [5, 5]], color: 'red', size: 2 });
  assert.deepEqual([still.path.steps, still.width], [[['move', 5, 5], ['line', 5, 5], ['line', 5.01, 5]], 2]);
  for (const points of [[[5, 5], [5, 6]], [[5, 5], [6, 5]]]) assert.equal(pieceOf({ points, color: 'red' }).path.steps.length, 2);
  const dot = pieceOf({ points: [[5, 6]], color: 'red', size: 10 });
  assert.deepEqual([dot.path.steps, dot.width], [[['move', 10, 6], ['arc', 5, 6, 5, 0, 2 * Math.PI]], 0]);
}));

test('a stroke with pressure is discs and what joins them, to be filled, as wide as it was pressed', withPaths(() => {
  const { path, width } = pieceOf({ points: [[0, 0, 0.5], [10, 0, 1], [10, 0, 0]], color: 'red', size: 10 });
  assert.equal(width, 0);
  const near = path.steps.map(([what, ...numbers]) => [what, ...numbers.map((number) => Math.round(number * 1000) / 1000)]);
  const turn = Math.round(2000 * Math.PI) / 1000;
  assert.deepEqual(near.map((step) => step.map((number) => (number === 0 ? 0 : number))), [
    ['move', 5, 0], ['arc', 0, 0, 5, 0, turn],
    ['move', 18.25, 0], ['arc', 10, 0, 8.25, 0, turn], ['move', 0, -5], ['line', 10, -8.25], ['line', 10, 8.25], ['line', 0, 5], ['close'],
    ['move', 11.75, 0], ['arc', 10, 0, 1.75, 0, turn],
  ]);
  const mixed = pieceOf({ points: [[0, 0], [0, 10, 0.5]], color: 'red', size: 10 });
  assert.deepEqual(mixed.path.steps[1], ['arc', 0, 0, 5, 0, 2 * Math.PI], 'without pressure it is as with half of it');
}));

test('pieces that are joined are one, in the look of the first, and none of them has changed', withPaths(() => {
  const pieces = ['red', 'blue', 'green'].map((color, i) => pieceOf({ points: [[i, 0], [i + 1, 0]], color, size: i + 1 }));
  assert.equal(joined(pieces.slice(0, 1)), pieces[0]);
  const all = joined(pieces);
  assert.deepEqual([all.color, all.width, all.path.steps.length], ['red', 1, 6]);
  assert.deepEqual(pieces.map(({ path }) => path.steps.length), [2, 2, 2]);
}));

test('a piece with a width is stroked with it, and one without is filled', () => {
  for (const [piece, wanted] of [
    [{ path: 'p', color: 'red', width: 3 }, { strokeStyle: 'red', lineWidth: 3, done: ['stroke', 'p'] }], [{ path: 'p', color: 'red', width: 0 }, { fillStyle: 'red', done: ['fill', 'p'] }],
  ]) {
    const context = { stroke(path) { this.done = ['stroke', path]; }, fill(path) { this.done = ['fill', path]; } };
    paint(context, piece);
    const { stroke, fill, ...rest } = context;
    assert.deepEqual(rest, wanted);
  }
});

test('boxes that overlap touch, those side by side do not; around several is the smallest that holds them', () => {
  const box = [0, 0, 10, 10];
  for (const [other, wanted] of [
    [[5, 5, 6, 6], true], [[-5, -5, 1, 1], true], [[9, 9, 20, 20], true], [[10, 0, 20, 10], false], [[0, 10, 10, 20], false], [[-5, 0, 0, 10], false], [[0, -5, 10, 0], false],
  ]) for (const [a, b] of [[box, other], [other, box]]) assert.equal(touch(a, b), wanted, `${a} ${b}`);
  assert.deepEqual(around([[1, 8, 3, 9], [0, 9, 2, 20]]), [0, 8, 3, 20]);
});

test('a place is told to a tenth of a unit, and pressure to a hundredth', () => {
  assert.deepEqual(rounded([1.26, 2.04, 0.126]), [1.3, 2, 0.13]);
  assert.deepEqual(rounded([1.24, 2]), [1.2, 2]);
});
