// The dialog in which one card of a kanban board is changed, and what others do to that card meanwhile. Its elements are in
// kanban.html.
//
//   const dialog = new CardDialog({ saved: (key, { task, changed, version, place, missing }) => {}, deleted, closed });
//   dialog.open(key, task, { version, place });
//   dialog.compare(task, { by, version });   the card as it is by now; undefined where it is gone

import { make } from './room.js';

const FIELDS = { title: 'The title', description: 'The description', assignee: 'Who does it', column: 'The column' };
const LONG = 80; // characters of what others wrote that are quoted

const byId = (id) => document.getElementById(id);
const fieldsOf = (task) => Object.fromEntries(Object.keys(FIELDS).map((name) => [name, String(task[name] ?? '')]));
const quote = (text) => (text === '' ? 'empty' : `“${text.length > LONG ? `${text.slice(0, LONG)}…` : text}”`);

export class CardDialog {
  key = null; // of the card in hand
  #card; // { task, place, version, before, missing }; `before` and `version`: what the person knows of it

  constructor({ saved, deleted, closed }) {
    this.element = byId('editor');
    this.element.onclose = () => {
      const { key } = this;
      this.key = null;
      if (this.element.returnValue === 'save') this.#save(key, saved);
      closed(key);
    };
    byId('cancel').onclick = () => this.element.close();
    byId('delete').onclick = () => {
      const { key } = this;
      this.element.close();
      deleted(key, this.#card.version);
    };
  }

  open(key, task, { version, place, draft = {} }) {
    this.key = key;
    this.#card = { task, place, version, before: fieldsOf(task), missing: false };
    for (const [name, text] of Object.entries({ ...this.#card.before, ...draft })) byId(name).value = text ?? '';
    byId('meanwhile').replaceChildren();
    this.#offer();
    this.element.returnValue = '';
    this.element.showModal();
    byId('title').focus();
  }

  // What the person has not touched becomes what others made of it; where they have, they are told.
  compare(task, { by, version }) {
    const card = this.#card;
    const lines = [];
    if (!task && !card.missing) lines.push(`${by} has deleted this card. Saving puts it back.`);
    if (task && card.missing) lines.push(`${by} has put this card back.`);
    card.missing = !task;
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
    card.version = version; // the person has been told
    if (task) lines.unshift(`${by} has changed this card meanwhile.`);
    byId('meanwhile').replaceChildren(...lines.map((line) => make('p', '', line)));
  }

  #offer() {
    byId('save').textContent = this.#card.missing ? 'Put it back' : 'Save';
    byId('delete').hidden = this.#card.missing;
  }

  #save(key, saved) {
    const { before, missing } = this.#card;
    const changed = {};
    for (const name of Object.keys(FIELDS)) {
      const text = byId(name).value.trim();
      if (missing || text !== before[name].trim()) changed[name] = name === 'assignee' ? text || null : text;
    }
    if (Object.keys(changed).length) saved(key, { ...this.#card, changed });
  }
}
