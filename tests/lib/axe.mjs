// Finds accessibility problems of a page, as far as a program can find them.
//
//   assert.deepEqual(await complaints(page), []);

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The serious and critical problems, each with what is wrong and where.
export async function complaints(page) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    // Waits for animations to end: while something fades, its colours are transient.
    const passing = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
    await Promise.all(passing.map(({ finished }) => finished.catch(() => {})));
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations;
  });
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}: ${html} ${any.map(({ message }) => message)}`));
}
