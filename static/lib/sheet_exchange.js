// What goes from a sheet to other programs and comes from them: by the clipboard, and as CSV. `look(row, col)` gives the
// { text } that a cell shows, `raw(row, col)` what was written into it, with formulas.

import { formatTable, parseTable, separatorOf, shiftFormula } from './sheet_text.js';

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
  const width = whole.rows ? Math.max(1, ...lines.map((line) => line.findLastIndex((text) => text !== '') + 1)) : right - left + 1;
  return lines.map((line) => line.slice(0, width));
}

// Copy, cut and paste in `element`: as values for other programs, with the formulas for this one. write(row, col, values) is
// called with what is pasted, clear() when the selection has been cut; the sheet has at most `most` = { rows, cols }.
export function useClipboard(element, grid, { look, raw, write, clear, most }) {
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
    data.setData('text/plain', formatTable(selection(grid, (row, col) => look(row, col).text), '\t'));
    data.setData(COPIED, JSON.stringify({ row: top, col: left, cut, lines: selection(grid, raw) }));
  }

  function paste(data) {
    const { top, left, bottom, right } = grid.range;
    const own = data.getData(COPIED);
    const { row, col, cut, lines } = own ? JSON.parse(own) : { lines: parseTable(data.getData('text/plain'), '\t') };
    const width = Math.max(...lines.map((line) => line.length));
    if (!lines.length || !width) return;
    // A selection that is a multiple of what is pasted is filled with it.
    const times = (room, size) => (room % size === 0 ? room / size : 1);
    const down = times(bottom - top + 1, lines.length) * lines.length;
    const across = times(right - left + 1, width) * width;
    const block = Array.from({ length: down }, (_, y) => Array.from({ length: across }, (__, x) => {
      const text = lines[y % lines.length][x % width] ?? '';
      return own && !cut ? shiftFormula(text, top + y - (y % lines.length) - row, left + x - (x % width) - col) : text;
    }));
    write(top, left, block);
    grid.select(top, left, { head: { row: Math.min(top + down, most.rows) - 1, col: Math.min(left + across, most.cols) - 1 } });
  }
}

// The rows of a CSV file, all of one length.
export function readCsv(file) {
  const text = file.replace(/^\uFEFF/, '');
  const lines = parseTable(text, separatorOf(text));
  return filledUp(lines, Math.max(...lines.map((line) => line.length)));
}

// What the sheet shows, as far as there is something.
export function writeCsv(grid, look) {
  const lines = [];
  for (let row = 0; row < grid.rows; row += 1) {
    const line = Array.from({ length: grid.cols }, (_, col) => look(row, col).text);
    lines.push(line.slice(0, line.findLastIndex(Boolean) + 1));
  }
  const height = lines.findLastIndex((line) => line.length) + 1;
  const table = filledUp(lines.slice(0, height), Math.max(0, ...lines.map((line) => line.length)));
  return `\uFEFF${formatTable(table, ',')}`; // Excel takes a file for UTF-8 only when it begins with this mark
}

const filledUp = (lines, width) => lines.map((line) => [...line, ...Array(width - line.length).fill('')]);
