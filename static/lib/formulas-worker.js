// Computes the formulas of one sheet, beside the page. It is sent the compiled engine, and then lists of [row, col, text], the
// newest of each cell. It answers `ready`, and each list with the list of [row, col, text, kind, from] that is to be shown
// otherwise than before: the formulas' values and what they spill into the cells beside them, `from` being the formula's cell
// as "row-col". Where the engine breaks it answers `null`, and is of no more use.

import { Model, start } from '../vendor/ironcalc.js';

const SPILL = 20_000; // cells of a spilled value that are shown
const KINDS = { 1: 'number', 4: 'truth', 16: 'error' }; // the engine's, and what is neither of them is text

let model;
const formulas = new Map(); // "row-col" -> [row, col]
let shown = new Map(); // "row-col" -> [row, col, text, kind, from], as last told

onmessage = async ({ data: compiled }) => {
  await start(compiled);
  model = new Model('sheet', 'en', 'UTC', 'en');
  model.pauseEvaluation();
  onmessage = compute;
  postMessage('ready');
};

function compute({ data }) {
  try {
    // What a formula looks like depends on what it refers to when it comes in, so formulas come after the rest.
    for (const cell of data) if (!isFormula(cell[2])) set(...cell);
    for (const cell of data) if (isFormula(cell[2])) set(...cell);
    model.evaluate();
    model.flushSendQueue(); // or it grows
    postMessage(changes());
  } catch {
    postMessage(null);
  }
}

function isFormula(text) {
  return text.startsWith('=');
}

function set(row, col, text) {
  // Cleared first, with its format: the percent of "50%" is not to stay when "3" is written over it.
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
