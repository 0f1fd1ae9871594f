// Helpers for the text of editor.html.

import { exactly } from './stage.mjs';

export const content = (page) => page.locator('.cm-content');

// Inserts text at the caret, without the editor's indentation and closing of brackets.
export async function written(page, text) {
  await content(page).focus();
  await page.keyboard.insertText(text);
}

// The whole text, including the part that is not on the screen.
export const text = (page) => content(page).evaluate((element) => element.cmTile.view.state.doc.toString());

// Resolves once the page's text is exactly this.
export const contains = (page, wanted) => page.waitForFunction(
  (expected) => document.getElementById('code')?.shadowRoot?.querySelector('.cm-content')?.cmTile.view.state.doc.toString() === expected,
  wanted,
);

export const saved = (page) => page.locator('#shared', { hasText: exactly('Saved') }).waitFor();

// Somebody else's caret.
export const caretOf = (page, name) => page.locator('.cm-their-caret', { hasText: exactly(name) });

// The position in the text at which somebody's caret is drawn; null if it is not drawn.
export const caretAt = (page, name) => page.evaluate((wanted) => {
  const root = document.getElementById('code').shadowRoot;
  const caret = [...root.querySelectorAll('.cm-their-caret')].find(({ textContent }) => textContent === wanted);
  if (!caret) return null;
  const { left, top, bottom } = caret.getBoundingClientRect();
  return root.querySelector('.cm-content').cmTile.view.posAtCoords({ x: left + 1, y: (top + bottom) / 2 });
}, name);

// Pastes or drops text, exactly as it would be in the clipboard.
export const bring = (page, text, how = 'paste') => content(page).evaluate((element, { text, how }) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const { left, top } = element.querySelector('.cm-line').getBoundingClientRect();
  const event = how === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent('drop', { dataTransfer: data, clientX: left + 9, clientY: top + 9, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
}, { text, how });

// To be run in the page: changes the text as typing would. `at` is a position from 0 to 1.
export function draftAt({ at, remove, insert }) {
  const { view } = document.getElementById('code').shadowRoot.querySelector('.cm-content').cmTile;
  const from = Math.floor(at * view.state.doc.length);
  view.dispatch({ changes: { from, to: Math.min(from + remove, view.state.doc.length), insert } });
}
