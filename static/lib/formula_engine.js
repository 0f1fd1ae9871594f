// One worker that computes formulas, begun when it is first asked and again after it had to be stopped.
//
//   const engine = new Engine();
//   const values = await engine.compute([[0, 0, '2'], [0, 1, '=A1*2']], 2000);   // what changes; see formulas-worker.js
//
// `values` is null if the engine has broken, or has not answered in that time: it is gone then, with all that it held.

const START = 60_000; // ms in which it is to be there …
const RETRY = 5000; // … or is asked for again, this long after
const TICK = 100; // ms

let attempts = 0; // a module that could not be had once is not asked for again under the same name
let compiled; // a promise of the engine's code, for all of them

export class Engine {
  held = new Map(); // "row-col" -> the text that it has
  #worker = null;

  get isThere() { return this.#worker !== null; }

  async compute(cells, patience) {
    if (!this.#worker) await this.#start();
    this.#worker.postMessage(cells);
    const values = await this.#answer(patience);
    if (!values) this.stop();
    else for (const [row, col, text] of cells) this.held[text ? 'set' : 'delete'](`${row}-${col}`, text);
    return values;
  }

  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.held.clear();
  }

  async #start() {
    for (;;) {
      try {
        compiled ??= import(`../vendor/ironcalc.js${attempts++ ? `?${attempts}` : ''}`).then(({ compile }) => compile());
        const code = await compiled;
        this.#worker = new Worker(new URL('formulas-worker.js', import.meta.url), { type: 'module' });
        this.#worker.postMessage(code);
        if (await this.#answer(START)) return;
      } catch {
        compiled = undefined;
      }
      this.stop(); // it could not be had, as without a connection
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  // Time is counted while the page runs: a computer that sleeps, or a page that is held up, takes nothing from the engine's.
  #answer(patience) {
    return new Promise((resolve) => {
      let ticks = Math.ceil(patience / TICK);
      const timer = setInterval(() => { if (--ticks <= 0) settle(null); }, TICK);
      const settle = (value) => {
        clearInterval(timer);
        resolve(value);
      };
      this.#worker.onmessage = ({ data }) => settle(data);
      this.#worker.onerror = () => settle(null);
    });
  }
}
