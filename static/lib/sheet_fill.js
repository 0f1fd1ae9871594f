// Continues rows or columns when the corner of a selection is dragged: numbers with equal steps are continued, everything else is
// repeated, and the references in formulas move along.

import { shiftFormula } from './sheet_text.js';

const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/;

const turned = (lines) => lines[0].map((_, col) => lines.map((line) => line[col]));

// The block that continues `lines`: `down` rows below (above, if negative), or else `right` columns to the right (left, if negative).
export function goOn(lines, { down = 0, right = 0 }) {
  if (down) return turned(turned(lines).map((column) => more(column, down, (text, by) => shiftFormula(text, by, 0))));
  return lines.map((line) => more(line, right, (text, by) => shiftFormula(text, 0, by)));
}

function more(texts, count, shift) {
  const back = count < 0;
  const series = back ? [...texts].reverse() : texts;
  const step = stepOf(series);
  const news = Array.from({ length: Math.abs(count) }, (_, at) => {
    if (step !== null) return String(Number((Number(series.at(-1)) + step * (at + 1)).toFixed(9)));
    const by = (Math.floor(at / series.length) + 1) * series.length;
    return shift(series[at % series.length], back ? -by : by);
  });
  return back ? news.reverse() : news;
}

// The step from each number to the next; null if they are not all numbers with the same step.
function stepOf(texts) {
  if (texts.length < 2 || !texts.every((text) => NUMBER.test(text))) return null;
  const steps = texts.slice(1).map((text, at) => Number((Number(text) - Number(texts[at])).toFixed(9)));
  return steps.every((step) => step === steps[0]) ? steps[0] : null;
}
