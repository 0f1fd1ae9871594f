// Finds the web addresses in a text.

const CANDIDATE = /[Hh][Tt][Tt][Pp][Ss]?:\/\/[^\s<>"“”„«»。、，！？「」『』\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;
const OPENING = { ')': '(', ']': '[', '}': '{', '）': '（' };
const AFTERWARDS = ".,;:!?'’‘…([{（";

// Yields the pieces of a text, in order: { text } or { link }.
export function* pieces(text) {
  let from = 0;
  for (const { 0: found, index } of text.matchAll(CANDIDATE)) {
    const link = withoutAfterwards(found);
    if (!/^https?:\/\/[^/?#]/i.test(link)) continue;
    if (index > from) yield { text: text.slice(from, index) };
    yield { link };
    from = index + link.length;
  }
  if (from < text.length) yield { text: text.slice(from) };
}

// Removes what belongs to the sentence and not to the address: a full stop at the end, and a bracket that was not opened within the
// address.
function withoutAfterwards(found) {
  const count = {};
  for (const sign of found) count[sign] = (count[sign] ?? 0) + 1;
  let end = found.length;
  for (; end > 0; end -= 1) {
    const sign = found[end - 1];
    const opening = OPENING[sign];
    if (opening ? count[sign] <= (count[opening] ?? 0) : !AFTERWARDS.includes(sign)) break;
    count[sign] -= 1;
  }
  return found.slice(0, end);
}
