// What I have written into a sheet, to be taken back and done again: only cells that still hold what I wrote. A cell into which
// somebody else has written since stays as it is.
//
//   const history = new History((row, col) => 'what is there');
//   const step = history.write(row, col, values);   // before it is written; the step knows what was there
//   history.stored(step);                           // once the room has it
//   const { cells, skipped } = history.undo();      // cells: [[row, col, text], …] to be written, and the step of that
//   history.changedBySomebody(row, col);

const KEPT = 200; // steps

export class History {
  #raw;
  #done = [];
  #undone = [];
  #clock = 0; // what others write and what the room has of mine, in their order
  #foreign = new Map(); // "row-col" -> when somebody else last wrote there

  constructor(raw) {
    this.#raw = raw;
  }

  write(row, col, values) {
    this.#undone.length = 0;
    const cells = values.flatMap((line, down) => line.map((to, right) => {
      const [r, c] = [row + down, col + right];
      return { row: r, col: c, from: this.#raw(r, c), to };
    }));
    return this.#keep(this.#done, cells);
  }

  stored(step) {
    step.at = ++this.#clock;
  }

  // What the room refused, in this block, was never done.
  refused(step, { row, col, values }) {
    step.cells = step.cells.filter((cell) => (values[cell.row - row]?.[cell.col - col] ?? null) === null);
  }

  changedBySomebody(row, col) {
    this.#foreign.set(`${row}-${col}`, ++this.#clock);
  }

  undo() { return this.#turn(this.#done, this.#undone); }
  redo() { return this.#turn(this.#undone, this.#done); }

  #turn(from, to) {
    let step;
    while (!step?.cells.length && from.length) step = from.pop();
    if (!step?.cells.length) return null;
    const mine = ({ row, col, to: text }) => this.#raw(row, col) === text && !(this.#foreign.get(`${row}-${col}`) > step.at);
    const cells = step.cells.filter(mine).map(({ row, col, from: before, to: after }) => ({ row, col, from: after, to: before }));
    const skipped = step.cells.filter((cell) => !mine(cell) && this.#raw(cell.row, cell.col) !== cell.from);
    return { cells, skipped, step: cells.length ? this.#keep(to, cells) : null };
  }

  #keep(list, cells) {
    const step = { cells, at: this.#clock };
    list.push(step);
    if (list.length > KEPT) list.shift();
    return step;
  }
}

// Cells, row by row, as blocks { row, col, values }: what lies side by side, and such lines of one width below each other.
export function blocksOf(cells) {
  const lines = [];
  for (const { row, col, to } of cells) {
    const last = lines.at(-1);
    if (last?.row === row && last.col + last.values[0].length === col) last.values[0].push(to);
    else lines.push({ row, col, values: [[to]] });
  }
  const blocks = [];
  const open = new Map(); // "col width" -> the newest block of that shape
  for (const line of lines) {
    const shape = `${line.col} ${line.values[0].length}`;
    const above = open.get(shape);
    if (above && above.row + above.values.length === line.row) {
      above.values.push(line.values[0]);
      continue;
    }
    open.set(shape, line);
    blocks.push(line);
  }
  return blocks;
}
