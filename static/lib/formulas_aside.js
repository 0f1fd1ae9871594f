// The formulas that are set aside from the main engine (formulas.js says why), and when to try them. They are in groups. A group that
// does not finish in time is split until the formulas that cause it are alone. Failed formulas of one shape (`=FACT(A1)+7`,
// `=FACT(A2)+8`) then wait in one group, and one of them is tried for all. A formula is never tried together with one that reads it.

import { Engine } from './formula_engine.js';
import { rangesIn } from './sheet_references.js';

const QUICK = 250; // ms that a group may take to count as fast …
const QUICK_EACH = 1; // … plus this for each formula in it
const FIRST = 300; // ms of the first trial …
const MORE = 4; // … each further trial has this many times more …
const MOST = 60_000; // … up to this
const LATER = 300_000; // ms between trials at the end
const LOAD = 2000; // ms that an engine has to take in the cells that a formula reads …
const LOAD_EACH = 1; // … plus this for each of these cells …
const MOST_SLACK = 16; // … times up to this, if this computer turns out to be slow
const STRIKES = 2; // a shape that has failed alone this often is computed apart for good
const SHAPES = 1000; // shapes that are remembered

const WIDE = 20_000; // a formula with a range of more cells …
const LARGE = /\d{6}|\de\+?\d|\bLAMBDA\b/i; // … or with such a number or word may take long

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const looksHeavy = (text) => LARGE.test(text) || rangesIn(text).some(({ top, left, bottom, right }) => (bottom - top + 1) * (right - left + 1) > WIDE);
const shapeOf = (text) => text.replace(/\d+(\.\d+)?(e[-+]?\d+)?/gi, '0');

export class Aside {
  #sheet;
  #groups = new Set(); // { keys, tries, due, shape: if its formulas failed alone, slow: if they finish but take long }
  #groupOf = new Map(); // "row-col" -> its group
  #readers = new Set(); // the formulas that read any of the formulas in groups
  #current = new Set(); // the keys, of groups and readers, whose newest value is known
  #endless = new Set(); // readers of slow formulas that did not finish together with these, and have not changed since
  #strikes = new Map(); // shape -> how often a formula of this shape has failed alone
  // New groups are tried in one engine, which then pauses for as long as the trial took; failed and slow groups are tried in another,
  // which pauses longer.
  #lanes = [{ rest: 1, of: (group) => !group.tries && !group.slow }, { rest: 3, of: (group) => group.tries || group.slow }]
    .map((lane) => ({ ...lane, engine: new Engine(), untouched: new Set(), slack: 1, busy: false, timer: 0 }));

  constructor(sheet) {
    this.#sheet = sheet;
  }

  has(key) { return this.#groupOf.has(key) || this.#readers.has(key); }

  // Yields [key, whether it is known to take long] for each formula whose value is outdated.
  * late() {
    for (const [key, { tries }] of this.#groupOf) if (!this.#current.has(key)) yield [key, tries > 1];
    for (const key of this.#readers) if (!this.#current.has(key) && !this.#groupOf.has(key)) yield [key, false];
  }

  add(all) {
    const fresh = [];
    const led = new Set(this.#led());
    for (const key of all.filter((one) => !led.has(one))) {
      const shape = shapeOf(this.#text(key));
      const group = [...this.#groups].find((other) => other.shape === shape);
      if (group) this.#put(group, key);
      else fresh.push(key);
    }
    // Formulas that may take long get a group of their own, so that they do not delay the others.
    const heavy = new Set(fresh.filter((key) => looksHeavy(this.#text(key))));
    for (const keys of [fresh.filter((key) => !heavy.has(key)), [...heavy]]) if (keys.length) this.#group(keys);
    this.#settle();
  }

  // These cells have changed; `fresh` are the formulas among them that must be tried apart first.
  changed(keys, fresh) {
    const before = this.#groupOf.size;
    for (const key of keys) {
      this.#endless.delete(key);
      if (this.#groupOf.has(key)) this.#takeOut(key);
    }
    if (fresh.length) this.add(fresh);
    else if (before) this.#settle();
    if (!this.#groupOf.size) return;
    const readers = this.#sheet.references.readers(keys, this.#sheet.spilled);
    for (const key of [...keys, ...readers]) {
      this.#current.delete(key);
      for (const lane of this.#lanes) lane.untouched.delete(key);
      const group = this.#groupOf.get(key);
      if (group) group.due = Math.min(group.due, Date.now() + (group.tries ? 1000 : 0));
    }
    this.#wake();
  }

  #text(key) { return this.#sheet.cells.get(key)?.[2] ?? ''; }

  #group(keys, more = {}) {
    const group = { keys: new Set(), tries: 0, due: Date.now(), ...more };
    this.#groups.add(group);
    for (const key of keys) this.#put(group, key);
    return group;
  }

  #put(group, key) {
    this.#takeOut(key);
    group.keys.add(key);
    this.#groups.add(group);
    this.#groupOf.set(key, group);
    this.#current.delete(key);
  }

  #takeOut(key) {
    const group = this.#groupOf.get(key);
    group?.keys.delete(key);
    if (group && !group.keys.size) this.#groups.delete(group);
    this.#groupOf.delete(key);
    this.#current.delete(key);
  }

  // Updates #readers: formulas that read those set aside are set aside too. Tells the sheet which formulas may have moved.
  #settle(moved = []) {
    const before = this.#readers;
    this.#readers = this.#read(this.#groupOf.keys());
    const others = [...new Set([...before, ...this.#readers, ...this.#groupOf.keys(), ...moved])];
    for (const key of this.#current) if (!this.has(key)) this.#current.delete(key);
    this.#sheet.moved(others);
    this.#wake();
  }

  // The readers of slow formulas. They are computed together with these and need no group, except those that are known not to finish.
  #led() {
    const slow = [...this.#groups].filter((group) => group.slow).flatMap(({ keys }) => [...keys]);
    return [...this.#read(slow)].filter((key) => !this.#endless.has(key) && !this.#groupOf.get(key)?.slow);
  }

  #read(keys) {
    return this.#sheet.references.readers(keys, this.#sheet.spilled);
  }

  #wake() {
    for (const lane of this.#lanes) this.#run(lane);
  }

  // Tries the groups of a lane that are due, one after the other.
  async #run(lane) {
    clearTimeout(lane.timer);
    if (lane.busy) return;
    lane.busy = true;
    for (;;) {
      const next = this.#next(lane);
      const wait = next ? next.group.due - Date.now() : Infinity;
      if (wait > 0) {
        if (!next) lane.engine.stop();
        else lane.timer = setTimeout(() => this.#run(lane), wait);
        break;
      }
      const from = performance.now();
      const passed = await this.#try(lane, next);
      if (!passed || next.group.slow) await sleep((performance.now() - from) * lane.rest);
    }
    lane.busy = false;
  }

  // The next group of a lane to try, and which of its formulas: those that read nothing from other groups.
  #next(lane) {
    const groups = [...this.#groups].filter(lane.of).sort((a, b) => a.due - b.due);
    for (const group of groups) {
      const others = [...this.#groupOf.keys()].filter((key) => !group.keys.has(key));
      const barred = new Set([...this.#read(others), ...others]);
      let keys = [...group.keys].filter((key) => !barred.has(key));
      if (group.slow && [...keys, ...this.#along(group, barred)].every((key) => this.#current.has(key))) continue;
      if (group.shape && !group.slow) keys = keys.slice(0, 1);
      if (keys.length) return { group, keys, barred };
    }
    return null;
  }

  // The formulas that are computed together with a slow group: they read it and nothing from other groups.
  #along(group, barred) {
    return group.slow ? [...this.#readers].filter((key) => !barred.has(key) && !group.keys.has(key)) : [];
  }

  async #try(lane, { group, keys, barred }) {
    const along = this.#along(group, barred);
    const tried = new Set([...keys, ...along]);
    const texts = new Map([...tried].map((key) => [key, this.#text(key)]));
    const { engine } = lane;
    lane.untouched = new Set(tried); // changed() removes keys that change during the trial
    // First computes the cells that they read. These are known to be fast, so their time shows how fast this computer is.
    const sources = this.#sheet.references.sources(tried, this.#sheet.anchor);
    const wanted = new Map();
    for (const [key, [, , text]] of this.#sheet.cells) {
      if ((!sources || sources.has(key)) && !tried.has(key) && !(text.startsWith('=') && this.has(key))) wanted.set(key, text);
    }
    const cells = [...new Set([...engine.held.keys(), ...wanted.keys()])].filter((key) => engine.held.get(key) !== wanted.get(key))
      .map((key) => [...key.split('-').map(Number), wanted.get(key) ?? '']);
    let from = performance.now();
    if (!(await engine.compute(cells, (LOAD + LOAD_EACH * cells.length) * lane.slack))) {
      lane.slack = Math.min(MOST_SLACK, lane.slack * 2);
      group.due = Date.now() + 1; // not the fault of the tried formulas
      return false;
    }
    lane.slack = 1;
    const usual = performance.now() - from;
    from = performance.now();
    const patience = Math.min(MOST, FIRST * MORE ** group.tries) + QUICK_EACH * tried.size + MORE * usual + (group.slow ? MORE * (group.took ?? 0) : 0);
    const values = await engine.compute([...texts].map(([key, text]) => [...key.split('-').map(Number), text]), patience);
    const took = performance.now() - from;
    const held = keys.filter((key) => this.#groupOf.get(key) === group && this.#text(key) === texts.get(key));
    if (!held.length) return Boolean(values);
    const news = along.filter((key) => !this.#current.has(key));
    if (!values && news.length) this.#leave(news);
    else if (!values) this.#failed(group, held);
    else if (!group.slow && took < QUICK + QUICK_EACH * keys.length + 2 * usual && !this.#isKnownBad(group)) this.#pass(held);
    else if (!group.slow && held.length > 1) this.#split(group, held);
    else this.#isSlow(group, held, took, values, lane.untouched);
    return Boolean(values);
  }

  #isKnownBad({ shape }) {
    return (this.#strikes.get(shape) ?? 0) >= STRIKES;
  }

  // These are fast: back to the main engine. Other formulas of their shape are tried again.
  #pass(keys) {
    const { shape, keys: rest } = this.#groupOf.get(keys[0]);
    for (const key of keys) this.#takeOut(key);
    if (shape && rest.size) this.#group([...rest]);
    this.#settle(keys);
  }

  #isSlow(group, keys, took, values, upToDate) {
    let slow = group;
    if (!group.slow) {
      slow = [...this.#groups].find((other) => other.slow) ?? this.#group([], { slow: true, took: 0 });
      slow.took += took;
      for (const key of keys) this.#put(slow, key);
      if (group.keys.size && this.#groups.has(group)) group.due = Date.now();
    }
    for (const key of this.#led()) if (this.#groupOf.has(key)) this.#takeOut(key);
    for (const key of upToDate) this.#current.add(key);
    this.#sheet.computed(values, upToDate);
    this.#settle();
  }

  // These did not finish together with the slow formulas that they read; the slow ones are tried again without them.
  #leave(keys) {
    for (const key of keys) this.#endless.add(key);
    this.#group(keys);
    this.#settle();
  }

  #failed(group, keys) {
    this.#sheet.failed();
    if (group.slow) {
      group.slow = false;
      return keys.length > 1 ? this.#split(group, keys) : this.#failed(group, keys);
    }
    if (keys.length > 1) return this.#split(group, keys);
    const [key] = keys;
    const shape = shapeOf(this.#text(key));
    const tries = group.tries + 1;
    if (this.#strikes.size > SHAPES) this.#strikes.clear();
    this.#strikes.set(shape, (this.#strikes.get(shape) ?? 0) + 1);
    const long = Math.min(MOST, FIRST * MORE ** tries);
    const due = Date.now() + (long === MOST ? LATER : long);
    if (group.shape) {
      Object.assign(group, { tries, due });
      group.keys.delete(key);
      group.keys.add(key); // to the end, so that another one is tried next
    } else {
      // From now on one group stands for all formulas of this shape.
      const alike = [...this.#groupOf].filter(([other, { tries: before, slow }]) => !before && !slow && shapeOf(this.#text(other)) === shape).map(([other]) => other);
      this.#group([key, ...alike], { shape, tries, due });
    }
    this.#settle();
  }

  // Splits a group in two so that neither part reads the other; if that is impossible, the first part reads nothing of the second.
  #split(group, keys) {
    const middle = Math.ceil(keys.length / 2);
    const [a, b] = [keys.slice(0, middle), keys.slice(middle)];
    const free = (ones, readers) => ones.filter((key) => !readers.has(key));
    const readers = [this.#read(b), this.#read(a)];
    const part = [free(a, readers[0]), free(b, readers[1]), free(keys, this.#read(keys)), keys.slice(0, 1)].find((list) => list.length);
    this.#group(part, { tries: group.tries });
    const rest = keys.filter((key) => !part.includes(key));
    if (rest.length) this.#group(rest, { tries: group.tries });
    this.#settle();
  }
}
