// The frame that every room page has around its content: the current room, other rooms and pages, the people here, the user's
// name, the state of the connection. enterRoom() builds the frame around the page's <main class="stage"> and returns the hub, on
// which the page then handles its own messages:
//
//   const hub = await enterRoom();
//   hub.on('message', …);

import { buildFrame } from './frame.js';
import { connect } from './hubbub.js';

const byId = (id) => document.getElementById(id);
const LIMIT = 64; // characters in a nickname or the name of a room
const ROOMS_KEPT = 12;

export const FINAL = new Set(['invalid', 'too_big', 'unknown_type', 'forbidden', 'bad_json']); // codes of errors that would come again if the message were sent again

// Storage can be switched off; then the page works, but forgets.
export const recall = (storage, key) => { try { return storage()[key]; } catch { return undefined; } };
export const remember = (storage, key, value) => { try { storage()[key] = value; } catch { /* no storage */ } };
export const lasting = () => localStorage; // all tabs, for good
export const fleeting = () => sessionStorage; // this tab, through reloads

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// A name has the same colour on every page and for everybody.
export function tint(element, name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  element.style.setProperty('--hue', (hash * 137) % 360);
  return element;
}

export function avatar(name) {
  const element = tint(make('span', 'avatar', [...name][0]?.toUpperCase() ?? '?'), name);
  element.ariaHidden = 'true';
  return element;
}

export async function enterRoom() {
  const query = new URLSearchParams(location.search);
  const room = clean(query.get('room') ?? '') || 'general';
  const examples = buildFrame();
  byId('room-name').textContent = `# ${room}`;
  document.title = `#${room} · ${document.title}`; // before the page's own title: Chat · Hubbub
  foldSidebar();
  listRooms(room);

  const nickname = clean(query.get('nickname') ?? '') || (await askName({ room })) || 'Guest';
  const hub = connect({ room, nickname, id: recall(fleeting, 'hubbub.id') });
  // The id stays the same after a reload, so that the user's earlier messages are still recognised as theirs.
  hub.on('welcome', () => remember(fleeting, 'hubbub.id', hub.id));
  for (const news of ['welcome', 'types']) {
    hub.on(news, () => {
      for (const { item, type } of examples) item.hidden = !hub.types.includes(type);
      sayWhatIsMissing(examples.find(({ item }) => item.querySelector('[aria-current]')));
    });
  }
  showName(hub);
  showPeople(hub);
  showStatus(hub);
  byId('invite').onclick = () => copyInvitation(room);
  byId('rename').onclick = async () => {
    const name = await askName({ room, now: hub.nickname });
    if (!name || name === hub.nickname) return;
    hub.rename(name);
    showName(hub);
  };
  return hub;
}

// The server may run without this page's plugin, or may lose it while people are here.
function sayWhatIsMissing({ name, item }) {
  const words = item.hidden ? `This server does not offer ${name} at the moment: what you do here is neither kept nor shown to others. It will work again once the server offers it.` : '';
  if (byId('missing').textContent !== words) byId('missing').textContent = words;
}

// Makes a name that the server accepts: trimmed, without control and invisible characters, at most LIMIT characters long.
const UNSEEN = /[\p{Cc}\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF0-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E001F}\u{E0080}-\u{E00FF}\u{E01F0}-\u{E0FFF}]/gu;
const STRAY = [ // joiners, selectors and tags in places where they have no meaning
  /(^|[^\u0600-\u{10FFFF}])[\u200C\u200D]+/gu,
  /(^|[^0-9#*\u00A9-\u{10FFFF}])[\u180B-\u180F\uFE00-\uFE0F\u{E0100}-\u{E01EF}]+/gu,
  /(^|[^\u{1F3F4}\u{E0020}-\u{E007F}])[\u{E0020}-\u{E007F}]+/gu,
];
const TOWER = /(\p{M}{3})\p{M}+/gu; // more than three marks on one letter: no language needs them
function clean(text) {
  const seen = STRAY.reduce((rest, stray) => rest.replace(stray, '$1'), text.replace(UNSEEN, ''));
  return cut(seen.replace(TOWER, '$1').trim());
}

// Cuts between whole visible characters, if the browser can find them.
function cut(text) {
  const characters = globalThis.Intl?.Segmenter ? Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment) : [...text];
  let length = 0;
  const kept = characters.findIndex((one) => (length += [...one].length) > LIMIT);
  return characters.slice(0, kept < 0 ? undefined : kept).join('') || [...text].slice(0, LIMIT).join('');
}

function link(room, nickname, page = location.pathname) {
  const query = new URLSearchParams(nickname === undefined ? { room } : { room, nickname });
  return `${page}?${query}`;
}

// Lists the rooms that this browser has been in. The server has no list: a room exists as soon as somebody opens it.
function listRooms(current) {
  const known = (recall(lasting, 'hubbub.rooms') ?? '').split('\n').filter((room) => room && room !== current);
  const rooms = [current, ...known].slice(0, ROOMS_KEPT);
  remember(lasting, 'hubbub.rooms', rooms.join('\n')); // room names cannot contain line breaks

  const names = [...new Set(['general', ...rooms])].sort((a, b) => (a === 'general' ? -1 : b === 'general' ? 1 : a.localeCompare(b)));
  byId('rooms').replaceChildren(...names.map((name) => {
    const item = make('li');
    const anchor = make('a');
    anchor.append(make('span', 'label', name));
    anchor.dataset.room = name;
    if (name === current) anchor.ariaCurrent = 'page';
    item.append(anchor);
    return item;
  }));
}

// Shows the user's name, and puts it into the page's address, for a reload or a bookmark, and into the links to other rooms.
function showName(hub) {
  history.replaceState(null, '', link(hub.room, hub.nickname));
  const [picture, label] = byId('me').children;
  picture.replaceWith(avatar(hub.nickname));
  label.textContent = label.title = hub.nickname;
  for (const anchor of byId('rooms').querySelectorAll('a')) anchor.href = link(anchor.dataset.room, hub.nickname);
  for (const anchor of byId('examples').querySelectorAll('a')) anchor.href = link(hub.room, hub.nickname, anchor.dataset.page);
  byId('new-room').onsubmit = (event) => {
    event.preventDefault();
    const name = clean(byId('new-room-name').value);
    if (name) location.assign(link(name, hub.nickname));
  };
}

function askName({ room, now }) {
  const dialog = byId('naming');
  const input = byId('naming-name');
  byId('naming-title').textContent = now ? 'What should people call you?' : `Join #${room}`;
  byId('naming-ok').textContent = now ? 'Rename' : 'Join';
  byId('naming-cancel').hidden = !now;
  byId('naming-cancel').onclick = () => dialog.close();
  input.value = now ?? recall(lasting, 'hubbub.nickname') ?? '';
  dialog.returnValue = '';
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const name = dialog.returnValue === 'ok' ? clean(input.value) : '';
      if (name) remember(lasting, 'hubbub.nickname', name);
      resolve(name);
    };
  });
}

function showPeople(hub) {
  hub.on('users_update', () => {
    const tabs = new Map(); // a name that is here several times is listed once, with the number
    for (const name of hub.members) tabs.set(name, (tabs.get(name) ?? 0) + 1);
    const items = [...tabs].map(([name, count]) => {
      const item = make('li');
      const label = make('span', 'label', name);
      label.title = name;
      item.append(avatar(name), label);
      const notes = [name === hub.nickname ? 'you' : '', count > 1 ? `×${count}` : ''].filter(Boolean);
      if (notes.length) item.append(make('small', '', notes.join(' ')));
      return item;
    });
    const unlisted = hub.memberCount - hub.members.length;
    if (unlisted > 0) items.push(make('li', 'more', `and ${unlisted} more`));
    byId('people').replaceChildren(...items);
  });
}

// The status line shows the state of the connection; the notice below the header says what that means for the user.
function showStatus(hub) {
  const line = byId('status');
  const notice = byId('notice');
  let wasOnline = false;
  let interrupted = false;
  let startedAgain = false;
  let timer;
  hub.onReset(() => { startedAgain = true; });

  const say = (kind, text, button) => {
    notice.dataset.kind = kind;
    // Written only if the text changes: screen readers read a live region out again whenever it is written.
    if (notice.firstChild?.textContent !== text) notice.replaceChildren(...(text ? [make('span', '', text)] : []));
    if (button && !notice.querySelector('button')) notice.append(button);
  };
  const tryNow = make('button', 'link', 'Try now');
  tryNow.type = 'button';
  tryNow.onclick = () => hub.reconnect();

  const show = () => {
    clearTimeout(timer);
    const { state, failures, retryAt, error } = hub.status;
    line.dataset.state = document.body.dataset.connection = state;
    if (state === 'online') {
      const count = hub.memberCount;
      line.textContent = count > 1 ? `${count} people here` : count === 1 ? 'Only you are here' : 'Connected';
      if (interrupted) {
        say('good', startedAgain
          ? 'Back online. You missed too much to catch up message by message: this is the current state.'
          : 'Back online. You have missed nothing.');
        timer = setTimeout(() => say('', ''), 6000);
      } else {
        say('', '');
      }
      wasOnline = true;
      interrupted = startedAgain = false;
    } else if (state === 'closed') {
      line.textContent = 'Disconnected';
      say('bad', `The server has ended this connection${error?.reason ? `: ${error.reason}` : ` (code ${error?.code})`}. Reload the page to come back.`);
    } else {
      if (state === 'offline' && wasOnline && error) interrupted = true; // without an error, the user has left the page
      const seconds = Math.ceil((retryAt - Date.now()) / 1000);
      if (state === 'connecting') line.textContent = failures || wasOnline ? 'Reconnecting…' : 'Connecting…';
      else line.textContent = seconds > 1 ? `Offline, next try in ${seconds} s` : 'Offline, trying again…';
      if (interrupted) say('', 'The connection is lost. What you write is kept, and sent when it is back.', tryNow);
      else if (failures > 2) say('bad', 'The server cannot be reached, or it refuses this name or this room.', tryNow);
      if (state === 'offline') timer = setTimeout(show, 1000);
    }
  };
  hub.onStatus(show);
  hub.on('users_update', () => {
    const count = hub.memberCount;
    line.textContent = count > 1 ? `${count} people here` : 'Only you are here';
  });
}

// The link of an invitation has the room but no name, so the page asks the guest for one.
async function copyInvitation(room) {
  const button = byId('invite');
  const text = new URL(link(room), location.href).href;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    // Without https there is no clipboard: the user copies by hand.
    prompt('The link to this room:', text);
    return;
  }
  setTimeout(() => { button.textContent = 'Copy link'; }, 2000);
}

// On a phone the sidebar covers the page; a tap outside of it, or Escape, closes it.
function foldSidebar() {
  const sidebar = byId('sidebar');
  const menu = byId('menu');
  const open = (yes) => {
    sidebar.toggleAttribute('data-open', yes);
    menu.ariaExpanded = String(yes);
  };
  menu.onclick = () => {
    open(true);
    sidebar.querySelector('a').focus();
  };
  document.addEventListener('click', ({ target }) => {
    if (!sidebar.contains(target) && !menu.contains(target)) open(false);
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !sidebar.hasAttribute('data-open')) return;
    open(false);
    menu.focus();
  });
}
