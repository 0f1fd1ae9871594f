// The spreadsheet page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { complaints } from '../lib/axe.mjs';
import { becomes, delivered, exactly, greeted, networkIsBack, onStage, state } from '../lib/stage.mjs';
import { join } from '../lib/member.mjs';
import { parseTable } from '../../static/lib/sheet_text.js';

const CONFIG = { plugins: { spreadsheet: {}, cursor_move: {} } };
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

// A test with people at the sheet.
const atSheet = (body, config = CONFIG) => onStage((stage) => body({
  ...stage,
  person: (nickname, options) => stage.person(nickname, 'garden', { page: 'spreadsheet.html', ...CLIPBOARD, ...options }),
  listener: () => join(stage.server, { room: 'garden', nickname: 'John' }),
}), config);

const place = (name) => [Number(name.slice(1)) - 1, name.charCodeAt(0) - 65];
const cell = (page, name) => page.locator(`#cell-${place(name).join('-')}`);
const shows = (page, name, text) => cell(page, name).filter({ hasText: exactly(text) }).waitFor({ state: 'attached' });
const selects = (page, range) => page.waitForFunction((text) => document.getElementById('where').value === text, range);
const told = (page, text) => page.locator('#news', { hasText: text }).waitFor();
// Waits for the next frame, in which changes are drawn.
const isSpoken = (page, name) => page.locator(`#grid[aria-activedescendant="cell-${place(name).join('-')}"]`).waitFor();
const raw = (page, text) => becomes(() => page.locator('#formula').inputValue(), text);
const keys = async (page, ...names) => { for (const name of names) await page.keyboard.press(name); };

async function write(page, name, text) {
  await cell(page, name).click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

async function all(pages, cells) {
  for (const page of pages) for (const [name, text] of Object.entries(cells)) await shows(page, name, text);
}

const setClipboard = (page, text) => page.evaluate((value) => navigator.clipboard.writeText(value), text);
const readClipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test('text written into a cell shows in everybody’s sheet, and formulas follow their references', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await write(jane, 'A1', '2');
  await write(bob, 'A2', '=A1*21');
  await write(bob, 'A3', '=IF(A2>40,"many","few")');
  await all([jane, bob], { A1: '2', A2: '42', A3: 'many' });
  await write(jane, 'A1', '1');
  await all([jane, bob], { A2: '21', A3: 'few' });
  const late = await person('John');
  await all([late], { A1: '1', A2: '21', A3: 'few' });
  await cell(late, 'A2').click();
  assert.equal(await late.locator('#formula').inputValue(), '=A1*21', 'what was typed is what is kept');
}));

test('formulas are those of Excel: functions, errors, and values that spill', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  await setClipboard(jane, [
    ['1', '2', '=SUM(A1:B1)', '=SUM($A$1:B1)/0'],
    ['=SEQUENCE(2,2,5)', '', '=NOPE(1)', '=D3'],
    ['', '', '=ROUND(PI(),2)&" π"', '=C3'],
    ['=XLOOKUP(2,A1:B1,A2:B2)', '50%', '=B4*2', 'TRUE'],
  ].map((line) => line.join('\t')).join('\n'));
  await jane.keyboard.press('Control+v');
  await all([jane], {
    C1: '3', D1: '#DIV/0!', A2: '5', B2: '6', A3: '7', B3: '8', C2: '#NAME?', C3: '3.14 π', D2: '3.14 π', D3: '3.14 π', A4: '6', B4: '50%', D4: 'TRUE',
  });
  await write(jane, 'A2', 'x');
  await all([jane], { A2: 'x', B2: '', A3: '', B3: '' });
}));

test('a formula that would give everybody a different result is not computed, nor are formulas that read it; the cell says why', atSheet(async ({ person }) => {
  const jane = await person('Jane', { timezoneId: 'Asia/Tokyo' });
  const bob = await person('Bob', { timezoneId: 'America/New_York', locale: 'de-DE' });
  const formulas = ['=RAND()', '=randbetween(1,9)+1', '=SUM(RANDARRAY(2))', '=TEXT(NOW(),"yyyy")', '=IF(TRUE,now (),1)', '=_xlfn.RANDARRAY(3)'];
  for (const [at, formula] of formulas.entries()) await write(jane, `A${at + 1}`, formula);
  await told(jane, 'A6: RANDARRAY would give everybody in the room a different result');
  await write(jane, 'B1', '=A1*2');
  await write(jane, 'B2', '=LEN("NOW() and RAND()")+NOW1');
  await write(jane, 'B3', '=YEAR(DATE(2026,1,1))');
  await write(jane, 'B4', '=TODAY()>1');
  const errors = Object.fromEntries(formulas.map((_, at) => [`A${at + 1}`, '#VALUE!']));
  const late = await person('Late');
  await all([jane, bob, late], { ...errors, B1: '#VALUE!', B2: '16', B3: '2026', B4: 'TRUE' });
  for (const page of [jane, bob, late]) assert.match(await cell(page, 'A4').getAttribute('title'), /^NOW would give everybody/);
  await write(bob, 'A1', '21');
  await all([jane, bob, late], { A1: '21', B1: '42' });
}));

test('the sheet can be navigated and edited with the keyboard only', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  await jane.locator('#grid').focus();
  await jane.keyboard.type('one');
  await jane.keyboard.press('Tab');
  await jane.keyboard.type('two');
  await jane.keyboard.press('Enter');
  await selects(jane, 'A2');
  await jane.keyboard.type('three');
  await jane.keyboard.press('ArrowRight');
  await all([jane], { A1: 'one', B1: 'two', A2: 'three' });
  await selects(jane, 'B2');

  await keys(jane, 'Control+Home', 'Shift+ArrowRight', 'Shift+ArrowDown');
  await selects(jane, 'A1:B2');
  await jane.waitForFunction(() => document.querySelectorAll('[aria-selected="true"]').length === 4); // drawn with the next frame
  await keys(jane, 'Escape', 'Control+ArrowRight');
  await selects(jane, 'B1');
  await keys(jane, 'Control+ArrowDown');
  await selects(jane, 'B100');
  await shows(jane, 'B100', '');
  await keys(jane, 'Home', 'PageUp', 'Control+End');
  await selects(jane, 'B2');
  await keys(jane, 'Control+a');
  await selects(jane, 'A1:B2');
  await isSpoken(jane, 'B2');

  await keys(jane, 'Control+Home', 'F2');
  await jane.keyboard.type(' more');
  await keys(jane, 'Home');
  await jane.keyboard.type('just ');
  await keys(jane, 'Escape');
  await shows(jane, 'A1', 'one');
  await keys(jane, 'Enter');
  await jane.keyboard.type('!');
  await keys(jane, 'Shift+Enter');
  await shows(jane, 'A1', 'one!');
  await keys(jane, 'Control+Home', 'Delete');
  await shows(jane, 'A1', '');

  await keys(jane, 'Tab');
  assert.equal(await jane.evaluate(() => document.getElementById('grid').contains(document.activeElement)), false, 'Tab leads out');
}));

test('cells are selected with the mouse: one, a range, a row, a column; and their sum is shown', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  await setClipboard(jane, '1\t2\n3\t4\nx\t=A1+0.5');
  await jane.keyboard.press('Control+v');
  await shows(jane, 'B3', '1.5');
  await cell(jane, 'A1').hover();
  await jane.mouse.down();
  await cell(jane, 'B3').hover();
  await jane.mouse.up();
  await selects(jane, 'A1:B3');
  await jane.locator('#sum', { hasText: 'Sum 11.5, of 5' }).waitFor();
  await cell(jane, 'A1').click();
  await cell(jane, 'A2').click({ modifiers: ['Shift'] });
  await selects(jane, 'A1:A2');
  await jane.getByRole('columnheader', { name: 'B', exact: true }).click();
  await selects(jane, 'B1:B100');
  await jane.locator('#sum', { hasText: 'Sum 7.5, of 3' }).waitFor();
  await jane.getByRole('rowheader', { name: '2', exact: true }).click();
  await selects(jane, 'A2:Z2');
  await cell(jane, 'A3').dblclick();
  await jane.keyboard.type('y');
  await cell(jane, 'A1').click();
  await shows(jane, 'A3', 'xy');
}));

test('a cell can also be edited in the line above the sheet', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await cell(jane, 'B2').click();
  await jane.locator('#formula').fill('=1+2');
  await jane.locator('#formula').press('Enter');
  await all([jane, bob], { B2: '3' });
  await selects(jane, 'B3');
  await cell(jane, 'B2').click();
  await jane.locator('#formula').fill('=4');
  await jane.locator('#formula').press('Escape');
  await all([jane, bob], { B2: '3' });
  assert.equal(await jane.locator('#formula').inputValue(), '=1+2');
}));

test('a block pasted from Excel or Google Sheets is one message, and copied cells can be pasted there', atSheet(async ({ person, listener }) => {
  const jane = await person('Jane');
  const john = await listener();
  await setClipboard(jane, 'Name\tNote\r\nJane\t"two\nlines, and ""quotes"""\r\nBob\t=1+1\r\n');
  await cell(jane, 'B2').click();
  await jane.keyboard.press('Control+v');
  const { content } = await john.next('cells_update');
  assert.deepEqual(content, { row: 1, col: 1, values: [['Name', 'Note'], ['Jane', 'two\nlines, and "quotes"'], ['Bob', '=1+1']] });
  await selects(jane, 'B2:C4');
  await shows(jane, 'C4', '2');
  await jane.keyboard.press('Control+c');
  assert.equal(await readClipboard(jane), 'Name\tNote\r\nJane\t"two\nlines, and ""quotes"""\r\nBob\t2');
}));

test('copied formulas move their references along, cut formulas do not', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await setClipboard(jane, '1\t10\t=A1*$B$1\n2\n3');
  await jane.keyboard.press('Control+v');
  await shows(jane, 'C1', '10');
  await cell(jane, 'C1').click();
  await keys(jane, 'Control+c');
  await cell(jane, 'C2').click();
  await cell(jane, 'C3').click({ modifiers: ['Shift'] });
  await keys(jane, 'Control+v');
  await all([jane, bob], { C1: '10', C2: '20', C3: '30' });
  await cell(jane, 'C3').click();
  await keys(jane, 'Control+x');
  await all([jane, bob], { C3: '' });
  await cell(jane, 'D1').click();
  await keys(jane, 'Control+v');
  await all([jane, bob], { C3: '', D1: '30' });
  await cell(jane, 'D1').click();
  assert.equal(await jane.locator('#formula').inputValue(), '=A3*$B$1');
}));

test('changes can be undone and redone', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await write(jane, 'A1', 'one');
  await setClipboard(jane, 'two\t2\nthree\t3');
  await cell(jane, 'A1').click();
  await keys(jane, 'Control+v');
  await all([jane, bob], { A1: 'two', B2: '3' });
  await keys(jane, 'Control+z');
  await all([jane, bob], { A1: 'one', B1: '', A2: '', B2: '' });
  await keys(jane, 'Control+z');
  await all([jane, bob], { A1: '' });
  await keys(jane, 'Control+y', 'Control+Shift+z');
  await all([jane, bob], { A1: 'two', B1: '2', A2: 'three', B2: '3' });
}));

test('a sheet can be exported as CSV and imported again', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  const file = (text, name = 'table.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await cell(jane, 'A1').click();
  await jane.locator('#file').setInputFiles(file('\uFEFFName;Sum\r\n"a;b";=1+1\r\n\r\n"say ""hi""";x\r\n'));
  await all([jane, bob], { A1: 'Name', B1: 'Sum', A2: 'a;b', B2: '2', A3: '', A4: 'say "hi"', B4: 'x' });
  const [download] = await Promise.all([bob.waitForEvent('download'), bob.getByRole('button', { name: 'Export CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'garden.csv');
  assert.equal(await readFile(await download.path(), 'utf8'), '\uFEFFName,Sum\r\na;b,2\r\n,\r\n"say ""hi""",x');

  const many = Array.from({ length: 900 }, (_, row) => Array.from({ length: 20 }, (__, col) => `${row}/${col}`).join(',')).join('\n');
  await jane.locator('#file').setInputFiles(file(many));
  await told(jane, 'table.csv: 900 rows from A1 on');
  await jane.keyboard.press('Control+End');
  await selects(jane, 'T900');
  await all([jane], { T900: '899/19' });
  const late = await person('John');
  await late.keyboard.press('Control+End');
  await all([late], { T900: '899/19' });
}));

test('rows and columns can be added up to the sheet’s limits', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  const rows = jane.getByRole('button', { name: 'More rows' });
  await rows.click();
  await jane.locator('#grid').focus();
  await keys(jane, 'Control+ArrowDown');
  await selects(jane, 'A200');
  await jane.keyboard.type('down here');
  await jane.keyboard.press('Enter');
  await bob.waitForFunction(() => document.getElementById('grid').ariaRowCount === '201');
  for (let count = 200; count < 1000; count += 100) await rows.click();
  assert.ok(await rows.isDisabled());
  const columns = jane.getByRole('button', { name: 'More columns' });
  while (await columns.isEnabled()) await columns.click();
  await jane.locator('#grid').focus();
  await keys(jane, 'Control+Home', 'Control+ArrowRight');
  await selects(jane, 'CV1');
}));

test('everybody sees the others’ selections, with their names, until they leave', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await cell(bob, 'B2').click();
  await cell(bob, 'C4').click({ modifiers: ['Shift'] });
  const mark = jane.locator('.other', { hasText: exactly('Bob') });
  const covers = async (page, from, to) => {
    const [a, b, m] = await Promise.all([cell(page, from), cell(page, to), page.locator('.other', { hasText: 'Bob' })].map((locator) => locator.boundingBox()));
    return [m.x - a.x, m.y - a.y, b.x + b.width - m.x - m.width, b.y + b.height - m.y - m.height].every((distance) => Math.abs(distance) <= 1);
  };
  await mark.waitFor();
  // First the clicked cell, then more.
  await becomes(() => covers(jane, 'B2', 'C4'), true);
  const late = await person('John');
  await late.locator('.other', { hasText: 'Bob' }).waitFor();
  await late.locator('.other', { hasText: 'Jane' }).waitFor();
  await bob.close();
  await mark.waitFor({ state: 'detached' });
}));

test('somebody’s name does not cover cells permanently, even with reduced motion', atSheet(async ({ person }) => {
  const bob = await person('Bob', { reducedMotion: 'reduce' });
  const jane = await person('Jane');
  await cell(jane, 'C3').click();
  const tag = bob.locator('.other span', { hasText: 'Jane' });
  await tag.waitFor({ state: 'attached' });
  await tag.waitFor({ state: 'hidden' });
}));

test('a user editing a cell that somebody else changes is told, and decides', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await cell(jane, 'A1').click();
  await jane.keyboard.type('mine');
  await write(bob, 'A1', 'his');
  await told(jane, 'Bob has changed A1 to “his” meanwhile.');
  await keys(jane, 'Escape');
  await all([jane, bob], { A1: 'his' });
  await keys(jane, 'F2');
  await jane.keyboard.type(' and mine');
  await write(bob, 'A1', 'again');
  await told(jane, 'Bob has changed A1 to “again” meanwhile.');
  await keys(jane, 'Enter');
  await all([jane, bob], { A1: 'his and mine' });
  await cell(jane, 'A1').click();
  await keys(jane, 'F2');
  await jane.keyboard.type('!');
  await write(bob, 'A1', 'last');
  await told(jane, 'Bob has changed A1 to “last” meanwhile.');
  await jane.getByRole('button', { name: 'Dismiss' }).click();
  await jane.keyboard.type('!');
  await write(bob, 'A1', 'really');
  await told(jane, 'Bob has changed A1 to “really” meanwhile.');
  assert.equal(await jane.locator('.in-cell').inputValue(), 'his and mine!!');
  await jane.getByRole('button', { name: 'Keep it' }).click();
  await all([jane, bob], { A1: 'really' });
  await keys(jane, 'F2');
  await jane.keyboard.type('!');
  await write(bob, 'A1', 'no');
  await told(jane, 'Bob has changed A1 to “no” meanwhile. Enter replaces that by yours');
  await keys(jane, 'Backspace', 'Enter');
  await all([jane, bob], { A1: 'really' });
}));

test('a cell that is open for editing, but with nothing written yet, goes on with what somebody else writes', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await keys(jane, 'F2');
  await write(bob, 'A1', 'his');
  await becomes(() => jane.locator('.in-cell').inputValue(), 'his');
  await raw(jane, 'his');
  await jane.keyboard.type('!');
  await keys(jane, 'Enter');
  await all([jane, bob], { A1: 'his!' });
  await cell(jane, 'A1').click();
  await jane.locator('#formula').focus();
  await write(bob, 'A1', 'again');
  await raw(jane, 'again');
  await jane.keyboard.press('Enter');
  await all([jane, bob], { A1: 'again' });
  assert.equal(await jane.locator('#news').textContent(), '');
}));

test('text written offline is there afterwards, and an unfinished edit too', atSheet(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  await write(jane, 'A1', '1');
  await write(jane, 'D1', '=A1+4');
  await all([jane, bob], { A1: '1', D1: '5' }); // so the formula engine, which comes over the same connection, is loaded
  cable.cut();
  await state(jane, 'offline');
  await write(jane, 'A1', '2');
  await write(jane, 'B1', '=A1+A2');
  await write(bob, 'A2', '40');
  await all([jane], { A1: '2', B1: '2' });
  await cell(jane, 'C1').click();
  await jane.keyboard.type('beg');
  cable.restore();
  await networkIsBack(jane);
  await all([jane, bob], { A1: '2', A2: '40', B1: '42' });
  await jane.keyboard.type('un');
  await keys(jane, 'Enter');
  await all([jane, bob], { C1: 'begun' });
}));

test('text that comes after somebody else’s is not taken for theirs, and its undo leads back to theirs', atSheet(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  cable.cut();
  await state(jane, 'offline');
  await write(jane, 'A1', 'mine');
  await keys(jane, 'ArrowUp', 'F2');
  await jane.keyboard.type('!');
  await write(bob, 'A1', 'his');
  await delivered(bob);
  cable.restore();
  await networkIsBack(jane);
  await delivered(jane);
  await all([jane, bob], { A1: 'mine' });
  assert.equal(await jane.locator('#news').textContent(), '');
  await keys(jane, 'Escape', 'Control+z');
  await all([jane, bob], { A1: 'his' });
}));

test('the sheet survives a restart of the server', atSheet(async ({ person, wire, restart }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await write(jane, 'A1', '20');
  await write(jane, 'A2', '=A1+1');
  await restart();
  await networkIsBack(jane);
  await state(jane, 'online');
  await write(jane, 'A1', '41');
  const bob = await person('Bob');
  await all([jane, bob], { A1: '41', A2: '42' });
}));

test('a server that has lost everything gets the unacknowledged changes, and its sheet is shown', atSheet(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await write(jane, 'A1', '1');
  await write(jane, 'A2', '=A1+1');
  await shows(jane, 'A2', '2');
  await delivered(jane);
  cable.cut();
  await state(jane, 'offline');
  await write(jane, 'A3', '=A1+3');
  await keys(jane, 'Control+Home', 'F2');
  await jane.keyboard.type('!');
  cable.restore((await anotherServer()).port);
  await networkIsBack(jane);
  await told(jane, 'Somebody has changed A1 to nothing meanwhile.');
  await keys(jane, 'Escape');
  await all([jane], { A1: '', A2: '', A3: '3' });
}));

test('a refusal is explained, and no text is lost', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  await write(jane, 'A1', 'fits');
  await cell(jane, 'A1').click();
  await jane.locator('#formula').fill('x'.repeat(10_000));
  await jane.locator('#formula').press('Enter');
  await told(jane, 'A1 was not changed: content.value: must be');
  await shows(jane, 'A1', 'fits');
  await jane.getByRole('button', { name: 'Try again' }).click();
  assert.equal((await jane.locator('.in-cell').inputValue()).length, 10_000);
  await keys(jane, 'Escape');
}));

test('the question about somebody else’s text ends with the edit that it is about', atSheet(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const news = () => jane.locator('#news').textContent();
  await keys(jane, 'F2');
  await jane.keyboard.type('mine');
  await write(bob, 'A1', 'his');
  await told(jane, 'Bob has changed A1 to “his” meanwhile.');
  await keys(jane, 'Enter');
  assert.equal(await news(), '');
  await cell(jane, 'B1').click();
  await jane.locator('#formula').fill('mine');
  await write(bob, 'B1', 'his');
  await told(jane, 'Bob has changed B1 to “his” meanwhile.');
  await jane.locator('#formula').press('Enter');
  assert.equal(await news(), '');
  await all([jane, bob], { A1: 'mine', B1: 'mine' });
}));

test('refused texts stay on offer until they are tried again, also behind other news', atSheet(async ({ person }) => {
  const jane = await person('Jane', { holds: ['cell_update'] });
  await write(jane, 'A1', 'long text');
  await jane.held.refuse();
  await told(jane, 'A1 was not changed: too many messages');
  await jane.getByRole('button', { name: 'More rows' }).click();
  await told(jane, 'The sheet now has 200 rows');
  await jane.getByRole('button', { name: 'Dismiss' }).click();
  await told(jane, 'A1 was not changed: too many messages');
  await jane.getByRole('button', { name: 'Try again' }).click();
  assert.equal(await jane.locator('.in-cell').inputValue(), 'long text');
}));

test('trying again writes over no newer text, and the user decides about somebody else’s', atSheet(async ({ person }) => {
  const jane = await person('Jane', { holds: ['cell_update'] });
  const bob = await person('Bob');
  await write(jane, 'A1', 'one');
  await jane.held.refuse();
  await told(jane, 'A1 was not changed');
  await write(jane, 'A1', 'two');
  await jane.held.pass();
  await all([bob], { A1: 'two' });
  assert.equal(await jane.locator('#news').textContent(), '');
  for (const [name, text] of [['B1', 'three'], ['C1', 'four']]) {
    await write(jane, name, text);
    await jane.held.refuse();
    await told(jane, name);
  }
  await told(jane, 'B1, C1 were not changed');
  await write(bob, 'B1', 'his');
  await all([jane], { B1: 'his' });
  await jane.getByRole('button', { name: 'Try again' }).click();
  await jane.held.pass();
  await all([jane, bob], { A1: 'two', B1: 'his', C1: 'four' });
  assert.equal(await jane.locator('.in-cell').inputValue(), 'three');
}));

test('undo leads back to no text that was refused', atSheet(async ({ person }) => {
  const jane = await person('Jane', { holds: ['cell_update'] });
  const bob = await person('Bob');
  for (const text of ['a', 'b', 'c']) await write(jane, 'A1', text);
  await jane.held.pass();
  await jane.held.refuse();
  await jane.held.pass();
  await all([bob], { A1: 'c' });
  await delivered(jane);
  await keys(jane, 'Control+z');
  await jane.held.pass();
  await all([jane, bob], { A1: 'a' });
}));

test('if a text is refused while its cell is being edited again, the user learns what is in the cell', atSheet(async ({ person }) => {
  const jane = await person('Jane', { holds: ['cell_update'] });
  const bob = await person('Bob');
  await write(jane, 'A1', 'mine');
  await keys(jane, 'ArrowUp', 'F2');
  await jane.keyboard.type('!');
  for (const [name, text] of [['A1', 'his'], ['B1', 'next']]) await write(bob, name, text);
  await all([jane], { A1: 'mine', B1: 'next' });
  await jane.held.refuse();
  await told(jane, 'A1 was not changed before, it is “his”. Enter replaces that by yours, Escape keeps it.');
  await jane.getByRole('button', { name: 'Keep it' }).click();
  await all([jane, bob], { A1: 'his' });
  await told(jane, 'A1 was not changed: too many messages');

  await write(jane, 'A2', 'mine');
  await keys(jane, 'ArrowUp', 'F2');
  await jane.held.refuse();
  await becomes(() => jane.locator('.in-cell').inputValue(), '');
}));

const SMALL = { plugins: { spreadsheet: { rows: 6, columns: 4, max_cells: 10, max_length: 20 }, cursor_move: {} } };

test('if a block does not fit, the page says so before sending, and can paste the part that fits', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  const paste = async (name, text) => {
    await setClipboard(jane, text);
    await cell(jane, name).click();
    await keys(jane, 'Control+v');
  };
  const take = () => jane.getByRole('button', { name: 'Take what fits' }).click();
  await paste('A5', 'a\nb\nc\nd');
  await told(jane, 'That is 4 rows, and from A5 on the sheet has 2. Nothing has been pasted.');
  await shows(jane, 'A5', '');
  await take();
  await all([jane, bob], { A5: 'a', A6: 'b' });
  await paste('D1', 'x\ty');
  await told(jane, 'That is 2 columns, and from D1 on the sheet has 1.');
  await take();
  await all([jane, bob], { D1: 'x' });
  await paste('A1', '1\t2\t3\n4\t5\t6\n7\t8\t9');
  await told(jane, 'The sheet would be too full: at most 10 cells can be filled.');
  await take();
  await all([jane, bob], { A1: '1', C1: '3', C2: '6', A3: '' });
  await paste('A1', `fine\t${'x'.repeat(21)}`);
  await told(jane, 'B1 would hold 21 characters, and a cell can hold 20. Nothing has been pasted.');
  await all([jane, bob], { A1: '1', B1: '2' });
  await paste('A6', 'c\t\t\n\t\t\n\n');
  await all([jane, bob], { A6: 'c' }); // empty cells need no space
}, SMALL));

test('changes made offline count as made; of those that the server then refuses, none is lost', atSheet(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  await setClipboard(jane, '1\t2\t3\n4\t5\t6\n7\t8\t9');
  await keys(jane, 'Control+v');
  await all([jane, bob], { A1: '1', C3: '9' });
  await delivered(jane);
  cable.cut();
  await state(jane, 'offline');
  await keys(jane, 'Control+a', 'Delete');
  await all([jane], { A1: '', C3: '' });
  await keys(jane, 'Control+Home', 'Control+v');
  await all([jane], { A1: '1', C3: '9' });
  for (const [name, text] of [['A5', 'ten'], ['B5', 'eleven'], ['C5', 'twelve']]) await write(jane, name, text);
  cable.restore();
  await networkIsBack(jane);
  await told(jane, 'B5, C5 were not changed: the sheet is full');
  await all([jane, bob], { A1: '1', C3: '9', A5: 'ten', B5: '', C5: '' });
  await keys(jane, 'Control+Home', 'Shift+ArrowRight', 'Delete');
  await all([jane, bob], { A1: '', B1: '' });
  await jane.getByRole('button', { name: 'Try again' }).click();
  await all([jane, bob], { B5: 'eleven', C5: 'twelve' });
}, SMALL));

test('texts that cannot pass are opened one after the other, to be corrected', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  for (const [name, letter] of [['A1', 'x'], ['B1', 'y']]) {
    await cell(jane, name).click();
    await jane.locator('#formula').fill(letter.repeat(21));
    await jane.locator('#formula').press('Enter');
  }
  const tryAgain = () => jane.getByRole('button', { name: 'Try again' }).click();
  await told(jane, 'A1, B1 were not changed: content.value');
  await tryAgain();
  await told(jane, 'A1, B1 were not changed: content.value');
  await tryAgain();
  assert.equal(await jane.locator('.in-cell').inputValue(), 'x'.repeat(21));
  await keys(jane, 'Escape');
  await told(jane, 'B1 was not changed: content.value');
  await tryAgain();
  assert.equal(await jane.locator('.in-cell').inputValue(), 'y'.repeat(21));
}, SMALL));

test('what is too large for a message is not sent again: a single text is opened, a block is kept in the news', atSheet(async ({ person }) => {
  const jane = await person('Jane', { holds: ['cell_update', 'cells_update'] });
  const tryAgain = jane.getByRole('button', { name: 'Try again' });
  const refuse = () => jane.held.refuse('larger than the server takes', 'too_big');
  await jane.locator('#file').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b') });
  await refuse();
  await told(jane, 'A1:B1 were not changed');
  assert.equal(await tryAgain.count(), 0);
  await write(jane, 'C1', 'long text');
  await refuse();
  await told(jane, 'A1:B1, C1 were not changed');
  await tryAgain.click();
  assert.equal(await jane.locator('.in-cell').inputValue(), 'long text');
  await keys(jane, 'Escape');
  await told(jane, 'A1:B1 were not changed');
  assert.equal(await tryAgain.count(), 0);
}));

test('a file of any size is read or refused with a reason, and the page says in which encoding', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const read = (content, name = 'table.csv') => jane.locator('#file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await read('a,b\n'.repeat(150_000));
  await told(jane, 'That is 150,000 rows, and from A1 on the sheet has 1,000. Nothing has been read.');
  await read(`${','.repeat(20_000)}x\n${'a\n'.repeat(1500)}`);
  await told(jane, 'That is 1,501 rows, and from A1 on');
  await jane.evaluate(() => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(17 << 20)], 'table.csv'));
    document.getElementById('file').files = files.files;
    document.getElementById('file').dispatchEvent(new Event('change'));
  });
  await told(jane, 'table.csv is larger than 16 MB');
  await read('');
  await told(jane, 'table.csv is empty.');
  await read(Buffer.from('M\xfcller;5 \x80\r\n', 'latin1'));
  await told(jane, 'table.csv: 1 rows from A1 on, read as Windows-1252');
  await all([jane], { A1: 'Müller', B1: '5 €' });
  await read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Zoë\t日本', 'utf16le')]));
  await all([jane], { A1: 'Zoë', B1: '日本' });
  await setClipboard(jane, 'x\n'.repeat(150_000));
  await keys(jane, 'Control+v');
  await told(jane, 'That is 150,000 rows');
}));

test('a UTF-16 file without a mark is read, a file with stray zeros is refused, and pasted cells lose zeros', atSheet(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const read = (bytes) => jane.locator('#file').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(bytes) });
  await read(Buffer.from('Zoë;1,5;z\r\nx;y\r\n', 'utf16le'));
  await told(jane, 'table.csv: 2 rows from A1 on, read as UTF-16LE');
  await all([jane, bob], { A1: 'Zoë', B1: '1,5', A2: 'x', B2: 'y' });
  await read(Buffer.from('日本,東京の上\n', 'utf16le').swap16());
  await told(jane, 'table.csv: 1 rows from A1 on, read as UTF-16BE');
  await all([jane, bob], { A1: '日本', B1: '東京の上', A2: 'x' });
  for (const bytes of ['a,b\0\n', 'ok,b\0d\nf,xy\n', 'M\xfcller,\0\n', Uint8Array.from({ length: 512 }, (_, at) => at * 7)]) {
    await read('');
    await told(jane, 'table.csv is empty.');
    await read(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    await told(jane, 'table.csv is no text file. Nothing has been read.');
  }
  await all([jane, bob], { A1: '日本', A2: 'x' });

  await cell(jane, 'A3').click();
  await jane.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'o\0ne\ttwo\0\nthree\tfour');
    document.getElementById('grid').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await all([jane, bob], { A3: 'one', B3: 'two', A4: 'three', B4: 'four' });
}));

test('a first line that names the separator is honoured and is not a row, but a cell with that text is', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const read = (text) => jane.locator('#file').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await read('\uFEFFsep=;\r\na,1;b\r\nc;d');
  await all([jane], { A1: 'a,1', B1: 'b', A2: 'c', B2: 'd', A3: '' });
  for (const separator of ['|', '\t', '^', ']', '\\', ',']) {
    await read(`SEP=${separator}\nx;${separator}"y"\n`);
    await all([jane], { A1: 'x;', B1: 'y', A2: 'c' });
    await read(`sep=${separator}\n1${separator}2\n`);
    await all([jane], { A1: '1', B1: '2', A2: 'c' });
  }
  await write(jane, 'A1', 'sep=|');
  await write(jane, 'B1', 'e');
  const [download] = await Promise.all([jane.waitForEvent('download'), jane.getByRole('button', { name: 'Export CSV' }).click()]);
  await cell(jane, 'A5').click();
  await jane.locator('#file').setInputFiles(await download.path());
  await all([jane], { A5: 'sep=|', B5: 'e', A6: 'c', B6: 'd' });
}));

test('no cell’s text runs in the program that opens the file, and importing the file gives the same cells', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const texts = [
    "'=cmd|' /C calc'!A0", "'=1+1", "-1+cmd|' /C calc'!A0", "'-1+1", "''-1+1", '@SUM(1)', '+1+1', '\t=1+1', ' =1+1', '＝1+1', '- milk', '-5', "'-5", '+1.5e3',
    "'007", '007', "'1", '2024-01-05', "'TRUE", "''x", "'", '"', 'a"b', 'a,b;c', 'two\nlines', ' x ', '50%', '-', '\uFEFFx',
  ];
  const file = async () => {
    const [download] = await Promise.all([jane.waitForEvent('download'), jane.getByRole('button', { name: 'Export CSV' }).click()]);
    return readFile(await download.path(), 'utf8');
  };
  await setClipboard(jane, texts.map((text) => `"${text.replaceAll('"', '""')}"`).join('\n'));
  await keys(jane, 'Control+v');
  await write(jane, 'C1', '="=1+" & 1');
  await write(jane, 'C2', '="00" & 7');
  await shows(jane, 'C1', '=1+1');
  const before = await file();
  const runs = /^\s*[-+=@\uff1d]\s*[^\s\d.]|^[-+\d][\d.]*[-+]|^[\t\r\n]/; // numbers and a sign alone are safe
  assert.deepEqual(parseTable(before.slice(1), ',').flat().filter((field) => runs.test(field)), ['2024-01-05']);
  const shown = () => jane.locator('.cell').evaluateAll((cells) => cells.filter(({ id }) => /-[02]$/.test(id)).map(({ textContent }) => textContent));
  const seen = await shown();
  await cell(jane, 'A1').click();
  await keys(jane, 'Control+a', 'Delete');
  await shows(jane, 'A1', '');
  await cell(jane, 'A1').click();
  await jane.locator('#file').setInputFiles({ name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from(before) });
  await told(jane, `again.csv: ${texts.length} rows`);
  await becomes(shown, seen);
  assert.equal(await file(), before);
  for (const [row, text] of [[0, texts[0]], [2, texts[2]], [3, texts[3]], [4, texts[4]], [7, '\t=1+1'], [14, "'007"]]) {
    await cell(jane, `A${row + 1}`).click();
    await raw(jane, text);
  }
  await cell(jane, 'A2').click();
  await keys(jane, 'Control+c');
  await becomes(() => readClipboard(jane), "'=1+1");
}));

test('undo leaves cells alone that somebody else has changed since, and says so', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await write(jane, 'B1', 'was');
  await setClipboard(jane, '1\t2\n3\t4');
  await cell(jane, 'A1').click();
  await keys(jane, 'Control+v');
  await all([jane, bob], { A1: '1', B1: '2', A2: '3', B2: '4' });
  await write(bob, 'A2', 'his');
  await write(bob, 'B2', '4!');
  await all([jane], { A2: 'his', B2: '4!' });
  await cell(jane, 'A1').click();
  await keys(jane, 'Control+z');
  await told(jane, 'A2, B2: left as they are, somebody has changed them since.');
  await all([jane, bob], { A1: '', B1: 'was', A2: 'his', B2: '4!' });
  await keys(jane, 'Control+y');
  await all([jane, bob], { A1: '1', B1: '2', A2: 'his', B2: '4!' });
  await write(jane, 'D1', 'same');
  await shows(bob, 'D1', 'same');
  await delivered(jane);
  await write(bob, 'D1', 'other');
  await write(bob, 'D1', 'same');
  await write(bob, 'E1', 'then');
  await shows(jane, 'E1', 'then');
  await cell(jane, 'A1').click();
  await keys(jane, 'Control+z');
  await told(jane, 'D1: left as it is');
  await all([jane, bob], { D1: 'same' });
}));

test('AltGr, dead keys and input methods start editing a cell like any other key; commands do not', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const cdp = await jane.context().newCDPSession(jane);
  const press = (key, modifiers, text) => cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key, modifiers, text, unmodifiedText: text });
  await cell(jane, 'A1').click();
  await press('@', 1 | 2, '@'); // Ctrl and Alt together are AltGr on Windows
  await jane.locator('.in-cell:focus').waitFor();
  await becomes(() => jane.locator('.in-cell').inputValue(), '@');
  await keys(jane, 'Enter');
  await shows(jane, 'A1', '@');
  const synthetic = (init) => jane.evaluate((options) => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...options });
    document.getElementById('grid').dispatchEvent(event);
    return !document.querySelector('.in-cell').hidden;
  }, init);
  for (const [init, begins] of [
    [{ key: '€', modifierAltGraph: true }, true], [{ key: '{', modifierAltGraph: true, ctrlKey: true, altKey: true }, true],
    [{ key: 'Dead' }, true], [{ key: 'Process', keyCode: 229 }, true], [{ key: '👍' }, true], [{ key: 'x', ctrlKey: true }, false],
    [{ key: 'x', altKey: true }, false], [{ key: 'x', metaKey: true }, false], [{ key: 'Shift' }, false], [{ key: 'F5' }, false], [{ key: 'AltGraph', modifierAltGraph: true }, false],
  ]) {
    assert.equal(await synthetic(init), begins, JSON.stringify(init));
    if (init.modifierAltGraph && begins) assert.equal(await jane.locator('.in-cell').inputValue(), init.key);
    if (begins) await keys(jane, 'Escape');
  }
}));

test('while a formula is being written, clicks, drags and arrow keys insert references', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  await setClipboard(jane, '1\t10\n2\t20\n3\t30');
  await keys(jane, 'Control+v');
  await cell(jane, 'D1').click();
  await jane.keyboard.type('=SUM(');
  await cell(jane, 'A1').hover();
  await jane.mouse.down();
  await cell(jane, 'B2').hover();
  await jane.mouse.up();
  await becomes(() => jane.locator('.in-cell').inputValue(), '=SUM(A1:B2');
  await jane.locator('.further:not([hidden])').waitFor();
  await cell(jane, 'B3').click(); // replaces the last reference
  await cell(jane, 'B2').click();
  await jane.keyboard.type(')*');
  await cell(jane, 'A2').click();
  await keys(jane, 'Enter');
  await shows(jane, 'D1', '40');
  await cell(jane, 'D1').click();
  await raw(jane, '=SUM(B2)*A2');
  await cell(jane, 'D2').click();
  await jane.keyboard.type('=');
  await keys(jane, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'Shift+ArrowDown');
  await becomes(() => jane.locator('.in-cell').inputValue(), '=A2:A3');
  await keys(jane, 'Escape');

  await cell(jane, 'D3').click();
  await jane.locator('#formula').click();
  await jane.keyboard.type('=A3+');
  await cell(jane, 'B3').click();
  await becomes(() => jane.locator('#formula').inputValue(), '=A3+B3');
  await keys(jane, 'Enter');
  await shows(jane, 'D3', '33');

  await cell(jane, 'E1').click();
  await jane.keyboard.type('=SUM(A1'); // the formula is unfinished: a click replaces this reference
  await cell(jane, 'A2').click();
  await becomes(() => jane.locator('.in-cell').inputValue(), '=SUM(A2');
  await jane.keyboard.type(')');
  await cell(jane, 'A1').click(); // the formula is finished: a click selects the cell
  await shows(jane, 'E1', '2');
  await selects(jane, 'A1');
  await cell(jane, 'E2').click();
  await jane.keyboard.type('text (');
  await cell(jane, 'A1').click();
  await shows(jane, 'E2', 'text (');
}));

test('dragging the corner of a selection fills further cells: series continue, references move along', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await setClipboard(jane, '1\t=A1*2\tx\n2\t=A2*2\ty');
  await keys(jane, 'Control+v');
  await selects(jane, 'A1:C2');
  await shows(jane, 'B2', '4');
  await becomes(() => jane.locator('.handle').evaluate(({ style }) => [style.translate, style.width]), ['46px 28px', '336px']);
  const { x, y, width, height } = await jane.locator('.handle').boundingBox();
  await jane.mouse.move(x + width, y + height);
  await jane.mouse.down();
  await cell(jane, 'C5').hover();
  await jane.locator('.further:not([hidden])').waitFor();
  await jane.mouse.up();
  await selects(jane, 'A1:C5');
  await all([jane, bob], { A3: '3', A5: '5', B5: '10', C3: 'x', C4: 'y', C5: 'x' });
  await keys(jane, 'Control+z');
  await all([jane, bob], { A3: '', B5: '', A2: '2' });
}));

test('marks do not cover the row numbers when the sheet is scrolled', atSheet(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  const numbers = () => jane.getByRole('rowheader', { name: '3', exact: true }).screenshot();
  await jane.locator('#sheet').evaluate((sheet) => { sheet.scrollLeft = 56; });
  await jane.mouse.move(1, 1);
  const before = await numbers();
  await cell(bob, 'A3').click();
  await jane.locator('.other', { hasText: 'Bob' }).waitFor();
  await becomes(() => jane.locator('.other').evaluate((mark) => mark.style.translate), '46px 84px');
  assert.ok(before.equals(await numbers()), 'nothing is painted over the number');
}));

test('on a phone a tap selects, a second tap edits, and the handle extends the selection', atSheet(async ({ person }) => {
  const phone = await person('Jane', PHONE);
  const bob = await person('Bob');
  await cell(phone, 'B2').tap();
  await selects(phone, 'B2');
  await cell(phone, 'B2').tap();
  await phone.locator('.in-cell:focus').waitFor();
  await phone.keyboard.type('12');
  await phone.keyboard.press('Enter');
  await all([phone, bob], { B2: '12' });
  await cell(phone, 'B4').tap();
  await selects(phone, 'B4');
  await cell(phone, 'B4').tap();
  await phone.locator('.in-cell:focus').waitFor();
  await phone.keyboard.type('=1+');
  await cell(phone, 'B2').tap(); // while a formula is being written, a tap inserts a reference
  await phone.keyboard.press('Enter');
  await all([phone, bob], { B4: '13' });
  await cell(phone, 'A1').tap();
  await phone.locator('#cell-0-0.active').waitFor();
  const touch = await phone.context().newCDPSession(phone);
  const send = (type, points) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  const corner = async (name) => {
    const { x, y, width, height } = await cell(phone, name).boundingBox();
    return [x + width - 1, y + height - 1];
  };
  const [x, y] = await corner('A1');
  await send('touchStart', [[x, y]]);
  await send('touchMove', [[x + 60, y + 14]]);
  await send('touchMove', [[x + 60, y + 70]]);
  await send('touchEnd', []);
  await selects(phone, 'A1:B4');
}));

const isLate = (page, name, reason) => page.locator(`#cell-${place(name).join('-')}.late[title^="${reason}"]`).waitFor();
const isCurrent = (page, name) => page.locator(`#cell-${place(name).join('-')}:not(.late)`).waitFor();

test('a formula that never finishes, or that breaks the engine, is set aside; the page and all other formulas go on', atSheet(async ({ server, person }) => {
  const jane = await person('Jane');
  const mallory = await join(server, { room: 'garden', nickname: 'Mallory', id: 'mallory' });
  await write(jane, 'A1', '20');
  await write(jane, 'A2', '=A1+1');
  await write(jane, 'B1', '=A1*3');
  await all([jane], { A2: '21', B1: '60' });
  const deep = `=${'IF(1,'.repeat(300)}1${')'.repeat(300)}`;
  mallory.send('cells_update', { row: 0, col: 1, values: [['=FACT(1e300)', '=A2*2'], [deep, '=B1'], ['=SEQUENCE(1048576,16384)', '=LAMBDA(x,x(x))(LAMBDA(x,x(x)))']] });
  await isLate(jane, 'B1', 'Out of date');
  await write(jane, 'A1', '41'); // the page does not wait for these formulas
  await all([jane], { A1: '41', A2: '42', C1: '84', B1: '60', B2: '#LIMIT!', B3: '' }); // the last values, if any
  await isCurrent(jane, 'C1');
  for (const name of ['B1', 'B3', 'C2']) await isLate(jane, name, 'Out of date');
  await jane.locator('#late', { hasText: 'cells not up to date' }).waitFor();
  assert.deepEqual(await complaints(jane), []);
  await write(jane, 'B1', '7');
  await all([jane], { B1: '7', C2: '7' });
  await isCurrent(jane, 'C2');
  await cell(jane, 'B2').click();
  await jane.keyboard.press('Delete');
  await all([jane], { B2: '' });
  await isCurrent(jane, 'B2');
}));

test('formulas that never finish, one after the other, do not delay the others', atSheet(async ({ server, person }) => {
  const jane = await person('Jane');
  const mallory = await join(server, { room: 'garden', nickname: 'Mallory', id: 'mallory' });
  await write(jane, 'A1', '1');
  await write(jane, 'A2', '=A1+1');
  await write(jane, 'A3', '=TODAY()>A1');
  await all([jane], { A2: '2', A3: 'TRUE' });
  for (let round = 0; round < 3; ++round) {
    mallory.send('cell_update', { id: `${round}-3`, value: `=SUMPRODUCT(A1:XFD1048576*A1:XFD1048576)+${round}` });
    await isLate(jane, `D${round + 1}`, 'Out of date');
    await write(jane, 'A1', String(10 * round));
    await write(jane, 'B1', `=A2*${round + 2}`); // a new formula
    await all([jane], { A2: String(10 * round + 1), B1: String((10 * round + 1) * (round + 2)) });
    for (const name of ['A2', 'A3', 'B1']) await isCurrent(jane, name);
  }
}));

test('if the engine answers late, cells show their last values marked as outdated, and everything is computed in the end', atSheet(async ({ server, page, listener }) => {
  const john = await listener();
  john.send('cells_update', { row: 0, col: 0, values: [['1', '=A1+1', '=B1*2'], ['5', '=FACT(A2)', '=IFERROR(B2,0)']] });
  const jane = await page();
  await jane.addInitScript(() => {
    globalThis.held = 2; // this many answers come too late
    const RealWorker = Worker;
    globalThis.Worker = class extends RealWorker {
      set onmessage(handle) {
        super.onmessage = (event) => {
          if (event.data === 'ready' || globalThis.held-- <= 0) handle(event);
        };
      }
    };
  });
  await jane.goto(`${server.url}/static/spreadsheet.html?room=garden&nickname=Jane`);
  await greeted(jane);
  await all([jane], { B1: '2', C1: '4', B2: '120', C2: '120' });
  await jane.evaluate(() => { globalThis.held = 2; });
  await write(jane, 'A1', '2');
  await isLate(jane, 'B1', 'Out of date');
  await all([jane], { B1: '2', C1: '4', B2: '120' });
  await all([jane], { B1: '3', C1: '6', B2: '120', C2: '120' });
  for (const name of ['B1', 'C1', 'B2', 'C2']) await isCurrent(jane, name);
  await jane.locator('#late:empty').waitFor({ state: 'attached' });
}));

test('markup, addresses and very long texts in any field are shown as text', atSheet(async ({ server, person }) => {
  const jane = await person('Jane', PHONE);
  const mallory = await join(server, { room: 'garden', nickname: '<img src=x onerror=alert(1)>', id: 'mallory' });
  const markup = '<img src=x onerror="document.title=1">';
  for (const [row, text] of [markup, 'javascript:alert(1)', 'W'.repeat(10_000)].entries()) {
    mallory.send('cell_update', { row, col: 0, value: text.slice(0, 2000), id: `${row}-0`, extra: text.slice(0, 200) });
    mallory.send('cells_update', { row, col: 1, values: [[text.slice(0, 2000), `="${text.slice(0, 200).replaceAll('"', '""')}"`]] });
    mallory.send('cell_update', { row, col: 3, value: text });
    mallory.send('cell_update', { row: text, col: text, value: 1, id: text });
    for (const cellId of [text.slice(0, 64), '9999999999-1', '-1--1', '__proto__', `${row}-0`]) mallory.send('cursor_update', { cellId, to: text.slice(0, 200), color: text });
    mallory.send('cursor_update', { cellId: text.slice(0, 64), to: text.slice(0, 200) });
  }
  mallory.send('cursor_update', { cellId: '4-0', to: '900000-9000' });
  mallory.send('cursor_update', { cellId: '4-0' });
  await all([jane], { A1: markup, B1: markup, C1: markup, A2: 'javascript:alert(1)', C2: 'javascript:alert(1)', C3: 'W'.repeat(200), A3: `${'W'.repeat(200)}…` });
  await jane.locator('.other', { hasText: '<img src=x onerror=alert(1)>' }).waitFor();
  await cell(jane, 'A1').tap();
  await jane.locator('.in-cell:focus').waitFor();
  await jane.keyboard.type('?');
  mallory.send('cell_update', { row: 0, col: 0, value: `${markup}!` });
  await told(jane, `${markup}!`);
  assert.equal(await jane.locator('#sheet img, #news img').count(), 0);
  assert.match(await jane.title(), /Spreadsheet/);
  assert.equal(await jane.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
}));
