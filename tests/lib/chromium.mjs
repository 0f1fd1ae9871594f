// A real browser. Each person is a context of their own: separate storage, separate connections.
//
//   const browser = await openChromium();   // one for all the tests of a file
//   const jane = await browser.person({ viewport: { width: 360, height: 740 } });
//   await jane.goto(…);                     // a Playwright page
//   await browser.leave();                  // fails if a page reported an error or broke its Content-Security-Policy
//
// Most tests use Chromium's headless shell, which is fast. `openChromium({ habits: true })` uses the whole browser, with the features
// that Playwright switches off to make pages predictable: the back/forward cache, slower timers in hidden pages and more. For a
// run by hand:
//
//   HUBBUB_HABITS=1 node --test tests/browser/*.test.mjs     every test in the whole browser, with its habits
//   HUBBUB_SLOWDOWN=8 node --test tests/browser/*.test.mjs   with a processor that is eight times slower for the pages
//   CHROMIUM=PATH node --test tests/browser/*.test.mjs       in another browser of this kind

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { after } from 'node:test';
import { DEADLINE, PACE, SLOWDOWN, within } from './deadline.mjs';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
// Playwright's switches that turn off features of a normal browser.
const HABITS = [
  '--disable-back-forward-cache', '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows',
  '--disable-ipc-flooding-protection', '--disable-renderer-backgrounding', '--hide-scrollbars',
];
const PROGRAMS = { shell: '/usr/bin/chromium-headless-shell', whole: '/usr/bin/chromium' };
// Errors that the browser logs by itself and that are not the page's fault: a connection that a test has cut, and the icon that the
// browser requests if a page names none.
const NETWORK = /^(WebSocket connection to .* failed|Failed to load resource: net::)/;
const isOwnAffair = (message) => NETWORK.test(message.text()) || message.location().url.endsWith('/favicon.ico');

const launched = new Map(); // program -> browser
after(async () => {
  for (const browser of launched.values()) await (await browser).close();
});

function launch(habits) {
  const kind = habits ? 'whole' : 'shell';
  if (!launched.has(kind)) {
    launched.set(kind, chromium.launch({
      executablePath: process.env.CHROMIUM || PROGRAMS[kind],
      args: ARGUMENTS,
      ignoreDefaultArgs: habits ? HABITS : [],
      timeout: DEADLINE,
    }));
  }
  return launched.get(kind);
}

export async function openChromium({ habits = Boolean(process.env.HUBBUB_HABITS) } = {}) {
  const browser = await launch(habits);
  const contexts = [];
  const faults = [];
  const expected = new Set();
  const report = (text) => {
    const expectation = [...expected].find(({ pattern }) => pattern.test(text));
    if (!expectation) faults.push(text);
    else if (expected.delete(expectation)) expectation.resolve(text);
  };

  return {
    // Expects one fault that matches, which then does not count; resolves when it occurs.
    fault(pattern) {
      return within(new Promise((resolve) => expected.add({ pattern, resolve })), `the fault ${pattern}`);
    },
    async person(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB', ...options });
      contexts.push(context);
      context.setDefaultTimeout(DEADLINE);
      await context.exposeFunction('reportFault', report);
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
          globalThis.reportFault(`security policy: ${violatedDirective} ${blockedURI}`);
        });
      });
      const page = await context.newPage();
      const { waitForFunction } = page; // which would look at each frame
      page.waitForFunction = (look, argument, options) => waitForFunction.call(page, look, argument, { polling: PACE, ...options });
      page.on('pageerror', (error) => report(`uncaught: ${error.stack ?? error}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !isOwnAffair(message)) report(`console: ${message.text()}`);
      });
      if (SLOWDOWN > 1) {
        const session = await context.newCDPSession(page);
        await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
      }
      return page;
    },
    async leave() {
      for (const context of contexts) await context.close();
      assert.deepEqual(faults, [], 'the pages reported errors');
    },
  };
}
