// The meaning of keys, whatever the keyboard's layout and input method.

// Whether the key belongs to an input method: for example an Enter that accepts a suggestion. Safari has already ended the composition
// by then, and shows it only by the code 229.
export const isComposing = ({ isComposing, keyCode }) => isComposing || keyCode === 229;

// The letter pressed together with Ctrl or ⌘, in lower case: 'z' for an undo. Other modifiers are ignored, except Alt, because
// Ctrl+Alt is AltGr on some keyboards. Undefined for every other key.
//
// It is the letter that the key writes, because layouts put letters in different places. If the key writes another script, such as я,
// it is the letter that a Latin keyboard has in that place.
export function commandLetter({ key, code, ctrlKey, metaKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return undefined;
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const isOfOtherScript = /^[\p{L}\p{M}]+$/u.test(key) && !/\p{Script=Latin}/u.test(key);
  return isOfOtherScript ? /^Key([A-Z])$/.exec(code)?.[1].toLowerCase() : undefined;
}
