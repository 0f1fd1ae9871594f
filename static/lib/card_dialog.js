// The dialog to edit one card of a kanban board. It also shows what others do to that card meanwhile. Its elements are in kanban.html.
//
//   const dialog = new CardDialog({
//     saved(key, draft, changed) {},        with the fields to change: all of them if the card is missing
//     left(key, draft, how) {},             closed with unsaved changes; how: 'cancel', 'delete' or ''
//     deleted(key, version) {},
//     closed(key) {},                       always called, last
//   });
//   dialog.open(key, task, { version, place });
//   dialog.resume(key, draft);               opens it with unsaved changes
//   dialog.takeBack(draft, { text, version });   the draft that was saved is refused, and the card is open again
//   dialog.follow(fields);                   the user's own doing has changed these fields, which is no news to them
//   dialog.compare(task, { by, notAdded, version });   the card's current state; undefined if it was deleted, or was not added for the
//                                            reason in notAdded: { what, why }
//
// A draft is { card, written }: the card as the dialog has shown it, and the fields that the user has changed. It may have `refused`: fields
// that the user changed before those, and that the server refused.

import { make } from './room.js';

const FIELDS = { title: 'The title', description: 'The description', assignee: 'Who does it', column: 'The column' };
const LONG = 80; // characters: longer texts of others are cut when quoted

const byId = (id) => document.getElementById(id);
const fieldsOf = (task) => Object.fromEntries(Object.keys(FIELDS).map((name) => [name, String(task[name] ?? '')]));
const quote = (text) => (text === '' ? 'empty' : `“${text.length > LONG ? `${text.slice(0, LONG)}…` : text}”`);

export class CardDialog {
  key = null; // of the card that is open
  // { task, place, version, before, missing }: `before` and `version` are the state that the user has been shown; if the card is not on
  // the board, `missing` says what it was not, 'added' or 'put back', else it is ''.
  #card;

  constructor({ saved, left, deleted, closed }) {
    this.element = byId('editor');
    // The browser's `close` event comes with the next frame, when the user may have done something else already. So the dialog is closed
    // here; that event is only for browsers that have closed it without asking.
    const close = (how) => {
      const { key } = this;
      const written = this.#written;
      this.key = null;
      this.element.close();
      if (how === 'save') this.#save(key, saved);
      else if (written) left(key, { card: this.#card, written }, how);
      if (how === 'delete') deleted(key, this.#card.version);
      closed(key);
    };
    for (const how of ['cancel', 'delete']) byId(how).onclick = () => close(how);
    for (const [type, how] of [['submit', 'save'], ['cancel', '']]) {
      this.element.addEventListener(type, (event) => {
        event.preventDefault();
        close(how);
      });
    }
    this.element.onclose = () => { if (this.key !== null && !this.element.open) close(''); };
  }

  // Whether the dialog has unsaved changes.
  get isWritten() { return this.key !== null && this.#written !== null; }

  open(key, task, { version, place }) {
    this.#show(key, { task, place, version, before: fieldsOf(task), missing: '' });
  }

  resume(key, { card, refused, written }) {
    this.#show(key, card, { ...refused, ...written }, 'This is what you wrote before. It is not saved yet.');
  }

  takeBack(draft, { text, version }) {
    forget(this.#card, draft);
    this.#card.version = version;
    this.#remind(`${text}.`);
  }

  follow(fields) {
    const was = { ...this.#card.before };
    follow({ card: this.#card }, fields);
    for (const [name, text] of Object.entries(this.#card.before)) if (byId(name).value === was[name]) byId(name).value = text;
  }

  #show(key, card, written, reminder) {
    this.key = key;
    this.#card = card;
    for (const [name, text] of Object.entries({ ...card.before, ...written })) byId(name).value = text ?? '';
    byId('meanwhile').replaceChildren();
    this.#remind(reminder);
    this.#offer();
    this.element.showModal();
    byId('title').focus();
  }

  #remind(text) {
    const button = make('button', 'link', 'Begin again');
    button.type = 'button';
    button.onclick = () => {
      for (const [name, before] of Object.entries(this.#card.before)) byId(name).value = before;
      this.#remind();
      byId('title').focus();
    };
    byId('reminder').replaceChildren(...(text ? [make('span', '', `${text} `), button] : []));
  }

  // The fields that the user has changed, by name; null if there are none.
  get #written() {
    const { before } = this.#card;
    const written = Object.keys(FIELDS).filter((name) => byId(name).value !== before[name]);
    return written.length ? Object.fromEntries(written.map((name) => [name, byId(name).value])) : null;
  }

  // Shows others' changes: fields that the user has not touched get the new value; for touched fields the user is told.
  compare(task, { by, notAdded, version }) {
    const card = this.#card;
    const lines = [];
    if (!task && !card.missing) {
      lines.push(notAdded
        ? `This card was not ${notAdded.what}: ${notAdded.why}. Saving tries that again.`
        : `${by} has deleted this card. Saving puts it back.`);
    }
    if (task && card.missing === 'put back') lines.push(`${by} has put this card back.`);
    card.missing = task ? '' : card.missing || (notAdded?.what ?? 'put back');
    this.#offer();
    for (const [name, theirs] of Object.entries(task ? fieldsOf(task) : {})) {
      if (theirs === card.before[name]) continue;
      const input = byId(name);
      const touched = input.value !== card.before[name] && input.value !== theirs;
      if (!touched) input.value = theirs;
      lines.push(`${FIELDS[name]} is now ${quote(theirs)}${touched ? ', and what you wrote replaces it when you save' : ''}.`);
      card.before[name] = theirs;
    }
    if (!lines.length) return;
    card.version = version; // the user has been told
    if (task) lines.unshift(`${by} has changed this card meanwhile.`);
    byId('meanwhile').replaceChildren(...lines.map((line) => make('p', '', line)));
  }

  #offer() {
    byId('save').textContent = { '': 'Save', added: 'Add it', 'put back': 'Put it back' }[this.#card.missing];
    byId('delete').hidden = this.#card.missing !== '';
  }

  #save(key, saved) {
    const { before, missing } = this.#card;
    const written = {};
    const changed = {};
    for (const name of Object.keys(FIELDS)) {
      const text = byId(name).value.trim();
      const isWritten = text !== before[name].trim();
      if (isWritten) written[name] = text;
      if (isWritten || missing) changed[name] = name === 'assignee' ? text || null : text;
    }
    if (Object.keys(changed).length) saved(key, { card: this.#card, written }, changed);
  }
}

// Notes on a draft which fields the user has changed since: they know them, and want them rather than what was refused before. Returns
// whether anything is left of the draft.
export function follow({ card, refused = {}, written = {} }, fields) {
  for (const name of Object.keys(FIELDS).filter((each) => each in fields)) {
    card.before[name] = String(fields[name] ?? '');
    delete refused[name];
  }
  return Object.keys({ ...refused, ...written }).length > 0;
}

// The draft of a card after a draft that was saved is refused. `kept` is what the page has kept of that card: earlier drafts that were
// refused, and what the user has written since.
export function afterRefusal(draft, kept = { card: draft.card }) {
  forget(kept.card, draft);
  return { ...kept, refused: { ...kept.refused, ...draft.written } };
}

// If the card was shown with changes that the server has refused meanwhile, these are no longer on it.
function forget({ before }, draft) {
  for (const [name, text] of Object.entries(draft.written)) if (before[name] === text) before[name] = draft.card.before[name];
}
