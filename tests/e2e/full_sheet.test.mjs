// A full sheet, larger than an outbox: newcomers get all of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';

const ROWS = 500;
const COLUMNS = 100;
const row = (r) => Array.from({ length: COLUMNS }, (_, c) => `what stands in ${r}-${c}`);

const withFullSheet = (body) => withServer(async (stage) => {
  const john = await stage.join({ id: 'john', nickname: 'John' });
  for (let r = 0; r < ROWS; r += 10) {
    john.send('cells_update', { row: r, col: 0, values: Array.from({ length: 10 }, (_, i) => row(r + i)) }, r);
    await john.next('cells_update');
  }
  await body({ ...stage, john });
}, { config: { plugins: { spreadsheet: { max_cells: ROWS * COLUMNS } }, websocket: { outbox: '256KiB' } } });

const isWhole = ({ content }) => {
  assert.equal(content.length, ROWS * COLUMNS);
  assert.deepEqual(content.at(-1), { id: '499-99', row: 499, col: 99, value: 'what stands in 499-99' });
};

test('a newcomer gets the whole of a full sheet, and the updates after it', withFullSheet(async ({ join, john }) => {
  const jane = await join({ nickname: 'Jane', protocols: [] });
  isWhole(await jane.next('full_update'));
  john.send('cell_update', { id: '0-0', value: 'new' });
  assert.equal((await jane.next('cell_update')).content.value, 'new');
  john.send('cell_update', { id: '999-99', value: 'one more' });
  assert.match((await john.next('error')).content, /^the sheet is full/);
}));

test('a page that requests the sheet as soon as it is connected gets it too, while others write', withFullSheet(async ({ join, john }) => {
  const jane = await join({ nickname: 'Jane', protocols: [] });
  jane.send('request_data');
  for (let i = 0; i < 100; ++i) john.send('cell_update', { id: `${i}-0`, value: i });
  isWhole(await jane.next('full_update'));
  isWhole(await jane.next('full_update'));
  john.send('cell_update', { id: '0-0', value: 'the end' });
  await jane.next(({ content }) => content.value === 'the end');
}));

test('later newcomers get the same greeting followed by the changes since then, and it is not made again each time', withFullSheet(async ({ join, john }) => {
  const sheetOf = async (nickname) => {
    const member = await join({ nickname });
    await member.next('users_update'); // comes behind the greeting
    const greeting = member.received.filter(({ type }) => /^(full|cell)_update$/.test(type));
    isWhole(greeting[0]);
    return new Map([...greeting.shift().content, ...greeting.map(({ content }) => content)].map(({ id, value }) => [id, value]));
  };
  await sheetOf('Jane');
  for (let i = 0; i < 100; ++i) john.send('cell_update', { id: `0-${i % 10}`, value: i }, `last ${i}`);
  await john.next(({ ref }) => ref === 'last 99');
  const cells = await sheetOf('Joe');
  for (let i = 0; i < 10; ++i) assert.equal(cells.get(`0-${i}`), 90 + i);
  assert.equal(cells.get('0-10'), 'what stands in 0-10');
}));
