// Cells as text: their names, tables as other programs write them, what of it a program would run, formulas in another place,
// blocks for messages.

// A, B, … Z, AA, AB, …
export function columnName(col) {
  return col < 26 ? String.fromCharCode(65 + col) : columnName(Math.floor(col / 26) - 1) + columnName(col % 26);
}

export const cellName = (row, col) => `${columnName(col)}${row + 1}`;

// The rows of a table that is written with this separator: a comma in CSV, a tab on the clipboard. A field in quotes may hold
// separators, line breaks and, doubled, quotes (RFC 4180).
export function parseTable(text, separator) {
  const bare = new RegExp(`[^\\${separator}\r\n]*`, 'y');
  const rows = [[]];
  for (let at = 0; ;) {
    const end = text[at] === '"' ? closingQuote(text, at, separator) : -1;
    if (end > 0) {
      rows.at(-1).push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      bare.lastIndex = at;
      const [all] = bare.exec(text);
      rows.at(-1).push(all);
      at += all.length;
    }
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    if (at >= text.length) return rows;
    rows.push([]);
  }
}

// Where the field ends that begins with the quote at `from`, or -1 if what follows is no end of a field. (A regular expression
// would find it as well, but not in megabytes of doubled quotes.)
function closingQuote(text, from, separator) {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return -1;
    if (text[at + 1] !== '"') return at + 1 === text.length || [separator, '\r', '\n'].includes(text[at + 1]) ? at : -1;
  }
}

export function formatTable(rows, separator) {
  // In the first row nothing else may look like a separator, or name one: by that row a reader tells what it is.
  const field = (text, special) => (text.includes(separator) || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row, at) => row.map((text) => field(text, at ? /["\r\n]/ : /["\r\n,;\t]|^sep=/i)).join(separator)).join('\r\n');
}

export const looksLikeNumber = (text) => /^[-+]?[\d.,]*\d%?$|^[-+]?\d[\d.]*e[-+]?\d+$/i.test(text);

// Spreadsheets run what begins like this, also if it is in quotes; a sign alone, or a number with one, they do not.
const RUNS = /^\s*[-+=@\uff0d\uff0b\uff1d\uff20]\s*\S|^[\t\r\n]/;
const wouldRun = (text) => RUNS.test(text) && !looksLikeNumber(text);
const bare = (text) => text.replace(/^'+/, '');

// What is shown, as other programs may have it: an apostrophe before it makes it text for all of them.
export const harmless = (shown) => (wouldRun(shown) ? `'${shown}` : shown);

// What somebody wrote into a cell (a formula apart), as a field that no program runs, and back to exactly that. What begins
// with "=" has its apostrophe already, or it would be a formula here.
const escaped = (text) => wouldRun(bare(text)) && !bare(text).startsWith('=');
export const toField = (text) => (escaped(text) ? `'${text}` : text);
export const fromField = (field) => (field.startsWith("'") && escaped(field) ? field.slice(1) : field);

export const widest = (lines) => lines.reduce((width, line) => Math.max(width, line.length), 0);

// Which separator a file of comma separated values uses: where people write 1,5 it is a semicolon.
export function separatorOf(text) {
  const [line] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const count = (separator) => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

// A formula as it is that many rows further down and columns further right: its references move along, but for those with a $.
export function shiftFormula(text, down, right) {
  if (!text.startsWith('=')) return text;
  return text.replace(/"(?:[^"]|"")*"|'[^']*'|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\w.(])/g, (all, fixedCol, letters, fixedRow, digits) => {
    if (!letters) return all;
    const col = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 + (fixedCol ? 0 : right);
    const row = Number(digits) - 1 + (fixedRow ? 0 : down);
    return row < 0 || col < 0 ? '#REF!' : `${fixedCol}${columnName(col)}${fixedRow}${row + 1}`;
  });
}

// A block of cells as the blocks, of whole rows, that each are no more than a message may hold.
export function* splitBlock({ row, col, values }, most) {
  const encoder = new TextEncoder();
  let from = 0;
  let cells = 0;
  let bytes = 0;
  for (const [at, line] of values.entries()) {
    const size = encoder.encode(JSON.stringify(line)).length + 1;
    if (at > from && (cells + line.length > most.cells || bytes + size > most.bytes)) {
      yield { row: row + from, col, values: values.slice(from, at) };
      from = at;
      cells = bytes = 0;
    }
    cells += line.length;
    bytes += size;
  }
  yield { row: row + from, col, values: values.slice(from) };
}
