import { contains, written } from '../../lib/editor.mjs';

const PROGRAM = `// Who waters what, this week
const beds = ['tomatoes', 'beans', 'roses'];
const people = ['Jane', 'Bob'];

for (const [week, bed] of beds.entries()) {
  console.log(bed, '→', people[week % people.length]);
}
`;

export default async function scene({ jane, bob }) {
  await written(jane, PROGRAM);
  await contains(bob, PROGRAM);
  await jane.getByRole('button', { name: 'Run' }).click();
  await jane.locator('#fate', { hasText: 'Ended' }).waitFor();
  await bob.locator('.cm-line', { hasText: 'beds.entries' }).click();
  await bob.keyboard.press('Shift+Home');
  await jane.locator('.cm-line', { hasText: 'const people' }).click();
  await jane.keyboard.press('End');
  await jane.locator('.cm-their-selection').first().waitFor();
  await bob.locator('.cm-their-caret .name', { hasText: 'Jane' }).waitFor();
}

// The messages of a large crowd: selections in the text.
export const murmur = (i, n) => ['selection_update', { from: (i * 7 + n) % 200, to: (i * 7 + n * 3) % 200 }];
