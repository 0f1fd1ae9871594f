// A board to draw on: its strokes, and how they are painted on a canvas. It knows nothing of people or connections.
//
// Strokes come in *pieces*, numbered by the room. Each piece is painted once, onto a hidden layer; a frame shows that layer and, above
// it, the pieces that the room does not have yet. So a frame costs the same however full the board is. When a stroke is complete, it
// is painted again as one line, at its position in the order of strokes; so in the end everybody with the same pieces sees the same
// picture.

import { around, joined, paint, touch } from './strokes.js';

export const WIDTH = 1600; // of every board, in the units of its points; the canvas may have any size
export const HEIGHT = 1000;

const SLICE = 8; // ms of painting in one frame
const MANY = 4000; // points to repaint; if there are more, the whole board is repainted, a slice in each frame
const MOST_PIXELS = 6_000_000; // of a layer; a magnified board on a sharp screen is painted less sharply
const REST = 400; // ms without another piece, after which a stroke counts as complete

// A context in the units of the board.
function layer(canvas, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  context.scale(width / WIDTH, height / HEIGHT);
  context.lineCap = context.lineJoin = 'round';
  return context;
}

// A list of things to paint: { stroke, seq } is a piece, { stroke } is a whole stroke.
const queue = (items = []) => ({ items, done: 0 });

export class Board {
  #strokes = new Map(); // key -> { pieces: Map of seq -> piece, restless }, in the order in which they began
  #canvas;
  #shown;
  #settled; // the hidden layer
  #fresh = queue(); // what to paint onto it
  #next = null; // while everything is repainted: { context, queue } of the next hidden layer
  #changed = []; // boxes in which everything must be repainted
  #frame = 0;
  #timer = 0;
  #above; // () => pieces to show above the board

  constructor(canvas, above) {
    this.#canvas = canvas;
    this.#above = above;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.#fit();
  }

  get isEmpty() { return this.#strokes.size === 0; }
  get strokes() { return [...this.#strokes.values()].map(({ pieces }) => [...pieces.values()]); }

  // Adds a piece to the stroke with its `key`.
  add(seq, piece) {
    const stroke = this.#keep(seq, piece);
    if (!stroke) return;
    stroke.restless = performance.now();
    this.#fresh.items.push({ stroke, seq });
    this.#next?.queue.items.push({ stroke, seq });
    this.#timer ||= setTimeout(() => this.#rest(), REST);
    this.refresh();
  }

  // Removes the pieces for which matches(piece, seq) is true, and returns them as a Map for putBack().
  takeOut(matches) {
    const out = [];
    for (const [key, { pieces }] of this.#strokes) {
      const some = [...pieces].filter(([seq, piece]) => matches(piece, seq));
      for (const [seq, { box }] of some) {
        pieces.delete(seq);
        this.#changed.push(box);
      }
      if (pieces.size === 0) this.#strokes.delete(key);
      out.push(...some);
    }
    if (out.length) this.refresh();
    return new Map(out);
  }

  putBack(pieces) {
    const all = [...this.#strokes.values()].flatMap((stroke) => [...stroke.pieces]).concat([...pieces]);
    this.#strokes.clear();
    for (const [seq, piece] of all.sort(([one], [other]) => one - other)) this.#keep(seq, piece);
    this.#paintAnew();
  }

  // Shows changes in the next frame.
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const end = performance.now() + SLICE;
      if (!this.#paint(this.#fresh, this.#settled, end) || !this.#paintNext(end)) this.refresh();
      else this.#mend();
      this.#show();
    });
  }

  // The board as a picture on a white background.
  toBlob(scale = 2) {
    const canvas = document.createElement('canvas');
    const context = layer(canvas, WIDTH * scale, HEIGHT * scale);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    for (const piece of [...this.strokes.map(joined), ...this.#above()]) paint(context, piece);
    return new Promise((resolve) => { canvas.toBlob(resolve); });
  }

  #keep(seq, piece) {
    if (!this.#strokes.has(piece.key)) this.#strokes.set(piece.key, { pieces: new Map(), restless: 0 });
    const stroke = this.#strokes.get(piece.key);
    if (stroke.pieces.has(seq)) return undefined;
    stroke.pieces.set(seq, piece);
    return stroke;
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, Math.sqrt(MOST_PIXELS / Math.max(1, clientWidth * clientHeight)));
    const width = Math.max(1, Math.round(clientWidth * ratio));
    const height = Math.max(1, Math.round(clientHeight * ratio));
    if (this.#shown && this.#canvas.width === width && this.#canvas.height === height) return;
    this.#shown = layer(this.#canvas, width, height);
    this.#paintAnew();
    this.#show(); // at once, with the old picture stretched: resizing empties a canvas
  }

  // Repaints everything onto a new hidden layer, while the previous one is still shown.
  #paintAnew() {
    const context = layer(document.createElement('canvas'), this.#canvas.width, this.#canvas.height);
    this.#next = { context, queue: queue([...this.#strokes.values()].map((stroke) => ({ stroke }))) };
    this.#settled ??= context;
    this.#changed = [];
    this.refresh();
  }

  // These return whether they were finished before `end`.
  #paintNext(end) {
    if (!this.#next) return true;
    if (!this.#paint(this.#next.queue, this.#next.context, end)) return false;
    this.#settled = this.#next.context;
    this.#next = null;
    return true;
  }

  #paint(work, context, end) {
    while (work.done < work.items.length) {
      if (performance.now() > end) return false;
      const { stroke: { pieces }, seq } = work.items[work.done++];
      // The piece or stroke may have been removed meanwhile.
      const piece = seq ? pieces.get(seq) : pieces.size && joined([...pieces.values()]);
      if (piece) paint(context, piece);
    }
    Object.assign(work, queue());
    return true;
  }

  // Repaints complete strokes, each as one line.
  #rest() {
    const now = performance.now();
    let more = false;
    for (const stroke of this.#strokes.values()) {
      if (!stroke.restless) continue;
      if (now - stroke.restless < REST) {
        more = true;
        continue;
      }
      stroke.restless = 0;
      if (stroke.pieces.size > 1) this.#changed.push(around([...stroke.pieces.values()].map(({ box }) => box)));
    }
    this.#timer = more ? setTimeout(() => this.#rest(), REST) : 0;
    if (this.#changed.length) this.refresh();
  }

  #mend() {
    const boxes = this.#changed;
    if (!boxes.length) return;
    this.#changed = [];
    const strokes = this.strokes.filter((pieces) => pieces.some(({ box }) => boxes.some((changed) => touch(changed, box))));
    const points = strokes.flat().reduce((sum, piece) => sum + piece.points, 0);
    if (points > MANY || boxes.length > MANY) return this.#paintAnew();
    const context = this.#settled;
    const [across, down] = [context.canvas.width / WIDTH, context.canvas.height / HEIGHT];
    context.save();
    context.resetTransform(); // clip at whole pixels, otherwise the edges would be visible
    context.beginPath();
    for (const [left, top, right, bottom] of boxes) {
      const [x, y] = [Math.floor(left * across), Math.floor(top * down)];
      const [width, height] = [Math.ceil(right * across) - x, Math.ceil(bottom * down) - y];
      context.rect(x, y, width, height);
      context.clearRect(x, y, width, height);
    }
    context.clip();
    context.scale(across, down);
    for (const pieces of strokes) paint(context, joined(pieces));
    context.restore();
  }

  #show() {
    this.#shown.clearRect(0, 0, WIDTH, HEIGHT);
    this.#shown.drawImage(this.#settled.canvas, 0, 0, WIDTH, HEIGHT);
    for (const piece of this.#above()) paint(this.#shown, piece);
  }
}
