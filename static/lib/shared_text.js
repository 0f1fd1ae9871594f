// A text that everybody in a room edits at once: CodeMirror's collaborative editing over the messages of the code_update
// plugin, whose README defines these messages.
//
//   const text = new SharedText(hub);
//   const view = new EditorView({ extensions: [text.extension, …], … });
//   text.open(view);
//
// Typed text shows at once. Only one edit is on its way at a time; what is typed meanwhile waits, and is sent as one edit when the
// first has come back. If a whole text arrives (a greeting, somebody's code_update), it is treated as a change of the previous text,
// so that typed text which is not delivered yet is merged into it and not lost.

import {
  ChangeSet, EditorState, EditorView, StateEffect, Text, Transaction, collab, receiveUpdates, sendableUpdates,
} from '../vendor/codemirror.js';
import { lineBreaks } from './line_breaks.js';

const ROOM = 10_000; // characters that one message may insert; the server closes a connection that sends more than 64 KiB
const CHANGE = 30; // characters that each single change counts for in addition, roughly
const REMEMBERED = 200; // changes: to map a selection that somebody made in an older version
const AGAIN_AFTER = 2000; // ms before the next attempt if the server is unavailable

// An effect on changes that came from the room: the id of the person who made the change.
export const author = StateEffect.define();

// Maps a selection { anchor, head } over a change, exactly as its owner's editor does: text that the owner inserts goes before the
// caret; text that others insert at the caret or at the edge of the selection stays outside.
export function carried({ anchor, head }, changes, isTheirs) {
  const before = isTheirs ? 1 : -1;
  const after = isTheirs || anchor !== head ? 1 : -1;
  const [from, to] = [changes.mapPos(Math.min(anchor, head), after), changes.mapPos(Math.max(anchor, head), before)];
  const end = Math.max(from, to); // if nothing of the selection is left, they would cross
  return anchor <= head ? { anchor: from, head: end } : { anchor: end, head: from };
}

export class SharedText {
  onShared = () => {}; // called with { waiting, refusal } whenever they may have changed
  onMine = () => {}; // called when the result of select() may have changed through an action of this user

  #hub;
  #view;
  #client = Math.random().toString(36).slice(2); // identifies our own edits: two tabs may share an id
  #agreed = Text.empty; // the server's text, as far as we know
  #anew = Text.empty; // a greeting's text, until our own edits are merged into it; else null
  #greeted = false;
  #from = 0; // hub.seq when that greeting began
  #onItsWay = null; // { count, of, turn }: `count` of `of` updates are being sent; `turn` is the value of #turn at that time
  #givesUp = false; // whether giveUp() waits until the edit on its way is answered
  #turn = 0; // counts the changes that came from the room
  #refusal = null; // the HubError that refused an edit, until the next success or change
  #recent = []; // { seq, changes, id }
  #isPlaced = false; // whether the user has been in the text; until then the caret's position means nothing

  constructor(hub) {
    this.#hub = hub;
    this.extension = [
      collab({ clientID: this.#client }),
      EditorState.lineSeparator.of('\n'), // so that positions count every character, \r too
      lineBreaks,
      EditorView.domEventHandlers({ pointerup: () => this.#place() }), // a click counts even if the caret does not move
      EditorView.updateListener.of((update) => {
        if (!update.transactions.some((one) => (one.docChanged || one.selection) && !one.annotation(Transaction.remote))) return;
        if (update.docChanged) {
          this.#givesUp = false; // it would discard this change too
          this.#flush();
        }
        this.#place();
      }),
    ];
  }

  open(view) {
    this.#view = view;
    const hub = this.#hub;
    hub.on('code_update', ({ seq, content, id }) => this.#replace(seq, Text.of((content.code ?? content).split('\n')), id));
    hub.on('code_edit', ({ seq, content, id }) => this.#edit(seq, ChangeSet.fromJSON(content.changes), content.client, id));
    hub.on('users_update', () => {
      this.#greeted = true;
      this.#beginAnew();
    });
    hub.on('types', () => this.#flush()); // the server may now have the plugin that it lacked
    hub.onReset(() => {
      this.#anew = Text.empty;
      this.#greeted = false;
      this.#from = hub.seq;
    });
  }

  // This user's selection, mapped to the server's text. Nothing if we do not know that text, or if there is no selection yet.
  select({ anchor, head }) {
    if (this.#anew || !this.#isPlaced) return undefined;
    const back = composed(sendableUpdates(this.#view.state), this.#agreed).invertedDesc;
    return { from: back.mapPos(anchor), to: back.mapPos(head), version: this.#hub.seq };
  }

  // Maps somebody else's selection to the text in this editor: { anchor, head }.
  find({ id, from, to, version = Infinity }) {
    const steps = this.#recent.filter(({ seq }) => seq > version);
    steps.push(...sendableUpdates(this.#view.state)); // our own edits that the server does not have
    const found = steps.reduce((selection, step) => carried(within(selection, step.changes.length), step.changes, step.id === id), { anchor: from, head: to });
    return within(found, this.#view.state.doc.length);
  }

  // Discards the edits that could not be delivered. If they are being sent again, this waits for the answer, and keeps what the
  // server has taken.
  giveUp() {
    this.#givesUp = Boolean(this.#onItsWay || this.#anew);
    if (this.#givesUp) return;
    const before = this.#agreed;
    const mine = this.#confirm(sendableUpdates(this.#view.state).length);
    this.#receive(mine.invert(before));
    this.#agreed = before;
    this.#refusal = null;
    this.#flush();
  }

  #place() {
    this.#isPlaced = true;
    if (!this.#anew) this.onMine();
  }

  #replace(seq, text, id) {
    if (this.#anew) this.#anew = text;
    else this.#hear(seq, replacement(this.#agreed, text), id);
    this.#flush();
  }

  #edit(seq, changes, client, id) {
    if (this.#anew) {
      // The answer to an edit that was sent before the greeting is already part of the greeting.
      if (seq > this.#from) this.#anew = changes.apply(this.#anew);
      return;
    }
    if (client === this.#client && this.#onItsWay) {
      const before = this.#agreed;
      const mine = this.#confirm(this.#onItsWay.count);
      this.#onItsWay = this.#refusal = null;
      // If several edits were sent as one, the server may map them differently than we did: its result counts.
      if (JSON.stringify(mine) !== JSON.stringify(changes)) this.#receive(mine.invert(before).compose(changes));
      this.#agreed = changes.apply(before);
      this.#remember(seq, changes, id);
      this.onMine();
    } else {
      this.#hear(seq, changes, id);
    }
    this.#flush();
  }

  // Applies somebody else's changes to the server's text.
  #hear(seq, changes, id) {
    this.#receive(changes, id);
    this.#agreed = changes.apply(this.#agreed);
    this.#remember(seq, changes, id);
  }

  #receive(changes, id) {
    this.#view.dispatch(receiveUpdates(this.#view.state, [{ changes, clientID: 'server' }]), { effects: author.of(id) });
  }

  #remember(seq, changes, id) {
    this.#turn += 1;
    this.#recent.push({ seq: seq ?? this.#hub.seq, changes, id });
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
  }

  // Marks the first `count` of our updates as accepted by the server. Returns their changes, composed.
  #confirm(count) {
    const { state } = this.#view;
    const updates = sendableUpdates(state).slice(0, count);
    const changes = composed(updates, this.#agreed);
    this.#agreed = changes.apply(this.#agreed);
    this.#view.dispatch(receiveUpdates(state, updates.map((update) => ({ changes: update.changes, clientID: this.#client }))));
    return changes;
  }

  // Merges our edits into a greeting's text, once we know whether that text already has our last edit.
  #beginAnew() {
    if (!this.#anew || !this.#greeted || this.#onItsWay) return;
    const text = this.#anew;
    this.#anew = null;
    this.#recent = [];
    this.#hear(undefined, replacement(this.#agreed, text));
    this.#flush();
    this.onMine();
  }

  #flush() {
    if (!this.#onItsWay && !this.#anew) {
      if (this.#givesUp) return this.giveUp();
      this.#send();
    }
    this.onShared({ waiting: sendableUpdates(this.#view.state).length > 0, refusal: this.#refusal });
  }

  #send() {
    const updates = sendableUpdates(this.#view.state);
    if (updates.length === 0) return;
    let count = 0;
    for (let room = ROOM; count < updates.length && (room -= size(updates[count].changes)) >= 0;) count += 1;
    if (count === 0) {
      // Splits an update that is too large into two, in the editor's own list, as if it had been two from the beginning.
      const [first, rest] = split(updates[0].changes);
      updates.splice(0, 1, { ...updates[0], changes: first }, { ...updates[0], changes: rest });
      count = 1;
    }
    const edit = { count, of: updates.length, turn: this.#turn };
    this.#onItsWay = edit;
    const changes = composed(updates.slice(0, count), this.#agreed);
    this.#hub.send('code_edit', { version: this.#hub.seq, changes, client: this.#client }).then(
      () => this.#settled(edit),
      (error) => this.#settled(edit, error),
    );
  }

  #settled(edit, error) {
    // A delivered edit has already come back through on('code_edit'), unless it is part of a greeting.
    if (this.#onItsWay !== edit) return;
    this.#onItsWay = null;
    if (!error) this.#confirm(edit.count);
    if (this.#anew) this.#beginAnew();
    else if (error && error.code !== 'closed') this.#refused(edit, error);
  }

  #refused(edit, error) {
    this.#refusal = null;
    if (this.#givesUp) return void this.#flush();
    // The edit was made for an older text; meanwhile it has been mapped to the current one, so send it again.
    if (edit.turn !== this.#turn && error.code === 'invalid') return void this.#flush();
    const wait = error.retryAfterMs ?? (error.code === 'unavailable' ? AGAIN_AFTER : undefined);
    if (wait !== undefined) return void setTimeout(() => this.#flush(), wait);
    this.#refusal = error;
    // It is sent again with the user's next change, which may already be here.
    if (sendableUpdates(this.#view.state).length !== edit.of) this.#flush();
    else this.onShared({ waiting: true, refusal: error });
  }
}

// Clamps positions that others sent: nobody has checked them.
const within = ({ anchor, head }, length) => ({ anchor: Math.min(anchor, length), head: Math.min(head, length) });

const composed = (updates, text) => updates.reduce((all, { changes }) => all.compose(changes), ChangeSet.empty(text.length));

function size(changes) {
  let sum = 0;
  changes.iterChanges((fromA, toA, fromB, toB, inserted) => { sum += inserted.length + CHANGE; }, true);
  return sum;
}

const isHigh = (text, at) => /[\uD800-\uDBFF]/.test(text.sliceString(at, at + 1)); // the first half of a surrogate pair

// Splits `changes` into as much as fits into one message, and the rest, mapped to apply after the first part.
function split(changes) {
  const first = [];
  const rest = [];
  let room = ROOM - CHANGE;
  let longer = 0; // how much longer `first` makes the text, up to here
  changes.iterChanges((from, to, fromB, toB, inserted) => {
    if (room <= 0) {
      rest.push({ from: from + longer, to: to + longer, insert: inserted });
      return;
    }
    let end = Math.min(inserted.length, room);
    if (end > 0 && end < inserted.length && isHigh(inserted, end - 1)) end -= 1;
    first.push({ from, to, insert: inserted.slice(0, end) });
    if (end < inserted.length) rest.push({ from: to + longer + end - (to - from), insert: inserted.slice(end) });
    longer += end - (to - from);
    room -= end + CHANGE;
  }, true);
  const changesFirst = ChangeSet.of(first, changes.length);
  return [changesFirst, ChangeSet.of(rest, changesFirst.newLength)];
}

// The single change that turns the text `before` into `after`: from the first difference to the last.
function replacement(before, after) {
  const [a, b] = [before.toString(), after.toString()];
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  if (start > 0 && isHigh(before, start - 1)) start -= 1;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  if (end > 0 && isHigh(before, a.length - end - 1)) end -= 1;
  return ChangeSet.of({ from: start, to: a.length - end, insert: after.slice(start, b.length - end) }, a.length);
}
