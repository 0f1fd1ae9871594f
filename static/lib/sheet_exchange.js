// Exchanges cells with other programs, through the clipboard and as CSV. `look(row, col)` returns the { text } that a cell shows,
// `raw(row, col)` the text that was written into it, with formulas.

import {
  formatTable, fromField, harmless, looksLikeNumber, parseTable, separatorOf, shiftFormula, toField, widest,
} from './sheet_text.js';

const COPIED = 'application/x-hubbub-cells'; // the clipboard's format for cells with their formulas

// The selection as lines of fill(row, col). Whole rows and columns only reach as far as the last non-empty cell.
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

// Handles copy, cut and paste in `element`: values for other programs, formulas for this page. Calls bring(row, col, values) with
// pasted cells, whose lines may differ in length, and clear() when the selection was cut.
export function useClipboard(element, grid, { look, raw, bring, clear }) {
  const actions = { copy, cut: (data) => { copy(data, true); clear(); }, paste };
  for (const [type, act] of Object.entries(actions)) {
    element.addEventListener(type, (event) => {
      act(event.clipboardData);
      event.preventDefault();
    });
    // Safari first asks whether there is anything to copy.
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
    // If the selection is a multiple of the pasted block, the block is repeated to fill it.
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

// Decodes bytes; returns the text and the encoding: the one that a byte order mark names, UTF-16 without a mark, UTF-8, or else
// Windows-1252, which Excel writes. If the text contains U+0000, it is not a text file, and `text` is undefined.
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
    return undefined; // not this encoding
  }
}

function markOf(bytes) {
  const marks = { 'UTF-8': [0xef, 0xbb, 0xbf], 'UTF-16LE': [0xff, 0xfe], 'UTF-16BE': [0xfe, 0xff] };
  return Object.keys(marks).find((name) => marks[name].every((byte, at) => bytes[at] === byte));
}

// Recognises UTF-16 without a mark: separators and Western letters have a zero byte always on the same side. A few stray zero bytes in
// another kind of text are not enough.
function unmarkedUtf16(bytes) {
  const zeros = [0, 0]; // at even and at odd offsets
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] += 1;
  const [first, second] = zeros;
  if (bytes.length % 2 || !first === !second) return undefined;
  if (first + second < bytes.length / 4 && read(bytes, 'UTF-8') !== undefined) return undefined;
  return first ? 'UTF-16BE' : 'UTF-16LE';
}

// The rows of a CSV file, as texts for cells. A first line such as "sep=;" is not a row: with it Excel names the separator.
export function readCsv(text) {
  const named = /^sep=([^\w"\r\n])(?:\r\n|\r|\n|$)/i.exec(text);
  const rows = named ? text.slice(named[0].length) : text;
  return rows ? parseTable(rows, named?.[1] ?? separatorOf(rows)).map((line) => line.map(fromField)) : [];
}

// Writes the filled part of the sheet: the values of formulas, and everything else as it was written, so that reading the file again
// gives the same cells. No field can be run as a formula by another program.
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
  return `\uFEFF${formatTable(table, ',')}`; // Excel reads a file as UTF-8 only if it begins with this mark
}

// Cells cannot contain U+0000, but text copied from elsewhere sometimes ends with one.
const withoutNulls = (text) => text.replaceAll('\0', '');

// Pads the lines to one length.
export function filledUp(lines) {
  const width = widest(lines);
  return lines.map((line) => (line.length === width ? line : [...line, ...Array(width - line.length).fill('')]));
}
