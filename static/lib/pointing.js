// Inserts references into a formula by pointing: while a formula is being written, a click, a drag or the arrow keys put the cell's
// name where the formula expects a reference.
//
//   const pointing = new Pointing((range) => …);   // called with the range to mark; null: remove the mark
//   pointing.at(input, { row, col })               // returns true if the click was used: the formula goes on
//   pointing.to({ row, col })                      // during a drag: moves the other end

import { cellName } from './sheet_text.js';

const REFERENCE = /(?<![\w.$])\$?[a-z]{1,3}\$?\d{1,7}(:\$?[a-z]{1,3}\$?\d{1,7})?$/i;
const WAITS = /[=(,;+\-*/^&<>:{]\s*$/; // a reference can follow any of these

export class Pointing {
  #show;
  #input = null;
  #from = 0; // the position of the reference in the input …
  #text = ''; // … and its text
  #start = null; // the cells at its two corners
  #end = null;

  constructor(show) {
    this.#show = show;
  }

  at(input, start, end = start) {
    const slot = this.#slot(input);
    if (!slot) return isUnfinished(input.value);
    [this.#input, this.#from, this.#text] = [input, slot[0], input.value.slice(...slot)];
    this.#start = start;
    this.to(end);
    return true;
  }

  to(end) {
    this.#end = end;
    const { top, left, bottom, right } = this.#range();
    const text = top === bottom && left === right ? cellName(top, left) : `${cellName(top, left)}:${cellName(bottom, right)}`;
    const input = this.#input;
    input.setRangeText(text, this.#from, this.#from + this.#text.length, 'end');
    this.#text = text;
    input.dispatchEvent(new Event('input'));
    this.#show(this.#range());
  }

  // Moves with the arrow keys, from the current reference or, if there is none, from the edited cell. Returns false if the keys mean
  // something else.
  move(input, cell, down, right, { extend, rows, cols }) {
    const slot = this.#slot(input);
    if (!slot) return false;
    const from = this.#isAt(input) ? this.#end : cell;
    const next = { row: clamp(from.row + down, rows), col: clamp(from.col + right, cols) };
    if (extend && this.#isAt(input)) this.to(next);
    else this.at(input, next);
    return true;
  }

  // Ends the pointing.
  stop() {
    if (!this.#input) return;
    this.#input = null;
    this.#show(null);
  }

  // Whether the caret is right behind the reference that was inserted last.
  #isAt(input) {
    const end = this.#from + this.#text.length;
    return this.#input === input && input.selectionStart === end && input.value.slice(this.#from, end) === this.#text;
  }

  // The part of the input that a reference would replace: the reference inserted last, the place where one is expected, or a
  // reference at the end of an unfinished formula. Null if there is none.
  #slot(input) {
    const { value, selectionStart: from, selectionEnd: to } = input;
    if (!value.startsWith('=') || from === 0) return null;
    if (this.#isAt(input)) return [this.#from, to];
    const before = value.slice(0, from);
    if (before.replace(/"[^"]*"/g, '').includes('"')) return null; // within a text
    if (/^[\w$]/.test(value.slice(to))) return null;
    if (WAITS.test(before)) return [from, to];
    const [found] = (isUnfinished(value) && REFERENCE.exec(before)) || [];
    return found ? [from - found.length, to] : null;
  }

  #range() {
    const [a, b] = [this.#start, this.#end];
    return { top: Math.min(a.row, b.row), left: Math.min(a.col, b.col), bottom: Math.max(a.row, b.row), right: Math.max(a.col, b.col) };
  }
}

const clamp = (index, count) => Math.max(0, Math.min(count - 1, index));

// Whether a parenthesis, a brace or a text is still open, or an operand is missing.
function isUnfinished(formula) {
  if (!formula.startsWith('=')) return false;
  const rest = formula.replace(/"[^"]*"/g, '""').replace(/'[^']*'!/g, '');
  const count = (character) => rest.split(character).length;
  return count('"') % 2 === 0 || count('(') > count(')') || count('{') > count('}') || (WAITS.test(rest) && rest.length > 1);
}
