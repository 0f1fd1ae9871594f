// The kanban page: shows the board, and sends what is done to it. What the elements are for is in kanban.html.
//
// What is done here is seen at once: the board shown is the one that the server has told, and what is under way on top. The
// server may refuse it, most often because somebody else was quicker; then it is taken back, and the card says why.

import { CardDialog } from './lib/card_dialog.js';
import { followCursors, paced } from './lib/cursors.js';
import { avatar, enterRoom, make, tint } from './lib/room.js';
import { Board, keyOf } from './lib/tasks.js';
import { Sortable } from './vendor/sortable.js';

const COLUMNS = ['To do', 'In progress', 'Done']; // always there; others are as long as a card is in them

const byId = (id) => document.getElementById(id);
const board = byId('board');

let known = new Board(); // as the server has told
let shown = known; // with what is under way
const underWay = new Set(); // { type, content } that the server has not answered
const notes = new Map(); // key -> { text, label, action }: why something was not done, shown on the card
const holders = new Map(); // id -> { nickname, key }: who has which card in hand
let dragged = null; // the key of the card that is being dragged

const hub = await enterRoom();

for (const type of ['add_task', 'update_task', 'task_moved', 'delete_task']) {
  hub.on(type, ({ content, id, nickname }) => {
    const key = keyOf(content);
    const title = known.tasks.get(key)?.title;
    known.apply(type, content);
    if (id !== hub.id) changedBySomebody(type, key, nickname, title);
    draw();
  });
}
hub.on('tasks_update', ({ content }) => {
  known = new Board(content);
  draw();
});
hub.onReset(() => {
  known = new Board();
  draw();
});
hub.on('error', ({ content }) => tell(content));
hub.on('users_update', () => {
  byId('helpers').replaceChildren(...[...new Set(hub.members)].map((name) => new Option('', name)));
  holds(held); // whoever has just come does not know
});
addEventListener('beforeunload', (event) => {
  if (underWay.size) event.preventDefault(); // it would be lost
});

// --- Changing the board

async function change(type, content, refused, version = hub.seq) {
  const step = { type, content };
  underWay.add(step);
  notes.delete(keyOf(content));
  draw();
  try {
    await hub.send(type, { ...content, version });
  } catch (error) {
    refused(error.message);
  }
  underWay.delete(step);
  draw();
}

// Says on a card, or where it is gone in general, why something was not done, and offers what can be done about it.
function note(key, title, text, label, action) {
  if (known.tasks.has(key)) notes.set(key, { text, label, action });
  else tell(`“${title}”: ${text}`, label, action);
  say(text);
}

function add(title, column) {
  const id = newId();
  change('add_task', { id, title, column }, (why) => tell(`“${title}” was not added: ${why}`, 'Try again', () => add(title, column)));
}

function move(key, column, position, version) {
  const task = shown.tasks.get(key);
  change('move_task', { taskId: task.id, newColumn: column, position }, (why) => {
    if (known.tasks.has(key)) note(key, task.title, `Not moved: ${why}`, 'Move it anyway', () => move(key, column, position));
    else note(key, task.title, why);
  }, version);
  const { position: place } = shown.placeOf(key);
  say(`${task.title}: ${column}, ${place + 1} of ${shown.columns.get(column).length}`);
}

function remove(key, version) {
  const task = shown.tasks.get(key);
  const { position } = shown.placeOf(key);
  change('delete_task', { id: task.id }, (why) => {
    untell();
    if (known.tasks.has(key)) note(key, task.title, `Not deleted: ${why}`, 'Delete it anyway', () => remove(key));
  }, version);
  tell(`“${task.title}” is deleted`, 'Undo', () => restore({ ...task, position }));
}

function restore(task) {
  change('add_task', task, (why) => tell(`“${task.title}” is not back: ${why}`, 'Try again', () => restore(task)));
  say(`${task.title} is back`);
}

// As short as it is unlikely to be anybody else's.
const newId = () => Array.from({ length: 2 }, () => Math.random().toString(36).slice(2, 9)).join('');

// --- What others do

function changedBySomebody(type, key, nickname, title) {
  changedBy.set(key, nickname);
  if (dragged === key) tell(`${nickname} has ${{ delete_task: 'deleted', task_moved: 'moved' }[type] ?? 'changed'} “${title}” meanwhile`);
  // Focus would be lost with the card, and nobody would know why.
  else if (type === 'delete_task' && board.querySelector(':focus')?.closest('.card') === cards.get(key)) tell(`${nickname} has deleted “${title}”`);
  if (type !== 'delete_task') fresh.set(key, nickname);
}

const fresh = new Map(); // key -> the nickname of who has just changed it, until that is shown
const changedBy = new Map(); // key -> the nickname of who else has changed it last

let held = null;
const tellWhatIHold = paced(hub, 'cursor_update');
function holds(key) {
  held = key;
  if (hub.types.includes('cursor_update')) tellWhatIHold({ cellId: key ?? '-' });
}
followCursors(hub, 'cursor_update', {
  show({ id, nickname, cellId }) {
    holders.set(id, { nickname, key: String(cellId) });
    draw();
  },
  hide(id) {
    holders.delete(id);
    draw();
  },
});
const keyOfFocused = () => document.activeElement.closest('.card')?.dataset.key ?? null;
board.addEventListener('focusin', () => holds(keyOfFocused()));
board.addEventListener('focusout', ({ relatedTarget }) => { if (!board.contains(relatedTarget) && dialog.key === null && dragged === null) holds(null); });

// --- Showing the board

const columns = new Map(); // name -> its section
const cards = new Map(); // key -> its list item
let frame = 0;

function draw() {
  shown = underWay.size ? known.copy() : known;
  for (const { type, content } of underWay) shown.apply(type, content);
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (dragged === null) paint(); // nothing moves under somebody's hand
    if (dialog.key !== null) dialog.compare(shown.tasks.get(dialog.key), { by: changedBy.get(dialog.key) ?? 'Somebody', version: hub.seq });
  });
}

function paint() {
  const focused = document.activeElement;
  const place = shown.tasks.has(keyOfFocused()) ? null : placeOnScreen(focused);
  const names = [...new Set([...COLUMNS, ...shown.columns.keys()])];
  for (const name of columns.keys()) if (!names.includes(name)) columns.delete(name);
  for (const key of cards.keys()) if (!shown.tasks.has(key)) cards.delete(key);
  arrange(board, names.map(paintColumn));
  byId('columns').replaceChildren(...names.map((name) => new Option('', name)));
  if (document.activeElement === focused) return;
  if (focused.isConnected) focused.focus(); // moved, and so blurred
  else if (place) (cardButton(place.column, place.position) ?? columns.get(place.column)?.querySelector('input') ?? board).focus();
}

function paintColumn(name) {
  const section = columns.get(name) ?? newColumn(name);
  const keys = shown.columns.get(name) ?? [];
  section.querySelector('.count').textContent = keys.length;
  arrange(section.querySelector('.cards'), keys.map(paintCard));
  return section;
}

function newColumn(name) {
  const section = make('section', 'column');
  section.ariaLabel = name;
  const heading = make('h2');
  heading.append(make('span', 'label', name), make('span', 'count'));
  const list = make('ul', 'cards');
  list.dataset.column = name;
  list.role = 'list';
  const form = make('form', 'new-card');
  const input = make('input');
  Object.assign(input, { placeholder: 'Add a card', ariaLabel: `Add a card to ${name}`, maxLength: 200, autocomplete: 'off', enterKeyHint: 'done' });
  form.append(input);
  form.onsubmit = (event) => {
    event.preventDefault();
    const title = input.value.trim();
    input.value = '';
    if (title) add(title, name);
  };
  section.append(heading, list, form);
  makeSortable(list);
  columns.set(name, section);
  return section;
}

function paintCard(key) {
  const { title, description, assignee } = shown.tasks.get(key);
  const card = cards.get(key) ?? make('li', 'card');
  cards.set(key, card);
  card.dataset.key = key;
  if (fresh.has(key)) card.dataset.by = fresh.get(key);
  fresh.delete(key);
  const holding = [...holders.values()].filter((holder) => holder.key === key).map(({ nickname }) => nickname);
  const problem = notes.get(key);
  const look = JSON.stringify([title, description, assignee, holding, problem?.text]);
  if (card.dataset.look === look) return card;
  card.dataset.look = look;

  const hadFocus = card.contains(document.activeElement);
  const button = make('button', 'open', title);
  button.type = 'button';
  button.onclick = () => edit(key);
  card.replaceChildren(button);
  if (description) card.append(make('p', 'description', description));
  if (assignee || holding.length) {
    const people = make('p', 'involved');
    if (assignee) people.append(avatar(String(assignee)), make('span', 'label', String(assignee)));
    for (const name of holding) people.append(tint(make('span', 'holder tinted', name), name));
    card.append(people);
  }
  if (problem) card.append(problemOn(key, problem));
  if (hadFocus) button.focus();
  return card;
}

function problemOn(key, { text, label, action }) {
  const element = make('div', 'problem');
  element.append(make('p', '', text));
  for (const [name, act] of [[label, action], ['Dismiss', () => {}]]) {
    if (!name) continue;
    const button = make('button', 'link', name);
    button.type = 'button';
    button.onclick = () => {
      notes.delete(key);
      draw();
      act();
    };
    element.append(button);
  }
  return element;
}

board.addEventListener('animationend', ({ target }) => target.removeAttribute('data-by'));

// Makes these the children of `parent` in this order, and touches what is in place already as little as possible.
function arrange(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}

// --- With mouse and finger

function makeSortable(list) {
  let since;
  Sortable.create(list, {
    group: 'cards',
    draggable: '.card',
    animation: 150,
    delay: 180, // a finger that moves at once scrolls
    delayOnTouchOnly: true,
    touchStartThreshold: 5,
    forceFallback: true, // the same with mouse and finger, in every browser
    fallbackOnBody: true,
    fallbackTolerance: 4,
    filter: '.problem',
    preventOnFilter: false,
    scroll: true,
    onStart({ item }) {
      dragged = item.dataset.key;
      since = hub.seq;
      holds(dragged);
    },
    onEnd({ item, to }) {
      const key = dragged;
      dragged = null;
      holds(null);
      if (shown.tasks.has(key)) {
        // Others may have moved cards meanwhile, so what counts is between which ones it was dropped.
        const target = (shown.columns.get(to.dataset.column) ?? []).filter((other) => other !== key);
        const before = item.nextElementSibling?.dataset.key;
        const after = target.indexOf(item.previousElementSibling?.dataset.key);
        const position = after >= 0 ? after + 1 : target.includes(before) ? target.indexOf(before) : item.previousElementSibling ? target.length : 0;
        const now = shown.placeOf(key);
        if (now.column !== to.dataset.column || now.position !== position) move(key, to.dataset.column, position, since);
      }
      draw();
    },
  });
}

// --- With the keyboard

const cardButton = (column, position) => {
  const buttons = columns.get(column)?.querySelectorAll('.open') ?? [];
  return buttons[Math.min(position, buttons.length - 1)];
};

function placeOnScreen(element) {
  const list = element.closest('.cards');
  return list && { column: list.dataset.column, position: [...list.children].indexOf(element.closest('.card')) };
}

board.addEventListener('keydown', (event) => {
  const key = keyOfFocused();
  if (!key || !event.target.matches('.open')) return;
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (event.key === 'Delete') remove(key);
  else if (!right && !down) return;
  else if (event.ctrlKey || event.altKey) moveBy(key, right, down);
  else focusBy(key, right, down);
  event.preventDefault();
});

function moveBy(key, right, down) {
  const { column, position } = shown.placeOf(key);
  const names = [...columns.keys()];
  const target = names[names.indexOf(column) + right];
  const length = shown.columns.get(target)?.length ?? 0;
  const place = right ? Math.min(position, length) : position + down;
  if (target === undefined || place < 0 || (!right && place >= length)) return say('It cannot go any further');
  move(key, target, place);
}

function focusBy(key, right, down) {
  const { column, position } = shown.placeOf(key);
  const names = [...columns.keys()];
  let at = names.indexOf(column) + right;
  while (right && at in names && !shown.columns.has(names[at])) at += right; // over empty ones
  const button = cardButton(names[at], Math.max(0, position + down));
  button?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.target.matches('input, textarea')) return;
  byId('toast').querySelector('.undo')?.click();
});

// --- One card in the dialog

const dialog = new CardDialog({
  // `missing`: somebody has deleted the card meanwhile, and it is to be put back.
  saved(key, { task, changed, version, place, missing }) {
    const whole = { ...task, ...changed, position: place.position };
    if (missing) return restore(whole);
    change('update_task', { id: task.id, ...changed }, (why) => {
      if (known.tasks.has(key)) note(key, task.title, `Not saved: ${why}`, 'Open it again', () => edit(key, changed));
      else note(key, task.title, why, 'Put it back', () => restore(whole));
    }, version);
  },
  deleted: remove,
  closed: (key) => (cards.get(key)?.querySelector('.open') ?? board).focus(),
});

// `draft` is what was written before, where this is another try.
function edit(key, draft) {
  holds(key);
  dialog.open(key, shown.tasks.get(key), { version: hub.seq, place: shown.placeOf(key), draft });
}

// --- Saying things

function say(text) {
  byId('said').textContent = text;
}

function tell(text, label, action) {
  const toast = byId('toast');
  toast.replaceChildren(make('span', '', text));
  for (const [name, act] of [[label, action], ['Dismiss', () => {}]]) {
    if (!name) continue;
    const button = make('button', name === 'Undo' ? 'link undo' : 'link', name);
    button.type = 'button';
    button.onclick = () => {
      untell();
      act();
    };
    toast.append(button);
  }
}

function untell() {
  byId('toast').replaceChildren();
}

draw();
