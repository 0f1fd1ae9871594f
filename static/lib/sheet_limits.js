// The limits of a sheet, checked before anything is sent, so that the page can say what does not fit.

import { cellName, widest } from './sheet_text.js';

// The limits of a server with the plugin's defaults; `sheet_limits` messages may bring others.
export const USUAL = { rows: 1000, columns: 100, cells: 50_000, text: 8 * 1024 * 1024, length: 2000, block: 10_000 };

const encoder = new TextEncoder();
export const bytesOf = (text) => encoder.encode(text).length;
const number = (count) => count.toLocaleString('en');
const counted = (count, one) => `${number(count)} ${one}${count === 1 ? '' : 's'}`;

// The content of a sheet as { cells, text }, as the server counts: the texts in `known`, a Map of "row-col" -> text, and over them the
// blocks { row, col, values } that are under way.
export function contentOf(known, underWay) {
  const texts = new Map(known);
  for (const { row, col, values } of underWay) {
    for (const [down, line] of values.entries()) line.forEach((text, right) => texts.set(`${row + down}-${col + right}`, text));
  }
  const filled = [...texts.values()].filter(Boolean);
  return { cells: filled.length, text: filled.reduce((sum, text) => sum + bytesOf(text), 0) };
}

// Returns null if the block fits into the sheet; else the reason, and how many of its rows and columns would fit (0 rows: nothing).
// `held` is the current content of the sheet as { cells, text }; `raw(row, col)` returns the current text of a cell.
export function misfit({ row, col, values }, limits, raw, held) {
  const below = limits.rows - row;
  const beside = limits.columns - col;
  const rows = values.findLastIndex((line) => line.some(Boolean)) + 1;
  const cols = values.reduce((most, line) => Math.max(most, line.findLastIndex(Boolean) + 1), 0);
  const fits = { rows: Math.min(below, values.length), cols: Math.min(beside, widest(values)) };
  const name = cellName(row, col);
  if (rows > below) return { ...fits, reason: `That is ${counted(rows, 'row')}, and from ${name} on the sheet has ${number(below)}.` };
  if (cols > beside) return { ...fits, reason: `That is ${counted(cols, 'column')}, and from ${name} on the sheet has ${number(beside)}.` };

  let { cells, text } = held;
  for (let down = 0; down < fits.rows; down += 1) {
    for (let right = 0; right < fits.cols; right += 1) {
      const after = values[down][right] ?? '';
      const before = raw(row + down, col + right);
      if (after.length > limits.length && [...after].length > limits.length) {
        return { rows: 0, reason: `${cellName(row + down, col + right)} would hold ${number([...after].length)} characters, and a cell can hold ${number(limits.length)}.` };
      }
      cells += Boolean(after) - Boolean(before);
      text += bytesOf(after) - bytesOf(before);
    }
    if (cells > limits.cells) return { rows: down, cols: fits.cols, reason: `The sheet would be too full: at most ${number(limits.cells)} cells can be filled.` };
    if (text > limits.text) return { rows: down, cols: fits.cols, reason: `The sheet would be too full: all cells together can hold ${number(limits.text)} bytes of text.` };
  }
  return null;
}

// The part of a block that is within these rows and columns.
export const within = (values, { rows, cols }) => values.slice(0, rows).map((line) => line.slice(0, cols));
