// A worker that computes the formulas of one sheet. The page sends it the compiled engine, which it answers with `ready`, and then
// lists of [row, col, text] with the newest text of cells. It answers each list with a list of [row, col, text, kind, from]: the
// values that have changed, with those that a formula spills into other cells; `from` is the formula's cell as "row-col". If the
// engine breaks, it answers `null` and must not be used any more.

import { Model, start } from '../vendor/ironcalc.js';

const SPILL = 20_000; // a value that spills into more cells is not shown there
const KINDS = { 1: 'number', 4: 'truth', 16: 'error' }; // the engine's numbers; all others are text

let model;
const formulas = new Map(); // "row-col" -> [row, col]
let shown = new Map(); // "row-col" -> [row, col, text, kind, from], as last sent

onmessage = async ({ data: compiled }) => {
  await start(compiled);
  model = new Model('sheet', 'en', 'UTC', 'en');
  model.pauseEvaluation();
  onmessage = compute;
  postMessage('ready');
};

function compute({ data }) {
  try {
    // A formula's format depends on the cells that it refers to at the time it is set, so formulas are set last.
    for (const cell of data) if (!isFormula(cell[2])) set(...cell);
    for (const cell of data) if (isFormula(cell[2])) set(...cell);
    model.evaluate();
    model.flushSendQueue(); // otherwise it grows
    postMessage(changes());
  } catch {
    postMessage(null);
  }
}

function isFormula(text) {
  return text.startsWith('=');
}

function set(row, col, text) {
  // Clears the cell and its format first: when "3" replaces "50%", the percent format must go.
  model.rangeClearAll(0, row + 1, col + 1, row + 1, col + 1);
  formulas.delete(`${row}-${col}`);
  if (text) model.setUserInput(0, row + 1, col + 1, text);
  if (isFormula(text)) formulas.set(`${row}-${col}`, [row, col]);
}

function changes() {
  const now = new Map();
  const look = (row, col, from) => {
    const text = model.getFormattedCellValue(0, row + 1, col + 1);
    now.set(`${row}-${col}`, [row, col, text, KINDS[model.getCellType(0, row + 1, col + 1)] ?? 'text', from]);
  };
  for (const [key, [row, col]] of formulas) {
    look(row, col, key);
    const [width, height] = model.getCellArrayStructure(0, row + 1, col + 1).DynamicAnchor ?? [1, 1];
    if (width * height > SPILL) continue;
    for (let down = 0; down < height; down += 1) {
      for (let right = 0; right < width; right += 1) if (down || right) look(row + down, col + right, key);
    }
  }
  const news = [...now].filter(([key, cell]) => cell.some((field, at) => field !== shown.get(key)?.[at])).map(([, cell]) => cell);
  for (const [key, [row, col]] of shown) if (!now.has(key)) news.push([row, col, null]);
  shown = now;
  return news;
}
