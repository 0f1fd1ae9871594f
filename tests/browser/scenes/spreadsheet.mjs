const TABLE = [
  ['Harvest', 'Price', 'Crates', 'Total'],
  ['Tomatoes', '3.20', '14', '=B2*C2'],
  ['Courgettes', '1.80', '22', '=B3*C3'],
  ['Beans', '4.50', '6', '=B4*C4'],
  ['Strawberries', '5.10', '9', '=B5*C5'],
  ['Together', '', '=SUM(C2:C5)', '=SUM(D2:D5)'],
  ['Best', '', '', '=INDEX(A2:A5,MATCH(MAX(D2:D5),D2:D5,0))'],
];

export default async function scene({ jane, bob }) {
  await jane.locator('#grid').focus();
  for (const line of TABLE) {
    for (const text of line) {
      await jane.keyboard.type(text);
      await jane.keyboard.press(text ? 'Tab' : 'ArrowRight');
    }
    await jane.keyboard.press('ArrowDown');
    await jane.keyboard.press('Home');
  }
  for (const page of [jane, bob]) await page.locator('#cell-6-3', { hasText: 'Strawberries' }).waitFor({ state: 'attached' });
  await jane.keyboard.press('Control+Home');
  await bob.locator('#cell-3-0').tap();
  await jane.locator('.other', { hasText: 'Bob' }).waitFor();
  await jane.locator('#cell-1-2').click();
  await jane.locator('#cell-5-2').click({ modifiers: ['Shift'] });
  await bob.locator('.other', { hasText: 'Jane' }).waitFor({ state: 'attached' });
}

// The messages of a large crowd: selections and new cells.
export const murmur = (i, n) => (n % 5 === 0
  ? ['cell_update', { id: `${i % 40}-${10 + (n % 5)}`, value: `${n}` }] : ['cursor_update', { cellId: `${(i + n) % 30}-${i % 8}` }]);
