// What stands between a page and those who do not see it, or not well, or who have no mouse, as far as a program can tell.
//
//   assert.deepEqual(await complaints(page), []);

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What is serious or critical, each with what is wrong and where.
export async function complaints(page) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    // While something fades, its colours are those of no state that lasts.
    const passing = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
    await Promise.all(passing.map(({ finished }) => finished.catch(() => {})));
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations;
  });
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}: ${html} ${any.map(({ message }) => message)}`));
}
