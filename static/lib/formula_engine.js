// One worker that computes formulas. It starts at the first call, and again after it had to be stopped.
//
//   const engine = new Engine();
//   const values = await engine.compute([[0, 0, '2'], [0, 1, '=A1*2']], 2000);   // the changed values; see formulas-worker.js
//
// `values` is null if the engine has broken or has not answered within that time; then it is stopped and has lost all its cells.

const START = 60_000; // ms that it may take to start
const RETRY = 5000; // ms until the next attempt if it did not start
const TICK = 100; // ms

let attempts = 0; // a browser does not load a module again under the same URL if loading has failed once
let compiled; // a promise of the engine's code, shared by all engines

export class Engine {
  held = new Map(); // "row-col" -> the text that the engine has
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
      this.stop(); // it could not be loaded, for example without a connection
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  // Counts time only while the page runs: if the computer sleeps or the page is blocked, the engine loses no time.
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
