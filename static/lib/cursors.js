// Other people's cursors: shows their pointers with their names, and sends ours at a bounded rate.

import { make, tint } from './room.js';

const EVERY = 50; // ms: the server passes on at most 20 messages a second of each type (max_rate of cursor_move)

// Returns a function that casts its argument, at most once every EVERY ms; of several arguments only the newest.
export function paced(hub, type) {
  let newest;
  let timer = 0;
  const say = () => {
    timer = newest ? setTimeout(say, EVERY) : 0;
    if (newest && hub.types.includes(type)) hub.cast(type, newest);
    newest = null;
  };
  return (content) => {
    newest = content;
    if (!timer) say();
  };
}

// Calls show(content) for each cursor message of somebody else (content has their id and nickname), and hide(id) when the cursor
// should disappear.
export function followCursors(hub, type, { show, hide }) {
  const known = new Set();
  const forget = (id) => {
    if (known.delete(id)) hide(id);
  };
  hub.on(type, ({ content }) => {
    if (content.id === hub.id) return;
    known.add(content.id);
    show(content);
  });
  hub.on('cursor_gone', ({ content }) => forget(content.id));
  // After an interruption, everybody's cursor will be sent again.
  hub.onStatus(({ state }) => {
    if (state !== 'online') [...known].forEach(forget);
  });
}

// Shows the others' pointers in `layer`, a box over the content; `view` is the box through which a part of the layer is visible. width
// and height are the size of the content in the units of the messages. Returns a function that sends our pointer; without a position,
// it hides our pointer from the others.
export function sharePointers(hub, layer, { width, height, view }) {
  const pointers = new Map(); // id -> { element, label, x, y, size }; x and y from 0 to 1, size of the label
  let seen; // the visible part of the layer, in its own pixels: { left, top, right, bottom, across, down }

  function look() {
    const [part, whole] = [view, layer].map((element) => element.getBoundingClientRect());
    seen = {
      across: whole.width,
      down: whole.height,
      left: Math.max(0, part.left - whole.left),
      top: Math.max(0, part.top - whole.top),
      right: Math.min(whole.width, part.right - whole.left),
      bottom: Math.min(whole.height, part.bottom - whole.top),
    };
    for (const pointer of pointers.values()) if (!pointer.element.hidden) place(pointer);
  }
  new ResizeObserver(look).observe(layer);
  new ResizeObserver(look).observe(view);
  view.addEventListener('scroll', look);
  look();

  // Puts the name to the right of its pointer and below, or if there is no room, to the left or above; always within the visible
  // part, even if the pointer is outside.
  function place({ label, x, y, size }) {
    label.style.left = `${beside(x * seen.across, size[0], seen.left, seen.right)}px`;
    label.style.top = `${beside(y * seen.down, size[1], seen.top, seen.bottom)}px`;
  }

  followCursors(hub, 'cursor_move', {
    show({ id, nickname, x, y, toX = x, toY = y, color }) {
      let pointer = pointers.get(id);
      if (!pointer) {
        const [element, label] = [make('div', 'pointer'), make('span', 'label')];
        element.append(label);
        layer.append(element);
        pointers.set(id, pointer = { element, label });
      }
      const { element, label } = pointer;
      element.hidden = toX < 0 || toY < 0 || toX > width || toY > height;
      if (element.hidden) return;
      if (label.textContent !== nickname) {
        tint(label, nickname).textContent = nickname;
        pointer.size = [label.offsetWidth, label.offsetHeight];
      }
      Object.assign(pointer, { x: toX / width, y: toY / height });
      element.style.translate = `${pointer.x * 100}cqw ${pointer.y * 100}cqh`;
      if (color) element.style.color = color;
      place(pointer);
    },
    hide(id) {
      pointers.get(id)?.element.remove();
      pointers.delete(id);
    },
  });
  const tell = paced(hub, 'cursor_move');
  return (mine) => tell({ x: -1, y: -1, ...mine });
}

const BESIDE = 9; // pixels from a pointer to its name

// The offset of a label of this length from its pointer at `at`: behind the pointer, or before it, between `least` and `most`.
function beside(at, length, least, most) {
  const behind = at + BESIDE;
  const begin = behind + length > most ? at - BESIDE - length : behind;
  return Math.max(least, Math.min(begin, most - length)) - at;
}
