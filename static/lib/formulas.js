// Computes the formulas of a sheet in workers, so that the page stays responsive whatever people write.
//
//   const formulas = new Formulas(() => …);        // called when something to show may have changed
//   formulas.set([[0, 0, '2'], [0, 1, '=A1*2']]);  // the raw text of cells, '' for an empty cell
//   formulas.look(0, 1);                           // { text, kind, late, note }; undefined if no formula has a value there
//
// What a cell shows does not depend on the computer, its clock or its speed (see formula_refusals.js): it is the formula's value or,
// as long as that is not known, the last value with `late`, a text that says so. The main engine has all fast formulas, so these are
// always up to date soon. If it does not answer in time, the formulas that were new to it are set aside, and the engine starts again
// without them and without all formulas that read them. Formulas set aside are tried in two other engines, which use at most a half
// and a quarter of a processor: first with little time, then again and again with more time and longer pauses (see
// formulas_aside.js). A formula that turns out to be fast goes back to the main engine. A formula that is slow but finishes is
// computed apart from then on.

import { Aside } from './formulas_aside.js';
import { Engine } from './formula_engine.js';
import { refusal } from './formula_refusals.js';
import { References } from './sheet_references.js';

const PATIENCE = 2000; // ms that the engine has for an answer …
const PATIENCE_PER_CELL = 1; // … plus this for each cell of the sheet …
const MOST_SLACK = 16; // … times up to this, if this computer turns out to be slow
const ALERT = 60_000; // ms after a formula did not finish: during this time, new formulas are tried apart first
const WAITING = 'Out of date: this is still being computed';
const TOO_LONG = 'Out of date: this takes very long to compute. It is tried again from time to time';

const isFormula = (text) => text.startsWith('=');

const keyOf = (row, col) => `${row}-${col}`;

export class Formulas {
  #changed;
  #cells = new Map(); // "row-col" -> [row, col, text] of all non-empty cells
  #refused = new Map(); // "row-col" of a cell whose formula is given to no engine -> what it shows
  #references = new References();
  #main = new Engine();
  #news = new Set(); // cells whose newest text the main engine does not have
  #asked = new Set(); // cells that it is computing
  #busy = false;
  #slack = 1;
  #alertUntil = 0;
  #aside;
  #shown = new Map(); // "row-col" -> { text, kind, from }
  #spills = new Map(); // "row-col" of a formula -> Set of the cells into which its value spills
  #late = new Map(); // "row-col" of a formula -> why its value is not the newest

  constructor(changed) {
    this.#changed = changed;
    this.#aside = new Aside({
      cells: this.#cells,
      references: this.#references,
      spilled: (key) => this.#spills.get(key) ?? [],
      anchor: (key) => this.#shown.get(key)?.from,
      moved: (keys) => this.#tell(keys), // set aside, or back: the main engine needs these cells again
      computed: (values, keys) => {
        for (const key of keys) this.#forget(key);
        this.#take(values.filter(([, , , , from]) => keys.has(from)));
      },
      failed: () => { this.#alertUntil = Date.now() + ALERT; },
    });
  }

  set(cells) {
    cells = cells.map(([row, col, text]) => {
      const refused = isFormula(text) ? refusal(text) : undefined;
      if (refused) this.#refused.set(keyOf(row, col), refused);
      else this.#refused.delete(keyOf(row, col));
      return [row, col, refused ? '#VALUE!' : text];
    });
    const news = cells.filter(([row, col, text]) => text !== (this.#cells.get(keyOf(row, col))?.[2] ?? ''));
    if (!news.length) return;
    const keys = news.map(([row, col]) => keyOf(row, col));
    for (const [at, cell] of news.entries()) {
      if (cell[2]) this.#cells.set(keys[at], cell);
      else this.#cells.delete(keys[at]);
      this.#references.set(keys[at], cell[2]);
      if (!isFormula(cell[2])) this.#forget(keys[at]);
    }
    const alert = Date.now() < this.#alertUntil;
    this.#aside.changed(keys, alert ? keys.filter((_, at) => isFormula(news[at][2])) : []);
    this.#tell(keys);
  }

  look(row, col) {
    const key = keyOf(row, col);
    if (this.#refused.has(key)) return this.#refused.get(key);
    const value = this.#shown.get(key);
    if (value) return { text: value.text, kind: value.kind, late: this.#late.get(value.from) };
    if (!isFormula(this.#cells.get(key)?.[2] ?? '')) return undefined;
    return { text: '', kind: 'pending', late: this.#late.get(key) ?? WAITING };
  }

  // How many formulas have no value yet, or an outdated one.
  get late() { return this.#late.size; }

  // Gives the main engine the newest text of these cells.
  #tell(keys) {
    for (const key of keys) this.#news.add(key);
    this.#mark();
    this.#work();
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    await null; // so that cells set together are computed together
    while (this.#news.size) await this.#compute();
    this.#busy = false;
  }

  async #compute() {
    const fresh = !this.#main.isThere;
    this.#asked = new Set(fresh ? this.#cells.keys() : this.#news);
    this.#news.clear();
    const cells = [...this.#asked].map((key) => [...key.split('-').map(Number), this.#textFor(key)])
      .filter(([row, col, text]) => text !== (this.#main.held.get(keyOf(row, col)) ?? ''));
    if (cells.length) {
      const patience = (PATIENCE + PATIENCE_PER_CELL * (this.#main.held.size + cells.length)) * this.#slack;
      const from = performance.now();
      const values = await this.#main.compute(cells, patience);
      if (performance.now() - from < PATIENCE / 4) this.#slack = 1;
      if (values) this.#take(values, fresh);
      else this.#stopped(cells.map(([row, col]) => keyOf(row, col)));
    }
    this.#asked.clear();
    this.#mark();
  }

  // The text of a cell as the main engine gets it.
  #textFor(key) {
    const text = this.#cells.get(key)?.[2] ?? '';
    return isFormula(text) && this.#aside.has(key) ? '' : text;
  }

  // The main engine has not answered. The cause must be among these cells or the formulas that read them: sets those aside, and starts
  // the engine again without them.
  #stopped(keys) {
    this.#slack = Math.min(MOST_SLACK, this.#slack * 2);
    const given = (key) => isFormula(this.#textFor(key));
    const readers = this.#references.readers(keys, (key) => this.#spills.get(key) ?? []);
    let suspects = [...new Set([...keys, ...readers])].filter(given);
    if (!suspects.length) suspects = [...this.#cells.keys()].filter(given);
    if (suspects.length) {
      this.#alertUntil = Date.now() + ALERT;
      this.#aside.add(suspects);
    }
    this.#tell(keys);
  }

  // Takes values from the main engine. If the engine is fresh, values that it does not report are dropped, except those of formulas
  // that are set aside.
  #take(values, fresh = false) {
    const told = new Set();
    for (const [row, col, text, kind, from] of values) {
      const key = keyOf(row, col);
      told.add(key);
      if (text !== null) this.#put(key, { text, kind, from });
      else if (!this.#aside.has(this.#shown.get(key)?.from)) this.#drop(key);
    }
    if (fresh) {
      for (const [key, { from }] of this.#shown) if (!told.has(key) && !this.#aside.has(from)) this.#drop(key);
    }
    this.#mark();
  }

  #put(key, value) {
    this.#drop(key);
    this.#shown.set(key, value);
    if (value.from === key) return;
    if (!this.#spills.has(value.from)) this.#spills.set(value.from, new Set());
    this.#spills.get(value.from).add(key);
  }

  #drop(key) {
    const from = this.#shown.get(key)?.from;
    this.#shown.delete(key);
    this.#spills.get(from)?.delete(key);
    if (!this.#spills.get(from)?.size) this.#spills.delete(from);
  }

  // Drops the values of a cell that is no longer a formula.
  #forget(key) {
    for (const cell of [...(this.#spills.get(key) ?? [])]) this.#drop(cell);
    if (this.#shown.get(key)?.from === key) this.#drop(key);
  }

  #mark() {
    this.#late.clear();
    const waiting = [...this.#news, ...this.#asked];
    for (const key of [...waiting, ...this.#references.readers(waiting, (cell) => this.#spills.get(cell) ?? [])]) {
      if (isFormula(this.#cells.get(key)?.[2] ?? '')) this.#late.set(key, WAITING);
    }
    for (const [key, long] of this.#aside.late()) this.#late.set(key, long ? TOO_LONG : WAITING);
    this.#changed();
  }
}
