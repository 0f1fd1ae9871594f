// The spreadsheet page: what is in the cells, what others do to them, and what goes in and out. What the elements are for is
// in spreadsheet.html.
//
// The last to write a cell wins. What is written here is seen at once: a cell shows what is under way, else what the server
// has told. What the server refuses goes away again, with the reason.

import { followCursors, paced } from './lib/cursors.js';
import { Formulas } from './lib/formulas.js';
import { Grid } from './lib/grid.js';
import { commandLetter } from './lib/keys.js';
import { enterRoom, make, tint } from './lib/room.js';
import { readCsv, selection, useClipboard, writeCsv } from './lib/sheet_exchange.js';
import { cellName, splitBlock } from './lib/sheet_text.js';
import { toast } from './lib/toast.js';

const MOST = { rows: 1000, cols: 100 }; // the plugin's defaults; a server with others refuses in words
const BLOCK = { cells: 10_000, bytes: 48 * 1024 }; // what goes into one message

const byId = (id) => document.getElementById(id);
const known = new Map(); // "row-col" -> the raw text of a cell, as the server has told
const underWay = new Set(); // { row, col, values } that the server has not answered, in the order of sending
const computed = new Map(); // "row-col" -> { text, kind }, of formulas and what they spill
const NOTHING = { text: '', kind: '' };
const tell = toast(byId('news'), { dismissed: () => { if (!grid.editing && !lineOf) grid.focus(); } });

const textOf = (value) => (typeof value === 'boolean' ? String(value).toUpperCase() : String(value ?? ''));

function raw(row, col) {
  let text = known.get(`${row}-${col}`) ?? '';
  for (const block of underWay) text = block.values[row - block.row]?.[col - block.col] ?? text;
  return text;
}

function look(row, col) {
  const text = raw(row, col);
  const value = computed.get(`${row}-${col}`);
  if (value && (text === '' || text.startsWith('='))) return value;
  if (text === '') return NOTHING;
  return { text: text.replace(/^'/, ''), kind: /^[-+]?[\d.,]*\d%?$|^[-+]?\d[\d.]*e[-+]?\d+$/i.test(text) ? 'number' : 'text' };
}

const grid = new Grid(byId('sheet'), {
  look,
  raw,
  filled: (row, col) => look(row, col).text !== '',
  edited: (row, col, text) => write(row, col, [[text]]),
  selected,
});
grid.resize(100, 26);

const formulas = new Formulas((cells) => {
  for (const [row, col, text, kind] of cells) {
    if (text === null) computed.delete(`${row}-${col}`);
    else computed.set(`${row}-${col}`, { text, kind });
  }
  grid.refresh();
  showSum();
});

const hub = await enterRoom();
grid.focus();

hub.on('cell_update', ({ content, id, nickname }) => {
  take(content.row, content.col, [[content.value]]);
  if (id !== hub.id) changedBySomebody(nickname, content.row, content.col, 1, 1);
});
hub.on('cells_update', ({ content: { row, col, values }, id, nickname }) => {
  take(row, col, values);
  if (id !== hub.id) changedBySomebody(nickname, row, col, values.length, Math.max(...values.map((line) => line.length)));
});
hub.on('full_update', ({ content }) => {
  empty();
  for (const { row, col, value } of content) put(row, col, value);
  changed(content.map(({ row, col }) => [row, col]));
});
hub.onReset(empty);
hub.on('error', ({ content }) => tell(content));
addEventListener('beforeunload', (event) => {
  if (underWay.size) event.preventDefault(); // it would be lost
});

function put(row, col, value) {
  const text = textOf(value);
  if (text) known.set(`${row}-${col}`, text);
  else known.delete(`${row}-${col}`);
}

function take(row, col, values) {
  values.forEach((line, down) => line.forEach((value, right) => put(row + down, col + right, value)));
  changed(placesOf({ row, col, values }));
}

function empty() {
  const places = [...known.keys()].map((key) => key.split('-').map(Number));
  known.clear();
  changed(places);
}

const placesOf = ({ row, col, values }) => values.flatMap((line, down) => line.map((_, right) => [row + down, col + right]));

// What these cells hold may be something else now.
function changed(places) {
  let { rows, cols } = grid;
  for (const [row, col] of places) {
    if (row >= rows) rows = row + 1;
    if (col >= cols) cols = col + 1;
  }
  formulas.set(places.map(([row, col]) => [row, col, raw(row, col)]));
  grid.resize(rows, cols);
  grid.refresh();
  showLine();
  showSum();
}

// --- Writing

const undoable = [];
const redoable = [];

function write(row, col, values) {
  redoable.length = 0;
  post(row, col, values, undoable);
}

// Sends a block, in as many messages as it needs, most often one.
function post(row, col, values, history) {
  history.push({ row, col, values: values.map((line, down) => line.map((_, right) => raw(row + down, col + right))) });
  for (const part of splitBlock({ row, col, values }, BLOCK)) send(part);
}

async function send(block) {
  const { row, col, values } = block;
  const one = values.length === 1 && values[0].length === 1;
  underWay.add(block);
  changed(placesOf(block));
  try {
    if (one) await hub.send('cell_update', { id: `${row}-${col}`, row, col, value: values[0][0] });
    else await hub.send('cells_update', block);
  } catch (error) {
    const text = values[0][0];
    tell(`${one ? `${cellName(row, col)} is` : `${cellName(row, col)} and the cells beside it are`} as before: ${error.message}`, 'Try again', () => {
      if (!one) return write(row, col, values);
      grid.select(row, col);
      grid.edit(text);
    });
  }
  underWay.delete(block);
  changed(placesOf(block));
}

function undo(from, to) {
  const last = from.pop();
  if (!last) return;
  post(last.row, last.col, last.values, to);
  grid.select(last.row, last.col, { head: { row: last.row + last.values.length - 1, col: last.col + last.values[0].length - 1 } });
}

byId('grid').addEventListener('keydown', (event) => {
  const letter = commandLetter(event);
  if (event.key === 'Delete' || event.key === 'Backspace') clear();
  else if (letter === 'z' && !event.shiftKey) undo(undoable, redoable);
  else if (letter === 'y' || letter === 'z') undo(redoable, undoable);
  else return;
  event.preventDefault();
});

function clear() {
  const { top, left } = grid.range;
  const lines = selection(grid, raw);
  if (lines.flat().some(Boolean)) write(top, left, lines.map((line) => line.map(() => '')));
}

useClipboard(byId('grid'), grid, { look, raw, write, clear, most: MOST });

// --- CSV

byId('import').onclick = () => byId('file').click();
byId('file').onchange = async () => {
  const [file] = byId('file').files;
  byId('file').value = '';
  if (!file) return;
  const lines = readCsv(await file.text());
  const { row, col } = grid.active;
  write(row, col, lines);
  tell(`${file.name}: ${lines.length} rows from ${cellName(row, col)} on`);
  grid.focus();
};

byId('export').onclick = () => {
  const anchor = make('a');
  anchor.href = URL.createObjectURL(new Blob([writeCsv(grid, look)], { type: 'text/csv' }));
  anchor.download = `${hub.room}.csv`;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
};

// --- The size of the sheet: everybody sees as much as they like, and at least what is filled

function showSize() {
  byId('more-rows').disabled = grid.rows >= MOST.rows;
  byId('more-columns').disabled = grid.cols >= MOST.cols;
}
byId('more-rows').onclick = () => {
  grid.resize(Math.min(MOST.rows, grid.rows + 100), grid.cols);
  showSize();
  tell(`The sheet now has ${grid.rows} rows`);
};
byId('more-columns').onclick = () => {
  grid.resize(grid.rows, Math.min(MOST.cols, grid.cols + 26));
  showSize();
  tell(`The sheet now has ${grid.cols} columns`);
};

// --- The line above the sheet, in which the cell can be edited as well

const line = byId('formula');
let lineOf = null; // { row, col, from } while it is being edited

function showLine() {
  if (lineOf) return;
  const { top, left, bottom, right } = grid.range;
  const { row, col } = grid.active;
  byId('where').value = top === bottom && left === right ? cellName(row, col) : `${cellName(top, left)}:${cellName(bottom, right)}`;
  line.value = grid.editing ? grid.editor.value : raw(row, col);
}

line.addEventListener('focus', () => {
  const { row, col } = grid.active;
  lineOf = { row, col, from: raw(row, col) };
});
line.addEventListener('blur', () => {
  const { row, col, from } = lineOf;
  lineOf = null;
  if (line.value !== from) write(row, col, [[line.value]]);
  showLine();
});
line.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  line.value = lineOf.from;
  grid.focus();
});
byId('line').onsubmit = (event) => {
  event.preventDefault();
  const { row, col } = lineOf;
  grid.focus();
  grid.select(row + 1, col);
};

// --- Others

function changedBySomebody(nickname, row, col, rows, cols) {
  const mine = grid.editing ?? lineOf;
  if (!mine || mine.row < row || mine.col < col || mine.row >= row + rows || mine.col >= col + cols) return;
  const text = raw(mine.row, mine.col);
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  tell(`${nickname} has changed ${cellName(mine.row, mine.col)} to ${short ? `“${short}”` : 'nothing'} meanwhile. Enter replaces that by yours, Escape keeps it.`, 'Keep it', () => {
    if (grid.editing) return grid.cancel();
    line.value = lineOf.from;
    grid.focus();
  });
}

const others = new Map(); // id -> the mark over what somebody has selected
const tellSelection = paced(hub, 'cursor_update');

function selected() {
  showLine();
  showSum();
  sayWhereIAm();
}

function sayWhereIAm() {
  const { active, head } = grid;
  if (hub.types.includes('cursor_update')) tellSelection({ cellId: `${active.row}-${active.col}`, to: `${head.row}-${head.col}` });
}
hub.on('users_update', sayWhereIAm); // whoever has just come does not know

followCursors(hub, 'cursor_update', {
  show({ id, nickname, cellId, to = cellId }) {
    const [from, end] = [cellId, to].map((name) => /^(\d{1,6})-(\d{1,4})$/.exec(name)?.slice(1).map(Number));
    const mark = others.get(id) ?? make('div', 'other tinted');
    if (!from || !end) return mark.remove();
    others.set(id, mark);
    tint(mark, nickname).replaceChildren(make('span', '', nickname));
    mark.classList.toggle('topmost', Math.min(from[0], end[0]) === 0);
    byId('sheet').querySelector('.marks').append(mark);
    grid.cover(mark, {
      top: Math.min(from[0], end[0]), left: Math.min(from[1], end[1]), bottom: Math.max(from[0], end[0]), right: Math.max(from[1], end[1]),
    });
  },
  hide(id) {
    others.get(id)?.remove();
    others.delete(id);
  },
});

// --- Below the sheet

let sumFrame = 0;

function showSum() {
  sumFrame ||= requestAnimationFrame(() => {
    sumFrame = 0;
    const { top, left, bottom, right } = grid.range;
    const numbers = [];
    for (let row = top; row <= bottom; row += 1) {
      for (let col = left; col <= right; col += 1) {
        const { text, kind } = look(row, col);
        const number = kind === 'number' ? Number(text.replaceAll(',', '')) : NaN;
        if (!Number.isNaN(number)) numbers.push(number);
      }
    }
    const sum = numbers.reduce((total, number) => total + number, 0);
    byId('sum').textContent = numbers.length > 1 ? `Sum ${Number(sum.toPrecision(12)).toLocaleString('en')}, of ${numbers.length}` : '';
  });
}

selected();
showSize();
