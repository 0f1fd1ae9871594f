// Formulas that no engine is given, and what their cells show instead: what could break a browser, and what would come to
// something else on each computer and at each time. Everybody is to see the same sheet.

const MOST_NESTED = 64; // levels of parentheses, as in Excel; some browsers crash over two hundred
const TOO_NESTED = { text: '#LIMIT!', kind: 'error', note: `More than ${MOST_NESTED} levels of parentheses` };

const CHANGING = /(?<![\w.$])(?:_xl\w+\.)*(NOW|RAND|RANDARRAY|RANDBETWEEN)(?![\w.])/i;
const TEXTS = /"[^"]*"/g;

// { text, kind, note } for such a formula, else undefined.
export function refusal(formula) {
  const bare = formula.replace(TEXTS, '');
  if (isTooNested(bare)) return TOO_NESTED;
  const name = CHANGING.exec(bare)?.[1].toUpperCase();
  return name && { text: '#VALUE!', kind: 'error', note: `${name} would come to something else for everybody in the room, so it is not computed here. Write the value itself` };
}

function isTooNested(formula) {
  let depth = 0;
  for (const [character] of formula.matchAll(/[({)}]/g)) {
    depth += '({'.includes(character) ? 1 : -1;
    if (depth > MOST_NESTED) return true;
  }
  return false;
}
