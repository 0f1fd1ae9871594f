// The draw page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { complaints } from '../lib/axe.mjs';
import { COLORS, drawing, pick, same, settled, shows, stroke } from '../lib/board.mjs';
import { frames, gather } from '../lib/crowd.mjs';
import { join } from '../lib/member.mjs';
import { becomes, greeted, networkIsBack, onStage, state } from '../lib/stage.mjs';
import { murmur } from './scenes/draw.mjs';

const { Black, Red, Green, Blue } = COLORS;
const PLUGINS = { plugins: { draw: {}, cursor_move: {} } };
const DRAW = { page: 'draw.html' };
const LINE = [[200, 200], [600, 200]];

const complaint = (page, text) => page.locator('#complaint', { hasText: text }).waitFor();

test('two people draw, and each sees what the other draws, in the same colours', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await pick(jane, 'Red');
  await stroke(jane, LINE);
  await pick(bob, 'Broad');
  await stroke(bob, [[200, 500], [600, 500]]);
  for (const page of [jane, bob]) {
    await shows(page, [400, 200], Red);
    await shows(page, [400, 500], Black);
    await shows(page, [400, 515], Black);
    await shows(page, [400, 215], '');
    await settled(page, '2 strokes on the board, by Jane and Bob.');
  }
  await same(jane, bob);
}, PLUGINS));

test('a stroke is seen by others while it is being drawn', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(jane, [...LINE, [800, 400]], { lift: false });
  await shows(bob, [400, 200], Black);
  await shows(jane, [400, 200], Black);
  await jane.mouse.up();
  await settled(bob, 'One stroke on the board, by Jane.');
}, PLUGINS));

test('a click makes a dot', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await pick(jane, 'Thick');
  await stroke(jane, [[300, 300]]);
  await shows(bob, [300, 300], Black);
  await shows(bob, [303, 300], Black);
  await shows(bob, [320, 300], '');
}, PLUGINS));

test('a curve goes smoothly through the pointer’s positions', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  // Sixteen points on a circle; a straight line between two of them would be 5 units inside.
  const on = (angle) => [800 + 260 * Math.cos(angle), 500 + 260 * Math.sin(angle)];
  await stroke(jane, Array.from({ length: 17 }, (_, i) => on((i / 16) * 2 * Math.PI)), { steps: 1 });
  for (const page of [jane, bob]) {
    for (const corner of [3.5, 7.5, 11.5]) await shows(page, on((corner / 16) * 2 * Math.PI), Black);
  }
}, PLUGINS));

test('a latecomer sees the picture that everybody else sees', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await pick(bob, 'Blue');
  await pick(bob, 'Broad');
  await pick(jane, 'Broad');
  // Both draw at once, over each other: in the end, for everybody, the stroke that began later is on top.
  await stroke(jane, [[200, 300], [700, 300]], { lift: false });
  await shows(bob, [400, 300], Black);
  await stroke(bob, [[500, 100], [500, 500]]);
  await shows(jane, [500, 450], Blue);
  await jane.mouse.move(0, 0);
  await jane.mouse.up();
  await shows(jane, [500, 300], Blue);
  const john = await person('John', 'garden', DRAW);
  await settled(john, '2 strokes on the board, by Jane and Bob.');
  await same(jane, john);
  await same(bob, john);
}, PLUGINS));

test('undo removes my own last stroke, by button and by key', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  const strokes = { first: [[200, 200], [600, 200]], second: [[200, 400], [600, 400]], third: [[200, 600], [600, 600]] };
  await stroke(jane, strokes.first);
  await stroke(jane, strokes.second);
  await shows(bob, [400, 400], Black);
  await pick(bob, 'Green');
  await stroke(bob, strokes.third);
  await shows(jane, [400, 600], Green);

  await jane.getByRole('button', { name: 'Undo' }).click();
  for (const page of [jane, bob]) await shows(page, [400, 400], '');
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) {
    await shows(page, [400, 200], '');
    await shows(page, [400, 600], Green);
    await settled(page, 'One stroke on the board, by Bob.');
  }
  await jane.keyboard.press('Control+z');
  await jane.locator('#said', { hasText: 'There is nothing of yours to undo.' }).waitFor({ state: 'attached' });
  await shows(jane, [400, 600], Green);
}, PLUGINS));

test('a stroke that is undone while it is being sent or drawn disappears for everybody', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(jane, [...LINE, [900, 500]], { lift: false });
  await shows(bob, [400, 200], Black);
  await jane.keyboard.press('Control+z');
  await jane.mouse.up();
  for (const page of [jane, bob]) {
    await shows(page, [400, 200], '');
    await settled(page, 'The board is empty.');
  }
}, PLUGINS));

test('undoing a stroke shows again what was under it', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(bob, LINE);
  await shows(jane, [400, 200], Black);
  await same(jane, bob); // waits for the whole stroke
  const before = await drawing(jane);
  await pick(jane, 'Broad');
  await pick(jane, 'White, which covers');
  await stroke(jane, [[400, 100], [400, 300]]);
  await shows(bob, [400, 200], COLORS.White);
  await jane.getByRole('button', { name: 'Undo' }).click();
  for (const page of [jane, bob]) await shows(page, [400, 200], Black);
  await same(jane, before);
}, PLUGINS));

test('after a reload my strokes are still mine to undo', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  await stroke(jane, LINE);
  await settled(jane, 'One stroke');
  await jane.reload();
  await shows(jane, [400, 200], Black);
  await jane.getByRole('button', { name: 'Undo' }).click();
  await settled(jane, 'The board is empty.');
  await jane.locator('#empty').waitFor();
}, PLUGINS));

test('the board is cleared for everybody, after a confirmation', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(bob, LINE);
  await shows(jane, [400, 200], Black);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  assert.deepEqual(await complaints(jane), []);
  await jane.getByRole('button', { name: 'Cancel' }).click();
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.keyboard.press('Escape');
  await shows(jane, [400, 200], Black);
  await shows(bob, [400, 200], Black);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.getByRole('button', { name: 'Clear it' }).click();
  for (const page of [jane, bob]) {
    await shows(page, [400, 200], '');
    await page.locator('#empty', { hasText: 'Nothing has been drawn here yet.' }).waitFor();
  }
  await stroke(bob, LINE);
  await shows(jane, [400, 200], Black);
}, PLUGINS));

test('clearing removes no stroke that comes later, and every stroke that came before, also one that the server took late', onStage(async ({ server, page, person }) => {
  const bob = await person('Bob', 'garden', DRAW);
  const jane = await page();
  let isBusy = true;
  await jane.routeWebSocket(/\/api\/ws/, (socket) => {
    const room = socket.connectToServer();
    socket.onMessage((text) => {
      const { type, ref } = JSON.parse(text);
      if (isBusy && type === 'draw') socket.send(JSON.stringify({ type: 'error', content: 'too fast', code: 'rate_limited', ref, retry_after_ms: 50 }));
      else room.send(text);
    });
  });
  await jane.goto(`${server.url}/static/draw.html?room=garden&nickname=Jane`);
  await greeted(jane);
  await stroke(jane, [[200, 500]]);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.getByRole('button', { name: 'Clear it' }).click();
  await pick(jane, 'Red');
  await stroke(jane, LINE);
  isBusy = false;
  for (const one of [jane, bob]) {
    await shows(one, [400, 200], Red);
    await settled(one, 'One stroke on the board, by Jane.');
    await shows(one, [200, 500], '');
  }
}, PLUGINS));

test('if clearing is refused, every own stroke is kept, also those that had not been sent', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', { ...DRAW, holds: ['draw', 'clear'] });
  const bob = await person('Bob', 'garden', DRAW);
  const dots = Array.from({ length: 17 }, (_, i) => [100 + 60 * i, 300]);
  for (const dot of dots) await stroke(jane, [dot]);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.getByRole('button', { name: 'Clear it' }).click();
  for (const _ of dots.slice(1)) await jane.held.pass();
  await jane.held.refuse('not here', 'forbidden');
  await complaint(jane, 'Not cleared: not here.');
  await jane.held.pass();
  for (const page of [jane, bob]) await settled(page, '17 strokes on the board, by Jane.');
}, PLUGINS));

test('clearing removes no stroke that came while the connection was lost', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...DRAW, through: cable, holds: ['draw'] });
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(jane, [[200, 500]]);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.getByRole('button', { name: 'Clear it' }).click();
  cable.cut();
  await state(jane, 'offline');
  await stroke(bob, LINE);
  await settled(bob, 'One stroke on the board, by Bob.');
  cable.restore();
  await networkIsBack(jane);
  await jane.held.pass();
  for (const page of [jane, bob]) await settled(page, '2 strokes on the board, by Bob and Jane.');
  await complaint(jane, 'Not cleared: the connection was lost meanwhile.');
}, PLUGINS));

test('the picture is saved as a PNG, on white', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  await pick(jane, 'Red');
  await pick(jane, 'Broad');
  await stroke(jane, LINE);
  await shows(jane, [400, 200], Red);
  const downloaded = jane.waitForEvent('download');
  await jane.getByRole('button', { name: 'Save PNG' }).click();
  const file = await downloaded;
  assert.equal(file.suggestedFilename(), 'garden.png');
  const png = (await readFile(await file.path())).toString('base64');
  const found = await jane.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const context = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d');
    context.drawImage(image, 0, 0);
    const at = (x, y) => [...context.getImageData(x * 2, y * 2, 1, 1).data];
    return { size: [image.width, image.height], line: at(400, 200), paper: at(400, 600) };
  }, png);
  assert.deepEqual(found, { size: [3200, 2000], line: [0xc9, 0x37, 0x2c, 255], paper: [255, 255, 255, 255] });
}, PLUGINS));

test('pointers of others are shown with their names, and disappear when they leave', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await bob.locator('#board').hover({ position: { x: 100, y: 60 } });
  const pointer = jane.locator('.pointer:not([hidden])', { hasText: 'Bob' });
  await pointer.waitFor({ state: 'attached' });
  const box = await jane.locator('#board').boundingBox();
  await jane.waitForFunction(([left, top]) => {
    const at = document.querySelector('.pointer:not(#nib)').getBoundingClientRect();
    return Math.hypot(at.left - left, at.top - top) < 2;
  }, [box.x + 100, box.y + 60]);
  await bob.getByRole('button', { name: 'Undo' }).hover(); // outside the board
  await pointer.waitFor({ state: 'detached' });
  await bob.locator('#board').hover();
  await pointer.waitFor({ state: 'attached' });
  await bob.close();
  await pointer.waitFor({ state: 'detached' });
  assert.equal(await jane.locator('.pointer:not(#nib)').count(), 0);
}, PLUGINS));

test('a finger draws, and a phone’s board is the same board', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const phone = await person('Bob', 'garden', { ...DRAW, viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  const { x, y, width, height } = await phone.locator('#board').boundingBox();
  const at = (left, top) => ({ x: x + (left / 1600) * width, y: y + (top / 1000) * height });
  const touch = await phone.context().newCDPSession(phone);
  const send = (type, ...points) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await phone.getByRole('radio', { name: 'Blue' }).tap();
  await phone.getByRole('radio', { name: 'Broad' }).tap();
  await send('touchStart', at(300, 300));
  for (let left = 350; left <= 900; left += 50) await send('touchMove', at(left, 300));
  await send('touchEnd');
  await shows(phone, [600, 300], Blue);
  await shows(jane, [600, 300], Blue);
  assert.deepEqual(await phone.evaluate(() => [scrollX, scrollY]), [0, 0]);
}, PLUGINS));

const PHONE = { ...DRAW, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

// The share of the screen that shows the board, from 0 to 1.
const share = (page) => page.locator('#board').evaluate((board) => {
  const [seen, whole] = ['#view', '#board'].map((selector) => document.querySelector(selector).getBoundingClientRect());
  const across = Math.min(seen.right, whole.right, innerWidth) - Math.max(seen.left, whole.left, 0);
  const down = Math.min(seen.bottom, whole.bottom, innerHeight) - Math.max(seen.top, whole.top, 0);
  return (across * down) / (innerWidth * innerHeight);
});

test('on a phone the board fills the screen, and the whole board can be shown', onStage(async ({ person }) => {
  for (const [viewport, least] of [[{ width: 390, height: 780 }, 0.6], [{ width: 360, height: 640 }, 0.55], [{ width: 820, height: 1100 }, 0.5], [{ width: 780, height: 360 }, 0.3]]) {
    const phone = await person('Bob', 'garden', { ...PHONE, viewport });
    const large = await share(phone);
    assert.ok(large > least, `${viewport.width} x ${viewport.height}: ${large}`);
    assert.deepEqual(await complaints(phone), []);
    const whole = phone.getByRole('button', { name: 'See the whole board' });
    await whole.tap();
    const [view, board] = [await phone.locator('#view').boundingBox(), await phone.locator('#board').boundingBox()];
    assert.ok(board.width <= view.width + 1 && board.height <= view.height + 1);
    await whole.tap();
    await becomes(() => share(phone), large);
    await phone.close();
  }
  const jane = await person('Jane', 'garden', DRAW);
  assert.equal(await jane.getByRole('button', { name: 'See the whole board' }).count(), 0, 'where there is room, it is seen anyway');
}, PLUGINS));

test('two fingers move and zoom the board without drawing; one finger draws in the right place', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const phone = await person('Bob', 'garden', { ...PHONE, viewport: { width: 390, height: 780 } });
  const box = () => phone.locator('#board').boundingBox();
  const touch = await phone.context().newCDPSession(phone);
  const send = (type, ...points) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const before = await box();

  await send('touchStart', [300, 400]);
  await send('touchMove', [290, 400]);
  await send('touchStart', [290, 400], [200, 500]);
  for (let i = 1; i <= 6; i += 1) await send('touchMove', [290 - i * 30, 400], [200 - i * 30, 500]);
  await send('touchEnd');
  await becomes(async () => { const { x, width } = await box(); return [Math.round(before.x - x), Math.round(width - before.width)]; }, [180, 0]);

  await send('touchStart', [150, 400], [250, 400]);
  for (let i = 1; i <= 5; i += 1) await send('touchMove', [150 - i * 10, 400], [250 + i * 10, 400]);
  await send('touchEnd');
  await becomes(async () => Math.round(((await box()).width / before.width) * 10), 20);

  const { x, y, width, height } = await box();
  const at = (left, top) => [x + (left / 1600) * width, y + (top / 1000) * height];
  const [left, top] = [200, 500].map((place, i) => ((place - [x, y][i]) / [width, height][i]) * [1600, 1000][i]);
  await phone.getByRole('radio', { name: 'Blue' }).tap();
  await phone.getByRole('radio', { name: 'Broad' }).tap();
  await send('touchStart', at(left - 60, top));
  for (let step = -50; step <= 60; step += 10) await send('touchMove', at(left + step, top));
  await send('touchEnd');
  for (const page of [phone, jane]) await shows(page, [left, top], Blue);
  await settled(phone, 'One stroke on the board, by Bob.');
}, PLUGINS));

test('a pointer’s name is always completely visible, wherever the pointer is', onStage(async ({ server, person }) => {
  const longest = 'Bartholomew the Patient of the Long Name';
  const bob = await join(server, { room: 'garden', nickname: longest, id: 'bob' });
  for (const options of [DRAW, { ...PHONE, viewport: { width: 390, height: 780 } }, { ...PHONE, viewport: { width: 360, height: 640 } }]) {
    const jane = await person('Jane', 'garden', options);
    const label = jane.locator('.pointer:not(#nib) .label');
    for (const [x, y] of [[1599, 999], [1599, 1], [1, 999], [1, 1], [800, 998], [1595, 500]]) {
      bob.send('cursor_move', { x, y, color: '#c9372c' });
      await becomes(() => label.evaluateAll(([name], [left, top]) => {
        if (!name) return 'no name';
        const [seen, whole, own, at] = [document.getElementById('view'), document.getElementById('board'), name, name.parentElement].map((element) => element.getBoundingClientRect());
        if (Math.hypot(at.left - whole.left - left * whole.width, at.top - whole.top - top * whole.height) > 2) return 'not there yet';
        const inside = own.left >= Math.max(seen.left, whole.left) - 1 && own.top >= Math.max(seen.top, whole.top) - 1
          && own.right <= Math.min(seen.right, whole.right) + 1 && own.bottom <= Math.min(seen.bottom, whole.bottom) + 1;
        return inside ? 'whole' : `cut: ${JSON.stringify([own, seen, whole])}`;
      }, [x / 1600, y / 1000]), 'whole');
    }
    await jane.close();
  }
  bob.hangUp();
}, PLUGINS));

test('a pen with more pressure draws broader', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await pick(jane, 'Broad');
  await jane.evaluate(() => {
    const board = document.getElementById('board');
    const { left, top, width } = board.getBoundingClientRect();
    board.setPointerCapture = () => {}; // there is no such pointer
    const send = (type, x, pressure) => board.dispatchEvent(new PointerEvent(type, {
      pointerId: 7, pointerType: 'pen', button: 0, pressure, clientX: left + (x / 1600) * width, clientY: top + (500 / 1600) * width,
    }));
    send('pointerdown', 200, 0.05);
    for (let x = 240; x <= 1400; x += 40) send('pointermove', x, (x - 200) / 1200);
    send('pointerup', 1400, 0);
  });
  for (const page of [jane, bob]) {
    await shows(page, [300, 500], Black);
    await shows(page, [300, 514], '');
    await shows(page, [1300, 500], Black);
    await shows(page, [1300, 525], Black);
    await shows(page, [1300, 475], Black);
  }
}, PLUGINS));

test('the keyboard can draw', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const bob = await person('Bob', 'garden', DRAW);
  await jane.locator('#board').focus();
  await jane.keyboard.press('Shift+ArrowLeft');
  await jane.keyboard.press('Space');
  await jane.locator('#said', { hasText: 'Pen down, 750 from the left, 500 from the top.' }).waitFor({ state: 'attached' });
  for (let i = 0; i < 6; i += 1) await jane.keyboard.press('Shift+ArrowRight');
  await jane.keyboard.press('Space');
  for (const page of [jane, bob]) {
    await shows(page, [900, 500], Black);
    await shows(page, [740, 500], '');
  }
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) await settled(page, 'The board is empty.');
}, PLUGINS));

test('strokes from other kinds of pages are shown: lines, points without a stroke, transparent colours', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const john = await join(server, { nickname: 'John', room: 'garden', protocols: [] });
  john.send('draw', { fromX: 100, fromY: 100, toX: 300, toY: 100, color: '#f00', size: '12', nickname: 'J' });
  john.send('draw', { points: [[100, 300], [200, 300], [300, 300]], color: '#0000ff', size: 10 });
  john.send('draw', { points: [[500, 300, 1], [600, 300, 1], [700, 300, 1]], color: '#00000080', size: 20 });
  john.send('draw', { points: [[900, 300], [900, 300]], color: '#00ff00', size: 20 });
  await shows(jane, [200, 102], '#ff0000');
  await shows(jane, [200, 300], '#0000ff');
  await shows(jane, [903, 300], '#00ff00');
  // Half transparent everywhere, also where its discs overlap.
  await jane.waitForFunction(() => {
    const board = document.getElementById('board');
    const at = (x) => board.getContext('2d').getImageData((x / 1600) * board.width, (300 / 1000) * board.height, 1, 1).data[3];
    return [530, 600, 650].every((x) => Math.abs(at(x) - 128) < 4);
  });
  await settled(jane, '4 strokes on the board, by John.');
}, PLUGINS));

test('strokes drawn and undone while offline are kept, and reach everybody once when the connection is back', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...DRAW, through: cable });
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(jane, LINE);
  await shows(bob, [400, 200], Black);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.locator('#clearing[open]').waitFor();
  cable.cut();
  await state(jane, 'offline');
  assert.ok(await jane.getByRole('button', { name: 'Clear…' }).isDisabled());
  await jane.locator('#clearing').waitFor({ state: 'hidden' });
  // Far more than a hub would queue if every 30 ms were a message.
  await pick(jane, 'Red');
  await stroke(jane, Array.from({ length: 120 }, (_, i) => [200 + 10 * i, 400 + 20 * Math.sin(i)]), { steps: 2 });
  await stroke(jane, [[200, 600], [600, 600]]);
  await stroke(jane, [[200, 800], [600, 800]]);
  await jane.keyboard.press('Control+z');
  await shows(jane, [400, 600], Red);
  await shows(jane, [400, 800], '');
  await pick(bob, 'Green');
  await stroke(bob, [[200, 900], [600, 900]]);
  cable.restore();
  await networkIsBack(jane);
  await state(jane, 'online');
  for (const page of [jane, bob]) {
    await shows(page, [400, 900], Green);
    await shows(page, [400, 600], Red);
    await shows(page, [400, 800], '');
    await settled(page, '4 strokes on the board, by Jane and Bob.');
  }
  await same(jane, bob);
}, PLUGINS));

test('a connection that breaks in the middle of a stroke does not break the stroke', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...DRAW, through: cable });
  const bob = await person('Bob', 'garden', DRAW);
  await stroke(jane, LINE, { lift: false });
  await shows(bob, [400, 200], Black);
  cable.deafen(); // her messages arrive, but she gets no answer
  await stroke(jane, [[600, 200], [1000, 200]], { lift: false });
  await shows(bob, [800, 200], Black);
  cable.cut();
  await state(jane, 'offline');
  await stroke(jane, [[1000, 200], [1400, 200]]);
  cable.restore();
  await networkIsBack(jane);
  for (const page of [jane, bob]) for (const x of [400, 800, 1200, 1390]) await shows(page, [x, 200], Black);
  await same(jane, bob);
}, PLUGINS));

test('the picture survives a restart of the server', onStage(async ({ person, wire, restart }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...DRAW, through: cable });
  await stroke(jane, LINE);
  await settled(jane, 'One stroke');
  await restart();
  await networkIsBack(jane);
  await state(jane, 'online');
  await stroke(jane, [[200, 400], [600, 400]]);
  await settled(jane, '2 strokes');
  const bob = await person('Bob', 'garden', DRAW);
  for (const page of [jane, bob]) for (const y of [200, 400]) await shows(page, [400, y], Black);
  await same(jane, bob);
}, PLUGINS));

test('if the room has started afresh, its new board is shown', onStage(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...DRAW, through: cable });
  await stroke(jane, LINE);
  await settled(jane, 'One stroke');
  cable.cut();
  await state(jane, 'offline');
  await stroke(jane, [[200, 400], [600, 400]]);
  const another = await anotherServer();
  const bob = await person('Bob', 'garden', { ...DRAW, through: another });
  await stroke(bob, [[200, 600], [600, 600]]);
  await settled(bob, 'One stroke');
  cable.restore(another.port);
  await networkIsBack(jane);
  for (const page of [jane, bob]) {
    await shows(page, [400, 200], '');
    await shows(page, [400, 400], Black);
    await shows(page, [400, 600], Black);
    await settled(page, '2 strokes on the board, by Bob and Jane.');
  }
}, PLUGINS));

test('a stroke that a full board refuses is removed again, with the reason', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden', DRAW);
  const john = await join(server, { nickname: 'John', room: 'garden' });
  john.send('draw', { points: Array.from({ length: 190 }, (_, i) => [200 + i, 200]), color: '#ff0000', size: 10 });
  await shows(jane, [300, 200], '#ff0000');
  await stroke(jane, Array.from({ length: 30 }, (_, i) => [200 + 20 * i, 500 + 60 * Math.sin(i)]), { steps: 1 });
  await complaint(jane, 'Not drawn: the board is full; clear it, or undo strokes, to make room.');
  assert.deepEqual(await complaints(jane), []);
  await shows(jane, [780, 500 + 60 * Math.sin(29)], '');
  const bob = await person('Bob', 'garden', DRAW);
  await same(jane, bob);
  await jane.getByRole('button', { name: 'Clear…' }).click();
  await jane.getByRole('button', { name: 'Clear it' }).click();
  await shows(bob, [300, 200], ''); // a stroke begun before that would be cleared too
  await stroke(jane, LINE);
  await shows(bob, [400, 200], Black);
  assert.equal(await jane.locator('#complaint').textContent(), '');
}, { plugins: { draw: { max_points: 200, max_board: 200 }, cursor_move: {} } }));

test('markup, code and endless text in every field harm nothing', onStage(async ({ server, person }) => {
  const room = '<img src=x onerror="document.title=1">';
  const jane = await person('Jane', room, DRAW);
  for (const evil of ['<img src=x onerror="document.title=1">', 'javascript:document.title=1', 'x'.repeat(10_000)]) {
    const john = await join(server, { nickname: evil.slice(0, 64), room });
    const line = { fromX: 100, fromY: 100, toX: 300, toY: 100, color: '#ff0000', size: 5 };
    for (const field of ['color', 'size', 'stroke', 'nickname', 'id', 'key', 'path', 'fromX', 'points', evil]) john.send('draw', { ...line, [field]: evil });
    for (const field of ['color', 'nickname', 'id', 'x', 'toX', evil]) john.send('cursor_move', { x: 5, y: 5, [field]: evil });
    for (const type of ['draw', 'undraw', 'clear', 'cursor_move', evil]) john.send(type, evil);
    john.send('undraw', { seqs: [evil] });
    john.send('draw', { ...line, fromY: 300, toY: 300, stroke: '__proto__' });
    john.send('cursor_move', { x: 50, y: 50 }, 'last');
    await john.next(({ type }) => type === 'cursor_move');
  }
  await shows(jane, [200, 300], '#ff0000');
  await stroke(jane, LINE);
  await shows(jane, [400, 200], Black);
  assert.equal(await jane.title(), `#${room} · Draw · Hubbub`);
  assert.equal(await jane.locator('img:not(.brand img)').count(), 0);
  assert.equal(await jane.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
}, PLUGINS));

test('drawing still works while two hundred people draw on a full board; frames are measured', onStage(async ({ server, person }) => {
  const john = await join(server, { nickname: 'John', room: 'garden' });
  for (let line = 0; line < 180; line += 1) {
    const points = Array.from({ length: 500 }, (_, i) => [10 + 3 * i, 40 + 5 * line + 30 * Math.sin(i / 20 + line)]);
    john.send('draw', { points, color: '#d8d8d8', size: 2 }, line);
    await john.next(({ ref }) => ref === line);
  }
  const jane = await person('Jane', 'garden', DRAW);
  await settled(jane, '180 strokes');
  const crowd = await gather(server, 'garden', { count: 200, murmur, every: 250 });
  try {
    await jane.waitForFunction(() => document.querySelectorAll('.pointer').length > 200);
    const times = await frames(jane, 200);
    await pick(jane, 'Red');
    await pick(jane, 'Broad');
    await stroke(jane, [[1570, 100], [1570, 900]]);
    await shows(jane, [1570, 500], Red);
    const [median, most] = [0.5, 0.95].map((part) => Math.round(times[Math.floor(part * times.length)]));
    console.log(`a full board: frames of ${median} ms, 95 of 100 within ${most}`); // not asserted: the machine may be busy
  } finally {
    crowd.leave();
  }
}, { plugins: { draw: { max_board: 1_000_000 }, cursor_move: {} } }));
