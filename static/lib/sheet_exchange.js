// What goes from a sheet to other programs and comes from them: by the clipboard, and as CSV. `look(row, col)` gives the
// { text } that a cell shows, `raw(row, col)` what was written into it, with formulas.

import {
  formatTable, fromField, harmless, looksLikeNumber, parseTable, separatorOf, shiftFormula, toField, widest,
} from './sheet_text.js';

const COPIED = 'application/x-hubbub-cells'; // on the clipboard: what was copied, with its formulas

// What is selected in the grid as a block of fill(row, col); of a whole row or column, as far as there is something.
export function selection(grid, fill) {
  const { top, left, bottom, right } = grid.range;
  const lines = [];
  for (let row = top; row <= bottom; row += 1) {
    lines.push([]);
    for (let col = left; col <= right; col += 1) lines.at(-1).push(fill(row, col));
  }
  const whole = { rows: right - left + 1 === grid.cols && right > left, cols: bottom - top + 1 === grid.rows && bottom > top };
  while (whole.cols && lines.length > 1 && lines.at(-1).every((text) => text === '')) lines.pop();
  const width = whole.rows ? Math.max(1, widest(lines.map((line) => line.slice(0, line.findLastIndex((text) => text !== '') + 1)))) : right - left + 1;
  return lines.map((line) => line.slice(0, width));
}

// Copy, cut and paste in `element`: as values for other programs, with the formulas for this one. bring(row, col, values) is
// called with what is pasted, its lines not always of one length, and clear() when the selection has been cut.
export function useClipboard(element, grid, { look, raw, bring, clear }) {
  const actions = { copy, cut: (data) => { copy(data, true); clear(); }, paste };
  for (const [type, act] of Object.entries(actions)) {
    element.addEventListener(type, (event) => {
      act(event.clipboardData);
      event.preventDefault();
    });
    // Safari asks first whether there is anything that can be copied.
    element.addEventListener(`before${type}`, (event) => event.preventDefault());
  }

  function copy(data, cut = false) {
    const { top, left } = grid.range;
    data.setData('text/plain', formatTable(selection(grid, (row, col) => harmless(look(row, col).text)), '\t'));
    data.setData(COPIED, JSON.stringify({ row: top, col: left, cut, lines: selection(grid, raw) }));
  }

  function paste(data) {
    const { top, left, bottom, right } = grid.range;
    const own = data.getData(COPIED);
    const { row, col, cut, lines } = own ? JSON.parse(own) : { lines: parseTable(withoutNulls(data.getData('text/plain')), '\t') };
    const width = widest(lines);
    if (!width) return;
    // A selection that is a multiple of what is pasted is filled with it.
    const times = (room, size) => (room % size === 0 ? room / size : 1);
    const down = times(bottom - top + 1, lines.length) * lines.length;
    const across = times(right - left + 1, width);
    const block = Array.from({ length: down }, (_, y) => {
      const line = lines[y % lines.length];
      const full = across > 1 ? Array.from({ length: across * width }, (__, x) => line[x % width] ?? '') : line;
      if (!own || cut) return full;
      return full.map((text, x) => shiftFormula(text, top + y - (y % lines.length) - row, left + x - (x % width) - col));
    });
    bring(top, left, block);
  }
}

// What bytes say, and how they were read: by their mark or as UTF-16 without one, as UTF-8, and else as Windows-1252, in which
// Excel writes. What holds U+0000 is no text.
export function decode(bytes) {
  for (const encoding of [markOf(bytes) ?? unmarkedUtf16(bytes) ?? 'UTF-8', 'Windows-1252']) {
    const text = read(bytes, encoding);
    if (text !== undefined) return { text: text.includes('\0') ? undefined : text, encoding };
  }
}

function read(bytes, encoding) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not in this one
  }
}

function markOf(bytes) {
  const marks = { 'UTF-8': [0xef, 0xbb, 0xbf], 'UTF-16LE': [0xff, 0xfe], 'UTF-16BE': [0xfe, 0xff] };
  return Object.keys(marks).find((name) => marks[name].every((byte, at) => bytes[at] === byte));
}

// There, separators and Western letters have a zero on one side, and nothing has it on the other. A zero that has strayed into
// a text of another kind is not enough.
function unmarkedUtf16(bytes) {
  const zeros = [0, 0]; // at even and at odd places
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] += 1;
  const [first, second] = zeros;
  if (bytes.length % 2 || !first === !second) return undefined;
  if (first + second < bytes.length / 4 && read(bytes, 'UTF-8') !== undefined) return undefined;
  return first ? 'UTF-16BE' : 'UTF-16LE';
}

// The rows of a CSV file, as texts for cells. A first line sep=; is Excel's way to name the separator, and no row.
export function readCsv(text) {
  const named = /^sep=([^\w"\r\n])(?:\r\n|\r|\n|$)/i.exec(text);
  const rows = named ? text.slice(named[0].length) : text;
  return rows ? parseTable(rows, named?.[1] ?? separatorOf(rows)).map((line) => line.map(fromField)) : [];
}

// The sheet as far as there is something: what formulas come to, and everything else as it was written, so that a file that is
// read again says the same. No program runs any of it.
export function writeCsv(grid, { look, raw }) {
  const field = (row, col) => {
    const written = raw(row, col);
    if (written && !written.startsWith('=')) return toField(written);
    const { text, kind } = look(row, col);
    return kind === 'text' && (looksLikeNumber(text) || /^['=]/.test(text)) ? `'${text}` : toField(text);
  };
  const lines = [];
  for (let row = 0; row < grid.rows; row += 1) {
    const line = Array.from({ length: grid.cols }, (_, col) => field(row, col));
    lines.push(line.slice(0, line.findLastIndex(Boolean) + 1));
  }
  const table = filledUp(lines.slice(0, lines.findLastIndex((line) => line.length) + 1));
  return `\uFEFF${formatTable(table, ',')}`; // Excel takes a file for UTF-8 only when it begins with this mark
}

// No cell can hold U+0000, and what is copied from elsewhere sometimes ends in one.
const withoutNulls = (text) => text.replaceAll('\0', '');

// The lines, all of one length.
export function filledUp(lines) {
  const width = widest(lines);
  return lines.map((line) => (line.length === width ? line : [...line, ...Array(width - line.length).fill('')]));
}
