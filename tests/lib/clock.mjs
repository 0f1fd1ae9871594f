// A clock that a test moves by hand, in place of that of the computer: what timers, Date.now() and performance.now() go by.

const START = 1_700_000_000_000;
const MANY = 10_000; // timers that one move runs at most: more are a loop

export class Clock {
  #wall = START; // what Date.now() says
  #steady = 0; // what timers go by
  #timers = new Map(); // id -> { task, at, every }
  #ids = 0;

  get now() { return this.#wall; }
  get timers() { return this.#timers.size; }

  // Returns the function that puts the true clock back.
  install() {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis; // not a wait
    const { now } = Date;
    const begin = (task, delay, every) => {
      this.#timers.set(this.#ids += 1, { task, at: this.#steady + Math.max(0, delay), every });
      return this.#ids;
    };
    globalThis.setTimeout = (task, delay) => begin(task, delay); // not a wait
    globalThis.setInterval = (task, delay) => begin(task, delay, delay);
    globalThis.clearTimeout = globalThis.clearInterval = (id) => this.#timers.delete(id);
    Date.now = () => this.#wall;
    Object.defineProperty(performance, 'now', { value: () => this.#steady, configurable: true });
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval }); // not a wait
      Date.now = now;
      delete performance.now;
    };
  }

  // Lets so many ms pass, and runs what is due, each at its time.
  pass(ms) {
    const end = this.#steady + ms;
    for (let runs = 0; ; runs += 1) {
      const [id, next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!next || next.at > end) break;
      if (runs === MANY) throw new Error(`over ${MANY} timers in ${ms} ms`);
      this.#advance(next.at);
      if (next.every) next.at += next.every;
      else this.#timers.delete(id);
      next.task();
    }
    this.#advance(end);
  }

  // The computer sleeps so long: no timer runs, and none gets nearer. Below 0: somebody sets its clock back.
  doze(ms) { this.#wall += ms; }

  #advance(to) {
    this.#wall += to - this.#steady;
    this.#steady = to;
  }
}
