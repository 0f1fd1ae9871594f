// Where other people are: their pointers with their names, and how often they are told of ours.

import { make, tint } from './room.js';

const EVERY = 50; // ms, as the server passes on no more than 20 a second of each type (max_rate of cursor_move)

// A function that casts, not more often than that, and the newest in any case.
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

// Calls show(content) when somebody else's cursor is somewhere, with their id and nickname in it, and hide(id) when it can go.
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
  // Who is where after a break, they will tell anew.
  hub.onStatus(({ state }) => {
    if (state !== 'online') [...known].forEach(forget);
  });
}

// Shows the pointers of others in `layer`, a box over what they point at; width and height are that in the units of the
// messages. Returns a function that tells the others of mine; without a place, it is nowhere.
export function sharePointers(hub, layer, { width, height }) {
  const pointers = new Map(); // id -> element
  followCursors(hub, 'cursor_move', {
    show({ id, nickname, x, y, toX = x, toY = y, color }) {
      let pointer = pointers.get(id);
      if (!pointer) {
        pointer = make('div', 'pointer');
        pointer.append(make('span', 'label'));
        layer.append(pointer);
        pointers.set(id, pointer);
      }
      const name = pointer.firstChild;
      if (name.textContent !== nickname) tint(name, nickname).textContent = nickname;
      pointer.hidden = toX < 0 || toY < 0 || toX > width || toY > height;
      pointer.style.translate = `${(toX / width) * 100}cqw ${(toY / height) * 100}cqh`;
      if (color) pointer.style.color = color;
    },
    hide(id) {
      pointers.get(id)?.remove();
      pointers.delete(id);
    },
  });
  const tell = paced(hub, 'cursor_move');
  return (place) => tell({ x: -1, y: -1, ...place });
}
