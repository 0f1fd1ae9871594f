// The editor page: one text, its language, and the output of its program. Its elements are in editor.html.

import { carets, shareCarets } from './lib/carets.js';
import { theme } from './lib/code_theme.js';
import { enterRoom, make } from './lib/room.js';
import { run } from './lib/run.js';
import { SharedText } from './lib/shared_text.js';
import {
  Compartment, EditorView, autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, completionKeymap, cpp, css, defaultKeymap,
  drawSelection, dropCursor, foldGutter, foldKeymap, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches,
  history, historyKeymap, html, indentOnInput, indentWithTab, java, javascript, json, keymap, lineNumbers,
  markdown, placeholder, python, rust, searchKeymap, sql,
} from './vendor/codemirror.js';

// Name in messages -> [name for people, the editor's language support].
const LANGUAGES = {
  javascript: ['JavaScript', () => javascript()],
  typescript: ['TypeScript', () => javascript({ typescript: true })],
  python: ['Python', python],
  cpp: ['C++', cpp],
  java: ['Java', java],
  rust: ['Rust', rust],
  html: ['HTML', html],
  css: ['CSS', css],
  json: ['JSON', json],
  sql: ['SQL', sql],
  markdown: ['Markdown', markdown],
  text: ['Plain text', () => []],
};
const FIRST = 'javascript'; // until somebody chooses

const byId = (id) => document.getElementById(id);
const hub = await enterRoom();

// --- The text

const text = new SharedText(hub);
const highlighting = new Compartment();
const look = theme();

// Handles typing over a selection itself: over coloured text, Chromium would insert an element with a style attribute, which the
// Content-Security-Policy forbids.
const typingOver = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, { state, composing }) {
    const { from, to, empty } = state.selection.main;
    if (inputType !== 'insertText' || data === null || composing || empty) return false;
    const insert = () => state.update(state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    if (!state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert());
    return true;
  },
});

const view = new EditorView({
  extensions: [
    text.extension,
    typingOver,
    keymap.of([{ key: 'Mod-Enter', run: () => runOrStop() || true }]),
    carets,
    highlighting.of([]),
    look.extension,
    lineNumbers(), foldGutter(), highlightActiveLineGutter(), highlightActiveLine(), highlightSelectionMatches(),
    history(), drawSelection(), dropCursor(), indentOnInput(), bracketMatching(), closeBrackets(), autocompletion(),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab]),
    matchMedia('(max-width: 760px)').matches ? EditorView.lineWrapping : [],
    placeholder('Write something, or copy the link and invite somebody.'),
    EditorView.contentAttributes.of({ 'aria-label': 'The text of this room. Tab indents; Escape and then Tab leaves it.' }),
    EditorView.updateListener.of(({ docChanged, selectionSet }) => { if (docChanged || selectionSet) showPlace(); }),
  ],
  // In a shadow root the editor's style sheets are adopted. Outside it would need <style>, which the Content-Security-Policy forbids.
  parent: byId('code').attachShadow({ mode: 'open' }),
});

let waiting = false;
text.onShared = (now) => {
  waiting = now.waiting;
  showShared();
  const { code } = now.refusal ?? {};
  // If the server lacks the plugin, the notice above already says so.
  showRefusal('refusal', now.refusal && code !== 'unknown_type' && `Your last changes are not in the room: ${now.refusal.message}. They will be sent again with your next change.`, 'Take them back', () => text.giveUp());
};
text.open(view);
shareCarets(hub, text, view);
look.follow(view);
hub.onStatus(showShared);
addEventListener('beforeunload', (event) => {
  if (waiting) event.preventDefault(); // it would be lost
});
byId('skip').onclick = (event) => {
  event.preventDefault();
  view.focus();
};
if (!matchMedia('(max-width: 760px)').matches) view.focus(); // on a phone that would open the keyboard
showPlace();

function showShared() {
  byId('shared').dataset.waiting = waiting;
  byId('shared').textContent = !waiting ? 'Saved' : hub.status.state === 'online' ? 'Saving…' : 'Kept here until the connection is back';
}

function showPlace() {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  byId('place').textContent = `Line ${line.number}, column ${head - line.from + 1}`;
}

function showRefusal(id, words, label, action) {
  const notice = byId(id);
  if (notice.firstChild?.textContent === (words || undefined)) return; // an alert that is written again is read out again
  notice.replaceChildren();
  if (!words) return;
  const button = make('button', 'link', label);
  button.type = 'button';
  button.onclick = () => {
    action();
    view.focus();
  };
  notice.append(make('span', '', words), button);
}

// --- Its language

const choice = byId('language');
let language = FIRST; // the room's

for (const [name, [label]] of Object.entries(LANGUAGES)) choice.add(new Option(label, name));
showLanguage(FIRST);

// While choices are on their way, the last one stays shown.
let choosing = 0;

choice.onchange = async () => {
  choosing += 1;
  showRefusal('language-refusal');
  const { value } = choice;
  showLanguage(value);
  await hub.send('code_language', value).catch((error) => {
    const name = LANGUAGES[value]?.[0] ?? value;
    showRefusal('language-refusal', `${name} was not chosen: ${error.message}.`, 'All right', () => showRefusal('language-refusal'));
  });
  choosing -= 1;
  hear(language);
};
hub.on('code_language', ({ content }) => hear(content));
hub.on('code_update', ({ content }) => hear(content.language ?? language));
hub.onReset(() => hear(FIRST));

function hear(name) {
  language = name;
  if (!choosing) showLanguage(name);
}

function showLanguage(name) {
  const known = Object.hasOwn(LANGUAGES, name);
  choice.querySelector('[data-foreign]')?.remove();
  if (!known) {
    const option = new Option(name, name); // a language that only another page knows
    option.dataset.foreign = '';
    choice.add(option);
  }
  choice.value = name;
  byId('run').hidden = name !== 'javascript';
  view.dispatch({ effects: highlighting.reconfigure(known ? LANGUAGES[name][1]() : []) });
}

// --- Its program

let program = null;
const lines = byId('lines');
byId('run').onclick = () => runOrStop();
byId('close').onclick = () => {
  stop();
  byId('output').hidden = true;
  view.focus();
};

function runOrStop() {
  if (program) {
    stop('Stopped');
    return;
  }
  if (byId('run').hidden) return;
  lines.replaceChildren();
  byId('output').hidden = false;
  byId('fate').textContent = 'Running…';
  byId('run').textContent = 'Stop';
  const begun = performance.now();
  program = run(view.state.doc.toString(), {
    onLines(written) {
      const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 32;
      lines.append(...written.map(({ kind, text: words }) => {
        const line = make('p', '', words);
        line.dataset.kind = kind;
        return line;
      }));
      if (atEnd) lines.scrollTop = lines.scrollHeight;
    },
    onEnd: (why) => stop(why === 'end' ? `Ended after ${Math.round(performance.now() - begun)} ms` : 'Stopped: it wrote more than anybody would read'),
  });
}

function stop(words) {
  program?.stop();
  program = null;
  byId('run').textContent = 'Run';
  if (words) byId('fate').textContent = words;
}
