// A test reporter for people: prints which tests failed and why, what tests printed, and the counts. For
// `node --test --test-reporter=./tests/lib/failures.mjs`.

import { inspect } from 'node:util';

const indented = (text) => text.replace(/\n +at .*\bnode:internal.*/g, '').replace(/^(?=.)/gm, '    ');

export default async function* failures(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { error, duration_ms: took, type: kind } = data.details;
    if (kind === 'suite' || error?.failureType === 'subtestsFailed') continue; // their subtests are reported
    counts[type === 'test:fail' ? 'failed' : data.skip === undefined ? 'passed' : 'skipped'] += 1;
    if (type === 'test:fail') yield `FAILED after ${Math.round(took)} ms: ${data.name}\n${indented(error?.cause?.stack ?? inspect(error?.cause ?? error))}\n\n`;
  }
  yield `${Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(', ')}\n`;
}
