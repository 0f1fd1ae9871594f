// Shows other people's carets and selections in a CodeMirror editor with a SharedText, each with the person's name and colour.

import { followCursors, paced } from './cursors.js';
import { make, tint } from './room.js';
import { author, carried } from './shared_text.js';
import { EditorSelection, EditorView, RectangleMarker, StateEffect, StateField, layer } from '../vendor/codemirror.js';

const FEW = 30; // up to this many people, everybody sends a newcomer their selection
const EVERY = 50; // ms between two updates: measuring the carets of hundreds of people takes a frame or two

const moved = StateEffect.define(); // Map: id -> { nickname, anchor, head, when }, or null for somebody who has gone

const others = StateField.define({
  create: () => new Map(),
  update(known, transaction) {
    let people = known;
    if (transaction.docChanged && known.size > 0) {
      const by = transaction.effects.find((effect) => effect.is(author))?.value;
      people = new Map([...known].map(([id, one]) => [id, { ...one, ...carried(one, transaction.changes, id === by) }]));
    }
    for (const effect of transaction.effects) {
      if (!effect.is(moved)) continue;
      people = new Map(people);
      for (const [id, one] of effect.value) if (one) people.set(id, one); else people.delete(id);
    }
    return people;
  },
});

// A rectangle of somebody's selection or caret. Its element is kept while only the text moves, and is made anew when its owner moves:
// then the name shows again.
class Mark {
  constructor(rectangle, person, named) {
    Object.assign(this, { rectangle, person, named });
  }

  eq(other) {
    return this.#looksLike(other) && this.rectangle.eq(other.rectangle);
  }

  draw() {
    const element = tint(this.rectangle.draw(), this.person.nickname);
    if (this.named) element.append(make('span', 'name', this.person.nickname));
    return element;
  }

  update(element, previous) {
    return this.#looksLike(previous) && this.rectangle.update(element, previous.rectangle);
  }

  #looksLike({ person, named }) {
    return named === this.named && person.nickname === this.person.nickname && person.when === this.person.when;
  }
}

const shown = (options, rectangles) => layer({
  ...options,
  update: ({ docChanged, startState, state }) => docChanged || startState.field(others) !== state.field(others),
  markers: (view) => [...view.state.field(others).values()].flatMap((person) => rectangles(view, person)),
});

export const carets = [
  others,
  shown({ above: false, class: 'cm-their-selections' }, (view, person) => (person.anchor === person.head ? []
    : RectangleMarker.forRange(view, 'cm-their-selection', EditorSelection.range(person.anchor, person.head))
      .map((rectangle) => new Mark(rectangle, person, false)))),
  shown({ above: true, class: 'cm-their-carets' }, (view, person) => {
    const first = view.state.doc.lineAt(person.head).number === 1 ? ' cm-first' : '';
    const at = (className) => RectangleMarker.forRange(view, className, EditorSelection.cursor(person.head));
    let marks = at(`cm-their-caret${first}`);
    // The name goes to the right of the caret or, if there is no room, to the left.
    if (marks[0]?.left > view.scrollDOM.clientWidth * 0.7) marks = at(`cm-their-caret cm-late${first}`);
    return marks.map((rectangle) => new Mark(rectangle, person, true));
  }),
  EditorView.theme({
    '.cm-their-selection': { background: 'oklch(0.6 0.13 var(--hue) / 28%)' },
    '.cm-their-caret': { width: '2px !important', marginLeft: '-1px', background: 'oklch(var(--name-lightness) 0.13 var(--hue))' },
    '.cm-their-caret .name': {
      position: 'absolute', left: '0', bottom: '100%', maxWidth: '14em', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap',
      padding: '1px 6px', borderRadius: '6px 6px 6px 0', background: 'oklch(0.52 0.1 var(--hue))', color: '#fff', font: '600 11px/1.4 var(--font)',
      animation: 'their-name 0s 3s both',
    },
    '.cm-their-caret.cm-late .name': { left: 'auto', right: '0', borderRadius: '6px 6px 0 6px' },
    '.cm-their-caret.cm-first .name': { bottom: 'auto', top: '100%', borderRadius: '0 6px 6px 6px' },
    '@keyframes their-name': { to: { visibility: 'hidden' } },
  }),
];

// Sends this user's selection to the others, and shows the others' selections in the editor.
export function shareCarets(hub, text, view) {
  const tell = paced(hub, 'selection_update');
  const tellNow = () => {
    const mine = text.select(view.state.selection.main);
    if (mine) tell(mine);
  };
  let waiting = new Map(); // collects the next update of the editor
  const later = (id, person) => {
    if (waiting.size === 0) {
      setTimeout(() => {
        const people = waiting;
        waiting = new Map();
        for (const one of people.values()) if (one) Object.assign(one, text.find(one));
        view.dispatch({ effects: moved.of(people) });
      }, EVERY);
    }
    waiting.set(id, person);
  };
  followCursors(hub, 'selection_update', {
    show: ({ id, nickname, from, to, version }) => later(id, { id, nickname, from, to, version, when: performance.now() }),
    hide: (id) => later(id, null),
  });
  text.onMine = tellNow;
  let count = 0;
  hub.onStatus(({ state }) => { if (state !== 'online') count = 0; });
  hub.on('users_update', () => {
    if (hub.memberCount > count && hub.memberCount <= FEW) tellNow();
    count = hub.memberCount;
  });
}
