// The stage of a browser test: a server, connections that can be cut, and people at their browsers.
//
//   test('…', onStage(async ({ server, wire, person }) => {
//     const jane = await person('Jane', 'garden');
//     const bob = await person('Bob', 'garden', { page: 'draw.html' });
//   }, { plugins: { draw: {} } }));
//
// The server has the chat plugin and those that the test names; everyPlugin names all of them. The third argument goes to
// openChromium: { habits: true } for tests that need a normal browser's features. Afterwards everything is closed, and the test fails
// if a page reported an error or the server does not end well.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openChromium } from './chromium.mjs';
import { breath, within } from './deadline.mjs';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';
import { paths } from './source.mjs';

export const everyPlugin = Object.fromEntries(paths(/^plugins\/\w+\/CMakeLists\.txt$/).map((path) => [path.split('/')[1], {}]));

export function onStage(body, config = {}, browsing = {}) {
  return async () => {
    const clear = [];
    const problems = [];
    const attempt = (action) => Promise.resolve().then(action).catch((problem) => problems.push(problem));
    await attempt(async () => {
      // The store survives the server, so that restart() can go on with it.
      const folder = await mkdtemp(join(tmpdir(), 'hubbub-stage-'));
      clear.push(() => rm(folder, { recursive: true }));
      const kept = { ...config, store: { path: join(folder, 'rooms.db'), ...config.store } };
      const server = await startServer({ config: kept });
      clear.unshift(() => server.stop());
      const cables = [];
      const browser = await openChromium(browsing);
      clear.unshift(() => browser.leave());

      await body({
        server,
        fault: browser.fault,
        async anotherServer() {
          const another = await startServer({ config });
          clear.unshift(() => another.stop());
          return another;
        },
        // Gives the running server these plugins instead.
        give: (plugins) => server.reload({ ...kept, plugins }),
        // Restarts the server, as after kill -9. Connections through a wire reach the new server.
        async restart() {
          await server.crash();
          Object.assign(server, await startServer({ config: kept }));
          for (const cable of cables) cable.restore(server.port);
        },
        async wire() {
          const proxy = await startProxy(server.port);
          clear.push(() => proxy.stop());
          cables.push(proxy);
          return proxy;
        },
        page: (options) => browser.person(options),
        // Opens a page for somebody in a room; resolves once they are connected and greeted. What they send of the types that they hold
        // waits until the test refuses it or passes it on, through page.held.
        async person(nickname, room, { page: name = 'chat.html', through = server, holds, ...options } = {}) {
          const page = await browser.person(options);
          if (holds) page.held = await holdBack(page, holds);
          await page.goto(`${through.url}/static/${name}?${new URLSearchParams({ room, nickname })}`);
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

async function holdBack(page, types) {
  const waiting = [];
  let came = () => {};
  await page.routeWebSocket(/\/api\/ws/, (socket) => {
    const room = socket.connectToServer();
    waiting.length = 0; // a new connection sends them again
    socket.onMessage((text) => {
      const { type, ref } = JSON.parse(text);
      if (!types.includes(type)) return room.send(text);
      waiting.push({
        pass: () => room.send(text),
        refuse: (content, code) => socket.send(JSON.stringify({ type: 'error', content, code, ref })),
      });
      came();
    });
  });
  const oldest = async () => {
    if (!waiting.length) await within(new Promise((resolve) => { came = resolve; }), 'a message that is held back');
    return waiting.shift();
  };
  return {
    pass: async () => (await oldest()).pass(),
    refuse: async (why = 'too many messages', code = 'rate_limited') => (await oldest()).refuse(why, code),
  };
}

// Resolves once a page has been greeted: the list of people comes last.
export const greeted = (page) => page.locator('#status', { hasText: / here$/ }).waitFor();

export async function say(page, text) {
  await page.locator('#draft').fill(text);
  await page.locator('#draft').press('Enter');
}

// Resolves once the page shows a delivered message with exactly this text.
export const sees = (page, text) => page.locator('#messages .text').filter({ hasText: exactly(text) }).first().waitFor();

// Resolves once the page shows exactly these delivered messages, in this order.
export const reads = (page, wanted) => becomes(() => texts(page), wanted);

// Every delivered message that the page shows, from top to bottom.
export const texts = (page) => page.locator('#messages .text').allTextContents();

// Tells the page that the network is back, as the browser does: then it reconnects at once.
export const networkIsBack = (page) => page.evaluate(() => { dispatchEvent(new Event('online')); });

// Resolves once `look` returns `wanted`; if it never does, the error shows the last result. Pages get messages at the same time but
// paint at different times, so a test must wait for each page.
export async function becomes(look, wanted) {
  let found;
  const until = async () => {
    while (!isDeepStrictEqual(found = await look(), wanted)) await breath();
  };
  await within(until(), JSON.stringify(wanted), { details: () => `and found ${JSON.stringify(found)}` });
}

// Resolves once the room has everything that was done on this page: only then the page may be left without a question.
export const delivered = (page) => page.waitForFunction(() => dispatchEvent(new Event('beforeunload', { cancelable: true })));

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

// For the documents: a page on a desktop and in front of it one on a phone, as NAME.webp.
export async function poster(desk, name, { jane, bob }) {
  const directory = process.env.HUBBUB_SCREENSHOTS;
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  const usual = jane.viewportSize();
  await jane.setViewportSize({ width: 960, height: 720 });
  await bob.emulateMedia({ colorScheme: 'dark' });
  const [desktop, phone] = await Promise.all([jane, bob].map(async (page) => `data:image/png;base64,${(await page.screenshot()).toString('base64')}`));
  await jane.setViewportSize(usual);
  await desk.setContent(`<style>
      body { margin: 0; height: 800px; background: linear-gradient(150deg, #dcebe6, #f6e3d6); overflow: hidden }
      img { position: absolute; border-radius: 14px; box-shadow: 0 2px 6px #0002, 0 18px 50px #0003 }
      .desktop { left: 36px; top: 52px; width: 904px }
      .phone { right: 36px; bottom: 40px; width: 280px; border: 7px solid #14171b; border-radius: 34px }
    </style><img class="desktop" src="${desktop}"><img class="phone" src="${phone}">`, { waitUntil: 'load' });
  const shot = (await desk.screenshot()).toString('base64');
  const webp = await desk.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.85);
  }, shot);
  await writeFile(join(directory, `${name}.webp`), Buffer.from(webp.split(',')[1], 'base64'));
}
