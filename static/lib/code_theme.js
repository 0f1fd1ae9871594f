// How CodeMirror looks on these pages, light and dark, with the colours of lib/hubbub.css and the --code-… ones of the page.

import { Compartment, EditorView, HighlightStyle, syntaxHighlighting, tags } from '../vendor/codemirror.js';

const look = {
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused .cm-scroller': { boxShadow: 'inset 2px 0 var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '0.9375rem', lineHeight: '1.6' },
  '.cm-content': { padding: '14px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 18px 0 8px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-gutters': { border: 'none', backgroundColor: 'transparent', color: 'var(--muted)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 14px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--code-active)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--code-selection)',
  },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-panels, .cm-tooltip': { backgroundColor: 'var(--paper)', color: 'var(--ink)', borderColor: 'var(--line)' },
};

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.tagName], color: 'var(--code-word)' },
  { tag: tags.heading, color: 'var(--code-word)', fontWeight: '650' },
  { tag: tags.strong, fontWeight: '650' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.variableName), tags.link, tags.url], color: 'var(--code-name)' },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.attributeName, tags.propertyName, tags.macroName], color: 'var(--code-type)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.attributeValue, tags.monospace], color: 'var(--code-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.color, tags.unit, tags.escape], color: 'var(--code-number)' },
  { tag: [tags.meta, tags.punctuation, tags.processingInstruction], color: 'var(--code-aside)' },
  { tag: tags.comment, color: 'var(--code-aside)', fontStyle: 'italic' },
]);

// The look, and a function that keeps it light or dark as the system is.
export function theme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const place = new Compartment();
  const now = () => EditorView.theme(look, { dark: dark.matches });
  return {
    extension: [place.of(now()), syntaxHighlighting(colours)],
    follow(view) {
      dark.addEventListener('change', () => view.dispatch({ effects: place.reconfigure(now()) }));
    },
  };
}
