// Knows which formulas read which cells, from the references in their text: A1, $B$2, A1:C3, A:A, 1:3. Formulas that compute their
// references (INDIRECT, OFFSET) count as readers of every cell.
//
//   const references = new References();
//   references.set('0-1', '=A1*2');        // the newest text of a cell; any text that is not a formula removes the cell
//   references.readers(['0-0']);           // → Set { '0-1' }, with the readers of those in turn; the given cells themselves
//                                          //   only if they are part of a cycle

const TEXTS = /"(?:[^"]|"")*"|'[^']*'/g;
const NAMED = /(?<![\w.$])\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?(?![\w.(])|(?<![\w.$:])\$?([A-Z]{1,3}):\$?([A-Z]{1,3})(?![\w.(:])|(?<![\w.$:])\$?(\d{1,7}):\$?(\d{1,7})(?![\w.(:])/gi;
const UNCLEAR = /\b(?:INDIRECT|OFFSET)\b/i;
const END = 2 ** 21; // beyond every row and column
const SMALL = 64; // a formula that refers to more cells in all is not indexed cell by cell

const column = (letters) => [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

// The ranges in a formula's text, as { top, left, bottom, right }.
export function rangesIn(formula) {
  return [...formula.replace(TEXTS, '""').matchAll(NAMED)].map(([, fromCol, fromRow, toCol = fromCol, toRow = fromRow, firstCol, lastCol, firstRow, lastRow]) => {
    const cols = fromCol ? [column(fromCol), column(toCol)] : firstCol ? [column(firstCol), column(lastCol)] : [0, END];
    const rows = fromCol ? [fromRow - 1, toRow - 1] : firstCol ? [0, END] : [firstRow - 1, lastRow - 1];
    return { top: Math.min(...rows), left: Math.min(...cols), bottom: Math.max(...rows), right: Math.max(...cols) };
  });
}

export class References {
  #ranges = new Map(); // key of a formula -> its ranges
  #near = new Map(); // key of a cell -> Set of the formulas that refer to it, only of formulas that refer to few cells
  #wide = new Set(); // the other formulas
  #unclear = new Set();

  set(key, text) {
    for (const cell of cellsOf(this.#wide.has(key) ? [] : this.#ranges.get(key) ?? [])) {
      this.#near.get(cell)?.delete(key); // the formula may refer to a cell twice
      if (!this.#near.get(cell)?.size) this.#near.delete(cell);
    }
    for (const list of [this.#ranges, this.#wide, this.#unclear]) list.delete(key);
    if (!text.startsWith('=')) return;
    const ranges = rangesIn(text);
    this.#ranges.set(key, ranges);
    if (UNCLEAR.test(text)) this.#unclear.add(key);
    if (!isSmall(ranges)) return this.#wide.add(key);
    for (const cell of cellsOf(ranges)) {
      if (!this.#near.has(cell)) this.#near.set(cell, new Set());
      this.#near.get(cell).add(key);
    }
  }

  // `spilled(key)` returns the cells into which a formula's value spills; their readers count too.
  readers(keys, spilled = () => []) {
    const found = new Set();
    const wide = new Set(this.#wide);
    const open = [];
    const visit = (key) => open.push(key, ...spilled(key));
    const add = (key) => {
      if (found.has(key)) return;
      found.add(key);
      wide.delete(key);
      visit(key);
    };
    for (const key of keys) visit(key);
    if (open.length) for (const key of this.#unclear) add(key);
    while (open.length) {
      const key = open.pop();
      for (const reader of this.#near.get(key) ?? []) add(reader);
      if (!wide.size) continue;
      const [row, col] = key.split('-').map(Number);
      const names = ({ top, left, bottom, right }) => row >= top && row <= bottom && col >= left && col <= right;
      for (const reader of wide) if (this.#ranges.get(reader).some(names)) add(reader);
    }
    return found;
  }

  // The cells that these formulas read, and those that these read in turn; null if that may be any cell. `anchor(key)` returns the
  // formula whose value spills into a cell, if any.
  sources(keys, anchor = () => undefined) {
    const found = new Set();
    const open = [...keys];
    while (open.length) {
      const key = open.pop();
      if (this.#wide.has(key) || this.#unclear.has(key)) return null;
      for (const cell of [...cellsOf(this.#ranges.get(key) ?? []), anchor(key) ?? key]) {
        if (found.has(cell)) continue;
        found.add(cell);
        open.push(cell);
      }
    }
    return found;
  }
}

const isSmall = (ranges) => ranges.reduce((sum, { top, left, bottom, right }) => sum + (bottom - top + 1) * (right - left + 1), 0) <= SMALL;

function* cellsOf(ranges) {
  for (const { top, left, bottom, right } of ranges) {
    for (let row = top; row <= bottom; row += 1) for (let col = left; col <= right; col += 1) yield `${row}-${col}`;
  }
}
