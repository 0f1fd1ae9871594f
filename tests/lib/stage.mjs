// What a browser test happens on: a server, wires that can be cut, and people at their browsers.
//
//   test('…', onStage(async ({ server, wire, person }) => {
//     const jane = await person('Jane', 'garden');
//   }));
//
// Afterwards the stage is cleared, and the test fails when a page reported an error or the server did not end well.

import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { openChromium } from './chromium.mjs';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';

export function onStage(body, config = {}) {
  return async () => {
    const clear = [];
    const problems = [];
    const attempt = (action) => Promise.resolve().then(action).catch((problem) => problems.push(problem));
    await attempt(async () => {
      const server = await startServer({ config });
      clear.unshift(() => server.stop());
      const browser = await openChromium();
      clear.unshift(() => browser.leave());

      await body({
        server,
        fault: browser.fault,
        async anotherServer() {
          const another = await startServer({ config });
          clear.unshift(() => another.stop());
          return another;
        },
        async wire() {
          const proxy = await startProxy(server.port);
          clear.push(() => proxy.stop());
          return proxy;
        },
        page: (options) => browser.person(options),
        // Somebody in a room, connected and greeted.
        async person(nickname, room, { through = server, ...options } = {}) {
          const page = await browser.person(options);
          await page.goto(`${through.url}/static/chat.html?${new URLSearchParams({ room, nickname })}`);
          await greeted(page);
          return page;
        },
      });
    });
    for (const action of clear) await attempt(action);
    if (problems.length === 1) throw problems[0];
    if (problems.length > 1) throw new AggregateError(problems, problems.map((problem) => problem.stack).join('\n\n'));
  };
}

export const greeted = (page) => page.locator('#messages[aria-busy="false"]').waitFor();

export async function say(page, text) {
  await page.locator('#draft').fill(text);
  await page.locator('#draft').press('Enter');
}

// Resolves once the page shows a delivered message with exactly this text.
export const sees = (page, text) => page.locator('#messages .text').filter({ hasText: exactly(text) }).first().waitFor();

// Every delivered message that the page shows, from top to bottom.
export const texts = (page) => page.locator('#messages .text').allTextContents();

// What the browser does when the network is back: then nobody waits for the next attempt.
export const networkIsBack = (page) => page.evaluate(() => { dispatchEvent(new Event('online')); });

export const state = (page, state) => page.locator(`body[data-connection="${state}"]`).waitFor();

export const people = (page) => page.locator('#people .label').allTextContents();

export function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

// Writes a picture when HUBBUB_SCREENSHOTS names a directory.
export async function picture(page, name, options = {}) {
  const directory = process.env.HUBBUB_SCREENSHOTS;
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), ...options });
}

