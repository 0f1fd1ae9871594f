export default async function scene({ jane, bob }) {
  const tasks = [
    [jane, 'To do', 'Water the tomatoes', 'Before it gets hot, and not on the leaves.', 'Bob'],
    [jane, 'To do', 'Find the key to the shed', '', ''],
    [bob, 'In progress', 'Mend the long hose', 'The leak is near the tap. There is tape in the kitchen drawer.', 'Jane'],
    [bob, 'Done', 'Bring coffee and cups', '', 'Jane'],
    [jane, 'To do', 'Invite the neighbours', '', ''],
  ];
  for (const [who, column, title, description, assignee] of tasks) {
    const input = who.getByLabel(`Add a card to ${column}`);
    await input.fill(title);
    await input.press('Enter');
    await who.getByRole('button', { name: title }).click();
    await who.getByLabel('Description').fill(description);
    await who.getByLabel('Who does it').fill(assignee);
    await who.getByRole('button', { name: 'Save' }).click();
    for (const page of [jane, bob]) await page.locator('.card', { hasText: title }).filter({ hasText: assignee }).waitFor();
  }
  await bob.getByRole('button', { name: 'Find the key to the shed' }).focus();
  await bob.locator('#board').evaluate((board) => { board.scrollLeft = 0; });
  await jane.locator('.holder', { hasText: 'Bob' }).waitFor();
  await bob.locator('.card[data-by]').first().waitFor({ state: 'detached' });
  await jane.locator('.card[data-by]').first().waitFor({ state: 'detached' });
}

// The messages of a large crowd: which cards people are holding.
export const murmur = (i, n) => (n % 20 === 0
  ? ['add_task', { title: `Number ${n}`, column: ['To do', 'Done'][i % 2] }] : ['cursor_update', { cellId: `card-${(i + n) % 50}` }]);
