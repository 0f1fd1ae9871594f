// The look of CodeMirror on these pages, light and dark, with the colours of lib/hubbub.css and the page's --code-… colours.

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
  '.cm-foreignBreak': { color: 'var(--muted)' },
  '.cm-panels, .cm-tooltip': { backgroundColor: 'var(--paper)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-tooltip': { borderRadius: '10px', overflow: 'hidden', boxShadow: 'var(--shadow)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '0.875rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--accent-ink)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--code-found)' },
  '.cm-searchMatch': { borderRadius: '3px', backgroundColor: 'var(--code-found)' },
  '.cm-searchMatch-selected, .cm-searchMatch-selected .cm-selectionMatch': { backgroundColor: 'var(--code-found-now)' },
};

// The panels for searching and for going to a line.
const panels = {
  '.cm-panels': { fontFamily: 'var(--font)' },
  '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search, .cm-panel.cm-dialog': { padding: '8px 52px 8px 14px', fontSize: '0.875rem', lineHeight: '1' },
  '.cm-panel.cm-search label, .cm-panel.cm-dialog label': { display: 'inline-flex', alignItems: 'center', verticalAlign: 'middle', gap: '6px', minHeight: '34px', margin: '3px 8px 3px 4px', fontSize: '0.875rem' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button': { margin: '3px 6px 3px 0' },
  '.cm-panel input[type=checkbox]': { width: '16px', height: '16px', margin: '0', accentColor: 'var(--accent)' },
  '.cm-panel .cm-textfield': {
    width: '15em', maxWidth: '100%', minHeight: '34px', boxSizing: 'border-box', padding: '0 10px', verticalAlign: 'middle',
    border: '1px solid var(--line)', borderRadius: '9px', backgroundColor: 'var(--surface)', color: 'var(--ink)', font: 'inherit', lineHeight: '1.4',
  },
  '.cm-panel .cm-textfield::placeholder': { color: 'var(--muted)' },
  '.cm-panel .cm-button': {
    minHeight: '34px', padding: '0 12px', verticalAlign: 'middle', border: '1px solid var(--line)', borderRadius: '9px',
    background: 'var(--surface)', color: 'var(--ink)', font: '600 0.875rem/1 var(--font)', cursor: 'pointer',
  },
  '.cm-panel .cm-button:hover': { background: 'var(--sunken)' },
  '.cm-panel .cm-button:active': { background: 'var(--line)' },
  '.cm-panel :is(input, button):focus-visible': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-panel.cm-search [name=close], .cm-panel.cm-dialog .cm-dialog-close': {
    position: 'absolute', top: '8px', right: '10px', width: '34px', height: '34px', margin: '3px 0', borderRadius: '9px',
    color: 'var(--muted)', font: '1.25rem/1 var(--font)', cursor: 'pointer',
  },
  '.cm-panel [name=close]:hover, .cm-dialog-close:hover': { backgroundColor: 'var(--sunken)' },
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

// The look as an extension, and a function that switches it between light and dark with the system.
export function theme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const place = new Compartment();
  const now = () => EditorView.theme({ ...look, ...panels }, { dark: dark.matches });
  return {
    extension: [place.of(now()), syntaxHighlighting(colours)],
    follow(view) {
      dark.addEventListener('change', () => view.dispatch({ effects: place.reconfigure(now()) }));
    },
  };
}
