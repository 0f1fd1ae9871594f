import { pick, settled, stroke } from '../../lib/board.mjs';

const round = (x, y, radius, from = 0, to = 2 * Math.PI) => Array.from({ length: 41 }, (_, i) => {
  const angle = from + ((to - from) * i) / 40;
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
});
const hills = (from, to, height, wave) => Array.from({ length: 30 }, (_, i) => {
  const x = from + ((to - from) * i) / 29;
  return [x, height + 34 * Math.sin(x / wave)];
});

export default async function scene({ jane, bob }) {
  const all = bob.getByRole('button', { name: 'See the whole board' }); // on a phone, only a part of the board is visible at first
  if (await all.isVisible()) await all.click();
  await pick(jane, 'Broad');
  await pick(jane, 'Green');
  await stroke(jane, hills(40, 1560, 860, 130), { steps: 1 });
  await pick(jane, 'Thick');
  await stroke(jane, hills(60, 1540, 925, 90), { steps: 1 });
  await pick(jane, 'Black');
  await pick(jane, 'Medium');
  for (const line of [
    [[460, 830], [460, 560], [820, 560], [820, 830]],
    [[590, 830], [590, 700], [670, 700], [670, 830]],
    [[700, 640], [770, 640], [770, 700], [700, 700], [700, 640]],
  ]) {
    for (let i = 1; i < line.length; i += 1) await stroke(jane, line.slice(i - 1, i + 1));
  }
  await pick(jane, 'Red');
  await pick(jane, 'Thick');
  await stroke(jane, [[420, 575], [640, 400]]);
  await stroke(jane, [[640, 400], [860, 575]]);

  await pick(bob, 'Orange');
  await pick(bob, 'Thick');
  await stroke(bob, round(1250, 250, 95), { steps: 1 });
  for (let ray = 0; ray < 10; ray += 1) {
    const angle = (ray / 10) * 2 * Math.PI;
    await stroke(bob, [120, 185].map((far) => [1250 + (far + 15) * Math.cos(angle), 250 + (far + 15) * Math.sin(angle)]));
  }
  await pick(bob, 'Blue');
  await pick(bob, 'Medium');
  for (const [x, y] of [[200, 220], [330, 150], [900, 190]]) {
    await stroke(bob, [...round(x - 30, y, 30, Math.PI * 1.05, Math.PI * 1.9), ...round(x + 30, y, 30, Math.PI * 1.1, Math.PI * 1.95)], { steps: 1 });
  }
  for (const page of [jane, bob]) await settled(page, 'by Jane and Bob');
  await stroke(jane, [[760, 330], [700, 260], [770, 200], [700, 130]]);
  await stroke(bob, [[1090, 560], [1120, 620], [1150, 560], [1180, 620]], { lift: false });
  await jane.locator('.pointer .label', { hasText: 'Bob' }).waitFor();
  await bob.locator('.pointer .label', { hasText: 'Jane' }).waitFor();
}

// The messages of a large crowd: everybody draws waves, and the pointers move along.
export function murmur(i, n) {
  const [x, y] = [100 + (i * 67) % 1200, 80 + (i * 131) % 800];
  const turn = Math.floor(n / 400); // 200 people, each drawing a piece and then moving
  const points = Array.from({ length: 6 }, (_, step) => [x + 9 * ((5 * turn + step) % 20), y + 30 * Math.sin((5 * turn + step) / 3 + i)]);
  if (Math.floor(n / 200) % 2 === 1) return ['cursor_move', { x: points[5][0], y: points[5][1], color: '#1f7ae0' }];
  return ['draw', { points, color: '#1f7ae0', size: 5, stroke: `${Math.floor(turn / 4)}` }];
}
