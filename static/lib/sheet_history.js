// Undo and redo of what this user has written into a sheet. Only affects cells that still hold what the user wrote: a cell that
// somebody else has changed since is skipped.
//
//   const history = new History((row, col) => 'the current text');
//   const step = history.write(row, col, values);   // call it before writing: the step records the current texts
//   history.stored(step);                           // once the room has stored it
//   const { cells, skipped, step } = history.undo();   // the cells to write, the cells left alone, and the new step
//   history.changedBySomebody(row, col);

const KEPT = 200; // steps

export class History {
  #raw;
  #done = [];
  #undone = [];
  #clock = 0; // counts the writes of others and our own stored steps, in their order
  #foreign = new Map(); // "row-col" -> the #clock when somebody else last wrote there

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

  // The room refused this block: removes its cells from the step.
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

// Groups cells, given row by row, into blocks { row, col, values }: neighbours become a line, and lines of one width below each other
// become a block.
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
