// Keyboards of all kinds: other layouts, other scripts, and input methods.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLORS, shows, stroke } from '../lib/board.mjs';
import { everyPlugin, exactly, onStage, say, sees, texts } from '../lib/stage.mjs';

const CONTROL = 2; // in the DevTools protocol

// Presses a key of a keyboard that Playwright does not know.
async function press(page, { key, code, keyCode = code.charCodeAt(3), modifiers = 0 }) {
  const session = await page.context().newCDPSession(page);
  const event = { key, code, windowsVirtualKeyCode: keyCode, modifiers };
  await session.send('Input.dispatchKeyEvent', { ...event, type: 'rawKeyDown' });
  await session.send('Input.dispatchKeyEvent', { ...event, type: 'keyUp' });
  await session.detach();
}
const CYRILLIC = { key: 'я', code: 'KeyZ', modifiers: CONTROL };
const DVORAK = { key: 'z', code: 'Slash', keyCode: 90, modifiers: CONTROL };
const NOT_ON_DVORAK = { key: ';', code: 'KeyZ', keyCode: 186, modifiers: CONTROL };

// For each page: how to do something, and how to see that it is undone.
const undoable = {
  draw: async (page) => {
    await stroke(page, [[200, 200], [600, 200]]);
    await shows(page, [400, 200], COLORS.Black);
    return { done: () => shows(page, [400, 200], COLORS.Black), undone: () => shows(page, [400, 200], '') };
  },
  kanban: async (page) => {
    const card = page.getByRole('button', { name: 'Water the plants', exact: true });
    const input = page.getByLabel('Add a card to To do', { exact: true });
    if (await card.count() === 0) {
      await input.fill('Water the plants');
      await input.press('Enter');
    }
    await card.focus();
    await page.keyboard.press('Delete');
    await card.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.evaluate(() => document.activeElement.blur()); // inside a field, undo would belong to the field
    return { done: async () => assert.equal(await card.count(), 0), undone: () => card.waitFor() };
  },
  spreadsheet: async (page) => {
    const cell = page.locator('#cell-0-0');
    await cell.click();
    await page.keyboard.type('one');
    await page.keyboard.press('Enter');
    const reads = (text) => cell.filter({ hasText: exactly(text) }).waitFor({ state: 'attached' });
    await reads('one');
    return { done: () => reads('one'), undone: () => reads('') };
  },
  editor: async (page) => {
    const text = page.locator('.cm-content');
    await text.click();
    await page.keyboard.insertText('one'); // at once, because slow typing is undone letter by letter
    const reads = (wanted) => text.filter({ hasText: wanted }).waitFor();
    await reads(exactly('one'));
    return { done: () => reads(exactly('one')), undone: () => page.waitForFunction(() => !document.getElementById('code').shadowRoot.querySelector('.cm-content').cmTile.view.state.doc.length) };
  },
};

for (const [name, act] of Object.entries(undoable)) {
  test(`${name}: Ctrl+Z undoes on a Cyrillic keyboard and on Dvorak, by its letter and not by its position`, onStage(async ({ person }) => {
    const jane = await person('Jane', 'garden', { page: `${name}.html` });
    for (const key of [CYRILLIC, DVORAK]) {
      const { done, undone } = await act(jane);
      await press(jane, NOT_ON_DVORAK);
      await done();
      await press(jane, key);
      await undone();
    }
  }, { plugins: everyPlugin }));
}

test('an Enter that accepts an input method’s suggestion sends nothing, the next Enter does', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  const session = await jane.context().newCDPSession(jane);
  const draft = jane.locator('#draft');

  // In Chromium and Firefox: during the composition.
  await draft.focus();
  await session.send('Input.imeSetComposition', { text: 'かな', selectionStart: 2, selectionEnd: 2 });
  await press(jane, { key: 'Enter', code: 'Enter', keyCode: 13 });
  assert.equal(await draft.inputValue(), 'かな');
  await session.send('Input.insertText', { text: '仮名' });

  // In Safari: after the composition, recognisable only by the key code.
  await press(jane, { key: 'Enter', code: 'Enter', keyCode: 229 });
  assert.equal(await draft.inputValue(), '仮名');

  await draft.press('Enter');
  await sees(bob, '仮名');
  await say(bob, 'はい');
  await sees(jane, 'はい');
  assert.deepEqual(await texts(jane), ['仮名', 'はい']);
}, {}, { habits: true }));

test('an Enter that accepts an input method’s suggestion does not end the editing of a cell', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', { page: 'spreadsheet.html' });
  const cell = jane.locator('#cell-0-0');
  await cell.click();
  await jane.keyboard.press('F2');
  await jane.keyboard.insertText('仮名');
  await press(jane, { key: 'Enter', code: 'Enter', keyCode: 229 });
  await jane.keyboard.insertText('です');
  await jane.keyboard.press('Enter');
  await cell.filter({ hasText: exactly('仮名です') }).waitFor({ state: 'attached' });
}, { plugins: everyPlugin }));
