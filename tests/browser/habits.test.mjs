// Behaviour that depends on features of a normal browser, tested in the whole browser: it keeps pages after they are left, suspends
// hidden pages, and reports that the network is gone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paths } from '../lib/source.mjs';
import { becomes, everyPlugin, greeted, networkIsBack, onStage, people, reads, say, sees, state, texts } from '../lib/stage.mjs';

const WITH_HABITS = { habits: true };
const ROOMS = paths(/^static\/(?!index)\w+\.html$/).map((path) => path.slice('static/'.length));

// Goes to another page of the room without waiting for "load", which does not fire when a kept page comes back.
const back = (page) => page.goBack({ waitUntil: 'commit' });
const forward = (page) => page.goForward({ waitUntil: 'commit' });
const mark = (page) => page.evaluate(() => { globalThis.mark = true; });
const isMarked = (page) => page.evaluate(() => globalThis.mark === true);

test('a user who leaves a page that the browser keeps leaves the room, and misses nothing on coming back', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await say(jane, 'before');
  await sees(bob, 'before');
  await mark(bob);
  await bob.goto(`${server.url}/static/index.html`);
  await jane.locator('#status', { hasText: 'Only you are here' }).waitFor();
  assert.deepEqual(await people(jane), ['Jane']);
  for (const text of ['one', 'two']) await say(jane, text);
  await sees(jane, 'two');

  await back(bob);
  await jane.locator('#status', { hasText: '2 people here' }).waitFor();
  assert.ok(await isMarked(bob), 'it is the page that was kept');
  await reads(bob, ['before', 'one', 'two']);
  await state(bob, 'online');
  assert.equal(await bob.locator('#notice').textContent(), '', 'that is no trouble with the connection');
  await say(bob, 'back');
  await sees(jane, 'back');
}, {}, WITH_HABITS));

test('a user who goes from room to room and back is in one room at a time, once', onStage(async ({ person }) => {
  const [garden, kitchen, hall] = [await person('Gina', 'garden'), await person('Kim', 'kitchen'), await person('Hal', 'hall')];
  const bob = await person('Bob', 'garden');
  const isIn = async (here, ...others) => {
    await here.locator('#status', { hasText: '2 people here' }).waitFor();
    for (const other of others) await other.locator('#status', { hasText: 'Only you are here' }).waitFor();
  };
  await isIn(garden, kitchen, hall);
  for (const [name, here, ...others] of [['kitchen', kitchen, garden, hall], ['hall', hall, garden, kitchen]]) {
    await bob.getByLabel('Name of a room to open or make').fill(name);
    await bob.getByRole('button', { name: 'Go' }).click();
    await isIn(here, ...others);
  }
  await back(bob);
  await isIn(kitchen, garden, hall);
  await back(bob);
  await isIn(garden, kitchen, hall);
  await forward(bob);
  await isIn(kitchen, garden, hall);
}, {}, WITH_HABITS));

test('a message that was not acknowledged when a page was left is sent again by the kept page, and arrives once', onStage(async ({ server, person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  jane.on('dialog', (dialog) => dialog.accept()); // "leave the page?"
  await mark(jane);
  cable.deafen();
  await say(jane, 'did you get this?');
  await sees(bob, 'did you get this?'); // the room has it, and Jane does not know
  await jane.goto(`${server.url}/static/index.html`);
  await bob.locator('#status', { hasText: 'Only you are here' }).waitFor();
  cable.restore();
  await back(jane);
  await sees(jane, 'did you get this?');
  assert.ok(await isMarked(jane));
  await jane.locator('#outbox:empty').waitFor({ state: 'attached' });
  await say(bob, 'yes');
  for (const page of [jane, bob]) await reads(page, ['did you get this?', 'yes']);
}, {}, WITH_HABITS));

for (const name of ROOMS) {
  test(`the browser keeps ${name} when it is left, and the page works when the user comes back`, onStage(async ({ server, person }) => {
    const jane = await person('Jane', 'garden', { page: name });
    await mark(jane);
    await jane.goto(`${server.url}/static/index.html`);
    const bob = await person('Bob', 'garden');
    assert.deepEqual(await people(bob), ['Bob']);
    await back(jane);
    assert.ok(await isMarked(jane));
    await jane.locator('#status', { hasText: '2 people here' }).waitFor();
    await becomes(async () => (await people(bob)).sort(), ['Bob', 'Jane']);
  }, { plugins: everyPlugin }, WITH_HABITS));
}

test('a page that the browser has suspended shows the messages of the meantime when it wakes up', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  const session = await bob.context().newCDPSession(bob);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  const said = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  for (const text of said) await say(jane, text);
  await sees(jane, said.at(-1));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await sees(bob, said.at(-1));
  assert.deepEqual(await texts(bob), said);
}, {}, WITH_HABITS));

test('when the network goes, the page says so at once, and when it is back, so is the page', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await jane.context().setOffline(true);
  await jane.locator('#notice', { hasText: 'The connection is lost.' }).waitFor();
  await say(bob, 'meanwhile');
  await sees(bob, 'meanwhile');
  await jane.context().setOffline(false);
  await sees(jane, 'meanwhile');
  await state(jane, 'online');
}, {}, WITH_HABITS));

// Jane only reads, and the connection goes silent without any notice.
for (const [what, happens] of Object.entries({
  'looks at the page again': (page) => page.evaluate(() => dispatchEvent(new Event('focus'))),
  'comes back to its tab': (page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))),
  'has its network back': networkIsBack,
})) {
  test(`a reader who ${what} soon notices that the connection is dead, and misses nothing`, onStage(async ({ person, wire }) => {
    const cable = await wire();
    const jane = await person('Jane', 'garden', { through: cable });
    const bob = await person('Bob', 'garden');
    await jane.clock.install();
    cable.deafen();
    await say(bob, 'unheard');
    await sees(bob, 'unheard');
    await jane.clock.runFor(1500); // otherwise it would not ping again so soon after an answer
    await happens(jane);
    await jane.clock.runFor(5000);
    await jane.locator('#notice', { hasText: 'The connection is lost.' }).waitFor();
    cable.restore();
    await jane.clock.runFor(1000);
    await sees(jane, 'unheard');
  }));
}

test('a reader whose computer slept notices that the connection is dead, and misses nothing', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  await jane.clock.install();
  await jane.clock.runFor(22_000); // after this silence the page pings, and waits for the answer
  cable.deafen();
  await say(bob, 'unheard');
  await sees(bob, 'unheard');
  await jane.clock.fastForward(3_600_000);
  await jane.clock.runFor(20_000);
  await jane.locator('#notice', { hasText: 'The connection is lost.' }).waitFor();
  cable.restore();
  await jane.clock.runFor(1000);
  await sees(jane, 'unheard');
}));

test('a user who reloads a page is in the room once', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  for (let i = 0; i < 3; i += 1) {
    await bob.reload();
    await greeted(bob);
  }
  await becomes(() => people(jane), ['Jane', 'Bob']);
}, {}, WITH_HABITS));
