// Where others are, and where one points: pointers that are passed on, and references that clicks and keys put into a formula.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followCursors, paced } from '../../static/lib/cursors.js';
import { Pointing } from '../../static/lib/pointing.js';
import { Clock } from '../lib/clock.mjs';

// A field with the formula in it; "|" is the caret, two of them a selection.
function field(marked) {
  const [before, selected, after] = marked.split('|').length > 2 ? marked.split('|') : [marked.split('|')[0], '', marked.split('|')[1]];
  return {
    value: `${before}${selected}${after}`,
    selectionStart: before.length,
    selectionEnd: before.length + selected.length,
    events: 0,
    setRangeText(text, from, to) {
      this.value = `${this.value.slice(0, from)}${text}${this.value.slice(to)}`;
      this.selectionStart = this.selectionEnd = from + text.length;
    },
    dispatchEvent({ type }) { this.events += type === 'input'; },
    get marked() { return `${this.value.slice(0, this.selectionStart)}|${this.value.slice(this.selectionStart)}`; },
  };
}

const B3 = { row: 2, col: 1 };

test('a click puts the cell’s name where the formula waits for one, and is used up by every formula that is not finished', () => {
  for (const [before, after, usedUp] of [
    ['=|', '=B3|', true], ['=1+|', '=1+B3|', true], ['=1+ |', '=1+ B3|', true], ['=SUM(|)', '=SUM(B3|)', true], ['=SUM(A1,|', '=SUM(A1,B3|', true], ['=|+1', '=B3|+1', true], ['=A1:|', '=A1:B3|', true],
    ...['(', ',', ';', '+', '-', '*', '/', '^', '&', '<', '>', ':', '{', '='].map((sign) => [`=1${sign}|`, `=1${sign}B3|`, true]),
    ['=SUM(A1|', '=SUM(B3|', true], ['=SUM(A1:$C$2|', '=SUM(B3|', true], ['=(aa10|', '=(B3|', true], ['=1+|A1', null, false], ['=SUM(|A1', null, true],
    ['=A1|', null, false], ['=SUM(A1)|', null, false], ['|=1', null, false], ['1+|', null, false], ['="a|', null, true], ['="a+|', null, true], ['="a"&|', '="a"&B3|', true],
    ['=SUM(1|', null, true], ['=SUM(x.A1|', null, true], ["='Sheet (1'!A1|", null, false], ['={1|', null, true], ['=(1)+(|', '=(1)+(B3|', true], ['=1+|$A', null, false], ['=SUM(ABCD1|', null, true],
  ]) {
    const shown = [];
    const input = field(before);
    assert.equal(new Pointing((range) => shown.push(range)).at(input, B3), usedUp, before);
    assert.equal(input.marked, after ?? before, before);
    assert.deepEqual([input.events, shown], after ? [1, [{ top: 2, left: 1, bottom: 2, right: 1 }]] : [0, []], before);
  }
});

test('what is selected is replaced', () => {
  const input = field('=1+|A1|+2');
  assert.equal(new Pointing(() => {}).at(input, B3), true);
  assert.equal(input.marked, '=1+B3|+2');
});

test('a drag makes a range of it, whichever way, and the next click another', () => {
  const shown = [];
  const pointing = new Pointing((range) => shown.push(range));
  const input = field('=SUM(|)');
  pointing.at(input, B3);
  for (const [end, text] of [[{ row: 4, col: 3 }, 'B3:D5'], [{ row: 0, col: 0 }, 'A1:B3'], [{ row: 2, col: 0 }, 'A3:B3'], [{ row: 0, col: 1 }, 'B1:B3'], [B3, 'B3']]) {
    pointing.to(end);
    assert.equal(input.marked, `=SUM(${text}|)`);
  }
  assert.deepEqual(shown[1], { top: 2, left: 1, bottom: 4, right: 3 });
  pointing.at(input, { row: 0, col: 0 }, { row: 1, col: 1 });
  assert.equal(input.marked, '=SUM(A1:B2|)');
  pointing.stop();
  pointing.stop();
  assert.deepEqual([shown.at(-1), shown.filter((range) => range === null).length], [null, 1]);
});

test('the arrow keys point from the cell that is written, then from what is pointed at, and stay within the sheet', () => {
  const size = { extend: false, rows: 10, cols: 5 };
  const pointing = new Pointing(() => {});
  const input = field('=|');
  const press = (down, right, more) => {
    assert.equal(pointing.move(input, B3, down, right, { ...size, ...more }), true);
    return input.marked;
  };
  for (const [down, right, more, wanted] of [
    [1, 0, {}, '=B4|'], [0, 1, {}, '=C4|'], [1, 0, { extend: true }, '=C4:C5|'], [0, -1, { extend: true }, '=B4:C5|'], [1, 0, {}, '=B6|'], [99, 99, {}, '=E10|'], [-99, -99, {}, '=A1|'], [1, 1, { extend: true }, '=A1:B2|'],
  ]) assert.equal(press(down, right, more), wanted);
  input.setRangeText('+', input.value.length, input.value.length);
  assert.equal(press(1, 0, { extend: true }), '=A1:B2+B4|', 'a new one begins at the cell');
  assert.equal(pointing.move(field('=A1|'), B3, 1, 0, size), false, 'they mean something else');
  assert.equal(pointing.move(field('text|'), B3, 1, 0, size), false);
});

test('what was pointed at and then changed by hand is no longer replaced, unless the formula waits for it', () => {
  const pointing = new Pointing(() => {});
  const input = field('=|');
  pointing.at(input, B3);
  input.setRangeText('0', 3, 3); // =B30
  assert.equal(pointing.at(input, { row: 0, col: 0 }), false);
  assert.equal(input.marked, '=B30|');
  pointing.at(field('=|'), B3); // another field
  const same = field('=B3|');
  assert.equal(pointing.at(same, { row: 0, col: 0 }), false);
  assert.equal(same.value, '=B3');
});

test('where I am is told at once, then no more than every 50 ms, the newest in any case, and only to a server that passes it on', () => {
  const clock = new Clock();
  const restore = clock.install();
  try {
    const cast = [];
    const hub = { types: ['cursor_move'], cast: (...message) => cast.push(message) };
    const tell = paced(hub, 'cursor_move');
    for (let i = 1; i <= 3; i += 1) tell({ x: i });
    assert.deepEqual(cast, [['cursor_move', { x: 1 }]]);
    clock.pass(49);
    assert.equal(cast.length, 1);
    clock.pass(1);
    assert.deepEqual(cast.slice(1), [['cursor_move', { x: 3 }]]);
    clock.pass(49);
    tell({ x: 4 });
    clock.pass(1);
    assert.deepEqual(cast.slice(2), [['cursor_move', { x: 4 }]]);
    clock.pass(50);
    assert.deepEqual([cast.length, clock.timers], [3, 0]);
    tell({ x: 5 });
    assert.equal(cast.length, 4);
    hub.types = [];
    clock.pass(50);
    tell({ x: 6 });
    clock.pass(100);
    assert.deepEqual([cast.length, clock.timers], [4, 0]);
  } finally {
    restore();
  }
});

test('others’ cursors are shown until they can go: when they say so, and when we are not online; mine never', () => {
  const handlers = {};
  let status;
  const seen = [];
  followCursors({ id: 'me', on: (type, handle) => { handlers[type] = handle; }, onStatus: (handle) => { status = handle; } }, 'cursor_move', {
    show: ({ id, x }) => seen.push(`${id} ${x}`), hide: (id) => seen.push(`${id} gone`),
  });
  const move = (id, x) => handlers.cursor_move({ content: { id, x } });
  for (const [id, x] of [['bob', 1], ['me', 1], ['ann', 2], ['bob', 3]]) move(id, x);
  handlers.cursor_gone({ content: { id: 'bob' } });
  handlers.cursor_gone({ content: { id: 'bob' } });
  handlers.cursor_gone({ content: { id: 'me' } });
  move('cy', 4);
  status({ state: 'online' });
  status({ state: 'offline' });
  status({ state: 'connecting' });
  move('ann', 5);
  assert.deepEqual(seen, ['bob 1', 'ann 2', 'bob 3', 'bob gone', 'cy 4', 'ann gone', 'cy gone', 'ann 5']);
});
