import { converges } from '../lib/convergence.mjs';

const VALUES = ['', null, 0, 7, -1.5, true, false, '=A1*2', 'äö🌸'];

// A page's view: the non-empty cells.
class Sheet {
  cells = new Map(); // id → value

  constructor({ send }) {
    this.send = send;
  }

  take({ type, content }) {
    if (type === 'cell_update') this.#set(content.row, content.col, content.value);
    if (type === 'cells_update') {
      content.values.forEach((row, i) => row.forEach((value, j) => this.#set(content.row + i, content.col + j, value)));
    }
    if (type === 'full_update') {
      this.cells.clear();
      for (const { row, col, value } of content) this.#set(row, col, value);
    }
  }

  #set(row, col, value) {
    if (value === '' || value === null) this.cells.delete(`${row}-${col}`);
    else this.cells.set(`${row}-${col}`, value);
  }

  act(chance) {
    const [row, col, value] = [chance.below(6), chance.below(6), chance.of(VALUES)];
    switch (chance.below(6)) {
      case 0: return this.send('cell_update', { id: `${row}-${col}`, value });
      case 1: return this.send('cell_update', { row: String(row), col: String(col), value });
      case 2: return this.send('cells_update', { row, col, values: this.block(chance) });
      case 3: return this.ask();
      default: return this.send('cell_update', { id: `${row}-${col}`, row, col, value });
    }
  }

  // Only once: asking too often is refused.
  ask() {
    if (!this.asked) this.send('request_data');
    this.asked = true;
  }

  block(chance) {
    return Array.from({ length: 1 + chance.below(3) }, () => Array.from({ length: chance.below(4) }, () => chance.of(VALUES)));
  }

  view() { return [...this.cells].sort(([a], [b]) => (a < b ? -1 : 1)); }
}

// Some blocks reach beyond the edge, and the sheet is sometimes full.
converges('spreadsheet', Sheet, { options: { rows: 7, columns: 7, max_cells: 25 } });
