// A clock that a test moves by hand. It replaces the computer's clock for timers, Date.now() and performance.now().

const START = 1_700_000_000_000;
const MANY = 10_000; // timers that one pass() may run; more must be an endless loop

export class Clock {
  #wall = START; // the time of Date.now()
  #steady = 0; // the time for timers and performance.now()
  #timers = new Map(); // id -> { task, at, every }
  #ids = 0;

  get now() { return this.#wall; }
  get timers() { return this.#timers.size; }

  // Returns a function that puts the real clock back.
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

  // Moves the time forward by this many ms, and runs each timer at its time.
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

  // The computer sleeps for this long: timers neither run nor come closer. If negative, the clock is set back.
  doze(ms) { this.#wall += ms; }

  #advance(to) {
    this.#wall += to - this.#steady;
    this.#steady = to;
  }
}
