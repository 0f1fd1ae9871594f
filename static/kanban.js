// The kanban page: shows the board, and sends the user's changes. Its elements are in kanban.html.
//
// The user's changes show at once: the page shows the server's board with the unanswered changes applied. The server may refuse a
// change, most often because somebody else was quicker; then it is reverted, and the card says why.

import { CardDialog, afterRefusal, follow } from './lib/card_dialog.js';
import { CardWall } from './lib/card_wall.js';
import { followCursors, paced } from './lib/cursors.js';
import { commandLetter } from './lib/keys.js';
import { FINAL, enterRoom } from './lib/room.js';
import { Board, keyOf } from './lib/tasks.js';
import { toast } from './lib/toast.js';

const USUAL_COLUMNS = ['To do', 'In progress', 'Done']; // if the server does not define the columns

const byId = (id) => document.getElementById(id);
const board = byId('board');
const and = (texts) => new Intl.ListFormat('en').format(texts);
const tell = toast(byId('toast'), { emptied: offerRest });

let fixed = []; // the columns that are always shown; empty until the server has told us
let anyColumn = true; // whether other columns are allowed; these exist as long as a card is in them
let known = new Board(); // the server's board
let shown = known; // with our unanswered changes applied
let isReset = false; // whether `known` is void until the greeting comes
const underWay = new Set(); // { type, content } of changes that the server has not answered
const drafts = new Map(); // key -> unsaved changes of a card, as the dialog returned them; with a note if they were refused
const notes = new Map(); // key -> { text, label, action }: why another change was refused, shown on the card
const notAdded = new Map(); // key -> { task, what, why }: additions that were refused, and may be tried again
const dismissed = new Set(); // keys of cards that are gone, and that the user has deleted, or whose offer they have dismissed
const holders = new Map(); // id -> { nickname, key }: who is holding which card

const hub = await enterRoom();

for (const type of ['add_task', 'update_task', 'task_moved', 'delete_task']) {
  hub.on(type, (message) => {
    const { content, nickname } = message;
    const key = keyOf(content);
    const title = known.tasks.get(key)?.title;
    known.apply(type, content);
    greeted();
    if (!hub.isOwn(message)) changedBySomebody(type, key, nickname, title);
    if (type === 'add_task' && !hub.isOwn(message) && shown.tasks.has(key)) { // not if we have deleted it since
      notAdded.delete(key);
      lapse(key);
    }
  });
}
hub.on('columns', ({ content }) => useColumns(content));
// For a board that was never used there is no greeting, and any column is allowed.
for (const news of ['users_update', 'types']) {
  hub.on(news, () => { if (fixed.length === 0 && hub.types.includes('add_task')) useColumns([]); });
}
for (const news of ['welcome', 'types']) {
  hub.on(news, () => lapse([...notAdded.keys()][0])); // which offers it again, if the server now takes it
}
hub.on('tasks_update', ({ content }) => {
  known = new Board(content);
  greeted();
});
hub.on('users_update', greeted); // for an empty board there is no tasks_update
hub.onReset(() => {
  known = new Board();
  fixed = [];
  changedBy.clear();
  isReset = true;
});
function greeted() {
  const wasReset = isReset;
  isReset = false;
  draw();
  if (wasReset) offerRest(); // cards with drafts may be gone
}
hub.on('error', ({ content }) => tell(content));
hub.on('users_update', () => {
  byId('helpers').replaceChildren(...[...new Set(hub.members)].map((name) => new Option('', name)));
  holds(held); // for people who have just joined
});
addEventListener('beforeunload', (event) => {
  const isDrafted = [...drafts.keys()].some((key) => !dismissed.has(key));
  if (underWay.size || notAdded.size || isDrafted || dialog.isWritten) event.preventDefault(); // it would be lost
});

function useColumns(names) {
  anyColumn = names.length === 0;
  fixed = anyColumn ? USUAL_COLUMNS : names;
  draw();
}

// --- Changing the board

async function change(type, content, refused, version = hub.seq) {
  const key = keyOf(content);
  const step = { type, content };
  underWay.add(step);
  notes.delete(key);
  draw();
  if (type === 'add_task' && notAdded.delete(key)) lapse(key);
  const failure = await hub.send(type, { ...content, version }).then(() => null, (error) => error);
  underWay.delete(step);
  draw();
  if (!failure) return;
  refused(failure.message, failure.code);
  for (const later of underWay) if (keyOf(later.content) === key) byUs(key, later.content);
}

// Says why a change was refused, on the card or, if it is gone, in the toast, and offers an action.
function note(key, title, text, label, action) {
  if (known.tasks.has(key)) notes.set(key, { text, label, action });
  else if (!notAdded.has(key)) tell(`“${title}”: ${text}`, label, action);
  say(text);
}

function add(task, what = 'added') {
  const key = keyOf(task);
  change('add_task', task, (why) => {
    if (known.tasks.has(key)) return tell(isBack(task));
    if (shown.tasks.has(key) || dismissed.has(key)) return; // added again since, or deleted
    notAdded.set(key, { task, what, why });
    offerRest();
  });
}

function move(key, column, position, version) {
  const task = shown.tasks.get(key);
  byUs(key, { column });
  change('move_task', { taskId: task.id, newColumn: column, position }, (why, code) => {
    byUs(key, { column: task.column });
    if (known.tasks.has(key)) note(key, task.title, `Not moved: ${why}`, mayBeMeant(code) && 'Move it anyway', () => move(key, column, position));
    else note(key, task.title, why);
  }, version);
  const { position: place } = shown.placeOf(key);
  say(`${task.title}: ${column}, ${place + 1} of ${shown.columns.get(column)?.length ?? 0}`);
}

// What the user has changed is no news to them while the card is open, or when they open their draft.
function byUs(key, { newColumn, ...fields }) {
  if (newColumn) fields.column = newColumn;
  if (dialog.key === key) dialog.follow(fields);
  else if (drafts.has(key) && !follow(drafts.get(key), fields)) drafts.delete(key);
}

function remove(key, version) {
  if (!shown.tasks.has(key)) return offerRest();
  let isUndone = false;
  const task = shown.tasks.get(key);
  const { position } = shown.placeOf(key);
  change('delete_task', { id: task.id }, (why, code) => {
    if (!known.tasks.has(key)) return; // it is gone all the same
    withdraw();
    if (!isUndone) note(key, task.title, `Not deleted: ${why}`, mayBeMeant(code) && 'Delete it anyway', () => remove(key));
  }, version);
  dismissed.add(key);
  const withdraw = offer([key], `“${task.title}” is deleted`, 'Undo', () => {
    isUndone = true;
    if (shown.tasks.has(key)) return tell(isBack(task));
    add({ ...task, position }, 'put back');
    say(`${task.title} is back`);
  });
}

const isBack = ({ title }) => `“${title}” is already back on the board`;

// What the server refused to save is a draft again, so nothing that happens to the card later can lose it.
function unsaved(key, draft, why) {
  const { missing, before } = draft.card;
  const isThere = known.tasks.has(key);
  if (isThere && missing && !Object.keys(draft.written).length) return tell(isBack(before));
  const text = `Not saved: ${isThere && missing ? 'somebody else has put the card back' : why}`;
  if (dialog.key === key) return dialog.takeBack(draft, { text, version: hub.seq });
  const kept = afterRefusal(draft, drafts.get(key));
  kept.card.version = hub.seq; // the user is told
  kept.note = { text, label: 'Open it again', action: () => edit(key) };
  drafts.set(key, kept);
  say(text);
  if (!isThere && missing) offer([key], `“${before.title}” was not ${missing}: ${why}`, 'Look at it', () => edit(key));
  else if (!isThere) offerRest();
}

// Whether the same change may succeed later (for example if the board was full), or without the check for others' changes.
const mayBeMeant = (code) => code === 'invalid' || !FINAL.has(code);

// An offer in the toast is withdrawn when it is no longer possible, for example when somebody else has put the card back.
let offered = null; // { keys, withdraw }: the cards, and what withdraws it

function offer(keys, ...what) {
  offered = { keys, withdraw: tell(...what) };
  return offered.withdraw;
}

function lapse(key) {
  if (offered?.keys.includes(key)) offered.withdraw();
}

// What the user can reach only from the toast: additions that were refused, and drafts of deleted cards. Other news may cover it for a
// while, but it comes back until the user has dealt with it or dismissed it. If the server has lost this page's plugin, additions are
// kept, and can be tried again once the plugin is back.
function offerRest() {
  const lost = [...drafts.keys()].filter((key) => !shown.tasks.has(key) && !dismissed.has(key));
  if (notAdded.size) offerToAdd([...notAdded.values()]);
  else if (lost.length) offerToLookAt(lost);
}

function offerToAdd(all) {
  const { what, why } = all.at(-1);
  const titles = all.map(({ task }) => task.title);
  const label = hub.types.includes('add_task') && 'Try again';
  offer([...notAdded.keys()], `${quoted(titles)} ${all.length > 1 ? 'were' : 'was'} not ${what}: ${why}`, label, () => {
    for (const one of all) add(one.task, one.what);
  }, () => {
    for (const key of notAdded.keys()) dismissed.add(key);
    notAdded.clear();
  });
}

function offerToLookAt(keys) {
  const people = [...new Set(keys.map((key) => changedBy.get(key) ?? 'Somebody'))];
  const titles = keys.map((key) => drafts.get(key).card.before.title);
  const text = `${and(people)} ${people.length > 1 ? 'have' : 'has'} deleted ${quoted(titles)}, on which you have unsaved changes`;
  offer(keys, text, 'Look at it', () => edit(keys[0]), () => {
    for (const key of keys) dismissed.add(key);
  });
}

function quoted(titles) {
  const texts = titles.map((title) => `“${title}”`);
  return and(texts.length > 3 ? [...texts.slice(0, 2), `${texts.length - 2} others`] : texts);
}

// Short, and practically unique.
const newId = () => Array.from({ length: 2 }, () => Math.random().toString(36).slice(2, 9)).join('');

// --- What others do

function changedBySomebody(type, key, nickname, title) {
  changedBy.set(key, nickname);
  if (wall.dragged === key) tell(`${nickname} has ${{ delete_task: 'deleted', task_moved: 'moved' }[type] ?? 'changed'} “${title}” meanwhile`);
  else if (type === 'delete_task' && drafts.has(key)) offerRest();
  // The focus is lost with the card: the user must know why.
  else if (type === 'delete_task' && wall.focused === key) tell(`${nickname} has deleted “${title}”`);
  if (type !== 'delete_task') fresh.set(key, nickname);
}

const fresh = new Map(); // key -> the nickname of somebody who has just changed the card, until that is shown
const changedBy = new Map(); // key -> the nickname of the last other person who has changed the card

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
board.addEventListener('focusin', () => holds(wall.focused));
board.addEventListener('focusout', ({ relatedTarget }) => { if (!board.contains(relatedTarget) && dialog.key === null && wall.dragged === null) holds(null); });

// --- Showing the board

let since; // hub.seq when a drag began
const wall = new CardWall(board, {
  added: (title, column) => add({ id: newId(), title, column }),
  opened: (key) => edit(key),
  grabbed(key) {
    since = hub.seq;
    holds(key);
  },
  // Others may have moved cards meanwhile, so the neighbours count, not the position.
  dropped(key, column, above, below) {
    holds(null);
    if (shown.tasks.has(key)) {
      const target = (shown.columns.get(column) ?? []).filter((other) => other !== key);
      const after = target.indexOf(above);
      const position = after >= 0 ? after + 1 : target.includes(below) ? target.indexOf(below) : above === undefined ? 0 : target.length;
      const now = shown.placeOf(key);
      if (now.column !== column || now.position !== position) move(key, column, position, since);
    }
    draw();
  },
  dismissed(key, problem) {
    if (notes.get(key) === problem) notes.delete(key);
    else delete drafts.get(key)?.note;
    draw();
  },
});

let frame = 0;

function draw() {
  if (isReset) return; // what is on the page stays until the greeting comes
  shown = underWay.size ? known.copy() : known;
  for (const { type, content } of underWay) shown.apply(type, content);
  for (const key of dismissed) if (shown.tasks.has(key)) dismissed.delete(key);
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    if (wall.dragged === null) paint(); // nothing moves while the user drags a card
    const { key } = dialog;
    if (key === null) return;
    dialog.compare(shown.tasks.get(key), { by: changedBy.get(key) ?? 'Somebody', notAdded: notAdded.get(key), version: hub.seq });
  });
}

function paint() {
  const names = [...new Set([...fixed, ...shown.columns.keys(), ...wall.written])];
  const inHand = new Map(); // key -> the nicknames of the people who hold the card
  for (const { nickname, key } of holders.values()) inHand.set(key, [...(inHand.get(key) ?? []), nickname]);
  wall.paint(names, shown, { problems: (key) => [drafts.get(key)?.note, notes.get(key)].filter(Boolean), holders: inHand, fresh });
  byId('columns').replaceChildren(...names.map((name) => new Option('', name)));
}

// --- With the keyboard

board.addEventListener('keydown', (event) => {
  const key = wall.focused;
  if (!shown.tasks.has(key) || !event.target.matches('.open')) return;
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (event.key === 'Delete') remove(key);
  else if (!right && !down) return;
  else if (event.ctrlKey || event.altKey) moveBy(key, right, down);
  else focusBy(key, right, down);
  event.preventDefault();
});

function moveBy(key, right, down) {
  const { column, position } = shown.placeOf(key);
  const names = wall.columns;
  const target = names[names.indexOf(column) + right];
  const length = shown.columns.get(target)?.length ?? 0;
  const place = right ? Math.min(position, length) : position + down;
  if (target === undefined || place < 0 || (!right && place >= length)) return say('It cannot go any further');
  move(key, target, place);
}

function focusBy(key, right, down) {
  const { column, position } = shown.placeOf(key);
  const names = wall.columns;
  let at = names.indexOf(column) + right;
  while (right && at in names && !shown.columns.has(names[at])) at += right; // skips empty columns
  wall.focusAt(names[at], Math.max(0, position + down));
}

document.addEventListener('keydown', (event) => {
  if (dialog.key !== null || commandLetter(event) !== 'z' || event.shiftKey || event.target.matches('input, textarea')) return;
  [...byId('toast').querySelectorAll('button')].find(({ textContent }) => textContent === 'Undo')?.click();
});

// --- One card in the dialog

const dialog = new CardDialog({
  // `missing`: somebody has deleted the card meanwhile, and saving puts it back.
  saved(key, draft, changed) {
    const { task, version, place, missing } = draft.card;
    const refused = (why) => unsaved(key, draft, why);
    if (!missing) return change('update_task', { id: task.id, ...changed }, refused, version);
    change('add_task', { ...task, ...changed, position: place.position }, refused);
    say(`${changed.title} is back`);
  },
  // Escape is easily pressed by mistake, so the changes are kept as a draft. Cancel discards them, but can be undone; so can a deletion.
  left(key, draft, how) {
    const title = draft.written.title || draft.card.before.title;
    if (how === 'cancel') return tell(`What you wrote on “${title}” is discarded`, 'Undo', () => edit(key, draft));
    drafts.set(key, draft);
    if (how !== 'delete') offer([key], `What you wrote on “${title}” is kept here but not saved`, 'Go on', () => edit(key));
  },
  deleted: remove,
  closed: (key) => wall.focus(key),
});

// Opens a card, with its draft if there is one, and with a discarded draft if that is to be undone.
function edit(key, discarded) {
  const kept = drafts.get(key);
  const draft = kept ? { ...kept, written: { ...kept.written, ...discarded?.written } } : discarded;
  if (!draft && !shown.tasks.has(key)) return;
  drafts.delete(key);
  lapse(key);
  holds(key);
  if (draft) dialog.resume(key, draft);
  else dialog.open(key, shown.tasks.get(key), { version: hub.seq, place: shown.placeOf(key) });
  draw(); // others may have changed the card since
}

// Runs before the browser checks the fields.
byId('save').onclick = () => {
  const { value } = byId('column');
  const isThere = anyColumn || [...byId('columns').options].some((option) => option.value === value.trim());
  byId('column').setCustomValidity(isThere ? '' : `This board’s columns are ${and(fixed)}`);
};

// --- For screen readers

function say(text) {
  byId('said').textContent = text;
}
