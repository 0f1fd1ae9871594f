// A text that everybody in a room edits at once: CodeMirror's collaborative editing over the messages of the code_update
// plugin, whose README says what they promise.
//
//   const text = new SharedText(hub);
//   const view = new EditorView({ extensions: [text.extension, …], … });
//   text.open(view);
//
// What is typed shows at once. One edit is on its way at a time; what is typed meanwhile waits, and goes out as one edit when
// the first has come back. A text that comes whole (a newcomer's greeting, somebody's code_update) is taken as one more change
// of the text before it, so what was typed and not delivered yet is put into the new one instead of being lost.

import {
  ChangeSet, EditorState, EditorView, StateEffect, Text, Transaction, collab, receiveUpdates, sendableUpdates,
} from '../vendor/codemirror.js';
import { lineBreaks } from './line_breaks.js';

const ROOM = 10_000; // characters inserted by one message; the server closes a connection that sends one of more than 64 KiB
const CHANGE = 30; // what a single change costs of that besides, about
const REMEMBERED = 200; // changes, to find what somebody points at who does not know the newest yet
const AGAIN_AFTER = 2000; // ms, when the server cannot just now

// On a change of the text that came from the room: the id of who made it.
export const author = StateEffect.define();

// Where a selection { anchor, head } is after a change, just as in the editor of the person whose it is: what that person puts in
// goes before the caret, what others put in at its place or at the edge of a selection stays outside.
export function carried({ anchor, head }, changes, isTheirs) {
  const before = isTheirs ? 1 : -1;
  const after = isTheirs || anchor !== head ? 1 : -1;
  const [from, to] = [changes.mapPos(Math.min(anchor, head), after), changes.mapPos(Math.max(anchor, head), before)];
  const end = Math.max(from, to); // of a selection of which nothing is left
  return anchor <= head ? { anchor: from, head: end } : { anchor: end, head: from };
}

export class SharedText {
  onShared = () => {}; // called with { waiting, refusal } whenever that may have changed
  onMine = () => {}; // called when what select() returns may have changed by my doing

  #hub;
  #view;
  #client = Math.random().toString(36).slice(2); // by which we know our edits: two tabs may have one id
  #agreed = Text.empty; // what the server has, as far as we know
  #anew = Text.empty; // until we have put ours into it: a text that we are greeted with
  #greeted = false;
  #from = 0; // the position at which that greeting came
  #onItsWay = null; // { count, of, turn }: how many of how many updates are being sent, and at which turn of events
  #turn = 0;
  #refusal = null; // the HubError that an edit met, until something has changed
  #recent = []; // { seq, changes, id }
  #isPlaced = false; // whether the person has been in the text; until then the caret stands where nobody has put it

  constructor(hub) {
    this.#hub = hub;
    this.extension = [
      collab({ clientID: this.#client }),
      EditorState.lineSeparator.of('\n'), // positions are those of the text as it is, \r included
      lineBreaks,
      EditorView.domEventHandlers({ pointerup: () => this.#place() }), // the caret may have been there before
      EditorView.updateListener.of((update) => {
        if (!update.transactions.some((one) => (one.docChanged || one.selection) && !one.annotation(Transaction.remote))) return;
        if (update.docChanged) this.#flush();
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
    hub.on('types', () => this.#flush()); // a server that could not take it may be able to now
    hub.onReset(() => {
      this.#anew = Text.empty;
      this.#greeted = false;
      this.#from = hub.seq;
    });
  }

  // My selection as others can find it: in the text that the server has. Nothing while we do not know that, or while I have none.
  select({ anchor, head }) {
    if (this.#anew || !this.#isPlaced) return undefined;
    const back = composed(sendableUpdates(this.#view.state), this.#agreed).invertedDesc;
    return { from: back.mapPos(anchor), to: back.mapPos(head), version: this.#hub.seq };
  }

  // Where in this editor that is which somebody of this id has selected: { anchor, head }.
  find({ id, from, to, version = Infinity }) {
    const steps = this.#recent.filter(({ seq }) => seq > version);
    steps.push(...sendableUpdates(this.#view.state)); // mine
    const found = steps.reduce((selection, step) => carried(within(selection, step.changes.length), step.changes, step.id === id), { anchor: from, head: to });
    return within(found, this.#view.state.doc.length);
  }

  // Takes back what could not be delivered.
  giveUp() {
    if (this.#onItsWay || this.#anew) return;
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
      // An answer to what was sent before the greeting is part of that already.
      if (seq > this.#from) this.#anew = changes.apply(this.#anew);
      return;
    }
    if (client === this.#client && this.#onItsWay) {
      const before = this.#agreed;
      const mine = this.#confirm(this.#onItsWay.count);
      this.#onItsWay = this.#refusal = null;
      // What becomes of several edits that are sent as one is for the server to say.
      if (JSON.stringify(mine) !== JSON.stringify(changes)) this.#receive(mine.invert(before).compose(changes));
      this.#agreed = changes.apply(before);
      this.#remember(seq, changes, id);
      this.onMine();
    } else {
      this.#hear(seq, changes, id);
    }
    this.#flush();
  }

  // Somebody else's changes to what the server has.
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

  // So many of our updates are the server's, too, from now on. Returns what they do.
  #confirm(count) {
    const { state } = this.#view;
    const updates = sendableUpdates(state).slice(0, count);
    const changes = composed(updates, this.#agreed);
    this.#agreed = changes.apply(this.#agreed);
    this.#view.dispatch(receiveUpdates(state, updates.map((update) => ({ changes: update.changes, clientID: this.#client }))));
    return changes;
  }

  // Ours goes into the text that we are greeted with once it is known whether that has our last edit already.
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
    if (!this.#onItsWay && !this.#anew) this.#send();
    this.onShared({ waiting: sendableUpdates(this.#view.state).length > 0, refusal: this.#refusal });
  }

  #send() {
    const updates = sendableUpdates(this.#view.state);
    if (updates.length === 0) return;
    let count = 0;
    for (let room = ROOM; count < updates.length && (room -= size(updates[count].changes)) >= 0;) count += 1;
    if (count === 0) {
      // One that is too large becomes two, in the editor's own list: so it was two from the beginning.
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
    // What was delivered has come by on('code_edit'), unless we are greeted with a text that has it.
    if (this.#onItsWay !== edit) return;
    this.#onItsWay = null;
    if (!error) this.#confirm(edit.count);
    if (this.#anew) this.#beginAnew();
    else if (error && error.code !== 'closed') this.#refused(edit, error);
  }

  #refused(edit, error) {
    this.#refusal = null;
    // It was for a text that is no more, and by now it is for the one that is.
    if (edit.turn !== this.#turn && error.code === 'invalid') return void this.#flush();
    const wait = error.retryAfterMs ?? (error.code === 'unavailable' ? AGAIN_AFTER : undefined);
    if (wait !== undefined) return void setTimeout(() => this.#flush(), wait);
    this.#refusal = error;
    // It is tried again with the next change, and that may have come already.
    if (sendableUpdates(this.#view.state).length !== edit.of) this.#flush();
    else this.onShared({ waiting: true, refusal: error });
  }
}

// Not even the server knows whether there are such places.
const within = ({ anchor, head }, length) => ({ anchor: Math.min(anchor, length), head: Math.min(head, length) });

const composed = (updates, text) => updates.reduce((all, { changes }) => all.compose(changes), ChangeSet.empty(text.length));

function size(changes) {
  let sum = 0;
  changes.iterChanges((fromA, toA, fromB, toB, inserted) => { sum += inserted.length + CHANGE; }, true);
  return sum;
}

const isHigh = (text, at) => /[\uD800-\uDBFF]/.test(text.sliceString(at, at + 1)); // the first half of a character

// As much of `changes` as one message holds, and the rest, which comes after it.
function split(changes) {
  const first = [];
  const rest = [];
  let room = ROOM - CHANGE;
  let longer = 0; // so much does `first` make the text, up to here
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

// What makes one text of another: one change, from where they begin to differ to where they no longer do.
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
