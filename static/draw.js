// The draw page: turns the movements of pens into strokes, and shows everybody's strokes. Its elements are in draw.html.

import { Board, HEIGHT, WIDTH } from './lib/board.js';
import { sharePointers } from './lib/cursors.js';
import { commandLetter } from './lib/keys.js';
import { usePens } from './lib/pens.js';
import { enterRoom, make } from './lib/room.js';
import { bend, pieceOf, rounded } from './lib/strokes.js';
import { useZoom } from './lib/zoom.js';

const EVERY = 30; // ms between two pieces of a stroke that is being drawn
const MOST = 200; // points in a piece
const AHEAD = 16; // pieces that may be on their way; with more, the next pieces grow instead
const APART = 2; // units that the pointer must move for a new point

const byId = (id) => document.getElementById(id);
const canvas = byId('board');
const pens = byId('pens');

// A stroke is sent in pieces while it is drawn. All its pieces have the same key, so that undo removes them together.
const inHand = new Map(); // pointer -> stroke that is being drawn
const unsettled = new Set(); // own pieces that the room does not have yet: { stroke, content, piece, sent }
const outbox = []; // those of them that have not been sent
const withdrawn = new Map(); // key of a stroke that is being undone -> its pieces by seq, to be put back if the undo is refused

let greeted = false; // whether the content of the board has arrived
let describing = 0;
const board = new Board(canvas, onTheWay);
const hub = await enterRoom();
const showMine = sharePointers(hub, byId('pointers'), { width: WIDTH, height: HEIGHT, view: byId('view') });

hub.on('draw', ({ seq, id, nickname, content }) => {
  const { stroke = seq, color, size } = content;
  const piece = { ...pieceOf(content), id, nickname, stroke, key: JSON.stringify([id, stroke, color, size]) };
  const undone = id === hub.id && withdrawn.get(stroke);
  if (undone) undone.set(seq, piece);
  else board.add(seq, piece);
  describe();
});
hub.on('undraw', ({ content }) => {
  const seqs = new Set(content.seqs);
  board.takeOut((piece, seq) => seqs.has(seq));
  for (const pieces of withdrawn.values()) for (const seq of seqs) pieces.delete(seq);
  describe();
});
hub.on('clear', empty);
hub.onReset(() => {
  greeted = false;
  empty();
});
hub.on('users_update', () => {
  greeted = true;
  describe();
});
hub.on('error', ({ content }) => complain(content));
hub.onStatus(({ state }) => {
  // Offline, the user would clear strokes that they have not seen.
  byId('clear').disabled = state !== 'online';
  if (state !== 'online') byId('clearing').close('');
  sendOn();
});

function empty() {
  board.takeOut(() => true);
  for (const pieces of withdrawn.values()) pieces.clear();
  describe();
}

// The pieces shown above the board: own pieces that the room does not have yet, and the part of a stroke that is not a piece yet.
function onTheWay() {
  const pieces = [...unsettled].filter(({ stroke }) => !withdrawn.has(stroke.key)).map(({ piece }) => piece);
  for (const { fresh, trail, color, size } of inHand.values()) pieces.push(pieceOf({ points: [...fresh, trail.at(-1)], color, size }));
  return pieces;
}

// --- Drawing

let drawn = 0;
const mark = Math.random().toString(36).slice(2, 8); // makes keys unique among all tabs of one person
let timer = 0;

function pen() {
  const { color, size } = Object.fromEntries(new FormData(pens));
  return { color: color ?? byId('mixed').value, size: Number(size) };
}

function putDown(pointer, point) {
  complain('');
  inHand.set(pointer, { key: `${mark}-${++drawn}`, ...pen(), trail: [point], fresh: [point], pieces: 0 });
  timer ||= setInterval(cut, EVERY);
  board.refresh();
  describe();
}

// The shape of a curve depends on one point ahead, so it is final up to the point before the last.
function draw(pointer, point) {
  const { trail, fresh } = inHand.get(pointer);
  const last = trail.at(-1);
  if (Math.hypot(point[0] - last[0], point[1] - last[1]) < APART) return;
  trail.push(point);
  const [a, b, c, d] = trail.slice(-4);
  if (d) fresh.push(...bend(a, b, c, d).map(rounded));
  else if (c) fresh.push(...bend(a, a, b, c).map(rounded));
  if (d) trail.shift();
  board.refresh();
}

function lift(pointer) {
  const stroke = inHand.get(pointer);
  if (!stroke) return undefined;
  const [a, b, c] = stroke.trail.slice(-3);
  if (b) stroke.fresh.push(...(c ? bend(a, b, c, c) : bend(a, a, b, b)).map(rounded));
  inHand.delete(pointer);
  cutOff(stroke, true);
  if (inHand.size === 0) timer = clearInterval(timer);
  return stroke.key;
}

function cut() {
  // While pieces are waiting, on a slow connection or offline, the next piece may grow.
  for (const stroke of inHand.values()) if (canSend() || stroke.fresh.length >= MOST) cutOff(stroke);
}

// Cuts the new points of a stroke into pieces. Each piece begins where the previous one ends.
function cutOff(stroke, isLast = false) {
  const { key, color, size, fresh } = stroke;
  while (fresh.length > 1 || (isLast && stroke.pieces === 0)) {
    const points = fresh.slice(0, MOST);
    fresh.splice(0, Math.max(1, points.length - 1));
    if (stroke.refused) continue;
    stroke.pieces += 1;
    const content = { points, color, size, stroke: key };
    const part = { stroke, content, piece: pieceOf(content) };
    unsettled.add(part);
    outbox.push(part);
  }
  sendOn();
  board.refresh();
}

const isFree = () => hub.status.state === 'online' && hub.pending < AHEAD && !withdrawn.has('');
const canSend = () => isFree() && outbox.length === 0;

function sendOn() {
  while (outbox.length && isFree()) {
    const part = outbox.shift();
    part.sent = deliver(part);
  }
}

async function deliver(part) {
  try {
    await sent('draw', part.content); // it has then also come back through on('draw')
  } catch (error) {
    part.stroke.refused = true; // its other pieces would be refused as well
    discard(({ stroke }) => stroke === part.stroke);
    complain(`Not drawn: ${error.message.replace(/^content\S* /, '')}.`);
  }
  unsettled.delete(part);
  board.refresh();
  describe();
  sendOn();
}

// Sends a message; sends it again if it was only too fast, or if the server could not store it at the moment.
async function sent(type, content) {
  for (;;) {
    try {
      return await hub.send(type, content);
    } catch (error) {
      if (error.code !== 'rate_limited' && error.code !== 'unavailable') throw error;
      await new Promise((resolve) => { setTimeout(resolve, error.retryAfterMs ?? 1000); });
    }
  }
}

// Resolves once the room has, or has refused, the pieces that are on their way now.
const arrived = (matches) => Promise.all([...unsettled].filter(matches).map((part) => part.sent));

function discard(matches) {
  const parts = outbox.filter(matches);
  for (const part of parts) {
    outbox.splice(outbox.indexOf(part), 1);
    unsettled.delete(part);
  }
  return parts;
}

addEventListener('beforeunload', (event) => {
  if (unsettled.size > 0) event.preventDefault(); // it would be lost
});

// --- Undo, clear, save

async function undo(key = lastKey()) {
  if (key === undefined) return say('There is nothing of yours to undo.');
  complain('');
  discard(({ stroke }) => stroke.key === key);
  const pieces = board.takeOut((piece) => piece.id === hub.id && piece.stroke === key);
  withdrawn.set(key, pieces);
  board.refresh();
  describe();
  say('Undone.');
  await arrived(({ stroke }) => stroke.key === key); // before that, they have no seq
  try {
    const seqs = [...pieces.keys()];
    while (seqs.length) await sent('undraw', { seqs: seqs.splice(0, 1000) });
  } catch (error) {
    if (pieces.size) complain(`Not undone: ${error.message.replace(/^content\S* /, '')}.`);
    board.putBack(pieces); // except those that were removed in another way meanwhile
  }
  withdrawn.delete(key);
  describe();
}

function lastKey() {
  const [pointer] = [...inHand.keys()].slice(-1);
  if (pointer !== undefined) return lift(pointer);
  const onTheirWay = [...unsettled].filter(({ stroke }) => !withdrawn.has(stroke.key));
  return onTheirWay.at(-1)?.stroke.key ?? board.strokes.flat().filter(({ id }) => id === hub.id).at(-1)?.stroke;
}

byId('undo').onclick = () => undo();
document.addEventListener('keydown', (event) => {
  if (commandLetter(event) !== 'z' || event.shiftKey) return;
  if (event.target.matches('input:not([type="radio"], [type="color"]), textarea')) return; // there, the browser undoes typing
  event.preventDefault();
  undo();
});

byId('clear').onclick = () => {
  byId('clearing').returnValue = '';
  byId('clearing').showModal();
};
byId('clearing').onclose = async () => {
  if (byId('clearing').returnValue !== 'clear') return;
  complain('');
  [...inHand.keys()].forEach(lift);
  const unsent = discard(() => true);
  const pieces = board.takeOut(() => true);
  withdrawn.set('', pieces); // '' is not the key of any stroke; new strokes are not sent before it is removed
  describe();
  let isHeld = true; // whether the connection has held, so that the user has seen what they clear
  const forget = hub.onStatus(({ state }) => { isHeld &&= state === 'online'; });
  await arrived(() => true);
  forget();
  try {
    if (!isHeld) throw new Error('the connection was lost meanwhile');
    await sent('clear');
  } catch (error) {
    complain(`Not cleared: ${error.message}.`);
    const rest = unsent.filter(({ stroke }) => !stroke.refused);
    outbox.unshift(...rest);
    for (const part of rest) unsettled.add(part);
    board.putBack(pieces);
  }
  withdrawn.delete('');
  describe();
  sendOn();
};

byId('save').onclick = async () => {
  const link = make('a');
  link.href = URL.createObjectURL(await board.toBlob());
  link.download = `${hub.room}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

// --- Pens, and texts for screen readers

const zoom = useZoom(byId('view'), byId('paper'), canvas, { begun: () => { for (const pointer of [...inHand.keys()]) if (pointer !== 'keys') undo(lift(pointer)); } });
zoom.onChange = ({ isWhole, canToggle }) => {
  byId('whole').hidden = !canToggle;
  byId('whole').ariaPressed = isWhole;
};
byId('whole').onclick = zoom.toggle;

usePens(canvas, { putDown, draw, lift, cancel: (pointer) => undo(lift(pointer)), isDown: (pointer) => inHand.has(pointer), at: pointAt, atKeys: showNib, say });

function pointAt(point) {
  showMine(point && { x: point[0], y: point[1], color: pen().color });
}

function showNib(point) {
  pointAt(point);
  const nib = byId('nib');
  nib.hidden = !point;
  if (!point) return;
  nib.style.translate = `${(point[0] / WIDTH) * 100}cqw ${(point[1] / HEIGHT) * 100}cqh`;
  nib.style.color = pen().color;
  nib.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

for (const swatch of pens.querySelectorAll('[name="color"]')) swatch.style.backgroundColor = swatch.value;
// The user's own colour counts while none of the swatches is chosen.
for (const event of ['click', 'input']) {
  byId('mixed').addEventListener(event, () => {
    for (const swatch of pens.elements.color) swatch.checked = false;
  });
}
pens.addEventListener('submit', (event) => event.preventDefault());

function complain(text) {
  byId('complaint').textContent = text;
}

function say(text) {
  byId('said').textContent = text;
}

// Describes the board for screen readers.
function describe() {
  byId('empty').hidden = !greeted || !board.isEmpty || unsettled.size + inHand.size > 0;
  describing ||= setTimeout(() => {
    describing = 0;
    const { strokes } = board;
    const names = [...new Set(strokes.map(([{ nickname }]) => nickname))];
    const by = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
    byId('summary').textContent = board.isEmpty ? 'The board is empty.'
      : `${strokes.length === 1 ? 'One stroke' : `${strokes.length} strokes`} on the board, by ${new Intl.ListFormat('en').format(by)}.`;
  }, 300);
}
