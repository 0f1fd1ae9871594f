// The editor, and the languages that the editor page offers.
export {
  Annotation, ChangeSet, Compartment, EditorSelection, EditorState, StateEffect, StateField, Text, Transaction,
} from '@codemirror/state';
export {
  Decoration, EditorView, RectangleMarker, ViewPlugin, WidgetType, crosshairCursor, drawSelection, dropCursor, highlightActiveLine,
  highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, layer, lineNumbers, placeholder, rectangularSelection,
  showTooltip,
} from '@codemirror/view';
export { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab';
export { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
export {
  HighlightStyle, LanguageDescription, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting,
} from '@codemirror/language';
export { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
export { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
export { classHighlighter, tags } from '@lezer/highlight';
export { cpp } from '@codemirror/lang-cpp';
export { css } from '@codemirror/lang-css';
export { html } from '@codemirror/lang-html';
export { java } from '@codemirror/lang-java';
export { javascript } from '@codemirror/lang-javascript';
export { json } from '@codemirror/lang-json';
export { markdown } from '@codemirror/lang-markdown';
export { python } from '@codemirror/lang-python';
export { rust } from '@codemirror/lang-rust';
export { sql } from '@codemirror/lang-sql';
