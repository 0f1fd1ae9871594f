// The spreadsheet page: the content of the cells, others' changes, clipboard and files. Its elements are in spreadsheet.html.
//
// The last write to a cell wins. The user's changes show at once: a cell shows the unanswered change, if there is one, else the
// server's text. If the server refuses a change, it is reverted, with the reason.

import { followCursors, paced } from './lib/cursors.js';
import { Formulas } from './lib/formulas.js';
import { Grid } from './lib/grid.js';
import { commandLetter } from './lib/keys.js';
import { enterRoom, make, tint } from './lib/room.js';
import { decode, filledUp, readCsv, selection, useClipboard, writeCsv } from './lib/sheet_exchange.js';
import { goOn } from './lib/sheet_fill.js';
import { blocksOf, History } from './lib/sheet_history.js';
import { contentOf, misfit, USUAL, within } from './lib/sheet_limits.js';
import { cellName, looksLikeNumber, splitBlock, widest } from './lib/sheet_text.js';
import { toast } from './lib/toast.js';

const MOST_BYTES = 48 * 1024; // of the text in one message
const MOST_FILE = 16 * 1024 * 1024; // bytes of a file to import; more if the sheet can hold more

const byId = (id) => document.getElementById(id);
const known = new Map(); // "row-col" -> the raw text of a cell, as the server has it
const underWay = new Set(); // { row, col, values } of changes that the server has not answered, in the order of sending
const NOTHING = { text: '', kind: '' };
const backToGrid = () => { if (!grid.editing && !lineOf) grid.focus(); };
const tell = toast(byId('news'), { dismissed: backToGrid, emptied: offerRefused });

const textOf = (value) => (typeof value === 'boolean' ? String(value).toUpperCase() : String(value ?? ''));

function raw(row, col) {
  let text = known.get(`${row}-${col}`) ?? '';
  for (const block of underWay) text = block.values[row - block.row]?.[col - block.col] ?? text;
  return text;
}

function look(row, col) {
  const text = raw(row, col);
  if (text === '' || text.startsWith('=')) return formulas.look(row, col) ?? NOTHING;
  return { text: text.replace(/^'/, ''), kind: looksLikeNumber(text) ? 'number' : 'text' };
}

const grid = new Grid(byId('sheet'), {
  look,
  raw,
  filled: (row, col) => raw(row, col) !== '' || look(row, col).text !== '',
  edited: writeOne,
  selected,
  goOn(range, by) {
    const lines = selection(grid, raw);
    const full = range.bottom - range.top + 1 === lines.length && range.right - range.left + 1 === lines[0].length;
    if (!full) return;
    const { top, left, bottom, right } = range;
    const first = by.down ? [by.down > 0 ? bottom + 1 : top + by.down, left] : [top, by.right > 0 ? right + 1 : left + by.right];
    bring(...first, goOn(lines, by), { done: 'filled' });
    const [row, col] = [Math.min(top, first[0]), Math.min(left, first[1])];
    grid.select(row, col, { head: { row: row + bottom - top + Math.abs(by.down ?? 0), col: col + right - left + Math.abs(by.right ?? 0) } });
  },
  writing: () => (lineOf ? line : null),
});
grid.resize(100, 26);

const formulas = new Formulas(() => {
  grid.refresh();
  showSum();
  showLate();
});

const hub = await enterRoom();
grid.focus();

let limits = USUAL;
for (const news of ['welcome', 'types']) {
  hub.on(news, async () => {
    if (!hub.types.includes('request_limits')) return;
    limits = { ...USUAL, ...(await hub.send('request_limits', {}).catch(() => ({}))).content };
    showSize();
  });
}

for (const news of ['welcome', 'types']) hub.on(news, () => withdrawOffer()); // which makes it again, if the server now takes it
hub.on('cell_update', ({ content, id, nickname }) => {
  take(content.row, content.col, [[content.value]]);
  if (id !== hub.id) changedBySomebody(nickname, content.row, content.col, [[content.value]]);
});
hub.on('cells_update', ({ content: { row, col, values }, id, nickname }) => {
  take(row, col, values);
  if (id !== hub.id) changedBySomebody(nickname, row, col, values);
});
hub.on('full_update', ({ content }) => {
  empty();
  for (const { row, col, value } of content) put(row, col, value);
  changed(content.map(({ row, col }) => [row, col]));
});
hub.onReset(() => {
  empty();
  const forget = hub.on('users_update', () => { // the end of the greeting
    forget();
    showMeanwhile('Somebody');
  });
});
hub.on('error', ({ content }) => tell(content));
addEventListener('beforeunload', (event) => {
  if (underWay.size || refused.length) event.preventDefault(); // it would be lost
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

// The content of these cells may have changed.
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

const history = new History(raw);

function write(row, col, values, isAgain) {
  post([{ row, col, values }], history.write(row, col, values), isAgain);
}

function writeOne(row, col, text) {
  write(row, col, [[text]]);
  const { kind, note } = look(row, col);
  if (kind === 'error' && note) tell(`${cellName(row, col)}: ${note}.`);
}

// Writes a block or, if the sheet cannot take it, says why and offers to take the part that fits. Its lines may differ in length.
function bring(row, col, values, { done = 'pasted', then = (block) => grid.select(row, col, { head: { row: row + block.length - 1, col: col + block[0].length - 1 } }) } = {}) {
  const wrong = misfit({ row, col, values }, limits, raw, contentOf(known, underWay));
  const put = (part) => {
    if (!part.length || !widest(part)) return;
    const block = filledUp(part);
    write(row, col, block);
    then(block);
  };
  if (!wrong) return put(within(values, { rows: limits.rows - row, cols: limits.columns - col }));
  tell(`${wrong.reason} Nothing has been ${done}.`, wrong.rows > 0 && 'Take what fits', () => {
    put(within(values, wrong));
    grid.focus();
  });
}

// Sends blocks, each in as many messages as it needs, usually one.
function post(blocks, step, isAgain) {
  for (const block of blocks) {
    for (const part of splitBlock(block, { cells: limits.block, bytes: MOST_BYTES })) send(part, step, isAgain);
  }
}

const isOne = ({ values }) => values.length === 1 && values[0].length === 1;

async function send(block, step, isAgain) {
  const { row, col, values } = block;
  underWay.add(block);
  replaceRefused(block);
  changed(placesOf(block));
  try {
    if (isOne(block)) await hub.send('cell_update', { id: `${row}-${col}`, row, col, value: values[0][0] });
    else await hub.send('cells_update', block);
    history.stored(step, block);
    underWay.delete(block);
  } catch (error) {
    history.refused(step, block);
    underWay.delete(block);
    keepRefused(block, error, isAgain);
    showMeanwhile();
  }
  changed(placesOf(block));
}

// What the server has refused: { cells: [{ row, col, to }], why, byHand }; byHand: it is not sent again as it is. It is kept until the user
// has tried it again, has dismissed the offer, or has written something else there. Other news may cover the offer for a while. If the
// server has lost this page's plugin, the texts can be tried again once the plugin is back.
let refused = [];
let withdrawOffer = () => {};

const isIn = ({ row, col, values }) => (cell) => values[cell.row - row]?.[cell.col - col] !== undefined;

function keepRefused({ row, col, values }, { code, message }, isAgain) {
  const cells = values.flatMap((line, down) => line.map((to, right) => ({ row: row + down, col: col + right, to })))
    .filter((cell) => ![...underWay].some((later) => isIn(later)(cell)));
  const byHand = code === 'too_big' || (isAgain && code === 'invalid' && cells.length === 1);
  if (cells.length) refused.push({ cells, why: message, byHand });
  offerRefused();
}

// Where the user has written something else, a refused text is not tried again. Where somebody else has, the user decides.
function replaceRefused(block, byOthers = false) {
  const hit = refused.filter(({ cells }) => cells.some(isIn(block)));
  for (const one of hit) {
    if (byOthers && isSingle(one)) one.byHand = true;
    else one.cells = one.cells.filter((cell) => !isIn(block)(cell));
  }
  refused = refused.filter(({ cells }) => cells.length);
  if (hit.length) withdrawOffer(); // and makes it again, for the rest
}

function offerRefused() {
  if (!refused.length) return;
  const names = listed(refused.flatMap(({ cells }) => blocksOf(cells).map(blockName)));
  const were = refused.length > 1 || refused[0].cells.length > 1 ? 'were' : 'was';
  const label = hub.types.includes('cell_update') && refused.some((one) => isSingle(one) || !one.byHand) && 'Try again';
  withdrawOffer = tell(`${names} ${were} not changed: ${refused.at(-1).why}`, label, tryAgain, () => {
    refused = [];
    backToGrid();
  });
}

const isSingle = ({ cells }) => cells.length === 1;

// A single text that cannot pass as it is, or that is the only one, is opened to be corrected.
function tryAgain() {
  const all = refused;
  const first = all.find((one) => isSingle(one) && (one.byHand || all.length === 1));
  refused = all.filter((one) => one.byHand && one !== first);
  const atOnce = all.filter((one) => !one.byHand && one !== first);
  for (const { row, col, values } of atOnce.flatMap(({ cells }) => blocksOf(cells))) write(row, col, values, true);
  if (!first) return;
  const [{ row, col, to }] = first.cells;
  grid.select(row, col);
  grid.edit(to);
}

function blockName({ row, col, values }) {
  const corners = [cellName(row, col), cellName(row + values.length - 1, col + values[0].length - 1)];
  return [...new Set(corners)].join(':');
}

const listed = (names) => names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');

function turn(done) {
  if (!done) return;
  const { cells, skipped, step } = done;
  if (step) post(blocksOf(cells), step);
  if (skipped.length) {
    const names = listed(skipped.map(({ row, col }) => cellName(row, col)));
    tell(`${names}: left as ${skipped.length > 1 ? 'they are' : 'it is'}, somebody has changed ${skipped.length > 1 ? 'them' : 'it'} since.`);
  }
  const places = cells.length ? cells : skipped;
  if (!places.length) return;
  const edge = (name, which) => places.reduce((at, cell) => which(at, cell[name]), places[0][name]);
  grid.select(edge('row', Math.min), edge('col', Math.min), { head: { row: edge('row', Math.max), col: edge('col', Math.max) } });
}

byId('grid').addEventListener('keydown', (event) => {
  const letter = commandLetter(event);
  if (event.key === 'Delete' || event.key === 'Backspace') clear();
  else if (letter === 'z' && !event.shiftKey) turn(history.undo());
  else if (letter === 'y' || letter === 'z') turn(history.redo());
  else return;
  event.preventDefault();
});

function clear() {
  const { top, left } = grid.range;
  const lines = selection(grid, raw);
  if (lines.flat().some(Boolean)) write(top, left, lines.map((line) => line.map(() => '')));
}

useClipboard(byId('grid'), grid, { look, raw, bring, clear });

// --- CSV

byId('import').onclick = () => byId('file').click();
byId('file').onchange = async () => {
  const [file] = byId('file').files;
  byId('file').value = '';
  if (!file) return;
  const { row, col } = grid.active;
  const most = Math.max(MOST_FILE, 2 * limits.text);
  if (file.size > most) return tell(`${file.name} is larger than ${most >> 20} MB, more than a sheet can hold. Nothing has been read.`);
  const { text, encoding } = decode(new Uint8Array(await file.arrayBuffer()));
  if (text === undefined) return tell(`${file.name} is no text file. Nothing has been read.`);
  const lines = readCsv(text);
  if (!lines.length) return tell(`${file.name} is empty.`);
  bring(row, col, lines, {
    done: 'read',
    then: (block) => tell(`${file.name}: ${block.length} rows from ${cellName(row, col)} on${encoding === 'UTF-8' ? '' : `, read as ${encoding}`}`),
  });
  grid.focus();
};

byId('export').onclick = () => {
  if (formulas.late) tell('Some cells are still being computed: the file has their last values, if any.');
  const anchor = make('a');
  anchor.href = URL.createObjectURL(new Blob([writeCsv(grid, { look, raw })], { type: 'text/csv' }));
  anchor.download = `${hub.room}.csv`;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
};

// --- The size of the sheet: each user chooses it, but all filled cells are always shown

function showSize() {
  byId('more-rows').disabled = grid.rows >= limits.rows;
  byId('more-columns').disabled = grid.cols >= limits.columns;
}
byId('more-rows').onclick = () => {
  grid.resize(Math.min(limits.rows, grid.rows + 100), grid.cols);
  showSize();
  tell(`The sheet now has ${grid.rows} rows`);
};
byId('more-columns').onclick = () => {
  grid.resize(grid.rows, Math.min(limits.columns, grid.cols + 26));
  showSize();
  tell(`The sheet now has ${grid.cols} columns`);
};

// --- The line above the sheet, in which the active cell can also be edited

const line = byId('formula');
let lineOf = null; // { row, col, from } while it is being edited

function showLine() {
  if (asked && asked.mine !== (grid.editing ?? lineOf)) asked.withdraw();
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
  grid.pointing.stop();
  if (line.value !== from) writeOne(row, col, line.value);
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

function changedBySomebody(nickname, row, col, values) {
  for (const place of placesOf({ row, col, values })) history.changedBySomebody(...place, known.get(place.join('-')) ?? '');
  replaceRefused({ row, col, values }, true);
  const mine = grid.editing ?? lineOf;
  if (mine && values[mine.row - row]?.[mine.col - col] !== undefined) showMeanwhile(nickname);
}

let asked = null; // { mine, withdraw }: the edit that the user was asked about, and what withdraws the question

// Somebody may have changed the cell that is being edited or, without a nickname, what was written there before was refused. If the user
// has not written anything yet, the edit goes on with the new text; else the user decides. A change that is covered by an unanswered one of
// the user's own has no effect.
function showMeanwhile(nickname) {
  const mine = grid.editing ?? lineOf;
  const text = mine && raw(mine.row, mine.col);
  if (!mine || text === mine.from) return;
  const input = grid.editing ? grid.editor : line;
  const isUntouched = !mine.direct && input.value === mine.from;
  mine.from = text;
  if (isUntouched) {
    input.value = text;
    return showLine();
  }
  const name = cellName(mine.row, mine.col);
  const short = text && `“${text.length > 80 ? `${text.slice(0, 80)}…` : text}”`;
  const what = nickname
    ? `${nickname} has changed ${name} to ${short || 'nothing'} meanwhile`
    : `${name} was not changed before, it is ${short || 'empty'}`;
  asked = { mine, withdraw: tell(`${what}. Enter replaces that by yours, Escape keeps it.`, 'Keep it', () => {
    if (grid.editing) return grid.cancel();
    line.value = lineOf.from;
    grid.focus();
  }) };
}

const others = new Map(); // id -> the mark over somebody's selection
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
hub.on('users_update', sayWhereIAm); // for people who have just joined

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

// Shown with a delay, so that short waits do not show.
let lateTimer = 0;

function showLate() {
  lateTimer ||= setTimeout(() => {
    lateTimer = 0;
    const count = formulas.late;
    const text = count ? `${count} ${count === 1 ? 'cell' : 'cells'} not up to date` : '';
    if (byId('late').textContent !== text) byId('late').textContent = text;
  }, 1000);
}

selected();
showSize();
