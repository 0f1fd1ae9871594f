// Cells as text: their names, tables as other programs write them, protection against texts that other programs would run, moved
// formulas, and blocks for messages.

// A, B, … Z, AA, AB, …
export function columnName(col) {
  return col < 26 ? String.fromCharCode(65 + col) : columnName(Math.floor(col / 26) - 1) + columnName(col % 26);
}

export const cellName = (row, col) => `${columnName(col)}${row + 1}`;

// Parses a table with this separator: a comma in CSV, a tab on the clipboard. A field in quotes may contain separators, line breaks
// and doubled quotes (RFC 4180).
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

// The end of the field that begins with the quote at `from`; -1 if the closing quote is not followed by the end of a field. (A regular
// expression would fail on megabytes of doubled quotes.)
function closingQuote(text, from, separator) {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return -1;
    if (text[at + 1] !== '"') return at + 1 === text.length || [separator, '\r', '\n'].includes(text[at + 1]) ? at : -1;
  }
}

export function formatTable(rows, separator) {
  // Readers guess the separator from the first row, so there nothing else may look like a separator or name one.
  const field = (text, special) => (text.includes(separator) || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row, at) => row.map((text) => field(text, at ? /["\r\n]/ : /["\r\n,;\t]|^sep=/i)).join(separator)).join('\r\n');
}

export const looksLikeNumber = (text) => /^[-+]?[\d.,]*\d%?$|^[-+]?\d[\d.]*e[-+]?\d+$/i.test(text);

// Spreadsheets run texts that begin like this, even in quotes. They do not run a sign alone or a number with a sign.
const RUNS = /^\s*[-+=@\uff0d\uff0b\uff1d\uff20]\s*\S|^[\t\r\n]/;
const wouldRun = (text) => RUNS.test(text) && !looksLikeNumber(text);
const bare = (text) => text.replace(/^'+/, '');

// Makes a shown text safe for other programs: for all of them, an apostrophe in front marks plain text.
export const harmless = (shown) => (wouldRun(shown) ? `'${shown}` : shown);

// Turns the written text of a cell (not a formula) into a field that no program runs, and back into exactly that text. A text that
// begins with "=" already has its apostrophe, otherwise it would be a formula here.
const escaped = (text) => wouldRun(bare(text)) && !bare(text).startsWith('=');
export const toField = (text) => (escaped(text) ? `'${text}` : text);
export const fromField = (field) => (field.startsWith("'") && escaped(field) ? field.slice(1) : field);

export const widest = (lines) => lines.reduce((width, line) => Math.max(width, line.length), 0);

// Guesses the separator of a CSV file: in countries where people write 1,5 it is a semicolon.
export function separatorOf(text) {
  const [line] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const count = (separator) => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

// The formula moved by this many rows and columns: its references move along, except the parts with a $.
export function shiftFormula(text, down, right) {
  if (!text.startsWith('=')) return text;
  return text.replace(/"(?:[^"]|"")*"|'[^']*'|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\w.(])/g, (all, fixedCol, letters, fixedRow, digits) => {
    if (!letters) return all;
    const col = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 + (fixedCol ? 0 : right);
    const row = Number(digits) - 1 + (fixedRow ? 0 : down);
    return row < 0 || col < 0 ? '#REF!' : `${fixedCol}${columnName(col)}${fixedRow}${row + 1}`;
  });
}

// Splits a block of cells into blocks of whole rows, each small enough for one message.
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
