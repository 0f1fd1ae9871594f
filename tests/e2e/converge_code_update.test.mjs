import assert from 'node:assert/strict';
import { collab, receiveUpdates, sendableUpdates } from '@codemirror/collab';
import { ChangeSet, EditorState } from '@codemirror/state';
import { converges } from '../lib/convergence.mjs';

const PIECES = ['a', 'b', ' ', '\n', 'é', 'e\u0301', '🌸', '\r\n', 'word'];
let editors = 0;

const composed = (updates) => updates.map(({ changes }) => changes).reduce((all, changes) => all.compose(changes));

// A page with CodeMirror's own collaborative editor. One edit is on its way at a time; text that is typed meanwhile
// is sent as one edit afterwards.
class Code {
  constructor({ send }) {
    Object.assign(this, { send, version: 0, language: undefined });
    this.begin('');
  }

  begin(text) {
    this.client = `editor ${++editors}`;
    this.state = EditorState.create({
      doc: text,
      extensions: [collab({ clientID: this.client }), EditorState.lineSeparator.of('\n')],
    });
    this.agreed = this.state.doc; // the server's text, as far as we know
    this.text = undefined; // the seq of the message that brought the text, if it had one
    this.onItsWay = 0; // the number of the editor's updates that are being sent
  }

  take({ type, seq, content }) {
    if (type === 'welcome' && !content.recovered) this.version = content.seq;
    if (seq <= this.version) return; // the answer to an edit from before a reset
    if (type === 'code_language') this.language = content;
    if (type === 'code_update') {
      this.begin(content.code ?? content);
      this.language = content.language ?? this.language;
    }
    if (type === 'code_edit') this.receive(content);
    if (type.startsWith('code_') && type !== 'code_language') this.text = seq;
    this.version = seq ?? this.version;
    this.flush();
  }

  receive({ version, changes: json, client }) {
    assert.equal(version, this.text ?? version);
    const changes = ChangeSet.fromJSON(json);
    if (client !== this.client) {
      this.hear(changes, client);
    } else {
      const mine = composed(sendableUpdates(this.state).slice(0, this.onItsWay));
      if (this.onItsWay === 1) assert.deepEqual(mine.toJSON(), json, 'what the editor made of one update is what the server did');
      this.state = receiveUpdates(this.state, Array(this.onItsWay).fill({ changes, clientID: client })).state;
      this.onItsWay = 0;
      // Mapping several edits one by one does not always give the same as mapping them together. The server's result counts.
      if (JSON.stringify(mine) !== JSON.stringify(changes)) this.hear(mine.invert(this.agreed).compose(changes), 'server');
    }
    this.agreed = changes.apply(this.agreed);
  }

  hear(changes, clientID) {
    this.state = receiveUpdates(this.state, [{ changes, clientID }]).state;
  }

  flush() {
    const updates = sendableUpdates(this.state);
    if (this.onItsWay || !updates.length) return undefined;
    this.onItsWay = updates.length;
    return this.send('code_edit', { version: this.version, changes: composed(updates).toJSON(), client: this.client });
  }

  act(chance) {
    const text = Array.from({ length: chance.below(4) }, () => chance.of(PIECES)).join('');
    if (chance.oneIn(25)) return this.send('code_update', chance.oneIn(2) ? text : { code: text, language: chance.of(['c', 'c++']) });
    if (chance.oneIn(25)) return this.send('code_language', chance.of(['java', 'javascript']));
    for (let typed = 1 + chance.below(3); typed > 0; --typed) {
      const characters = [...this.state.doc.toString()];
      const units = (count) => characters.slice(0, count).join('').length;
      const from = chance.below(characters.length + 1);
      const to = Math.min(characters.length, from + chance.of([0, 0, 1, 2, 5]));
      this.state = this.state.update({ changes: { from: units(from), to: units(to), insert: text } }).state;
    }
    return this.flush();
  }

  get settled() { return !this.onItsWay && !sendableUpdates(this.state).length; }

  view() {
    return { text: this.state.doc.toString(), agreed: this.agreed.toString(), language: this.language };
  }
}

converges('code_update', Code);
