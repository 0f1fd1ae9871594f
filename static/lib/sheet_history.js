// Undo and redo of what this user has written into a sheet. Only affects cells that still hold what the user wrote: a cell that
// somebody else has changed since is skipped.
//
//   const history = new History((row, col) => 'the current text');
//   const step = history.write(row, col, values);   // call it before writing: the step records the current texts
//   history.stored(step, block);                    // once the room has stored this block { row, col, values } of it; or refused()
//   const { cells, skipped, step } = history.undo();   // the cells to write, the cells left alone, and the new step
//   history.changedBySomebody(row, col, text);

const KEPT = 200; // steps

const keyOf = ({ row, col }) => `${row}-${col}`;

export class History {
  #raw;
  #done = [];
  #undone = [];
  #clock = 0; // counts the writes of others and our own stored blocks, in their order
  #foreign = new Map(); // "row-col" -> the #clock when somebody else last wrote there
  #underWay = new Map(); // "row-col" -> our cells there that the room has not answered, in the order of writing

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

  stored(step, block) {
    const at = ++this.#clock;
    for (const cell of this.#answered(step, block)) Object.assign(cell, { at, undoes: null });
  }

  // The room refused this block: removes its cells from the step. If the step was an undo or a redo, they can be undone or redone again.
  refused(step, block) {
    const gone = new Set(this.#answered(step, block, { isRefused: true }));
    step.cells = step.cells.filter((cell) => !gone.has(cell));
    step.takenFrom?.push({ cells: [...gone].map(({ undoes }) => undoes) });
  }

  // In the room's order, their text comes before our unanswered ones: an undo of the first of these leads back to it.
  changedBySomebody(row, col, text) {
    const key = keyOf({ row, col });
    this.#foreign.set(key, ++this.#clock);
    const first = this.#underWay.get(key)?.[0];
    if (first) first.from = text;
  }

  undo() { return this.#turn(this.#done, this.#undone); }
  redo() { return this.#turn(this.#undone, this.#done); }

  #turn(from, to) {
    let step;
    while (!step?.cells.length && from.length) step = from.pop();
    if (!step?.cells.length) return null;
    const mine = (cell) => this.#raw(cell.row, cell.col) === cell.to && !(this.#foreign.get(keyOf(cell)) > cell.at);
    const cells = step.cells.filter(mine).map((cell) => ({ row: cell.row, col: cell.col, from: cell.to, to: cell.from, undoes: cell }));
    const skipped = step.cells.filter((cell) => !mine(cell) && this.#raw(cell.row, cell.col) !== cell.from);
    return { cells, skipped, step: cells.length ? this.#keep(to, cells, from) : null };
  }

  #keep(list, cells, takenFrom) {
    for (const cell of cells) {
      cell.at = Infinity;
      this.#underWay.set(keyOf(cell), [...this.#underWay.get(keyOf(cell)) ?? [], cell]);
    }
    const step = { cells, takenFrom };
    list.push(step);
    if (list.length > KEPT) list.shift();
    return step;
  }

  // Returns the cells of this step that are in the block. What the user has written over a refused text leads back to what was before that.
  #answered(step, { row, col, values }, { isRefused = false } = {}) {
    const cells = step.cells.filter((cell) => values[cell.row - row]?.[cell.col - col] !== undefined);
    for (const cell of cells) {
      const all = this.#underWay.get(keyOf(cell));
      const next = all[all.indexOf(cell) + 1];
      if (isRefused && next && !next.undoes) next.from = cell.from;
      const others = all.filter((other) => other !== cell);
      if (others.length) this.#underWay.set(keyOf(cell), others);
      else this.#underWay.delete(keyOf(cell));
    }
    return cells;
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
