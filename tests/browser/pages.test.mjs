// What holds for every page: it loads without a complaint, its links lead somewhere, it fits a phone, its policy is kept.
// With HUBBUB_SCREENSHOTS=DIRECTORY this also takes the pictures; readme.png is the one for the README.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage, picture, say, sees } from '../lib/stage.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const PAGES = ['index.html', 'chat.html'];

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('every link of every page leads somewhere', onStage(async ({ server, page }) => {
  const visitor = await page();
  const links = new Set();
  for (const name of PAGES) {
    await visitor.goto(`${server.url}/static/${name}${name === 'chat.html' ? '?nickname=Jane' : ''}`);
    const found = await visitor.locator('a[href], link[href], script[src], img[src]').evaluateAll((elements) => elements.map((element) => element.href || element.src));
    for (const link of found) links.add(link.split('#')[0]);
  }
  assert.ok(links.size > 6);
  for (const link of links) {
    assert.ok(link.startsWith(server.url), `${link} leads away`);
    assert.equal((await visitor.request.get(link)).status(), 200, link);
  }
}));

test('the front page leads into the chat, by its card and by its form', onStage(async ({ server, page }) => {
  const visitor = await page();
  await visitor.goto(`${server.url}/`);
  assert.equal(new URL(visitor.url()).pathname.replace('index.html', ''), '/static/');
  await visitor.getByLabel('Room', { exact: true }).fill('garden');
  await visitor.getByLabel('Your name').fill('Jane');
  await visitor.getByRole('button', { name: 'Go in' }).click();
  await visitor.locator('#room-name', { hasText: '# garden' }).waitFor();
  await visitor.locator('#people .label', { hasText: 'Jane' }).waitFor();

  await visitor.getByRole('link', { name: 'Hubbub' }).click();
  await visitor.getByRole('link', { name: 'Chat' }).first().click();
  await visitor.waitForURL('**/static/chat.html');
}));

test('the front page shows the messages of a room as they are on the wire', onStage(async ({ server, page }) => {
  const visitor = await page();
  await visitor.goto(`${server.url}/static/index.html`);
  await visitor.getByRole('button', { name: 'Listen in' }).click();
  await visitor.locator('#frames .in', { hasText: '"type":"welcome"' }).waitFor();
  await visitor.getByLabel('Something to say').fill('Hello!');
  await visitor.getByRole('button', { name: 'Send' }).click();
  await visitor.locator('#frames .in', { hasText: '"content":"Hello!"' }).waitFor();
  const frame = JSON.parse(await visitor.locator('#frames .in', { hasText: '"content":"Hello!"' }).textContent());
  assert.deepEqual([frame.type, frame.room, frame.nickname, frame.seq], ['message', 'wire', 'Visitor', 1]);
}));

test('pages are served with a policy that forbids scripts and styles from anywhere else', onStage(async ({ server, page, fault }) => {
  const visitor = await page();
  const response = await visitor.goto(`${server.url}/static/index.html`);
  assert.match(response.headers()['content-security-policy'] ?? '', /script-src 'self'/);
  // The browser complains, as it should: so a violation by our own pages would not have gone unnoticed.
  const complaints = [fault(/^security policy: script-src/), fault(/^console: .*Content Security Policy/)];
  const ran = await visitor.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    document.body.append(script);
    return Boolean(globalThis.ran);
  });
  assert.equal(ran, false);
  await Promise.all(complaints);
}));

test('no page scrolls sideways on a phone, whatever people write', onStage(async ({ server, page, person }) => {
  const visitor = await page(PHONE);
  await visitor.goto(`${server.url}/static/index.html`);
  assert.equal(await sideways(visitor), 0);

  const long = 'W'.repeat(64);
  const phone = await person(long, long, PHONE);
  const bob = await person('Bob', long);
  for (const text of ['x'.repeat(900), `https://example.org/${'y'.repeat(300)}`]) {
    await say(bob, text);
    await sees(phone, text);
    await say(phone, `${text}!`);
    await sees(phone, `${text}!`);
  }
  assert.equal(await sideways(phone), 0);
  for (const id of ['scroller', 'sidebar']) {
    assert.equal(await phone.locator(`#${id}`).evaluate((box) => box.scrollWidth - box.clientWidth), 0, id);
  }
}));

test('on a phone the sidebar is folded away, opens on a tap, and closes again', onStage(async ({ person }) => {
  const phone = await person('Jane', 'garden', PHONE);
  const sidebar = phone.locator('#sidebar');
  await sidebar.waitFor({ state: 'hidden' });
  await phone.getByRole('button', { name: 'Rooms and people' }).tap();
  await phone.locator('#people .label', { hasText: 'Jane' }).waitFor();
  await picture(phone, 'phone-sidebar');
  await phone.touchscreen.tap(345, 400);
  await sidebar.waitFor({ state: 'hidden' });
  await phone.getByRole('button', { name: 'Rooms and people' }).tap();
  await sidebar.waitFor({ state: 'visible' });
  await phone.keyboard.press('Escape');
  await sidebar.waitFor({ state: 'hidden' });
}));

test('the chat can be used with the keyboard alone', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  await jane.keyboard.press('Shift+Tab');
  await jane.locator('#draft').focus();
  await jane.keyboard.type('by keyboard');
  await jane.keyboard.press('Tab');
  assert.equal(await jane.evaluate(() => document.activeElement.textContent), 'Send');
  await jane.keyboard.press('Enter');
  await sees(jane, 'by keyboard');

  // From the top: the first stop jumps over the sidebar.
  await jane.reload();
  await sees(jane, 'by keyboard');
  await jane.evaluate(() => document.activeElement.blur());
  await jane.locator('.skip').focus();
  await jane.keyboard.press('Enter');
  assert.equal(await jane.evaluate(() => document.activeElement.id), 'draft');
}));

test('pictures: a conversation on a desktop, light and dark, and on a phone', onStage(async ({ server, page, person }) => {
  const screen = { viewport: { width: 1280, height: 800 } };
  const jane = await person('Jane', 'garden', screen);
  const bob = await person('Bob', 'garden', { ...PHONE, colorScheme: 'dark' });
  const conversation = [
    [jane, 'Morning! Who has the key to the shed?'],
    [bob, 'I do. I will be there at ten, the tomatoes want water before it gets hot.'],
    [bob, 'Does anybody know where the long hose is?'],
    [jane, 'Behind the compost, where else'],
    [jane, 'I am bringing coffee, and cups this time'],
    [bob, 'Then I am bringing a second pair of hands.'],
  ];
  for (const [who, text] of conversation) {
    await say(who, text);
    for (const page of [jane, bob]) await sees(page, text);
  }
  const mary = await person('Mary', 'garden', { ...screen, colorScheme: 'dark' });
  await mary.locator('#draft').pressSequentially('Wait for me');
  for (const page of [jane, bob]) await page.locator('#typing', { hasText: 'Mary is typing…' }).waitFor();
  await picture(jane, 'chat-light');
  await picture(bob, 'chat-phone-dark');
  await say(mary, 'Wait for me, I have the cake');
  await sees(mary, 'Wait for me, I have the cake');
  await picture(mary, 'chat-dark');

  for (const [name, options] of Object.entries({ light: screen, dark: { ...screen, colorScheme: 'dark' }, phone: PHONE })) {
    const visitor = await page(options);
    await visitor.goto(`${server.url}/static/index.html`);
    await picture(visitor, `index-${name}`, { fullPage: true });
  }

  // For the README: one conversation on two screens.
  await sees(jane, 'Wait for me, I have the cake');
  await sees(bob, 'Wait for me, I have the cake');
  await jane.setViewportSize({ width: 960, height: 720 });
  const desk = await page(screen);
  const [desktop, phone] = await Promise.all([jane, bob].map(async (page) => `data:image/png;base64,${(await page.screenshot()).toString('base64')}`));
  await desk.setContent(`<style>
      body { margin: 0; height: 800px; background: linear-gradient(150deg, #dcebe6, #f6e3d6); overflow: hidden }
      img { position: absolute; border-radius: 14px; box-shadow: 0 2px 6px #0002, 0 18px 50px #0003 }
      .desktop { left: 36px; top: 52px; width: 904px }
      .phone { right: 36px; bottom: 40px; width: 280px; border: 7px solid #14171b; border-radius: 34px }
    </style><img class="desktop" src="${desktop}"><img class="phone" src="${phone}">`, { waitUntil: 'load' });
  await picture(desk, 'readme');
}));
