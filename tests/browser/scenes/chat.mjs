import { say, sees } from '../../lib/stage.mjs';

export default async function scene({ jane, bob }) {
  const conversation = [
    [jane, 'Morning! Who has the key to the shed?'],
    [bob, 'I do. I will be there at ten, the tomatoes want water before it gets hot.'],
    [bob, 'Does anybody know where the long hose is?'],
    [jane, 'Behind the compost, where else'],
    [jane, 'I am bringing coffee, and cups this time'],
    [bob, 'Then I am bringing a second pair of hands.'],
    [jane, 'And cake?'],
  ];
  for (const [who, text] of conversation) {
    await say(who, text);
    for (const page of [jane, bob]) await sees(page, text);
  }
  await bob.locator('#draft').pressSequentially('Cake, to');
  await jane.locator('#typing', { hasText: 'Bob is typing…' }).waitFor();
}

// The messages of a large crowd.
export const murmur = (i, n) => (n % 5 === 0 ? ['message', `Number ${n}: ${'something or other '.repeat(i % 7)}`] : ['typing', n % 2 === 0]);
