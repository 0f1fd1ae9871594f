// What tests do in the text of editor.html.

import { exactly } from './stage.mjs';

export const content = (page) => page.locator('.cm-content');

// Writes at the caret, as it is: nothing is indented or closed on the way.
export async function written(page, text) {
  await content(page).focus();
  await page.keyboard.insertText(text);
}

// The whole text, also what is not on the screen.
export const text = (page) => content(page).evaluate((element) => element.cmTile.view.state.doc.toString());

// Resolves once the page's text is exactly this.
export const contains = (page, wanted) => page.waitForFunction(
  (expected) => document.getElementById('code')?.shadowRoot?.querySelector('.cm-content')?.cmTile.view.state.doc.toString() === expected,
  wanted,
);

export const saved = (page) => page.locator('#shared', { hasText: exactly('Saved') }).waitFor();

// Others' carets, by name.
export const caretOf = (page, name) => page.locator('.cm-their-caret', { hasText: exactly(name) });

// In the page: changes the text somewhere, as if by typing. `at` is from 0 to 1 of the text.
export function draftAt({ at, remove, insert }) {
  const { view } = document.getElementById('code').shadowRoot.querySelector('.cm-content').cmTile;
  const from = Math.floor(at * view.state.doc.length);
  view.dispatch({ changes: { from, to: Math.min(from + remove, view.state.doc.length), insert } });
}
