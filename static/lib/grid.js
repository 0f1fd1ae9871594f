// A grid of cells to view, navigate, select and edit. It asks its owner for their content. Only the visible part is in the document:
// cells of one size, in rows that are positioned in a box as large as the whole sheet. (Grids from npm bring their own data, look and
// clipboard; making them share a sheet would take more code than this.)
//
//   const grid = new Grid(document.getElementById('sheet'), {
//     look: (row, col) => ({ text, kind, late, note }),   what a cell shows; late says why it is out of date
//     raw: (row, col) => '=A1*2',              the text to edit
//     filled: (row, col) => true,              whether the cell is not empty
//     edited: (row, col, text) => {},          the user has changed a cell
//     selected: () => {},                      grid.active or grid.range has changed
//     goOn: (range, { down, right }) => {},    the corner of the selection was dragged this many cells further
//     writing: () => element,                  another input in which a formula is being written, if any
//   });
//
// The element has the children .grid, which gets the keyboard focus, .marks, and a textarea; see spreadsheet.html.

import { commandLetter, isComposing } from './keys.js';
import { Pointing } from './pointing.js';
import { make } from './room.js';
import { cellName, columnName } from './sheet_text.js';

const ROW = 28; // px, as in spreadsheet.css
const COL = 112;
const HEAD = 46; // the column of row numbers
const SPARE = 6; // rows and columns rendered beyond the visible part, on each side
const LONGEST = 200; // characters that a cell shows at most

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

// The block of this many rows below (or above) a range, or columns beside it.
function blockBeside({ top, left, bottom, right }, { down = 0, right: across = 0 }) {
  if (down) return { top: down > 0 ? bottom + 1 : top + down, bottom: down > 0 ? bottom + down : top - 1, left, right };
  return { top, bottom, left: across > 0 ? right + 1 : left + across, right: across > 0 ? right + across : left - 1 };
}

// Whether a key writes something, or begins to: a character (also with AltGr, which is Ctrl+Alt on Windows and Alt on a Mac), a dead
// key, an input method.
function writes(event) {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (!['Dead', 'Process', 'Unidentified'].includes(key) && [...key].length > 1) return false;
  if (metaKey) return false;
  return !(ctrlKey || altKey) || isAltGr(event);
}

function isAltGr(event) {
  const { ctrlKey, altKey } = event;
  return event.getModifierState('AltGraph') || (ctrlKey && altKey) || (altKey && /^Mac/.test(navigator.platform));
}

export class Grid {
  rows = 0;
  cols = 0;
  active = { row: 0, col: 0 }; // the cell that typing goes into
  head = { row: 0, col: 0 }; // the other end of the selection
  editing = null; // { row, col, from: the text of the cell, direct: whether it began by typing }

  #cells = new Map(); // "row-col" -> the element of a rendered cell
  #frame = 0;
  #window = ''; // the edges of the rendered part
  #tabbedFrom = 0; // the column to which Enter returns

  constructor(element, source) {
    this.source = source;
    this.scroller = element;
    [this.box] = element.children;
    [this.grid, this.marks, this.editor] = this.box.children;
    this.selection = make('div', 'selection');
    this.handle = make('div', 'handle');
    this.further = make('div', 'further'); // marks cells that are dragged to or pointed at
    this.marks.append(this.selection, this.handle, this.further);
    this.further.hidden = true;
    this.pointing = new Pointing((range) => this.#mark(range));
    element.addEventListener('scroll', () => this.refresh(), { passive: true });
    new ResizeObserver(() => this.refresh()).observe(element);
    this.#listen();
  }

  get range() {
    const { active, head } = this;
    return {
      top: Math.min(active.row, head.row), left: Math.min(active.col, head.col),
      bottom: Math.max(active.row, head.row), right: Math.max(active.col, head.col),
    };
  }

  resize(rows, cols) {
    if (rows === this.rows && cols === this.cols) return;
    Object.assign(this, { rows, cols });
    this.box.style.width = `${HEAD + cols * COL}px`;
    this.box.style.height = `${ROW + rows * ROW}px`;
    this.grid.ariaRowCount = rows + 1;
    this.grid.ariaColCount = cols + 1;
    this.#window = '';
    this.refresh();
  }

  // Renders the current state in the next frame.
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#layOut();
      for (const [key, cell] of this.#cells) this.#paint(cell, ...key.split('-').map(Number));
      this.#paintSelection();
    });
  }

  // Puts a mark over cells.
  cover(mark, { top, left, bottom, right }) {
    mark.hidden = !(bottom < this.rows && right < this.cols);
    mark.style.translate = `${HEAD + left * COL}px ${ROW + top * ROW}px`;
    mark.style.width = `${(right - left + 1) * COL}px`;
    mark.style.height = `${(bottom - top + 1) * ROW}px`;
  }

  select(row, col, { extend = false, head } = {}) {
    this.commit();
    row = clamp(row, 0, this.rows - 1);
    col = clamp(col, 0, this.cols - 1);
    if (!extend) this.active = { row, col };
    this.head = head ?? { row, col };
    this.#tabbedFrom = this.active.col;
    this.#reveal(head ? this.active : this.head);
    this.refresh();
    this.source.selected();
  }

  // --- Writing into a cell

  edit(text, { direct = false } = {}) {
    const { row, col } = this.active;
    this.#reveal(this.active);
    this.editing = { row, col, from: this.source.raw(row, col), direct };
    this.editor.style.translate = `${HEAD + col * COL}px ${ROW + row * ROW}px`;
    this.editor.value = text ?? this.editing.from;
    this.editor.ariaLabel = cellName(row, col);
    this.editor.hidden = false;
    this.editor.focus({ preventScroll: true });
    this.editor.setSelectionRange(this.editor.value.length, this.editor.value.length);
  }

  commit() {
    if (!this.editing) return;
    const { row, col, from } = this.editing;
    const text = this.editor.value;
    this.cancel();
    if (text !== from) this.source.edited(row, col, text);
  }

  // Ends the editing without a change.
  cancel() {
    const focused = document.activeElement === this.editor;
    this.editing = null;
    this.pointing.stop();
    this.editor.hidden = true;
    if (focused) this.focus();
    this.source.selected();
  }

  focus() {
    this.grid.focus({ preventScroll: true });
  }

  // --- The visible part

  #layOut() {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.scroller;
    const top = clamp(Math.floor(scrollTop / ROW) - SPARE, 0, this.rows);
    const left = clamp(Math.floor(scrollLeft / COL) - SPARE, 0, this.cols);
    const bottom = clamp(Math.ceil((scrollTop + clientHeight) / ROW) + SPARE, 0, this.rows);
    const right = clamp(Math.ceil((scrollLeft + clientWidth) / COL) + SPARE, 0, this.cols);
    const edges = [top, left, bottom, right];
    // As long as the spare cells cover the visible part, nothing is rebuilt.
    const known = this.#window && this.#window.split(' ').map(Number);
    if (known && edges.every((edge, i) => Math.abs(edge - known[i]) < SPARE)) return;
    this.#window = edges.join(' ');
    this.#cells.clear();
    const rows = [this.#headRow(left, right)];
    for (let row = top; row < bottom; row += 1) rows.push(this.#row(row, left, right));
    this.grid.replaceChildren(...rows);
  }

  #headRow(left, right) {
    const element = make('div', 'head row');
    element.role = 'row';
    element.ariaRowIndex = 1;
    const corner = make('div', 'corner');
    corner.role = 'columnheader';
    corner.ariaLabel = 'Rows';
    element.append(corner);
    for (let col = left; col < right; col += 1) {
      const header = make('div', 'name', columnName(col));
      header.role = 'columnheader';
      header.ariaColIndex = col + 2;
      header.dataset.col = col;
      if (col === left) header.style.marginLeft = `${left * COL}px`;
      element.append(header);
    }
    return element;
  }

  #row(row, left, right) {
    const element = make('div', 'row');
    element.role = 'row';
    element.ariaRowIndex = row + 2;
    element.style.top = `${ROW + row * ROW}px`; // with a translation, its number would be below the marks
    const header = make('div', 'number', row + 1);
    header.role = 'rowheader';
    header.ariaColIndex = 1;
    header.dataset.row = row;
    element.append(header);
    for (let col = left; col < right; col += 1) {
      const cell = make('div', 'cell');
      cell.role = 'gridcell';
      cell.id = `cell-${row}-${col}`;
      cell.ariaColIndex = col + 2;
      if (col === left) cell.style.marginLeft = `${left * COL}px`;
      this.#cells.set(`${row}-${col}`, cell);
      element.append(cell);
    }
    return element;
  }

  #paint(cell, row, col) {
    const { text, kind, late = '', note = late } = this.source.look(row, col);
    const visible = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    if (cell.textContent !== visible) cell.textContent = visible;
    if (cell.dataset.kind !== kind) cell.dataset.kind = kind;
    if (cell.title === note) return;
    cell.title = note; // screen readers read it too
    cell.classList.toggle('late', Boolean(late));
  }

  #paintSelection() {
    const { top, left, bottom, right } = this.range;
    this.cover(this.selection, this.range);
    this.cover(this.handle, this.range);
    for (const [key, cell] of this.#cells) {
      const [row, col] = key.split('-').map(Number);
      cell.ariaSelected = row >= top && row <= bottom && col >= left && col <= right;
      cell.classList.toggle('active', row === this.active.row && col === this.active.col);
    }
    for (const header of this.grid.querySelectorAll('[data-row]')) header.classList.toggle('within', header.dataset.row >= top && header.dataset.row <= bottom);
    for (const header of this.grid.querySelectorAll('[data-col]')) header.classList.toggle('within', header.dataset.col >= left && header.dataset.col <= right);
    const { row, col } = this.active.row === this.head.row && this.active.col === this.head.col ? this.active : this.head;
    const spoken = `cell-${row}-${col}`;
    if (this.grid.getAttribute('aria-activedescendant') !== spoken) this.grid.setAttribute('aria-activedescendant', spoken);
  }

  #reveal({ row, col }) {
    const { scroller } = this;
    const top = row * ROW;
    const left = col * COL;
    scroller.scrollTop = clamp(scroller.scrollTop, top + 2 * ROW - scroller.clientHeight, top);
    scroller.scrollLeft = clamp(scroller.scrollLeft, left + COL + HEAD - scroller.clientWidth, left);
    if (scroller.scrollLeft > left) scroller.scrollLeft = left; // if not even one cell fits
  }

  // --- Keyboard, mouse and finger

  #listen() {
    this.grid.addEventListener('keydown', (event) => this.#key(event));
    this.editor.addEventListener('keydown', (event) => this.#keyWhileEditing(event));
    this.editor.addEventListener('input', () => this.source.selected());
    this.editor.addEventListener('blur', () => this.commit());
    this.grid.addEventListener('pointerdown', (event) => this.#point(event));
    this.grid.addEventListener('dblclick', (event) => { if (Math.min(...this.#placeOf(event)) >= 0) this.edit(); });
    this.grid.addEventListener('mousedown', (event) => { if (this.#writing()) event.preventDefault(); }); // on touch, mousedown comes late
    this.handle.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      if (event.pointerType === 'touch') this.#follow(event, this.handle, (row, col) => this.select(row, col, { extend: true }));
      else this.#drag(event);
    });
  }

  // The input in which a formula is being written; null if there is none.
  #writing() {
    const input = this.editing ? this.editor : this.source.writing?.();
    return input?.value.startsWith('=') ? input : null;
  }

  #mark(range) {
    if (range) this.cover(this.further, range);
    else this.further.hidden = true;
  }

  #placeOf({ clientX, clientY }) {
    const { left, top } = this.box.getBoundingClientRect();
    return [Math.floor((clientY - top) / ROW) - 1, Math.floor((clientX - left - HEAD) / COL)];
  }

  #point(event) {
    const { target, shiftKey, pointerType, button } = event;
    if (button !== 0) return;
    const { row, col } = target.dataset;
    if (pointerType === 'touch') {
      // A finger on the grid may be about to scroll: only a click is a tap.
      const tap = () => this.#tap(event);
      target.addEventListener('click', tap, { once: true });
      target.addEventListener('pointercancel', () => target.removeEventListener('click', tap), { once: true });
      return;
    }
    event.preventDefault(); // no text selection by the browser
    if (this.#pointedAt(event)) return this.#follow(event, this.grid, (...to) => this.pointing.to({ row: to[0], col: to[1] }));
    this.focus();
    if (row !== undefined) this.select(Number(row), 0, { head: { row: Number(row), col: this.cols - 1 } });
    else if (col !== undefined) this.select(0, Number(col), { head: { row: this.rows - 1, col: Number(col) } });
    else if (target.matches('.corner')) this.#selectAll();
    else {
      this.select(...this.#placeOf(event), { extend: shiftKey });
      this.#follow(event, this.grid, (...to) => this.select(...to, { extend: true }));
    }
  }

  // Inserts a reference if a formula is being written. Returns whether the click was used for that.
  #pointedAt(event) {
    const input = this.#writing();
    if (!input) return false;
    const { row, col } = event.target.dataset;
    if (row !== undefined) return this.pointing.at(input, { row: Number(row), col: 0 }, { row: Number(row), col: this.cols - 1 });
    if (col !== undefined) return this.pointing.at(input, { row: 0, col: Number(col) }, { row: this.rows - 1, col: Number(col) });
    const [r, c] = this.#placeOf(event);
    return r >= 0 && c >= 0 && this.pointing.at(input, { row: r, col: c });
  }

  #tap(event) {
    if (this.#pointedAt(event)) return;
    const [row, col] = this.#placeOf(event);
    if (row < 0 || col < 0) return;
    const again = row === this.active.row && col === this.active.col;
    this.focus();
    this.select(row, col);
    if (again) this.edit();
  }

  // Calls go(row, col) for each cell that the pointer moves to, and done() when it is released; not if it is cancelled.
  #follow({ pointerId }, element, go, done = () => {}) {
    element.setPointerCapture(pointerId);
    let last = '';
    const move = (event) => {
      const [row, col] = this.#placeOf(event);
      const place = [clamp(row, 0, this.rows - 1), clamp(col, 0, this.cols - 1)];
      if (String(place) === last) return;
      last = String(place);
      go(...place);
    };
    const end = (event) => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', end);
      element.removeEventListener('pointercancel', end);
      if (event.type === 'pointerup') done();
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
  }

  // Drags the corner of the selection up, down or to one side, in the direction in which it has moved furthest.
  #drag(event) {
    const { range } = this;
    let by = {};
    const beyond = (at, least, most) => (at > most ? at - most : Math.min(0, at - least));
    this.#follow(event, this.handle, (row, col) => {
      const [down, right] = [beyond(row, range.top, range.bottom), beyond(col, range.left, range.right)];
      by = Math.abs(down) >= Math.abs(right) ? { down } : { right };
      this.#mark(down || right ? blockBeside(range, by) : null);
    }, () => {
      this.#mark(null);
      if (by.down || by.right) this.source.goOn(range, by);
    });
    this.handle.addEventListener('pointercancel', () => this.#mark(null), { once: true });
  }

  #key(event) {
    const { key, shiftKey: extend, ctrlKey, metaKey } = event;
    const command = (ctrlKey || metaKey) && !writes(event);
    const { row, col } = extend ? this.head : this.active;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 2);
    const [down, right] = { ...ARROWS, PageUp: [-page, 0], PageDown: [page, 0] }[key] ?? [0, 0];
    if (down || right) {
      if (command) this.select(...this.#edge(row, col, down, right), { extend });
      else this.select(row + down, col + right, { extend });
    } else if (key === 'Home') this.select(command ? 0 : row, 0, { extend });
    else if (key === 'End') this.select(...this.#last(command ? undefined : row), { extend });
    else if (commandLetter(event) === 'a') this.#selectAll();
    else if (key === 'Enter' || key === 'F2') this.edit();
    else if (key === 'Escape') this.select(this.active.row, this.active.col);
    else if (!writes(event)) return;
    else if (isAltGr(event) && key.length <= 2) this.edit(key, { direct: true }); // some browsers would not write the character
    else return this.edit('', { direct: true }); // the browser then writes the key into the editor
    event.preventDefault();
  }

  #keyWhileEditing(event) {
    if (isComposing(event)) return;
    const { key, shiftKey, altKey } = event;
    const moves = { Enter: [shiftKey ? -1 : 1, 0], Tab: [0, shiftKey ? -1 : 1] };
    if (this.editing.direct && ARROWS[key]) {
      Object.assign(moves, ARROWS);
      const { rows, cols, active } = this;
      if (this.pointing.move(this.editor, active, ...ARROWS[key], { extend: shiftKey, rows, cols })) return event.preventDefault();
    }
    if (key === 'Escape') {
      event.preventDefault();
      this.cancel();
    } else if (key === 'Enter' && altKey) {
      event.preventDefault();
      this.editor.setRangeText('\n', this.editor.selectionStart, this.editor.selectionEnd, 'end');
    } else if (moves[key]) {
      event.preventDefault();
      const { row, col } = this.active;
      const from = this.#tabbedFrom;
      this.commit();
      if (key === 'Enter') return this.select(row + moves.Enter[0], from);
      this.select(row + moves[key][0], col + moves[key][1]);
      if (key === 'Tab') this.#tabbedFrom = from;
    }
  }

  // The end of the run of filled cells, or of empty cells, in this direction.
  #edge(row, col, down, right) {
    const inside = (r, c) => r >= 0 && c >= 0 && r < this.rows && c < this.cols;
    const { filled } = this.source;
    down = Math.sign(down);
    right = Math.sign(right);
    const along = filled(row, col) && inside(row + down, col + right) && filled(row + down, col + right);
    while (inside(row + down, col + right)) {
      if (along && !filled(row + down, col + right)) break;
      row += down;
      col += right;
      if (!along && filled(row, col)) break;
    }
    return [row, col];
  }

  // The last non-empty cell of a row; without a row, the bottom right corner of everything that is filled.
  #last(only) {
    let [row, col] = [only ?? 0, 0];
    for (let r = only ?? 0; r <= (only ?? this.rows - 1); r += 1) {
      for (let c = 0; c < this.cols; c += 1) if (this.source.filled(r, c)) [row, col] = [r, Math.max(col, c)];
    }
    return [row, col];
  }

  #selectAll() {
    const [row, col] = this.#last();
    this.select(0, 0, { head: { row, col } });
  }
}
