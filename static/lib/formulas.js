// The formulas of a sheet, computed in a worker, so that the page stays responsive whatever people write. A formula with
// which the engine never ends, or breaks, is found out by trying halves, and left out from then on.
//
//   const formulas = new Formulas((cells) => …);   // [[row, col, text, kind], …]; text is null where there is nothing to show
//   formulas.set([[0, 0, '2'], [0, 1, '=A1*2']]);  // the raw text of cells, '' for an empty one

const PATIENCE = 2000; // ms that the engine has for an answer …
const PATIENCE_PER_CELL = 1; // … and for each cell of the sheet
const START = 60_000; // ms in which it is to be there …
const RETRY = 5000; // … or is asked for again, this long after
const REFUSED = '#LIMIT!'; // what a cell shows whose formula is left out
const isFormula = ([, , text]) => text.startsWith('=');

export class Formulas {
  #show;
  #worker = null;
  #computed = new Map(); // "row-col" -> [row, col, text] that the engine has, or had before it broke
  #changed = new Map(); // what it does not have yet
  #refused = new Set(); // formulas that are left out
  #shown = new Map(); // "row-col" -> [row, col, text] that the page shows
  #busy = false;

  constructor(show) {
    this.#show = show;
  }

  set(cells) {
    for (const [row, col, text] of cells) this.#changed.set(`${row}-${col}`, [row, col, text]);
    this.#work();
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    await null; // all that is set at once is computed at once
    while (this.#changed.size) {
      const cells = [...this.#changed.values()];
      this.#changed.clear();
      await this.#compute(cells);
    }
    this.#busy = false;
  }

  async #compute(cells, again = true) {
    const keyed = new Map(cells.map((cell) => [`${cell[0]}-${cell[1]}`, cell]));
    const left = cells.filter(([, , text]) => this.#refused.has(text));
    this.#tell(left.map(([row, col]) => [row, col, REFUSED, 'error']));
    const fresh = !this.#worker;
    const values = await this.#ask(cells.map((cell) => (left.includes(cell) ? [cell[0], cell[1], '#VALUE!'] : cell)));
    if (values) {
      // The engine does not know what is left out, and a fresh one not what was shown before.
      const old = [...this.#shown].filter(([key, [, , text]]) => (text === REFUSED ? keyed.has(key) && !left.includes(keyed.get(key)) : fresh));
      return this.#tell([...old.map(([, [row, col]]) => [row, col, null]), ...values]);
    }
    // Values alone break the engine only through a formula that was fine until now: then all of those are tried again.
    this.#keep(cells.filter((cell) => !isFormula(cell)));
    this.#keep(left.map(([row, col]) => [row, col, '#VALUE!']));
    let formulas = cells.filter((cell) => isFormula(cell) && !left.includes(cell));
    if (!formulas.length) formulas = [...this.#computed.values()].filter(isFormula);
    this.#keep(formulas.map(([row, col]) => [row, col, '']));
    if (formulas.length === 1) {
      if (!again) this.#refused.add(formulas[0][2]); // twice: a computer that slept is no reason
      return this.#compute(formulas, false);
    }
    const middle = Math.ceil(formulas.length / 2);
    for (const half of [formulas.slice(0, middle), formulas.slice(middle)]) if (half.length) await this.#compute(half);
  }

  #tell(cells) {
    for (const cell of cells) {
      if (cell[2] === null) this.#shown.delete(`${cell[0]}-${cell[1]}`);
      else this.#shown.set(`${cell[0]}-${cell[1]}`, cell);
    }
    this.#show(cells);
  }

  #keep(cells) {
    for (const cell of cells) {
      if (cell[2]) this.#computed.set(`${cell[0]}-${cell[1]}`, cell);
      else this.#computed.delete(`${cell[0]}-${cell[1]}`);
    }
  }

  // What is to be shown otherwise. An engine that could not compute it is gone, and the next one begins with all that was fine.
  async #ask(cells) {
    if (!this.#worker) {
      await this.#start();
      cells = [...this.#computed.values(), ...cells];
    }
    this.#worker.postMessage(cells);
    const answer = await this.#answer(PATIENCE + PATIENCE_PER_CELL * (this.#computed.size + cells.length));
    if (answer) this.#keep(cells);
    else this.#stop();
    return answer;
  }

  async #start() {
    for (;;) {
      this.#worker = new Worker(new URL('formulas-worker.js', import.meta.url), { type: 'module' });
      if (await this.#answer(START)) return;
      this.#stop(); // it could not be had, as without a connection
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  #stop() {
    this.#worker.terminate();
    this.#worker = null;
  }

  #answer(patience) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience, null);
      const settle = (value) => {
        clearTimeout(timer);
        resolve(value);
      };
      this.#worker.onmessage = ({ data }) => settle(data);
      this.#worker.onerror = () => settle(null);
    });
  }
}
