// Formulas that are not computed, and what their cells show instead: formulas that could crash a browser, and formulas whose result
// differs from computer to computer or from time to time. Everybody must see the same sheet.

const MOST_NESTED = 64; // levels of parentheses, as in Excel; some browsers crash over two hundred
const TOO_NESTED = { text: '#LIMIT!', kind: 'error', note: `More than ${MOST_NESTED} levels of parentheses` };

const CHANGING = /(?<![\w.$])(?:_xl\w+\.)*(NOW|RAND|RANDARRAY|RANDBETWEEN)(?![\w.])/i;
const TEXTS = /"[^"]*"/g;

// Returns { text, kind, note } for such a formula, else undefined.
export function refusal(formula) {
  const bare = formula.replace(TEXTS, '');
  if (isTooNested(bare)) return TOO_NESTED;
  const name = CHANGING.exec(bare)?.[1].toUpperCase();
  return name && { text: '#VALUE!', kind: 'error', note: `${name} would give everybody in the room a different result, so it is not computed here. Write the value instead` };
}

function isTooNested(formula) {
  let depth = 0;
  for (const [character] of formula.matchAll(/[({)}]/g)) {
    depth += '({'.includes(character) ? 1 : -1;
    if (depth > MOST_NESTED) return true;
  }
  return false;
}
