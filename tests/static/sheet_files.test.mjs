// What goes out of a sheet as CSV and comes in again, without a browser: any text of a cell.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv, writeCsv } from '../../static/lib/sheet_exchange.js';
import { Chance } from '../lib/chance.mjs';

const PIECES = ["'", '=', '+', '-', '@', '\t', '\r', '\n', 'a', '"', ',', ';', '007', '1', '-5', '=1+1', ' ', '1/2/2024', '＝', '\uFEFF', '%', '|', 'TRUE', '1e5'];
const RUNS = /^\s*[-+=@＝]\s*\S|^[\t\r\n]/;
const NUMBER = /^[-+]?[\d.,]*\d%?$|^[-+]?\d[\d.]*e[-+]?\d+$/i;

const chance = new Chance(Number(process.env.HUBBUB_SEED ?? 1));
const text = () => Array.from({ length: chance.below(5) }, () => chance.of(PIECES)).join('').replace(/^=/, "'=");

function written(cells) {
  const raw = (row, col) => cells[row][col];
  return writeCsv({ rows: cells.length, cols: cells[0].length }, { raw, look: (row, col) => ({ text: raw(row, col), kind: 'text' }) });
}

test('a table that is written as CSV is read as it was, whatever is in its cells', () => {
  for (let round = 0; round < 5000; ++round) {
    const [rows, cols] = [1 + chance.below(3), 1 + chance.below(3)];
    const cells = Array.from({ length: rows }, () => Array.from({ length: cols }, text));
    cells[rows - 1][cols - 1] = 'the end';
    const file = written(cells).replace(/^\uFEFF/, '');
    assert.deepEqual(readCsv(file), cells, JSON.stringify(file));
  }
});

test('no field of a file begins as what a spreadsheet runs', () => {
  for (let round = 0; round < 5000; ++round) {
    const cell = text();
    if (!cell) continue;
    const [[field]] = readFields(written([[cell]]));
    assert.ok(!RUNS.test(field) || NUMBER.test(field), JSON.stringify([cell, field]));
  }
});

test('a file of any size and shape is read', () => {
  assert.equal(readCsv(`"${'""'.repeat(8e6)}"`)[0][0].length, 8e6);
  assert.equal(readCsv('a\n'.repeat(1e6)).length, 1e6);
  assert.equal(readCsv(','.repeat(1e6))[0].length, 1e6 + 1);
  assert.deepEqual(readCsv('"a" b,"c""\n"d"'), [['"a" b', '"c""'], ['d']]); // no end of a field: as it stands
});

// As other programs read it.
function readFields(file) {
  const quoted = /^"((?:[^"]|"")*)"$/.exec(file.replace(/^\uFEFF/, ''));
  return [[quoted ? quoted[1].replaceAll('""', '"') : file.replace(/^\uFEFF/, '')]];
}
