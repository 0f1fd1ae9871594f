// References that are pointed at while a formula is being written: a click, a drag or the arrow keys put the cell's name where
// the formula waits for one.
//
//   const pointing = new Pointing((range) => …);   // what is pointed at, to be marked; null when it no longer is
//   pointing.at(input, { row, col })               // true if the click has been used up: the formula goes on
//   pointing.to({ row, col })                      // the other end, of a drag

import { cellName } from './sheet_text.js';

const REFERENCE = /(?<![\w.$])\$?[a-z]{1,3}\$?\d{1,7}(:\$?[a-z]{1,3}\$?\d{1,7})?$/i;
const WAITS = /[=(,;+\-*/^&<>:{]\s*$/; // behind any of these a reference can stand

export class Pointing {
  #show;
  #input = null;
  #from = 0; // where the reference is in the input …
  #text = ''; // … and what it is
  #start = null; // the cells of its two corners
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

  // The arrow keys: from what is pointed at, or else from the cell that is written. Returns false if they mean something else.
  move(input, cell, down, right, { extend, rows, cols }) {
    const slot = this.#slot(input);
    if (!slot) return false;
    const from = this.#isAt(input) ? this.#end : cell;
    const next = { row: clamp(from.row + down, rows), col: clamp(from.col + right, cols) };
    if (extend && this.#isAt(input)) this.to(next);
    else this.at(input, next);
    return true;
  }

  // The end of a formula, or of pointing in it.
  stop() {
    if (!this.#input) return;
    this.#input = null;
    this.#show(null);
  }

  // Whether what was pointed at last is what the caret stands behind.
  #isAt(input) {
    const end = this.#from + this.#text.length;
    return this.#input === input && input.selectionStart === end && input.value.slice(this.#from, end) === this.#text;
  }

  // From where to where a reference would be written: in place of the one pointed at last, where one is waited for, or in place
  // of one at the end of a formula that is not finished.
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

// A parenthesis, a brace or a text is still open, or something must follow.
function isUnfinished(formula) {
  if (!formula.startsWith('=')) return false;
  const rest = formula.replace(/"[^"]*"/g, '""').replace(/'[^']*'!/g, '');
  const count = (character) => rest.split(character).length;
  return count('"') % 2 === 0 || count('(') > count(')') || count('{') > count('}') || (WAITS.test(rest) && rest.length > 1);
}
