// Drawing on draw.html, in the units of the board, and checking what it shows.

import { breath, within } from './deadline.mjs';
import { delivered } from './stage.mjs';

const SIZE = [1600, 1000];

async function inWindow(page, [x, y]) {
  const box = await page.locator('#board').boundingBox();
  return [box.x + (x / SIZE[0]) * box.width, box.y + (y / SIZE[1]) * box.height];
}

// Draws with the mouse through these points, with `steps` steps to each. `lift: false` keeps the button down.
export async function stroke(page, points, { steps = 4, lift = true } = {}) {
  const [first, ...rest] = await Promise.all(points.map((point) => inWindow(page, point)));
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps });
  if (lift) await page.mouse.up();
}

export const pick = (page, name) => page.getByRole('radio', { name, exact: true }).check();

// Resolves once the board has this colour (in CSS notation, approximately) at a point; '' means no colour.
export async function shows(page, [x, y], color) {
  await page.waitForFunction(({ x, y, color, size }) => {
    const canvas = document.getElementById('board');
    const found = canvas.getContext('2d').getImageData(Math.round((x / size[0]) * canvas.width), Math.round((y / size[1]) * canvas.height), 1, 1).data;
    if (!color) return found[3] === 0;
    const wanted = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    return found[3] > 250 && wanted.every((value, i) => Math.abs(value - found[i]) < 6);
  }, { x, y, color, size: SIZE });
}

// Resolves once the room has everything that this page has drawn, and the page says so.
export async function settled(page, count) {
  await delivered(page);
  await page.locator('#summary', { hasText: count }).waitFor({ state: 'attached' });
}

// A small picture of the board. Small, because the smoothing of edges may differ, depending on what was painted together.
export const drawing = (page) => page.evaluate(() => {
  const small = Object.assign(document.createElement('canvas'), { width: 160, height: 100 }).getContext('2d');
  small.imageSmoothingQuality = 'high';
  small.fillStyle = '#fff';
  small.fillRect(0, 0, 160, 100);
  small.drawImage(document.getElementById('board'), 0, 0, 160, 100);
  return [...small.getImageData(0, 0, 160, 100).data.filter((_, i) => i % 4 !== 3)];
});

// Resolves once two boards look the same. Each may also be a result of drawing().
export async function same(one, other) {
  const seen = (board) => (Array.isArray(board) ? board : drawing(board));
  const until = async () => {
    for (;;) {
      const [mine, theirs] = [await seen(one), await seen(other)];
      if (mine.every((value, i) => Math.abs(value - theirs[i]) < 12)) return;
      await breath();
    }
  };
  await within(until(), 'two boards to look the same');
}

export const COLORS = { Black: '#20242b', Red: '#c9372c', Green: '#2f9e57', Blue: '#1f7ae0', White: '#ffffff' };
