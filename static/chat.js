// The chat page: shows messages and sends what the user writes. Its elements are in chat.html.

import { isComposing } from './lib/keys.js';
import { pieces } from './lib/links.js';
import { FINAL, avatar, enterRoom, fleeting, make, recall, remember, tint } from './lib/room.js';

const TYPING_LASTS = 6000; // ms without a `typing` message after which somebody counts as having stopped
const TYPING_EVERY = 2500; // ms between two `typing` messages of our own
const GROUP_WITHIN = 5 * 60_000; // ms: messages of one person that are closer together form a group
const NEWS_SHOWN = 3; // lines about joining and leaving that are shown in a row; earlier ones are folded

const byId = (id) => document.getElementById(id);
const scroller = byId('scroller');
const messages = byId('messages');
const outbox = byId('outbox');
const newer = byId('newer');
const draft = byId('draft');

let last = null; // the group that the next message may join: { element, id, nickname, ts }
let atEnd = true; // whether the user is at the newest message and has not scrolled back
let unseen = 0; // new messages below the visible part
let unread = 0; // messages that arrived while the page was hidden
const typists = new Map(); // id -> { nickname, timer }

const hub = await enterRoom();
const title = document.title; // with the room's name
draft.placeholder = `Write to #${hub.room}`;

hub.on('message', (message) => {
  stopTyping(message.id);
  show(message);
});
hub.on('system', ({ content }) => {
  last = null;
  markDay(new Date());
  addToLog(make('p', 'system news', content));
  foldNews();
});
hub.on('typing', ({ id, nickname, content }) => {
  if (id === hub.id) return;
  stopTyping(id);
  if (content) typists.set(id, { nickname, timer: setTimeout(stopTyping, TYPING_LASTS, id) });
  showTyping();
});
hub.on('users_update', () => {
  messages.ariaBusy = 'false'; // the greeting is over: from here on screen readers announce messages
  showEmpty();
});
hub.on('error', ({ content }) => addToLog(make('p', 'system', content)));
hub.onReset(() => {
  messages.ariaBusy = 'true';
  messages.replaceChildren();
  delete messages.dataset.day;
  last = null;
  showEmpty();
});
hub.onStatus(({ state }) => {
  outbox.dataset.state = state;
  // After an interruption we do not know who is still typing.
  if (state !== 'online') [...typists.keys()].forEach(stopTyping);
});

// --- Messages

function show({ id, nickname, content, ts = Date.now() }) {
  const own = id === hub.id;
  const when = new Date(ts);
  markDay(when);
  const continues = last?.id === id && last.nickname === nickname && ts - last.ts < GROUP_WITHIN;
  const text = make('p', 'text');
  appendLinked(text, content);
  text.title = when.toLocaleString();
  if (continues) {
    last.ts = ts;
    addToLog(text, last.element);
  } else {
    const group = make('article', own ? 'group own' : 'group');
    const head = make('header');
    const time = make('time', '', when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
    time.dateTime = when.toISOString();
    // Own messages are recognisable by their side of the page; screen readers need the word.
    const name = own ? make('strong', 'visually-hidden', 'You') : tint(make('strong', 'tinted', nickname), nickname);
    head.append(name, ' ', time);
    if (!own) group.append(avatar(nickname));
    group.append(head, text);
    last = { element: group, id, nickname, ts };
    addToLog(group);
  }
  if (!own) announce();
}

function markDay(when) {
  const day = when.toDateString();
  if (day === messages.dataset.day) return;
  messages.dataset.day = day;
  last = null;
  const days = Math.round((new Date().setHours(12, 0, 0, 0) - new Date(when).setHours(12, 0, 0, 0)) / 86_400_000);
  const format = { weekday: 'long', day: 'numeric', month: 'long', ...(days > 300 && { year: 'numeric' }) };
  addToLog(make('h2', 'day', days === 0 ? 'Today' : days === 1 ? 'Yesterday' : when.toLocaleDateString([], format)));
}

// Turns web addresses into links. All content is inserted as text.
function appendLinked(element, text) {
  for (const { link, text: plain } of pieces(text)) {
    if (!link) {
      element.append(plain);
      continue;
    }
    const anchor = make('a', '', link);
    anchor.href = link;
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer';
    element.append(anchor);
  }
}

// In a row of lines about joining and leaving, shows the last ones and folds the earlier ones.
function foldNews() {
  const row = [];
  for (let line = messages.lastElementChild; line?.matches('.news'); line = line.previousElementSibling) row.unshift(line);
  while (row.length > NEWS_SHOWN) {
    const oldest = row.shift();
    let fold = oldest.previousElementSibling;
    if (!fold?.matches('details')) {
      fold = make('details', 'system');
      fold.append(make('summary'));
      oldest.before(fold);
    }
    fold.append(oldest);
    fold.firstElementChild.textContent = `${fold.childElementCount - 1} earlier joins and leaves`;
  }
}

function showEmpty() {
  byId('empty').hidden = messages.querySelector('.group') !== null || outbox.childElementCount > 0;
}

// --- Staying at the newest message, unless the user has scrolled back

function addToLog(element, parent = messages) {
  parent.append(element);
  showEmpty();
  keepUp();
}

function keepUp() {
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

function announce() {
  if (messages.ariaBusy === 'true') return;
  if (!atEnd) {
    newer.textContent = ++unseen === 1 ? '1 new message' : `${unseen} new messages`;
    newer.hidden = false;
  }
  if (document.hidden) document.title = `(${++unread}) ${title}`;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});

function toEnd() {
  atEnd = true;
  unseen = 0;
  newer.hidden = true;
  keepUp();
}

scroller.addEventListener('scroll', () => {
  atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 32;
  if (atEnd) toEnd();
}, { passive: true });
newer.onclick = () => {
  toEnd();
  draft.focus();
};
new ResizeObserver(keepUp).observe(scroller); // for example when a phone's keyboard takes half of the height

// --- Who is typing

function stopTyping(id) {
  clearTimeout(typists.get(id)?.timer);
  if (typists.delete(id)) showTyping();
}

function showTyping() {
  const names = [...new Set([...typists.values()].map(({ nickname }) => nickname))];
  const [one, other] = names.map((name) => make('bdi', '', name));
  byId('typing').replaceChildren(...(names.length === 0 ? []
    : names.length === 1 ? [one, ' is typing…']
      : names.length === 2 ? [one, ' and ', other, ' are typing…']
        : ['Several people are typing…']));
}

// --- Writing

const draftKey = `hubbub.draft.${hub.room}`;
let typingSaid = 0; // when we last sent that we are typing; 0: the others think we are not

draft.value = recall(fleeting, draftKey) ?? '';
fitDraft();
if (!matchMedia('(max-width: 760px)').matches) draft.focus(); // on a phone that would open the keyboard

draft.addEventListener('input', () => {
  remember(fleeting, draftKey, draft.value);
  fitDraft();
  if (!draft.value.trim()) sayTyping(false);
  else if (Date.now() - typingSaid > TYPING_EVERY) sayTyping(true);
});
draft.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
  event.preventDefault();
  byId('composer').requestSubmit();
});
byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = draft.value.trim();
  if (!text) return;
  setDraft('');
  sayTyping(false);
  post(text);
  toEnd();
  draft.focus(); // also after a tap on the button, otherwise a phone would close its keyboard
});
addEventListener('beforeunload', (event) => {
  if (outbox.childElementCount > 0) event.preventDefault(); // it would be lost
});

function sayTyping(typing) {
  if (!typing && !typingSaid) return;
  typingSaid = typing ? Date.now() : 0;
  hub.cast('typing', typing);
}

function setDraft(text) {
  draft.value = text;
  remember(fleeting, draftKey, text);
  fitDraft();
}

function fitDraft() {
  draft.style.height = 'auto';
  draft.style.height = `${draft.scrollHeight + 2}px`; // and its border
}

// Sends a message. Until it is delivered it is shown below the log; once the room has it, it comes back through on('message').
async function post(text) {
  const item = make('article', 'group own waiting');
  item.append(make('p', 'text', text), make('p', 'fate'));
  outbox.append(item);
  showEmpty();
  keepUp();
  try {
    await hub.send('message', text);
    item.remove();
  } catch (error) {
    item.className = 'group own failed';
    const again = (label, action) => {
      const button = make('button', 'link', label);
      button.type = 'button';
      button.onclick = () => {
        item.remove();
        action();
        draft.focus();
      };
      return button;
    };
    const fate = make('p', 'fate');
    fate.role = 'alert';
    item.lastChild.replaceWith(fate);
    fate.append(make('span', '', `Not sent: ${error.message.replace(/^content:? /, '')}.`));
    if (!FINAL.has(error.code)) fate.append(again('Try again', () => post(text)));
    fate.append(again('Edit', () => setDraft([text, draft.value].filter(Boolean).join('\n'))), again('Discard', () => {}));
    keepUp();
  }
  showEmpty();
}
