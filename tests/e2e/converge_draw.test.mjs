import { converges } from '../lib/convergence.mjs';

// A page's view: strokes by their seq. The board is small, so that it is sometimes full.
class Board {
  constructor({ id, send }) {
    Object.assign(this, { id, send, strokes: new Map() });
  }

  take({ type, seq, id, content }) {
    if (type === 'draw') this.strokes.set(seq, [id, content]);
    if (type === 'undraw') for (const undone of content.seqs) this.strokes.delete(undone);
    if (type === 'clear') this.strokes.clear();
  }

  act(chance) {
    if (chance.oneIn(30)) return this.send('clear', chance.of([null, {}, '']));
    if (chance.oneIn(3)) return this.send('undraw', { seqs: this.chosen(chance) });
    const point = () => [chance.below(110), chance.below(110) / 4]; // rarely outside the board, where it is refused
    const style = { color: chance.of(['#f80', '#1e90ffcc']), size: chance.of([2, '5', '0']), nickname: 'somebody' };
    if (chance.oneIn(2)) return this.send('draw', { points: Array.from({ length: 1 + chance.below(4) }, point), ...style });
    const [[fromX, fromY], [toX, toY]] = [point(), point()];
    return this.send('draw', { fromX, fromY, toX, toY, ...style });
  }

  // Mostly the person's own strokes, which may be gone by the time the message arrives.
  chosen(chance) {
    const seqs = [...this.strokes].filter(([, [id]]) => id === this.id || chance.oneIn(20)).map(([seq]) => seq);
    return seqs.length ? Array.from({ length: 1 + chance.below(3) }, () => chance.of(seqs)) : [1];
  }

  view() {
    return [...this.strokes];
  }
}

converges('draw', Board, { options: { width: 100, height: 100, max_points: 4, max_board: 30 } });
