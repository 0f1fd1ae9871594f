// A real browser. Each person is a context of their own: separate storage, separate connections.
//
//   const browser = await openChromium();   // one for all the tests of a file
//   const jane = await browser.person({ viewport: { width: 360, height: 740 } });
//   await jane.goto(…);                     // a Playwright page
//   await browser.leave();                  // fails when a page reported an error or broke its Content-Security-Policy

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { after } from 'node:test';
import { DEADLINE, within } from './deadline.mjs';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
// What the browser logs on its own account is no fault of the page: a connection that a test has cut, and the icon that
// it asks for where a page names none.
const NETWORK = /^(WebSocket connection to .* failed|Failed to load resource: net::)/;
const isOwnAffair = (message) => NETWORK.test(message.text()) || message.location().url.endsWith('/favicon.ico');

let launched;
after(async () => (await launched)?.close());

export async function openChromium() {
  launched ??= chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGUMENTS });
  const browser = await launched;
  const contexts = [];
  const faults = [];
  const expected = new Set();
  const report = (text) => {
    const expectation = [...expected].find(({ pattern }) => pattern.test(text));
    if (!expectation) faults.push(text);
    else if (expected.delete(expectation)) expectation.resolve(text);
  };

  return {
    // The next fault like this is no fault; resolves when it is there.
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
      page.on('pageerror', (error) => report(`uncaught: ${error.stack ?? error}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !isOwnAffair(message)) report(`console: ${message.text()}`);
      });
      return page;
    },
    async leave() {
      for (const context of contexts) await context.close();
      assert.deepEqual(faults, [], 'the pages reported errors');
    },
  };
}
