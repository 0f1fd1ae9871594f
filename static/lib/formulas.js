// The formulas of a sheet, computed in workers, so that the page stays responsive whatever people write.
//
//   const formulas = new Formulas(() => …);        // called when what is to be shown may be something else
//   formulas.set([[0, 0, '2'], [0, 1, '=A1*2']]);  // the raw text of cells, '' for an empty one
//   formulas.look(0, 1);                           // { text, kind, late, note }; undefined if no formula has anything there
//
// What a cell shows does not depend on the computer, its clock or how quick it is (see formula_refusals.js): it is what the formula comes to, and as long as that is not known,
// the last value with `late`, words that say so. One engine, the first, has all formulas that are quick, so that these are always
// up to date soon. If it does not answer in time, what was new to it is set aside, and the engine starts again without it and
// all that reads it. Beside it, in two other engines that never use more than half of a processor and a quarter, what is set aside
// is tried: first shortly, then again and again with more time and longer rests (see formulas_aside.js). What turns out to be quick goes
// back to the first engine. What is slow but comes to an end is computed apart from then on.

import { Aside } from './formulas_aside.js';
import { Engine } from './formula_engine.js';
import { refusal } from './formula_refusals.js';
import { References } from './sheet_references.js';

const PATIENCE = 2000; // ms that the engine has for an answer …
const PATIENCE_PER_CELL = 1; // … and for each cell of the sheet …
const MOST_SLACK = 16; // … so many times over, once it has turned out that this computer is slow
const ALERT = 60_000; // ms after a formula did not end in which new ones are tried apart first
const WAITING = 'Out of date: this is still being computed';
const TOO_LONG = 'Out of date: this takes very long to compute. It is tried again from time to time';

const isFormula = (text) => text.startsWith('=');

const keyOf = (row, col) => `${row}-${col}`;

export class Formulas {
  #changed;
  #cells = new Map(); // "row-col" -> [row, col, text] of all that hold something
  #refused = new Map(); // "row-col" of a cell whose formula no engine is given -> what it shows
  #references = new References();
  #main = new Engine();
  #news = new Set(); // cells of which the engine does not have the newest
  #asked = new Set(); // those that it is computing
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
      moved: (keys) => this.#tell(keys), // in or out: the first engine is to have others than before
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

  // How many formulas have no value yet, or not the newest.
  get late() { return this.#late.size; }

  // The engine is to have the newest of these cells.
  #tell(keys) {
    for (const key of keys) this.#news.add(key);
    this.#mark();
    this.#work();
  }

  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    await null; // all that is set at once is computed at once
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

  // What the first engine is to know of a cell.
  #textFor(key) {
    const text = this.#cells.get(key)?.[2] ?? '';
    return isFormula(text) && this.#aside.has(key) ? '' : text;
  }

  // The first engine has not answered, over something among these cells or what reads them. It begins again without.
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

  // What was shown and is not set aside is no more, if a fresh engine does not say so again.
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

  // A cell that is no formula any more shows nothing of what it was.
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
