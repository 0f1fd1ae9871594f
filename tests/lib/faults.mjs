// The faults in tests/mutants/*.faults, and how they are planted: each behind a switch, all of them in one text.
//
//   # A comment.
//   floor: test_rooms                 the programs to run for the faults below, each with a filter for GoogleTest or without …
//   then: e2e/presence, e2e/recovery  … and if they do not notice: files in tests/, or programs
//
//   burst-one-more: a client may say one message more than its burst
//     core/src/rooms/rate_limit.hpp
//     - const auto latest = now + duration((burst - 1) / per_second);
//     + const auto latest = now + duration(burst / per_second);
//
// A fault has a name, a description of what it breaks, a file, and a change of its text in the form of a patch; more changes, of this
// file or others, may follow. The old text must be in the file exactly once, apart from white space; add lines if it is not. If the
// difference is within an expression, the planted text is `(mutant_is("name") ? (new) : (old))`; otherwise it is
// `if (mutant_is("name")) { new } else { old }`, and both must be whole statements. Two faults may change the same text, or one fault a
// part of the other's text. A `floor:` or `then:` inside a fault applies to this fault only.

const HEAD = /^([a-z0-9]+(?:-[a-z0-9]+)+): (\S.*)$/;
const TESTS = /^\s*(floor|then):\s*(.*)$/;

// A mistake in a fault, for people.
export class FaultError extends Error {}

// [{ name, breaks, changes: [{ file, old, now }], floor, then, from }] of a file of faults; `from` is its path, for errors.
export function parse(text, from) {
  const faults = [];
  const tests = { floor: [], then: [] };
  let fault;
  const wrong = (line, what) => { throw new FaultError(`${from}:${line + 1}: ${what}`); };
  text.split('\n').forEach((line, i) => {
    if (/^\s*(#|$)/.test(line)) return;
    const [, kind, list] = TESTS.exec(line) ?? [];
    const [, name, breaks] = HEAD.exec(line) ?? [];
    const [, sign, change] = /^\s+([-+])(?: (.*)|)$/.exec(line) ?? [];
    if (kind) {
      const names = list.split(',').map((word) => word.trim()).filter(Boolean);
      if (/^\s/.test(line)) (fault ?? wrong(i, `"${kind}:" stands before the first fault, so it must not be indented`))[kind] = names;
      else tests[kind] = names;
    } else if (name) {
      fault = { name, breaks, changes: [], ...tests, from };
      faults.push(fault);
    } else if (!fault) {
      wrong(i, 'expected "name-of-the-fault: what it breaks"; a name has several words with hyphens between them');
    } else if (sign && fault.changes.length) {
      const last = fault.changes.at(-1);
      if (sign === '-' && last.now.length) fault.changes.push({ file: last.file, old: [change ?? ''], now: [] });
      else last[sign === '-' ? 'old' : 'now'].push(change ?? '');
    } else if (/^\s+\S+\.[ch]pp$/.test(line)) {
      fault.changes.push({ file: line.trim(), old: [], now: [] });
    } else {
      wrong(i, `expected the path of a file, or a line that begins with "- " or "+ ", of the fault ${fault.name}`);
    }
  });
  for (const { name, changes } of faults) {
    const incomplete = !changes.length || changes.some(({ old }) => !old.some((line) => line.trim()));
    if (incomplete) throw new FaultError(`${from}: ${name} has no ${changes.length ? 'old text' : 'file'}`);
  }
  return faults;
}

const TOKEN = /\/\/.*|R"\((?:[^)]|\)(?!"))*\)"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'|\w[\w.']*|::|->|\+\+|--|&&|\|\||<<|>>|<=>|[-+*/%&|^<>=!]=|\S/g;

// [{ text, start, end }], without comments
const tokens = (text) => [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({ text: word, start: index, end: index + word.length }))
  .filter(({ text: word }) => !word.startsWith('//'));

// The places at which the words of `old` are in `text`, in order, with any white space between them.
function places(text, old) {
  const exactly = old.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+');
  return [...text.matchAll(new RegExp(exactly, 'g'))].map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

const OPENING = { '(': ')', '[': ']', '{': '}' };
const CLOSING = new Set(Object.values(OPENING));
const KEYWORDS = new Set(['if', 'else', 'for', 'while', 'do', 'switch', 'case', 'return', 'throw', 'break', 'continue', 'using', 'auto']);
const LISTS = new Set([',', ';', '=', '+=', '-=', '*=', '/=', '|=', '&=', '^=']);
const ENDS = new Set([...LISTS, '?', ':', 'return', 'throw', 'case']);
const SEMICOLON = new Set([';']);

// How many brackets in `words` are closed without having been opened there, and how many are opened and not closed.
function loose(words) {
  let closed = 0, opened = 0;
  for (const { text } of words) {
    if (text in OPENING) opened += 1;
    else if (CLOSING.has(text) && opened) opened -= 1;
    else if (CLOSING.has(text)) closed += 1;
  }
  return { closed, opened };
}
const isBalanced = (words) => { const { closed, opened } = loose(words); return !closed && !opened; };

// Whether `words` are an expression that may be put in brackets, not a list.
function isExpression(words) {
  const outer = words.filter((_, i) => isBalanced(words.slice(0, i))).map(({ text }) => text);
  const count = (text) => outer.filter((word) => word === text).length;
  return isBalanced(words) && outer.length > 0 && outer[0] !== '{' && count('?') === count(':') && !outer.some((text) => LISTS.has(text) || KEYWORDS.has(text));
}

// The first index from `at` on, in steps of `step`, of a word that ends the expression or closes the bracket around it.
function edge(words, at, step, ends) {
  let depth = 0;
  for (; at >= 0 && at < words.length; at += step) {
    const { text } = words[at];
    const [enters, leaves] = step > 0 ? [text in OPENING, CLOSING.has(text)] : [CLOSING.has(text), text in OPENING];
    if (leaves) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (enters) depth += 1;
    else if (depth === 0 && ends.has(text)) return at;
  }
  return at;
}

// The words `first` to `last` of `old` differ from `now`. Widens them to a whole expression or a statement of one expression, which can
// be switched. Undefined if that is impossible.
function widened(old, now, first, last) {
  const grown = now.length - old.length;
  for (;;) {
    const { closed, opened } = [old.slice(first, last), now.slice(first, last + grown)].map(loose)
      .reduce((sum, each) => ({ closed: sum.closed + each.closed, opened: sum.opened + each.opened }));
    if (closed) first -= 1;
    if (opened) last += 1;
    if (!closed && !opened) break;
    if (first < 0 || last > old.length) return undefined;
  }
  for (;;) {
    const before = edge(old, first - 1, -1, ENDS), after = edge(old, last, +1, ENDS);
    if (isExpression(old.slice(before + 1, after)) && isExpression(now.slice(before + 1, after + grown))) {
      const around = edge(old, before, -1, new Set());
      const isInHead = old[around]?.text === '(' && old[around - 1]?.text === 'for';
      const isStatement = !isInHead && /^[;{}]$/.test(old[before]?.text ?? ';') && old[after]?.text === ';';
      return { first: before + 1, last: isStatement ? after + 1 : after, isWhole: isStatement };
    }
    const outer = [edge(old, first - 1, -1, SEMICOLON), edge(old, last, +1, SEMICOLON)]; // through brackets that hold a list
    if (outer[0] < 0 || outer[1] >= old.length || OPENING[old[outer[0]].text] !== old[outer[1]].text) return undefined;
    first = outer[0];
    last = outer[1] + 1;
  }
}

const common = (one, other) => {
  let count = 0;
  while (count < Math.min(one.length, other.length) && one[count] === other[count]) count += 1;
  return count;
};
const turned = (list) => [...list].reverse();

// { start, end, text, isWhole, fault }: the part of `source` that a change of a fault replaces, and its replacement.
function place(source, { file, old: before, now: after }, fault) {
  const fail = (why) => { throw new FaultError(`${fault.from}: ${fault.name}: ${why}`); };
  const [was, is] = [before, after].map((lines) => lines.map((line) => line.trim()));
  const found = places(source, was.join('\n'));
  if (found.length !== 1) fail(found.length ? `its old text is in ${file} ${found.length} times; add lines until it is there once` : `its old text is no longer in ${file}`);
  let [{ start, end }] = found;
  // Lines in both texts only serve to find the place.
  const head = common(was, is);
  const tail = common(turned(was.slice(head)), turned(is.slice(head)));
  const kept = (all, from, to) => all.slice(from, to).join('\n');
  if (head) start += places(source.slice(start, end), kept(was, 0, head))[0].end;
  if (tail) end = start + places(source.slice(start, end), kept(was, was.length - tail)).at(-1).start;
  const text = kept(is, head, is.length - tail);

  const [own, its] = [tokens(source.slice(start, end)), tokens(text)];
  const words = (list) => list.map(({ text: word }) => word);
  const same = common(words(own), words(its));
  const behind = Math.min(common(turned(words(own)), turned(words(its))), own.length - same, its.length - same);
  if (same === own.length && same === its.length) fail('its new text is its old text');

  const changed = source.slice(0, start) + text + source.slice(end);
  const [old, now] = [tokens(source), tokens(changed)];
  const first = old.findIndex(({ end: at }) => at > start);
  const isText = [...own.slice(same, own.length - behind), ...its.slice(same, its.length - behind)].some(({ text: word }) => /^[;{}]$/.test(word) || KEYWORDS.has(word));
  const part = isText || !own.length || !its.length ? undefined : widened(old, now, first + same, first + own.length - behind);
  if (part) {
    const last = part.last + now.length - old.length;
    return { start: old[part.first].start, end: old[part.last - 1].end, text: changed.slice(now[part.first].start, now[last - 1].end), isWhole: part.isWhole, fault };
  }
  const areStatements = [own, its].every((list) => isBalanced(list) && (!list.length || /^[;}]$/.test(list.at(-1).text)));
  if (!areStatements) fail('it changes neither a part of one expression nor whole statements; add the rest of the statement');
  return { start: start + (own[0]?.start ?? 0), end: start + (own.at(-1)?.end ?? 0), text: its.length ? text.slice(its[0].start, its.at(-1).end) : '', isWhole: true, fault };
}

function switched(changes, old) {
  return changes.reduceRight((otherwise, { fault: { name }, text, isWhole }) => (isWhole
    ? `{ if (mutant_is("${name}")) { ${text} } else { ${otherwise} } }`
    : `(mutant_is("${name}") ? (${text}) : (${otherwise}))`), old);
}

// The source at `path` with all changes of the faults, each behind its switch.
export function plant(source, path, faults) {
  const changes = faults.flatMap((fault) => fault.changes.filter(({ file }) => file === path).map((change) => place(source, change, fault)))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const within = (start, end, list) => {
    let text = '';
    while (list.length) {
      const { start: from, end: to } = list[0];
      const same = list.filter((other) => other.start === from && other.end === to);
      const inner = list.filter((other) => !same.includes(other) && other.start < to);
      const across = inner.find((other) => other.end > to);
      if (across) throw new FaultError(`${across.fault.from}: ${across.fault.name} and ${same[0].fault.name} change text that overlaps; let one of them change all that the other does`);
      text += source.slice(start, from) + switched(same, within(from, to, inner));
      start = to;
      list = list.slice(same.length + inner.length);
    }
    return text + source.slice(start, end);
  };
  const text = within(0, source.length, changes);
  // A constant that depends on a switch is computed when the program starts, not when it is compiled.
  return text.replace(/^.*\bconstexpr\b [^;(]*\(mutant_is\([^;]*;/gm,
    (constant) => constant.replace(/\bconstexpr\b/, 'const').replaceAll('mutant_is(', 'mutant_in_environment('));
}

// All faults. The argument is the module tests/lib/source.mjs.
export function everyFault({ paths, read }) {
  const faults = paths(/\.faults$/, 'tests/mutants/').flatMap((path) => parse(read(path), path));
  const names = faults.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new FaultError(`two faults are named ${twice}`);
  return faults;
}

// Map: path of a file -> its text with all its faults planted, as bytes.
export function plantAll({ paths, read }, faults) {
  const there = new Set(paths(/^(core|plugins)\/.*\.[ch]pp$/));
  for (const { name, from, changes } of faults) {
    const missing = changes.find(({ file }) => !there.has(file));
    if (missing) throw new FaultError(`${from}: ${name}: there is no ${missing.file}`);
  }
  const files = new Set(faults.flatMap(({ changes }) => changes.map(({ file }) => file)));
  return new Map([...files].map((path) => [path, Buffer.from(`${read('tests/mutants/mutant.hpp')}#line 1\n${plant(read(path), path, faults)}`)]));
}
