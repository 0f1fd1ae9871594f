// What people mean by a key, whatever their keyboard's layout and input method.

// Whether an input method has the key for itself: an Enter, for instance, that takes a suggestion. Safari has ended the
// composition by then, and tells by the code 229 alone.
export const isComposing = ({ isComposing, keyCode }) => isComposing || keyCode === 229;

// The letter pressed together with Ctrl or ⌘, in lower case: 'z' for an undo, whatever else is held but Alt, which with Ctrl
// is AltGr on some keyboards. Undefined for every other key.
//
// It is the letter that the key writes: layouts put it in different places. Where letters of another script are written, as я is,
// it is what a Latin keyboard has in that place.
export function commandLetter({ key, code, ctrlKey, metaKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return undefined;
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const isOfOtherScript = /^[\p{L}\p{M}]+$/u.test(key) && !/\p{Script=Latin}/u.test(key);
  return isOfOtherScript ? /^Key([A-Z])$/.exec(code)?.[1].toLowerCase() : undefined;
}
