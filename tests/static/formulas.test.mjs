// What a sheet's page may rely on while its formulas are computed aside: here the clock is the test's, and so is the engine, which
// takes as long as a formula says.
//
//   =A1+B1+3        adds up
//   =SEQ(3)         1, 2, 3 in three cells below each other
//   =SLOW(400)+A1   takes 400 ms each time that its sheet is computed
//   =NEVER()        does not end
//   =BREAK()        breaks the engine

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Formulas } from '../../static/lib/formulas.js';
import { settled } from '../lib/alone.mjs';
import { Clock } from '../lib/clock.mjs';

// They are there when they are asked for, for the first time and again.
await Promise.all(['', '?2'].map((query) => import(`../../static/vendor/ironcalc.js${query}`)));

const placeOf = (name) => [Number(name.slice(1)) - 1, name.charCodeAt(0) - 65];
const keyOf = (name) => placeOf(name).join('-');

class Engine {
  static alive = new Set();
  static asked = []; // every list of cells that any was sent, as texts
  static computes = true; // false: none can be had

  #cells = new Map();
  #shown = new Map();
  #isReady = false;

  constructor(url, { type }) {
    assert.deepEqual([url.pathname.split('/').at(-1), type], ['formulas-worker.js', 'module']);
    Engine.alive.add(this);
  }

  terminate() { Engine.alive.delete(this); }

  #answer(after, data) {
    setTimeout(() => { if (Engine.alive.has(this)) this.onmessage({ data }); }, after); // not a wait
  }

  postMessage(cells) {
    if (!this.#isReady) {
      this.#isReady = true;
      return void this.#answer(1, 'ready');
    }
    Engine.asked.push(cells.map(([row, col, text]) => `${String.fromCharCode(65 + col)}${row + 1} ${text}`));
    for (const [row, col, text] of cells) this.#cells[text ? 'set' : 'delete'](`${row}-${col}`, text);
    const all = [...this.#cells.values()].join();
    if (all.includes('BREAK')) return void setTimeout(() => this.onerror({}), 1); // not a wait
    const took = [...all.matchAll(/SLOW\((\d+)\)/g)].reduce((sum, [, ms]) => sum + Number(ms), 1);
    if (!all.includes('NEVER')) this.#answer(took, this.#news());
  }

  #news() {
    const now = new Map();
    for (const [key, text] of this.#cells) {
      if (!text.startsWith('=')) continue;
      const [row, col] = key.split('-').map(Number);
      const count = Number(/SEQ\((\d+)\)/.exec(text)?.[1] ?? 0);
      for (let i = 0; i < count; i += 1) now.set(`${row + i}-${col}`, [row + i, col, `${i + 1}`, 'number', key]);
      if (!count) now.set(key, [row, col, `${this.#value(key)}`, 'number', key]);
    }
    const news = [...now].filter(([key, cell]) => `${cell}` !== `${this.#shown.get(key)}`).map(([, cell]) => cell);
    for (const [key, [row, col]] of this.#shown) if (!now.has(key)) news.push([row, col, null]);
    this.#shown = now;
    return news;
  }

  #value(key) {
    const text = this.#cells.get(key) ?? '';
    if (!text.startsWith('=')) return Number(text);
    return text.slice(1).split('+').reduce((sum, term) => sum + (/^[A-Z]\d+$/.test(term) ? this.#value(keyOf(term)) : Number(term) || 0), 0);
  }
}

// Runs body({ set, shows, pass, changes }) with an empty sheet.
const withSheet = (body) => async () => {
  const clock = new Clock();
  const { fetch } = globalThis;
  const { compile } = WebAssembly;
  const restore = clock.install();
  Object.assign(globalThis, { Worker: Engine, fetch: async () => ({ ok: Engine.computes, arrayBuffer: async () => new ArrayBuffer(8) }) });
  WebAssembly.compile = async () => 'the code';
  Engine.asked.length = 0;
  try {
    let changes = 0;
    const formulas = new Formulas(() => { changes += 1; });
    const written = new Set();
    // set({ A1: '2', B1: '=A1+1' })
    const set = (cells) => {
      for (const name of Object.keys(cells)) written.add(name);
      formulas.set(Object.entries(cells).map(([name, text]) => [...placeOf(name), text]));
    };
    const pass = async (ms) => {
      for (let passed = 0; passed < ms; passed += 50) {
        await settled();
        clock.pass(50);
      }
      await settled();
    };
    await body({
      formulas, set, pass,
      look: (name) => formulas.look(...placeOf(name)),
      // { B1: '3' }; "3?" is a value that is not the newest, "" one that is not known yet.
      shows: (...names) => Object.fromEntries(names.map((name) => {
        const { text, late } = formulas.look(...placeOf(name)) ?? { text: undefined };
        return [name, late && text ? `${text}?` : text];
      })),
      get changes() { return changes; },
    });
    // Of an empty sheet nothing is computed, and no more than the first engine stays.
    set(Object.fromEntries([...written].map((name) => [name, ''])));
    await pass(100_000);
    assert.deepEqual([clock.timers, formulas.late, Engine.alive.size], [0, 0, 1]);
  } finally {
    for (const engine of Engine.alive) engine.terminate();
    delete globalThis.Worker;
    Object.assign(globalThis, { fetch });
    WebAssembly.compile = compile;
    restore();
  }
};

test('a formula shows what it comes to, and until that is known that it is late; what is none shows nothing', withSheet(async ({ formulas, set, look, shows, pass }) => {
  set({ A1: '2', B1: '=A1+1', C1: '=B1+B1', D1: 'text' });
  assert.deepEqual([look('B1'), look('A1'), look('D1'), look('E1'), formulas.late], [{ text: '', kind: 'pending', late: look('B1').late }, undefined, undefined, undefined, 2]);
  assert.match(look('B1').late, /^Out of date: /);
  await pass(100);
  assert.deepEqual(look('B1'), { text: '3', kind: 'number', late: undefined });
  assert.deepEqual([shows('B1', 'C1', 'A1'), formulas.late], [{ B1: '3', C1: '6', A1: undefined }, 0]);
  set({ A1: '5' });
  assert.deepEqual([shows('B1', 'C1'), formulas.late], [{ B1: '3?', C1: '6?' }, 2]);
  await pass(100);
  assert.deepEqual(shows('B1', 'C1'), { B1: '6', C1: '12' });
}));

test('what is set at once is computed at once, and what is as it was is not computed again', withSheet(async ({ set, pass }) => {
  set({ A1: '1', B1: '=A1+1' });
  set({ A1: '2' });
  set({ C1: '=B1' });
  await pass(100);
  assert.deepEqual(Engine.asked, [['A1 2', 'B1 =A1+1', 'C1 =B1']]);
  set({ A1: '2', C1: '=B1', Z9: '' });
  await pass(100);
  assert.equal(Engine.asked.length, 1);
  set({ A1: '3' });
  set({ A1: '2' });
  await pass(100);
  assert.equal(Engine.asked.length, 1, 'the engine has it so');
  set({ A1: '' });
  await pass(100);
  assert.deepEqual(Engine.asked.slice(1), [['A1 ']]);
}));

test('the page is told when there is something else to show', withSheet(async (sheet) => {
  sheet.set({ A1: '=1' });
  const before = sheet.changes;
  assert.ok(before > 0);
  await sheet.pass(100);
  assert.ok(sheet.changes > before);
}));

test('what spills shows in its cells, as late as its formula, and goes with it', withSheet(async ({ set, shows, pass }) => {
  set({ A1: '=SEQ(3)', B1: '=A3+1' });
  await pass(100);
  assert.deepEqual(shows('A1', 'A2', 'A3', 'A4', 'B1'), { A1: '1', A2: '2', A3: '3', A4: undefined, B1: '1' });
  set({ A1: '=SEQ(2)' });
  assert.deepEqual(shows('A2', 'A3', 'B1'), { A2: '2?', A3: '3?', B1: '1?' }, 'and who reads what spilled is late as well');
  await pass(100);
  assert.deepEqual(shows('A1', 'A2', 'A3'), { A1: '1', A2: '2', A3: undefined });
  set({ A1: 'text' });
  assert.deepEqual(shows('A1', 'A2'), { A1: undefined, A2: undefined }, 'at once');
}));

test('a formula that no engine is given shows why, and so does what reads it, until it is another', withSheet(async ({ set, look, pass }) => {
  set({ A1: '=NOW()', B1: '=A1' });
  assert.deepEqual([look('A1').text, look('A1').kind, /NOW/.test(look('A1').note)], ['#VALUE!', 'error', true]);
  await pass(100);
  assert.deepEqual(Engine.asked, [['A1 #VALUE!', 'B1 =A1']]);
  set({ A1: '=2' });
  await pass(100);
  assert.deepEqual([look('A1').text, look('B1').text], ['2', '2']);
}));

test('a formula that never ends holds up nothing for long: the others are right again, and it says that it is late', withSheet(async ({ formulas, set, shows, look, pass }) => {
  set({ A1: '1', B1: '=A1+1', C1: '=A1+2' });
  await pass(100);
  set({ D1: '=NEVER()', E1: '=D1+1' });
  await pass(1950);
  assert.equal(Engine.alive.size, 1);
  await pass(1000);
  set({ A1: '5' });
  await pass(200);
  assert.deepEqual(shows('B1', 'C1', 'D1', 'E1'), { B1: '6', C1: '7', D1: '', E1: '' });
  assert.equal(formulas.late, 2);
  await pass(60_000);
  assert.match(look('D1').late, /very long/);
  assert.doesNotMatch(look('E1').late, /very long/);
  set({ A1: '6' });
  await pass(100);
  assert.deepEqual(shows('B1', 'C1'), { B1: '7', C1: '8' });
  set({ D1: '=A1' });
  await pass(5000);
  assert.deepEqual([shows('D1', 'E1'), formulas.late], [{ D1: '6', E1: '7' }, 0], 'and once it is another one it is as all are');
  assert.equal(Engine.alive.size, 1, 'no engine stays for nothing');
}));

test('a formula that breaks the engine is set aside as well', withSheet(async ({ set, shows, pass }) => {
  set({ A1: '1', B1: '=A1+1', C1: '=BREAK()' });
  await pass(20_000);
  set({ A1: '2' });
  await pass(1000);
  assert.deepEqual(shows('B1', 'C1'), { B1: '3', C1: '' });
}));

test('a formula that takes long and ends is computed apart, and follows what it reads; quick ones do not wait for it', withSheet(async ({ formulas, set, shows, pass }) => {
  set({ A1: '1', B1: '=A1+1', C1: '=SLOW(5000)+A1', D1: '=C1+1' });
  await pass(90_000);
  assert.deepEqual([shows('B1', 'C1', 'D1'), formulas.late], [{ B1: '2', C1: '1', D1: '2' }, 0]);
  set({ A1: '10' });
  await pass(100);
  assert.deepEqual(shows('B1', 'C1', 'D1'), { B1: '11', C1: '1?', D1: '2?' });
  await pass(60_000);
  assert.deepEqual([shows('B1', 'C1', 'D1'), formulas.late], [{ B1: '11', C1: '10', D1: '11' }, 0]);
}));

test('what reads a slow formula is computed with it, whenever it was written; if that does not end, the slow one still does', withSheet(async ({ formulas, set, shows, pass }) => {
  set({ A1: '1', C1: '=SLOW(5000)+A1' });
  await pass(90_000);
  set({ D1: '=C1+1' });
  await pass(90_000);
  assert.deepEqual([shows('C1', 'D1'), formulas.late], [{ C1: '1', D1: '2' }, 0]);
  set({ E1: '=C1+NEVER()' });
  await pass(300_000);
  assert.deepEqual([shows('C1', 'E1'), formulas.late], [{ C1: '1', E1: '' }, 1]);
  set({ A1: '2' });
  await pass(300_000);
  assert.deepEqual(shows('C1', 'E1'), { C1: '2', E1: '' });
  set({ E1: '=C1+2' });
  await pass(300_000);
  assert.deepEqual([shows('C1', 'D1', 'E1'), formulas.late], [{ C1: '2', D1: '3', E1: '4' }, 0]);
}));

test('what was quick beside one that is not comes back to the others', withSheet(async ({ set, shows, pass }) => {
  const quick = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`B${i + 1}`, `=A1+${i}`]));
  set({ A1: '1', ...quick, C1: '=NEVER()' });
  await pass(60_000);
  set({ A1: '2' });
  await pass(100);
  assert.deepEqual(shows(...Object.keys(quick)), Object.fromEntries(Object.keys(quick).map((name, i) => [name, `${2 + i}`])));
}));

test('without a connection the engine is asked for again, until it is there', withSheet(async ({ set, shows, pass }) => {
  const { Worker } = globalThis;
  globalThis.Worker = class { constructor() { throw new Error('cannot be had'); } };
  set({ A1: '=1' });
  await pass(4900);
  globalThis.Worker = Worker;
  assert.deepEqual(shows('A1'), { A1: '' });
  await pass(500);
  assert.deepEqual(shows('A1'), { A1: '1' });
}));
