// Makes many small faults by rule, and plants them all at once, each behind a switch with its number. The rules are the usual ones of
// mutation testing: a statement is left out, a condition is always or never met, one of several conditions is left out, a bound is met
// one step early or late, an equality is inverted, a number is one more.
//
// The faults are found by looking at words, not by parsing C++: a change that does not compile is left out (see `without`).

const TOKEN = /\/\/.*|\/\*[^]*?\*\/|^[ \t]*#.*|R"\((?:[^)]|\)(?!"))*\)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|\d[\w.']*|\w+|::|->|\+\+|--|&&|\|\||<<|>>|<=>|[-+*/%&|^<>=!]=|\S/gm;

function words(text) {
  let line = 1, at = 0;
  return [...text.matchAll(TOKEN)].map(({ 0: word, index }) => {
    for (; at < index; at += 1) if (text[at] === '\n') line += 1;
    return { text: word, start: index, end: index + word.length, line };
  }).filter(({ text: word }) => !/^(\/\/|\/\*|\s*#)/.test(word));
}

const CLOSES = { '(': ')', '[': ']', '{': '}' };
const NO_STATEMENT = new Set(['if', 'else', 'for', 'while', 'do', 'switch', 'case', 'default', 'return', 'throw', 'break', 'continue', 'using', 'auto', 'const',
  'static', 'typename', 'template', 'goto', 'try', 'catch', 'struct', 'class', 'enum', 'friend', 'public', 'private', 'protected', 'namespace', 'delete', 'constexpr',
  'static_assert', 'mutable', 'explicit', 'virtual', 'inline', 'extern', 'unsigned', 'int', 'bool', 'char', 'double', 'long', 'alignas', 'thread_local', 'co_await', 'assert', 'operator', 'typedef', 'union']);
const RELATIONS = { '<': 'less', '<=': 'less_or_equal', '>': 'greater', '>=': 'greater_or_equal', '==': 'equal', '!=': 'not_equal' };
const TURNED = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==' };

// [{ file, line, kind, was, edits: [{ start, end, text(number) }] }]
export function make(text, file) {
  const all = words(text);
  const partner = new Map();
  const open = [];
  all.forEach(({ text: word }, i) => {
    if (word in CLOSES) open.push(i);
    else if (/^[)\]}]$/.test(word) && open.length) { const from = open.pop(); partner.set(from, i); partner.set(i, from); }
  });

  // Finds the braces that contain statements, and the words within them.
  const isCode = new Array(all.length).fill(false);
  const holdsCode = (i) => {
    const before = all[i - 1]?.text;
    if (/^(else|do|try|mutable|override|noexcept|final)$/.test(before)) return true;
    const head = [];
    for (let k = i - 1; k >= 0 && !/^[;{}]$/.test(all[k].text); k -= 1) head.unshift(all[k].text);
    if (head.some((word) => /^(namespace|class|struct|enum|union|extern)$/.test(word))) return false;
    if (before === ')' || before === ']' ) return true;
    if (before === 'const' || head.includes('->')) return before !== '=' && !/^(return|,|\()$/.test(before) && head.includes('(');
    return false;
  };
  const stack = [false];
  let initializes = 0; // the depth of a constructor's initializer list
  all.forEach(({ text: word }, i) => {
    if (word === ':' && all[i - 1]?.text === ')' && !stack.at(-1)) initializes = stack.length;
    isCode[i] = stack.at(-1) || initializes > 0;
    if (word === '{' && initializes === stack.length && /^[)}]$/.test(all[i - 1].text)) initializes = 0, stack.push(true);
    else if (word === '{') stack.push(stack.at(-1) || initializes > 0 || holdsCode(i));
    else if (word === '}' && stack.length > 1) { stack.pop(); isCode[i] = stack.at(-1); }
  });

  const made = [];
  const source = (from, to) => text.slice(all[from].start, all[to].end);
  const add = (kind, from, to, edits) => made.push({ file, line: all[from].line, last: all[to].line, kind, was: source(from, to).replace(/\s+/g, ' '), edits });
  const put = (at, what, other, closes) => ({ at, text: what, other, closes });
  const around = (from, to, before, after) => [put(all[from].start, before, all[to].end, false), put(all[to].end, after, all[from].start, true)];
  const onSwitch = (n) => `mutant_number(${n})`;

  // The words up to the next one at this depth for which `ends` is true.
  const forward = (i, ends) => { for (; i < all.length; i += 1) { if (ends(all[i].text, i)) return i; if (all[i].text in CLOSES) i = partner.get(i) ?? all.length; else if (/^[)\]}]$/.test(all[i].text)) return i; } return i; };
  const backward = (i, ends) => { for (; i >= 0; i -= 1) { if (ends(all[i].text, i)) return i; if (/^[)\]}]$/.test(all[i].text)) i = partner.get(i) ?? -1; else if (all[i].text in CLOSES) return i; } return i; };

  const heads = new Map(); // the ')' of an if -> its place
  const constants = []; // [from, to] of compile-time constants
  all.forEach(({ text: word }, i) => {
    if (word === 'static_assert' || word === 'template' || word === 'case' || word === 'using' || word === 'enum' || word === 'concept' || word === 'requires') {
      constants.push([i, forward(i, (w) => w === ';' || w === '{' || w === ':')]);
    }
    if (word === 'constexpr' && all[i - 1]?.text !== 'if') {
      const end = forward(i, (w) => w === ';' || w === '{' || w === '=' || w === '(');
      if (all[end]?.text === '=') constants.push([i, forward(i, (w) => w === ';')]);
    }
    if (word === 'constexpr' && all[i - 1]?.text === 'if' && partner.has(i + 1)) constants.push([i, partner.get(i + 1)]);
  });
  const isConstant = (i) => constants.some(([from, to]) => i >= from && i <= to);

  all.forEach(({ text: word, start, end }, i) => {
    if (!isCode[i] || isConstant(i)) return;
    const before = all[i - 1]?.text;

    if ((word === 'if' || word === 'while') && all[i + 1].text === '(' && partner.has(i + 1)) {
      const close = partner.get(i + 1);
      if (word === 'if') heads.set(close, i);
      const semicolon = forward(i + 2, (w) => w === ';');
      const from = semicolon < close ? semicolon + 1 : i + 2;
      const assigns = forward(from, (w) => w === '=');
      if (assigns < close) {
        const name = all[assigns - 1];
        if (semicolon === close && /^\w+$/.test(name.text)) {
          add('condition never met', from, close - 1, (n) => [put(all[close].start, `; !${onSwitch(n)} && static_cast<bool>(${name.text})`, -1, true)]);
        }
        return;
      }
      if (word === 'if') add('condition always met', from, close - 1, (n) => around(from, close - 1, `(${onSwitch(n)} ? true : static_cast<bool>(`, '))'));
      add('condition never met', from, close - 1, (n) => around(from, close - 1, `(${onSwitch(n)} ? false : static_cast<bool>(`, '))'));
    }

    if ((word === '&&' || word === '||') && text[start - 1] === ' ' && text[end] === ' ') {
      const stops = (w) => /^(&&|\|\||\?|:|,|;|return|=|\+=|\|=|&=)$/.test(w);
      const left = backward(i - 1, stops) + 1, right = forward(i + 1, stops) - 1;
      const neutral = word === '&&' ? 'true' : 'false';
      const operand = (from, to) => { if (from <= to) add(`left out of ${word}`, from, to, (n) => around(from, to, `(${onSwitch(n)} ? ${neutral} : static_cast<bool>(`, '))')); };
      if (!/^(&&|\|\|)$/.test(all[left - 1]?.text)) operand(left, i - 1);
      operand(i + 1, right);
    }

    if (word in RELATIONS && /[ \n]/.test(text[start - 1]) && text[end] === ' ') {
      const inIf = /^(==|!=)$/.test(word) && (() => {
        const opening = backward(i, () => false);
        return opening >= 0 && /^(if|while)$/.test(all[opening - 1]?.text) && forward(opening + 1, (w) => w === '&&' || w === '||') >= partner.get(opening);
      })();
      if (!inIf && before !== 'operator') {
        add(`${word} becomes ${TURNED[word]}`, i - 1, i + 1, (n) => [put(start, `${word} mutant_relation::${RELATIONS[word]}{${n}} `, end, false)]);
      }
    }

    if (/^[1-9][\d']*[uUlLzZ]*$/.test(word) && before !== '[' && before !== 'operator') {
      add(`${word} becomes one more`, i, i, (n) => around(i, i, `(${onSwitch(n)} ? ${word} + 1 : `, ')'));
    }

    // Statements.
    if (!/^[;{}:]$/.test(before) && !(before === ')' && /^(if|while|for)$/.test(all[partner.get(i - 1) - 1]?.text)) && before !== 'else') return;
    if (before === ':' && !/^(case|default)$/.test(all[backward(i - 2, (w) => /^(case|default|[;?])$/.test(w))]?.text)) return;
    const stop = forward(i, (w) => w === ';');
    if (all[stop]?.text !== ';') return;
    const isWholeBranch = before === ')';
    if (/^(return|continue|break)$/.test(word) && stop === i + 1) {
      if (!isWholeBranch) add('left out', i, stop, (n) => around(i, stop, `{ if (!${onSwitch(n)}) `, ' }'));
      return;
    }
    if (NO_STATEMENT.has(word) || !/^[\w*(:]|^\+\+$|^--$/.test(word) || isWholeBranch) return;
    let k = i;
    while (/^(\w+|::)$/.test(all[k].text) && !(/^\w+$/.test(all[k].text) && /^\w+$/.test(all[k + 1].text) && all[k + 1].text !== '::')) k += 1;
    if (/^[\w]/.test(word) && !/^([.([=]|->|\+\+|--|[-+|&^*/]=|<<)$/.test(all[k].text)) return;
    if (/^[\w]/.test(word) && all[k].text === '(' && k === i + 1 && all[stop - 1].text === '}') return;
    add('left out', i, stop, (n) => around(i, stop - 1, `${onSwitch(n)} ? void() : void((`, '))'));
  });
  return made;
}

// The text with some faults of make() planted: a list of [number, fault].
export function plant(text, numbered) {
  const edits = numbered.flatMap(([number, { edits: of }]) => of(number).map((edit) => ({ ...edit, number })));
  // Of edits that begin or end at one place, the longer one goes outside.
  edits.sort((a, b) => a.at - b.at || Number(b.closes) - Number(a.closes) || b.other - a.other || (a.closes ? b.number - a.number : a.number - b.number));
  let result = '', at = 0;
  for (const { at: to, text: what } of edits) {
    result += text.slice(at, to) + what;
    at = to;
  }
  return result + text.slice(at);
}
