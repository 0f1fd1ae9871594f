// Turns mouse, pen, fingers and arrow keys into strokes on a board. Each pointer has a name; a point is [x, y] in the board's units,
// or [x, y, pressure] if the pointer has pressure.
//
//   usePens(canvas, {
//     putDown(pointer, point) {},   a stroke begins
//     draw(pointer, point) {},      the stroke goes on
//     lift(pointer) {},             the stroke ends; may also be called without a stroke
//     cancel(pointer) {},           it was not meant as a stroke
//     isDown(pointer) {},           returns whether the pointer is drawing
//     at(point) {},                 the pointer's position, drawing or not; undefined when it has left
//     atKeys(point) {},             the position of the pen that the keys move, for which there is no mouse pointer
//     say(text) {},                 announces a text to screen readers
//   });

import { HEIGHT, WIDTH } from './board.js';
import { rounded } from './strokes.js';

const STEP = 10; // units for each press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (number, most) => Math.min(most, Math.max(0, number));

export function usePens(canvas, { putDown, draw, lift, cancel, isDown, at, atKeys, say }) {
  function placeOf({ clientX, clientY, pointerType, pressure }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const place = [clamp(((clientX - left) / width) * WIDTH, WIDTH), clamp(((clientY - top) / height) * HEIGHT, HEIGHT)];
    return rounded(pointerType === 'pen' ? [...place, pressure] : place); // a mouse has no pressure, and reports 0.5
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    putDown(event.pointerId, placeOf(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    at(placeOf(event));
    if (!isDown(event.pointerId)) return;
    // One event may stand for several movements: all of them belong to the curve.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) draw(event.pointerId, placeOf(one));
  });
  canvas.addEventListener('pointerup', ({ pointerId }) => lift(pointerId));
  // It was not a stroke but the beginning of a pinch or a scroll.
  canvas.addEventListener('pointercancel', ({ pointerId }) => {
    if (isDown(pointerId)) cancel(pointerId);
  });
  canvas.addEventListener('pointerleave', () => at());

  let place = [WIDTH / 2, HEIGHT / 2]; // of the pen that the keys move

  canvas.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(arrow || event.key === ' ')) return;
    event.preventDefault();
    if (arrow) {
      const step = event.shiftKey ? 5 * STEP : STEP;
      place = [clamp(place[0] + arrow[0] * step, WIDTH), clamp(place[1] + arrow[1] * step, HEIGHT)];
      if (isDown('keys')) draw('keys', place);
    } else if (isDown('keys')) {
      lift('keys');
    } else {
      putDown('keys', place);
    }
    atKeys(place);
    say(`Pen ${isDown('keys') ? 'down' : 'up'}, ${Math.round(place[0])} from the left, ${Math.round(place[1])} from the top.`);
  });
  canvas.addEventListener('blur', () => {
    lift('keys');
    atKeys();
  });
}
