// The kanban page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints } from '../lib/axe.mjs';
import { join } from '../lib/member.mjs';
import { becomes, delivered, networkIsBack, onStage, state } from '../lib/stage.mjs';

const CONFIG = { plugins: { kanban: {}, cursor_move: {} } };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const NONE = { 'To do': [], 'In progress': [], Done: [] };

// A test with people at the board.
const atBoard = (body, config = CONFIG) => onStage((stage) => body({
  ...stage,
  person: (nickname, options) => stage.person(nickname, 'garden', { page: 'kanban.html', ...options }),
}), config);

async function add(page, title, column = 'To do') {
  const input = page.getByLabel(`Add a card to ${column}`, { exact: true });
  await input.fill(title);
  await input.press('Enter');
}

// Resolves once the page shows this board: { column: [title, …] }; the usual columns, or those given, may be empty.
async function shows(page, columns, empty = NONE) {
  const wanted = JSON.stringify({ ...empty, ...columns });
  await page.waitForFunction((text) => JSON.stringify(Object.fromEntries([...document.querySelectorAll('.column')].map((column) => [
    column.ariaLabel, [...column.querySelectorAll('.open')].map((button) => button.textContent),
  ]))) === text, wanted);
}

const card = (page, title) => page.locator('.card', { has: page.getByRole('button', { name: title, exact: true }) });
const open = (page, title) => card(page, title).locator('.open').click();
const says = (page, text) => page.locator('#said', { hasText: text }).waitFor({ state: 'attached' });
const told = (page, text) => page.locator('#toast', { hasText: text }).waitFor();
const settled = (page) => page.waitForFunction(() => !document.querySelector('.sortable-ghost, .sortable-fallback'));

const middle = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
};

// Drags a card until the page shows this board: the page does not react to every single move.
async function drag(page, title, target, columns, empty) {
  await page.mouse.move(...await middle(card(page, title)));
  await page.mouse.down();
  const [x, y] = await middle(target);
  await page.mouse.move(x, y, { steps: 12 });
  await page.mouse.move(x, y + 4, { steps: 2 });
  await shows(page, columns, empty);
}

test('an added card is on everybody’s board, also on a latecomer’s', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await shows(jane, {});
  await add(jane, 'Water the plants');
  await add(jane, 'Feed the cat');
  await shows(bob, { 'To do': ['Water the plants', 'Feed the cat'] });
  await add(bob, 'Wash up', 'Done');
  const late = await person('John');
  for (const page of [jane, bob, late]) await shows(page, { 'To do': ['Water the plants', 'Feed the cat'], Done: ['Wash up'] });
}));

test('the columns are those that the server is configured with, in their order', atBoard(async ({ person, wire }) => {
  const columns = { Ideas: [], 'To do': [], 'Some day': [] };
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await shows(jane, {}, columns);
  await add(jane, 'Water the plants', 'Some day');
  const bob = await person('Bob');
  for (const page of [jane, bob]) await shows(page, { 'Some day': ['Water the plants'] }, columns);
  await drag(bob, 'Water the plants', bob.getByRole('region', { name: 'Ideas' }), { Ideas: ['Water the plants'] }, columns);
  await bob.mouse.up();
  for (const page of [jane, bob]) await shows(page, { Ideas: ['Water the plants'] }, columns);
  await open(jane, 'Water the plants');
  await jane.getByLabel('Column').fill('Elsewhere');
  await jane.getByRole('button', { name: 'Save' }).click();
  assert.equal(await jane.getByLabel('Column').evaluate((input) => input.validationMessage), 'This board’s columns are Ideas, To do, and Some day');
  await jane.getByLabel('Column').fill('To do');
  await jane.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water the plants'] }, columns);
  cable.cut();
  await state(jane, 'offline');
  await shows(jane, { 'To do': ['Water the plants'] }, columns);
}, { plugins: { kanban: { columns: ['Ideas', 'To do', 'Some day'] } } }));

test('if a running server gets the kanban plugin, people on the page can use it at once', atBoard(async ({ person, give }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const link = jane.locator('#examples [data-page="kanban.html"]');
  await link.waitFor({ state: 'hidden' });
  await give({ kanban: { columns: ['Ideas', 'Some day'] } });
  await link.waitFor();
  for (const page of [jane, bob]) await shows(page, {}, { Ideas: [], 'Some day': [] });
  await add(jane, 'Water the plants', 'Some day');
  for (const page of [jane, bob]) await shows(page, { Ideas: [], 'Some day': ['Water the plants'] }, {});
  await give({});
  await link.waitFor({ state: 'hidden' });
}, { plugins: { cursor_move: {} } }));

test('a card is edited in its dialog, and a new column appears with its first card', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'Water');
  await open(bob, 'Water');
  await bob.getByLabel('Title').fill('Water the plants');
  await bob.getByLabel('Description').fill('all\nof them');
  await bob.getByLabel('Who does it').fill('Jane');
  await bob.getByLabel('Column').fill('Some day');
  await bob.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) {
    await shows(page, { 'Some day': ['Water the plants'] });
    assert.equal(await card(page, 'Water the plants').locator('.description').innerText(), 'all\nof them');
    assert.equal(await card(page, 'Water the plants').locator('.involved .label').textContent(), 'Jane');
  }
  await open(jane, 'Water the plants');
  await jane.getByLabel('Who does it').fill('');
  await jane.getByLabel('Column').fill('Done');
  await jane.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) {
    await shows(page, { Done: ['Water the plants'] });
    await card(page, 'Water the plants').locator('.involved .label').waitFor({ state: 'detached' });
  }
}));

test('a card is dragged with the mouse, from column to column and within one', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(jane, title);
  await shows(bob, { 'To do': ['one', 'two', 'three'] });
  for (const [title, target, columns] of [
    ['one', jane.locator('[data-column="Done"]'), { 'To do': ['two', 'three'], Done: ['one'] }],
    ['two', card(jane, 'three'), { 'To do': ['three', 'two'], Done: ['one'] }],
  ]) {
    await drag(jane, title, target, columns);
    await jane.mouse.up();
    for (const page of [jane, bob]) await shows(page, columns);
    await settled(jane);
  }
  assert.equal(await jane.locator('#editor').isVisible(), false, 'a drag is no click');
}));

test('a card is dragged with a finger that rests on it first', atBoard(async ({ person }) => {
  const phone = await person('Jane', PHONE);
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(phone, title);
  await shows(phone, { 'To do': ['one', 'two', 'three'] });
  const touch = await phone.context().newCDPSession(phone);
  const send = (type, points) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  const moved = { 'To do': ['two', 'three', 'one'] };
  // A browser that has waited too long for its page takes the touch for scrolling; then the touch is repeated.
  await phone.evaluate(() => addEventListener('pointercancel', () => { document.body.dataset.scrolls = ''; }, true));
  const scrolls = phone.locator('body[data-scrolls]');
  let again;
  do {
    await phone.evaluate(() => delete document.body.dataset.scrolls);
    const [x, from] = await middle(card(phone, 'one'));
    const [, to] = await middle(card(phone, 'three'));
    await send('touchStart', [[x, from]]);
    await phone.locator('.sortable-chosen').waitFor();
    for (let step = 1; step <= 10; step += 1) await send('touchMove', [[x, from + (step * (to + 6 - from)) / 10]]);
    await Promise.race([shows(phone, moved), scrolls.waitFor()]);
    again = await scrolls.count();
    await send('touchEnd', []);
    await phone.locator('.sortable-chosen').waitFor({ state: 'detached' });
  } while (again);
  for (const page of [phone, bob]) await shows(page, moved);
}));

test('everything can be done with the keyboard, and is announced', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(jane, title);
  await shows(jane, { 'To do': ['one', 'two', 'three'] });
  const focused = () => jane.evaluate(() => document.activeElement.textContent);
  await card(jane, 'one').locator('.open').focus();
  await jane.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'two');

  await jane.keyboard.press('Control+ArrowUp');
  for (const page of [jane, bob]) await shows(page, { 'To do': ['two', 'one', 'three'] });
  await says(jane, 'two: To do, 1 of 3');
  await jane.keyboard.press('Control+ArrowUp');
  await says(jane, 'It cannot go any further');
  await jane.keyboard.press('Alt+ArrowRight');
  for (const page of [jane, bob]) await shows(page, { 'To do': ['one', 'three'], 'In progress': ['two'] });
  await says(jane, 'two: In progress, 1 of 1');
  assert.equal(await focused(), 'two', 'the focus goes along');

  await jane.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'one');
  await jane.keyboard.press('Enter');
  await jane.getByLabel('Title').fill('first');
  await jane.keyboard.press('Enter');
  for (const page of [jane, bob]) await shows(page, { 'To do': ['first', 'three'], 'In progress': ['two'] });
  await jane.waitForFunction(() => document.activeElement.textContent === 'first');
  await jane.keyboard.press('Delete');
  for (const page of [jane, bob]) await shows(page, { 'To do': ['three'], 'In progress': ['two'] });
  await jane.waitForFunction(() => document.activeElement.textContent === 'three');
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) await shows(page, { 'To do': ['first', 'three'], 'In progress': ['two'] });
}));

test('undo brings a deleted card back unchanged, to its old place', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(jane, title);
  await open(jane, 'two');
  await jane.getByLabel('Description').fill('with care');
  await jane.getByLabel('Who does it').fill('Bob');
  await jane.getByRole('button', { name: 'Save' }).click();
  await card(bob, 'two').locator('.description').waitFor();
  const key = await card(bob, 'two').getAttribute('data-key');
  await open(jane, 'two');
  await jane.getByRole('button', { name: 'Delete' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['one', 'three'] });
  await jane.getByRole('button', { name: 'Undo' }).click();
  for (const page of [jane, bob]) {
    await shows(page, { 'To do': ['one', 'two', 'three'] });
    assert.equal(await card(page, 'two').getAttribute('data-key'), key);
    assert.equal(await card(page, 'two').locator('.description').textContent(), 'with care');
    assert.equal(await card(page, 'two').locator('.involved .label').textContent(), 'Bob');
  }
}));

test('a user who is quicker than the network can delete what they have just added, and undo that', atBoard(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  const remove = async () => {
    await card(jane, 'Water').locator('.open').focus();
    await jane.keyboard.press('Delete');
    await told(jane, '“Water” is deleted');
  };
  cable.cut();
  await state(jane, 'offline');
  await add(jane, 'Water');
  await remove();
  await jane.getByRole('button', { name: 'Undo' }).click();
  await shows(jane, { 'To do': ['Water'] });
  await remove();
  cable.restore();
  await networkIsBack(jane);
  await delivered(jane);
  await shows(jane, {});
  await jane.getByRole('button', { name: 'Undo' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water'] });

  cable.cut();
  await state(jane, 'offline');
  await remove();
  await jane.getByRole('button', { name: 'Undo' }).click();
  await shows(jane, { 'To do': ['Water'] });
  cable.restore();
  await networkIsBack(jane);
  await delivered(jane);
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water'] });
}));

test('a deletion that is undone, and a draft on a card that was just added, stay so when the server answers later', atBoard(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  for (const title of ['Water', 'Dig']) await add(bob, title);
  await shows(jane, { 'To do': ['Water', 'Dig'] });
  const press = async (page, title, key) => {
    await card(page, title).locator('.open').focus();
    await page.keyboard.press(key);
  };
  const undo = () => jane.getByRole('button', { name: 'Undo' }).click();
  const reconnect = async () => {
    cable.restore();
    await networkIsBack(jane);
    await delivered(jane);
  };

  // Bob has moved the card before the deletion arrives.
  cable.cut();
  await state(jane, 'offline');
  await press(jane, 'Dig', 'Delete');
  await undo();
  await press(bob, 'Dig', 'Control+ArrowRight');
  await shows(bob, { 'To do': ['Water'], 'In progress': ['Dig'] });
  await reconnect();
  await told(jane, '“Dig” is already back on the board');
  await shows(jane, { 'To do': ['Water'], 'In progress': ['Dig'] });
  assert.equal(await jane.locator('.problem').count(), 0);

  // Bob has deleted it before the first of two deletions arrives.
  cable.cut();
  await state(jane, 'offline');
  await press(jane, 'Dig', 'Delete');
  await undo();
  await press(jane, 'Dig', 'Delete');
  await press(bob, 'Dig', 'Delete');
  await shows(bob, { 'To do': ['Water'] });
  await reconnect();
  await undo();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water'], 'In progress': ['Dig'] });

  cable.cut();
  await state(jane, 'offline');
  await add(jane, 'Sow');
  await open(jane, 'Sow');
  await jane.getByLabel('Description').fill('in rows');
  await jane.keyboard.press('Escape');
  cable.restore();
  await networkIsBack(jane);
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water', 'Sow'], 'In progress': ['Dig'] });
  await add(bob, 'Rake');
  await shows(jane, { 'To do': ['Water', 'Sow', 'Rake'], 'In progress': ['Dig'] }); // so the answer has arrived
  await jane.getByRole('button', { name: 'Go on' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'in rows');
}));

test('an offer about a card is withdrawn when somebody else has put the card back, or its draft is opened', atBoard(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await add(jane, 'Water');
  await open(bob, 'Water');
  await card(jane, 'Water').locator('.open').focus();
  await jane.keyboard.press('Delete');
  await told(jane, '“Water” is deleted');
  await bob.getByRole('button', { name: 'Put it back' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['Water'] });
  assert.equal(await jane.locator('#toast').textContent(), '');

  await open(jane, 'Water');
  await jane.getByLabel('Title').fill('Water the plants');
  await jane.keyboard.press('Escape');
  await told(jane, 'What you wrote on “Water the plants” is kept here');
  await add(jane, 'Other');
  await open(jane, 'Other');
  assert.equal(await jane.locator('#toast').isVisible(), false, 'it is not half below the dialog');
  await jane.keyboard.press('Escape');
  await told(jane, 'What you wrote on “Water the plants” is kept here');
  await open(jane, 'Water');
  assert.equal(await jane.locator('#toast').textContent(), '');
}));

test('a user with an open card sees others’ changes to it, and loses none of their own', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'Water the plants');
  await open(jane, 'Water the plants');
  await card(bob, 'Water the plants').locator('.holder', { hasText: 'Jane' }).waitFor();
  await jane.getByLabel('Title').fill('Water the roses');

  await open(bob, 'Water the plants');
  await bob.getByLabel('Title').fill('Water the tomatoes');
  await bob.getByLabel('Description').fill('twice');
  await bob.getByRole('button', { name: 'Save' }).click();
  const note = jane.locator('#meanwhile');
  await note.filter({ hasText: 'Bob has changed this card meanwhile.' }).waitFor();
  await note.filter({ hasText: 'The title is now “Water the tomatoes”, and what you wrote replaces it when you save.' }).waitFor();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'twice', 'what is not touched is taken over');
  assert.equal(await jane.getByLabel('Title').inputValue(), 'Water the roses');
  await jane.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) {
    await shows(page, { 'To do': ['Water the roses'] });
    assert.equal(await card(page, 'Water the roses').locator('.description').textContent(), 'twice');
  }
}));

test('a card that is deleted while it is open can be put back with the user’s changes', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'one');
  await add(jane, 'two');
  await open(jane, 'one');
  await jane.getByLabel('Description').fill('mine');
  await card(bob, 'one').locator('.open').focus();
  await bob.keyboard.press('Delete');
  await jane.locator('#meanwhile', { hasText: 'Bob has deleted this card. Saving puts it back.' }).waitFor();
  await jane.getByRole('button', { name: 'Put it back' }).click();
  for (const page of [jane, bob]) {
    await shows(page, { 'To do': ['one', 'two'] });
    assert.equal(await card(page, 'one').locator('.description').textContent(), 'mine');
  }
}));

test('unsaved changes survive Escape, and come back together with others’ changes', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  for (const title of ['one', 'two']) await add(jane, title);
  const dialog = jane.getByRole('dialog');
  await open(jane, 'one');
  await jane.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await jane.locator('#toast').textContent(), '', 'nothing was written');

  await open(jane, 'one');
  await jane.getByLabel('Title').fill('one and a half');
  await jane.getByLabel('Description').fill('by Jane');
  await jane.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await told(jane, 'What you wrote on “one and a half” is kept here but not saved');
  await open(jane, 'two'); // another card does not show them
  assert.equal(await jane.getByLabel('Description').inputValue(), '');
  await jane.keyboard.press('Escape');

  await open(bob, 'one');
  await bob.getByLabel('Description').fill('by Bob');
  await bob.getByLabel('Who does it').fill('Bob');
  await bob.getByRole('button', { name: 'Save' }).click();
  await card(jane, 'one').locator('.description', { hasText: 'by Bob' }).waitFor();
  await open(jane, 'one');
  await jane.locator('#meanwhile', { hasText: 'Bob has changed this card meanwhile.' }).waitFor();
  assert.deepEqual(await Promise.all(['Title', 'Description', 'Who does it'].map((label) => jane.getByLabel(label).inputValue())), ['one and a half', 'by Jane', 'Bob']);
  assert.deepEqual(await complaints(jane), []);
  await jane.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) await card(page, 'one and a half').locator('.description', { hasText: 'by Jane' }).waitFor();

  // They can also be discarded, and that can be undone.
  await open(jane, 'two');
  await jane.getByLabel('Description').fill('second');
  await jane.getByRole('button', { name: 'Cancel' }).click();
  await told(jane, 'What you wrote on “two” is discarded');
  await jane.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'second');
  await jane.getByRole('button', { name: 'Begin again' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), '');
  await jane.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await open(jane, 'two');
  assert.equal(await jane.getByLabel('Description').inputValue(), '');
}));

test('if a card with unsaved changes is deleted, it can be put back with them', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'one');
  await open(jane, 'one');
  await jane.getByLabel('Description').fill('by Jane');
  await jane.keyboard.press('Escape');
  await card(bob, 'one').locator('.open').focus();
  await bob.keyboard.press('Delete');
  await told(jane, 'Bob has deleted “one”, on which you have unsaved changes');
  await jane.getByRole('button', { name: 'Look at it' }).click();
  await jane.locator('#meanwhile', { hasText: 'Bob has deleted this card. Saving puts it back.' }).waitFor();
  await jane.getByRole('button', { name: 'Put it back' }).click();
  for (const page of [jane, bob]) await card(page, 'one').locator('.description', { hasText: 'by Jane' }).waitFor();
}));

test('a title that is being written stays when the column’s last card disappears', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'one');
  await open(jane, 'one');
  await jane.getByLabel('Column').fill('Some day');
  await jane.getByRole('button', { name: 'Save' }).click();
  await jane.getByLabel('Add a card to Some day').fill('two');
  await card(bob, 'one').locator('.open').focus();
  await bob.keyboard.press('Delete');
  await shows(bob, {});
  await shows(jane, { 'Some day': [] });
  await jane.getByLabel('Add a card to Some day').press('Enter');
  for (const page of [jane, bob]) await shows(page, { 'Some day': ['two'] });
}));

test('a board does not move when others open its cards', atBoard(async ({ server, person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(jane, title);
  await shows(bob, { 'To do': ['one', 'two', 'three'] });
  const places = () => jane.locator('.card, .column, .cards').evaluateAll((elements) => elements.map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height, element.matches('.cards') ? element.scrollHeight - element.clientHeight : 0];
  }));
  await jane.locator('.card[data-by]').waitFor({ state: 'detached' });
  const before = await places();
  await card(bob, 'two').locator('.open').focus();
  await card(jane, 'two').locator('.holder', { hasText: 'Bob' }).waitFor();
  assert.deepEqual(await places(), before);
  const key = await card(jane, 'three').getAttribute('data-key');
  const crowd = [];
  for (let i = 0; i < 12; i += 1) {
    crowd.push(await join(server, { room: 'garden', nickname: `Somebody with a long name ${i}` }));
    crowd[i].send('cursor_update', { cellId: key });
  }
  await becomes(() => card(jane, 'three').locator('.holder').count(), 12);
  assert.deepEqual(await places(), before);
  for (const one of crowd) one.hangUp();
}));

test('a card that is dragged looks as it did', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  await add(jane, 'one');
  await jane.mouse.move(...await middle(card(jane, 'one')));
  await jane.mouse.down();
  await jane.mouse.move(400, 300, { steps: 8 });
  const inHand = jane.locator('.sortable-fallback');
  await inHand.waitFor();
  assert.equal(await inHand.evaluate((element) => getComputedStyle(element).listStyleType), 'none');
  await jane.mouse.up();
}));

test('in a duplicated tab, changes of the other tab are attributed to the same person', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'one');
  await open(bob, 'one');
  await bob.getByLabel('Description').fill('by Bob');
  await bob.getByRole('button', { name: 'Save' }).click();
  await card(jane, 'one').locator('.description', { hasText: 'by Bob' }).waitFor();

  const twin = await jane.context().newPage();
  await twin.addInitScript((stored) => Object.assign(sessionStorage, stored), await jane.evaluate(() => ({ ...sessionStorage })));
  await twin.goto(jane.url());
  await shows(twin, { 'To do': ['one'] });
  await open(jane, 'one');
  await open(twin, 'one');
  await twin.getByLabel('Title').fill('one and a half');
  await twin.getByRole('button', { name: 'Save' }).click();
  await jane.locator('#meanwhile', { hasText: 'Jane has changed this card meanwhile.' }).waitFor();
  assert.equal(await jane.locator('#meanwhile', { hasText: 'Bob' }).count(), 0);
}));

// Jane drags the card "one" to Done, and Bob moves it meanwhile.
async function moveAtOnce(person) {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await add(jane, 'one');
  await shows(bob, { 'To do': ['one'] });
  await drag(jane, 'one', jane.locator('[data-column="Done"]'), { Done: ['one'] });
  await card(bob, 'one').locator('.holder', { hasText: 'Jane' }).waitFor();
  await card(bob, 'one').locator('.open').focus();
  await bob.keyboard.press('Control+ArrowRight');
  await told(jane, 'Bob has moved “one” meanwhile');
  await jane.mouse.up();
  return { jane, bob };
}

test('a user dragging a card that somebody else moves is told, and decides', atBoard(async ({ person }) => {
  const { jane, bob } = await moveAtOnce(person);
  await card(jane, 'one').locator('.problem', { hasText: 'Not moved: the task was moved by Bob meanwhile' }).waitFor();
  for (const page of [jane, bob]) await shows(page, { 'In progress': ['one'] });
  await jane.getByRole('button', { name: 'Move it anyway' }).click();
  for (const page of [jane, bob]) await shows(page, { Done: ['one'] });
  assert.equal(await jane.locator('.problem').count(), 0);
}));

test('a click counts though somebody else takes hold of the card while the button is down', atBoard(async ({ person }) => {
  const { jane, bob } = await moveAtOnce(person);
  const again = jane.getByRole('button', { name: 'Move it anyway' });
  await again.waitFor();
  await bob.getByLabel('Add a card to To do', { exact: true }).focus();
  await card(jane, 'one').locator('.holder', { hasText: 'Bob' }).waitFor({ state: 'detached' });
  await jane.mouse.move(...await middle(again));
  await jane.mouse.down();
  await card(bob, 'one').locator('.open').focus();
  await card(jane, 'one').locator('.holder', { hasText: 'Bob' }).waitFor();
  await jane.mouse.move(...await middle(again)); // the holder has moved it
  await jane.mouse.up();
  for (const page of [jane, bob]) await shows(page, { Done: ['one'] });
}));

test('changes made offline are there afterwards, and do not undo others’ changes', atBoard(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three']) await add(bob, title);
  await shows(jane, { 'To do': ['one', 'two', 'three'] });

  cable.cut();
  await state(jane, 'offline');
  await add(jane, 'four');
  await card(jane, 'one').locator('.open').focus();
  await jane.keyboard.press('Control+ArrowRight');
  await open(jane, 'two');
  await jane.getByLabel('Title').fill('second');
  await jane.getByRole('button', { name: 'Save' }).click();
  await shows(jane, { 'To do': ['second', 'three', 'four'], 'In progress': ['one'] });
  await open(jane, 'second');
  await add(bob, 'five', 'Done');
  await shows(bob, { 'To do': ['one', 'two', 'three'], Done: ['five'] });
  assert.equal(await jane.locator('#meanwhile').textContent(), '', 'what is my own is no news to me');
  await jane.getByRole('button', { name: 'Cancel' }).click();
  await card(bob, 'two').locator('.open').focus();
  await bob.keyboard.press('Control+ArrowDown');
  await shows(bob, { 'To do': ['one', 'three', 'two'], Done: ['five'] });

  cable.restore();
  await networkIsBack(jane);
  for (const page of [jane, bob]) await shows(page, { 'To do': ['three', 'two', 'four'], 'In progress': ['one'], Done: ['five'] });
  await card(jane, 'two').locator('.problem', { hasText: 'Not saved: the task was moved by Bob meanwhile' }).waitFor();
  await jane.getByRole('button', { name: 'Open it again' }).click();
  assert.equal(await jane.getByLabel('Title').inputValue(), 'second', 'what was written is not lost');
  await jane.getByRole('button', { name: 'Save' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['three', 'second', 'four'], 'In progress': ['one'], Done: ['five'] });
}));

test('what was refused is not lost when more is refused, or while the card is open again', atBoard(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  for (const title of ['one', 'two', 'three', 'four']) await add(bob, title);
  await shows(jane, { 'To do': ['one', 'two', 'three', 'four'] });
  const save = () => jane.getByRole('button', { name: 'Save' }).click();
  const write = async (title, label, text) => {
    await open(jane, title);
    await jane.getByLabel(label).fill(text);
  };
  const press = async (page, title, ...keys) => {
    await card(page, title).locator('.open').focus();
    for (const key of keys) await page.keyboard.press(key);
  };
  const opensAgain = async (title, ...texts) => {
    await card(jane, title).getByRole('button', { name: 'Open it again' }).click();
    assert.deepEqual(await Promise.all(['Description', 'Who does it'].map((label) => jane.getByLabel(label).inputValue())), texts);
  };

  cable.cut();
  await state(jane, 'offline');
  await write('one', 'Description', 'first');
  await save();
  await write('one', 'Who does it', 'Jane');
  await save();
  await press(jane, 'one', 'Control+ArrowRight');
  await write('two', 'Description', 'second');
  await save();
  await write('two', 'Who does it', 'Jane');
  await jane.keyboard.press('Escape');
  await write('three', 'Description', 'third');
  await save();
  await open(jane, 'three');
  await press(bob, 'one', 'Control+ArrowRight', 'Control+ArrowRight');
  await press(bob, 'two', 'Control+ArrowDown');
  await press(bob, 'three', 'Control+ArrowDown');
  await shows(bob, { 'To do': ['two', 'three', 'four'], Done: ['one'] });
  cable.restore();
  await networkIsBack(jane);

  await jane.locator('#reminder', { hasText: 'Not saved: the task was moved by Bob meanwhile.' }).waitFor();
  await shows(jane, { 'To do': ['two', 'three', 'four'], Done: ['one'] });
  assert.equal(await jane.getByLabel('Description').inputValue(), 'third');
  assert.equal(await jane.locator('#meanwhile').textContent(), '', 'what the user wrote is no news to them');
  await save();
  await card(bob, 'three').locator('.description', { hasText: 'third' }).waitFor();
  await opensAgain('two', 'second', 'Jane');
  await save();

  for (const what of ['Not saved', 'Not moved']) await card(jane, 'one').locator('.problem', { hasText: `${what}: the task was moved by Bob meanwhile` }).waitFor();
  await jane.getByRole('button', { name: 'Move it anyway' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['two', 'three', 'four'], 'In progress': ['one'] });
  await opensAgain('one', 'first', 'Jane');
  await add(bob, 'five');
  await shows(jane, { 'To do': ['two', 'three', 'four', 'five'], 'In progress': ['one'] });
  assert.equal(await jane.locator('#meanwhile').textContent(), '', 'what the user moved is no news to them');
  await save();
  for (const title of ['one', 'two']) await card(bob, title).locator('.involved', { hasText: 'Jane' }).waitFor();
  assert.deepEqual(await bob.locator('.card .description').allTextContents(), ['second', 'third', 'first']);
  await shows(jane, { 'To do': ['two', 'three', 'four', 'five'], 'In progress': ['one'] });
  assert.equal(await jane.locator('.problem').count(), 0);
}));

test('undoing a Cancel opens what was written together with what the server has refused meanwhile', atBoard(async ({ person }) => {
  const jane = await person('Jane', { holds: ['update_task'] });
  await add(jane, 'Water');
  await open(jane, 'Water');
  await jane.getByLabel('Title').fill('Water the roses');
  await jane.getByRole('button', { name: 'Save' }).click();
  await open(jane, 'Water the roses');
  await jane.getByLabel('Description').fill('twice');
  await jane.getByRole('button', { name: 'Cancel' }).click();
  await jane.held.refuse();
  await card(jane, 'Water').locator('.problem', { hasText: 'Not saved: too many messages' }).waitFor();
  await jane.getByRole('button', { name: 'Undo' }).click();
  const texts = await Promise.all(['Title', 'Description'].map((label) => jane.getByLabel(label).inputValue()));
  assert.deepEqual(texts, ['Water the roses', 'twice']);
}));

test('Ctrl+Z does not act on the board behind an open card', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  for (const title of ['one', 'two']) await add(jane, title);
  await open(jane, 'one');
  await jane.getByLabel('Description').fill('first');
  await jane.getByRole('button', { name: 'Cancel' }).click();
  await told(jane, 'What you wrote on “one” is discarded');
  await open(jane, 'two');
  await jane.getByRole('button', { name: 'Save' }).focus();
  await jane.keyboard.press('Control+z');
  assert.deepEqual(await Promise.all(['Title', 'Description'].map((label) => jane.getByLabel(label).inputValue())), ['two', '']);
}));

test('what was written on a card that the user deletes is there again if the deletion is refused or undone', atBoard(async ({ person }) => {
  const jane = await person('Jane', { holds: ['delete_task'] });
  await add(jane, 'one');
  const described = async () => {
    await open(jane, 'one');
    return jane.getByLabel('Description').inputValue();
  };
  await open(jane, 'one');
  await jane.getByLabel('Description').fill('typed');
  await jane.getByRole('button', { name: 'Delete' }).click();
  await jane.held.refuse();
  await card(jane, 'one').locator('.problem', { hasText: 'Not deleted: too many messages' }).waitFor();
  assert.equal(await described(), 'typed');
  await jane.keyboard.press('Escape');
  await card(jane, 'one').locator('.open').focus();
  await jane.keyboard.press('Delete');
  await jane.held.pass();
  await delivered(jane);
  await jane.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await described(), 'typed');
}));

test('what the user does in the frame in which they leave a card comes after it', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  for (const title of ['one', 'two']) await add(jane, title);
  const texts = () => Promise.all(['Title', 'Description'].map((label) => jane.getByLabel(label).inputValue()));
  const leaveAnd = (title, act) => card(jane, title).locator('.open').evaluate((button, key) => {
    document.getElementById('editor').requestClose(); // as Escape does
    button.focus();
    if (key) button.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    else button.click();
  }, act);

  await open(jane, 'one');
  await jane.getByLabel('Description').fill('typed');
  await leaveAnd('two');
  assert.deepEqual(await texts(), ['two', '']);
  await jane.getByLabel('Description').fill('too');
  await leaveAnd('two', 'Delete');
  await shows(jane, { 'To do': ['one'] });
  await jane.getByRole('button', { name: 'Undo' }).click();
  for (const [title, text] of [['one', 'typed'], ['two', 'too']]) {
    await open(jane, title);
    assert.deepEqual(await texts(), [title, text]);
    await jane.keyboard.press('Escape');
  }
}));

test('a card that was never added is not called deleted, and can be added from its dialog or the toast, with what was written', atBoard(async ({ person }) => {
  const jane = await person('Jane', { holds: ['add_task'] });
  const bob = await person('Bob');
  const toast = () => jane.locator('#toast').textContent();
  await add(jane, 'Milk');
  await open(jane, 'Milk');
  await jane.held.refuse();
  await jane.locator('#meanwhile', { hasText: 'This card was not added: too many messages.' }).waitFor();
  assert.equal(await jane.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true }))), false, 'it would be lost');
  await jane.getByLabel('Description').fill('2 litres');
  await jane.getByRole('button', { name: 'Add it' }).click();
  await jane.held.pass();
  await card(bob, 'Milk').locator('.description', { hasText: '2 litres' }).waitFor();
  await delivered(jane);
  assert.equal(await toast(), '');

  await add(jane, 'Bread');
  await open(jane, 'Bread');
  await jane.getByLabel('Description').fill('brown');
  await jane.getByRole('button', { name: 'Save' }).click();
  await says(jane, 'Not saved: there is no task');
  await jane.held.refuse();
  await told(jane, '“Bread” was not added: too many messages');
  await jane.getByRole('button', { name: 'Try again' }).click();
  assert.equal(await toast(), '');
  await jane.held.pass();
  await shows(bob, { 'To do': ['Milk', 'Bread'] });
  await jane.getByRole('button', { name: 'Open it again' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'brown');
}));

test('what the user has moved, saved or deleted is not said to be somebody else’s doing', atBoard(async ({ person }) => {
  const jane = await person('Jane', { holds: ['move_task', 'update_task'] });
  const bob = await person('Bob');
  for (const title of ['one', 'two']) await add(jane, title);
  for (const title of ['one', 'two']) {
    await open(bob, title);
    await bob.getByLabel('Who does it').fill('Bob');
    await bob.getByRole('button', { name: 'Save' }).click();
    await card(jane, title).locator('.involved').waitFor();
  }
  const save = async (title, label, text) => {
    await open(jane, title);
    await jane.getByLabel(label).fill(text);
    await jane.getByRole('button', { name: 'Save' }).click();
  };
  const press = async (title, key) => {
    await card(jane, title).locator('.open').focus();
    await jane.keyboard.press(key);
  };
  const meanwhile = () => jane.locator('#meanwhile').textContent();

  await press('one', 'Control+ArrowRight');
  await open(jane, 'one');
  await jane.held.refuse();
  await shows(jane, { 'To do': ['one', 'two'] });
  assert.equal(await meanwhile(), '');
  assert.equal(await jane.getByLabel('Column').inputValue(), 'To do');
  await jane.keyboard.press('Escape');

  await save('one', 'Title', 'first');
  await save('first', 'Description', 'by Jane');
  await jane.held.refuse();
  await jane.held.pass();
  await card(bob, 'one').locator('.description', { hasText: 'by Jane' }).waitFor();
  await delivered(bob);
  await jane.getByRole('button', { name: 'Open it again' }).click();
  await add(bob, 'three');
  await shows(jane, { 'To do': ['one', 'two', 'three'] });
  assert.equal(await jane.getByLabel('Title').inputValue(), 'first');
  assert.equal(await meanwhile(), '');
  await jane.getByRole('button', { name: 'Cancel' }).click();

  await save('two', 'Title', 'second');
  await press('second', 'Delete');
  await shows(bob, { 'To do': ['one', 'three'] });
  await jane.held.refuse();
  await says(jane, 'Not saved');
  await told(jane, '“second” is deleted');
  await jane.getByRole('button', { name: 'Dismiss' }).click();
  assert.equal(await jane.locator('#toast').textContent(), '');
}));

test('after “Begin again” a card can be saved, though its column was wrong before', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  await add(jane, 'one');
  await open(jane, 'one');
  await jane.getByLabel('Column').fill('Elsewhere');
  await jane.getByRole('button', { name: 'Save' }).click();
  await jane.keyboard.press('Escape');
  await open(jane, 'one');
  await jane.getByRole('button', { name: 'Begin again' }).click();
  await jane.getByLabel('Description').fill('by Jane');
  await jane.getByRole('button', { name: 'Save' }).click();
  await card(jane, 'one').locator('.description', { hasText: 'by Jane' }).waitFor();
}, { plugins: { kanban: { columns: ['To do', 'In progress', 'Done'] } } }));

test('several refused additions, and what was written on several deleted cards, are offered together', atBoard(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  const write = async (title, text) => {
    await open(jane, title);
    await jane.getByLabel('Description').fill(text);
  };
  const remove = async (title) => {
    await card(bob, title).locator('.open').focus();
    await bob.keyboard.press('Delete');
    await card(bob, title).waitFor({ state: 'detached' });
  };
  const save = (name) => jane.getByRole('dialog').getByRole('button', { name }).click();
  const described = (page, title, text) => card(page, title).locator('.description', { hasText: text }).waitFor();
  for (const title of ['one', 'two']) await add(bob, title);
  await shows(jane, { 'To do': ['one', 'two'] });

  // Somebody else is quicker to put the card back.
  await write('one', 'mine');
  await remove('one');
  await jane.locator('#meanwhile', { hasText: 'Bob has deleted this card.' }).waitFor();
  cable.cut();
  await state(jane, 'offline');
  await save('Put it back');
  await bob.getByRole('button', { name: 'Undo' }).click();
  await shows(bob, { 'To do': ['one', 'two'] });
  cable.restore();
  await networkIsBack(jane);
  await card(jane, 'one').locator('.problem', { hasText: 'Not saved: somebody else has put the card back' }).waitFor();
  await jane.getByRole('button', { name: 'Open it again' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'mine');
  await save('Save');
  await described(bob, 'one', 'mine');

  cable.cut();
  await state(jane, 'offline');
  for (const title of ['one', 'two']) {
    await write(title, `${title} by Jane`);
    await save('Save');
  }
  for (const title of ['three', 'four']) await add(jane, title);
  for (const title of ['one', 'two']) await remove(title);
  for (const title of ['five', 'six']) await add(bob, title);
  await shows(bob, { 'To do': ['five', 'six'] });
  cable.restore();
  await networkIsBack(jane);
  await told(jane, '“three” and “four” were not added: the board is full');
  await shows(jane, { 'To do': ['five', 'six'] });
  for (const title of ['five', 'six']) await remove(title);
  await shows(jane, {});
  await jane.getByRole('button', { name: 'Try again' }).click();
  for (const page of [jane, bob]) await shows(page, { 'To do': ['three', 'four'] });

  await told(jane, 'Bob has deleted “one” and “two”, on which you have unsaved changes');
  await jane.getByRole('button', { name: 'Look at it' }).click();
  await save('Put it back');
  await told(jane, '“one” was not put back: the board is full');
  for (const title of ['three', 'four']) await remove(title);
  await shows(jane, {});
  for (const title of ['one', 'two']) {
    await told(jane, `“${title}”`);
    await jane.getByRole('button', { name: 'Look at it' }).click();
    await save('Put it back');
    await described(bob, title, `${title} by Jane`);
  }
  await delivered(jane);
  assert.equal(await jane.locator('#toast').textContent(), '');
}, { plugins: { kanban: { max_tasks: 2 }, cursor_move: {} } }));

test('after too long an absence, an open card stays as it is, and drafts on cards that are gone can be put back', atBoard(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  const bob = await person('Bob');
  for (const title of ['one', 'two']) await add(bob, title);
  await open(jane, 'two');
  await jane.getByLabel('Description').fill('by Jane');
  await jane.keyboard.press('Escape');
  await open(jane, 'one');
  await jane.getByLabel('Description').fill('half a sen');
  const id = await card(jane, 'one').getAttribute('data-key');
  cable.cut();
  await state(jane, 'offline');
  const server = await anotherServer();
  const john = await join(server, { room: 'garden', nickname: 'John' });
  john.send('add_task', { id, title: 'one', column: 'To do' });
  await john.next('add_task');
  // Every change is painted at once, so that the user would see the page in between.
  await jane.evaluate(() => { window.requestAnimationFrame = (paint) => paint(); });
  cable.restore(server.port);
  await networkIsBack(jane);
  await card(jane, 'two').waitFor({ state: 'detached' });
  assert.equal(await jane.locator('#meanwhile').textContent(), '', 'nobody has changed the open card');
  await jane.getByRole('button', { name: 'Save' }).click();
  await john.next('update_task');
  await told(jane, 'Somebody has deleted “two”, on which you have unsaved changes');
  await jane.getByRole('button', { name: 'Look at it' }).click();
  assert.equal(await jane.getByLabel('Description').inputValue(), 'by Jane');

  cable.cut();
  await state(jane, 'offline');
  cable.restore((await anotherServer()).port);
  await networkIsBack(jane);
  await card(jane, 'one').waitFor({ state: 'detached' });
  await jane.getByRole('button', { name: 'Put it back' }).click();
  await card(jane, 'two').locator('.description', { hasText: 'by Jane' }).waitFor();
  john.hangUp();
}));

test('the board survives a restart of the server', atBoard(async ({ person, wire, restart }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await add(jane, 'one');
  await add(jane, 'two');
  await open(jane, 'two');
  await jane.getByLabel('Description').fill('half a sen');
  await restart();
  await networkIsBack(jane);
  await state(jane, 'online');
  assert.equal(await jane.getByLabel('Description').inputValue(), 'half a sen');
  await jane.getByRole('button', { name: 'Save' }).click();
  const bob = await person('Bob');
  for (const page of [jane, bob]) {
    await shows(page, { 'To do': ['one', 'two'] });
    await card(page, 'two').locator('.description', { hasText: 'half a sen' }).waitFor();
  }
}));

test('a server that has lost everything gets the unacknowledged changes, and its board is shown', atBoard(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await add(jane, 'forgotten');
  await shows(jane, { 'To do': ['forgotten'] });
  await delivered(jane);
  cable.cut();
  await state(jane, 'offline');
  await add(jane, 'under way');
  cable.restore((await anotherServer()).port);
  await networkIsBack(jane);
  await shows(jane, { 'To do': ['under way'] });
}));

test('a refusal is explained where it happened', atBoard(async ({ person }) => {
  const jane = await person('Jane');
  await add(jane, 'one');
  await add(jane, 'two');
  await told(jane, '“two” was not added: the board is full: it can have at most 1 tasks; delete one first');
  await shows(jane, { 'To do': ['one'] });
  await card(jane, 'one').locator('.open').focus();
  await jane.keyboard.press('Delete');
  await shows(jane, {});
}, { plugins: { kanban: { max_tasks: 1 }, cursor_move: {} } }));

test('markup, addresses and very long texts in any field are shown as text', atBoard(async ({ server, person }) => {
  const jane = await person('Jane', PHONE);
  const mallory = await join(server, { room: 'garden', nickname: '<img src=x onerror=alert(1)>', id: 'mallory' });
  const markup = '<img src=x onerror="document.title=1">';
  const texts = [markup, 'javascript:alert(1)', 'W'.repeat(10_000)];
  for (const text of texts) {
    mallory.send('add_task', { title: text.slice(0, 200), description: text.slice(0, 5000), column: text.slice(0, 64), assignee: text.slice(0, 64) });
    mallory.send('add_task', { id: text.slice(0, 64), title: text.slice(0, 200), column: 'Done', extra: text.slice(0, 200) });
    mallory.send('update_task', { id: text.slice(0, 64), assignee: text.slice(0, 64) });
    for (const cellId of [text.slice(0, 64), '__proto__']) mallory.send('cursor_update', { cellId, color: text, name: text.slice(0, 200) });
    mallory.send('cursor_update', { cellId: text.slice(0, 64) });
  }
  for (const field of ['title', 'description', 'column', 'assignee']) mallory.send('add_task', { title: 'x', column: 'Done', [field]: texts[2] });
  mallory.send('add_task', { id: '__proto__', title: '__proto__', column: 'constructor' });
  mallory.send('add_task', { id: 17, title: 'number', column: 'Done', position: 0 });
  mallory.send('move_task', { taskId: '17', newColumn: 'To do' });
  await shows(jane, {
    'To do': ['number'],
    Done: texts.map((text) => text.slice(0, 200)),
    ...Object.fromEntries(texts.map((text) => [text.slice(0, 64), [text.slice(0, 200)]])),
    constructor: ['__proto__'],
  });
  await open(jane, 'number');
  mallory.send('update_task', { id: 17, title: markup, description: markup });
  await jane.locator('#meanwhile', { hasText: markup }).waitFor();
  assert.equal(await jane.locator('#board img, dialog img').count(), 0);
  assert.match(await jane.title(), /Kanban/);
  assert.equal(await jane.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
}));
