// Lost connections: they really are cut.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkIsBack, onStage, reads, say, sees, state, texts } from '../lib/stage.mjs';

const FIVE = ['one', 'two', 'three', 'four', 'five'];

test('a user who lost the connection is shown exactly the missed messages, once, in order', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  await say(bob, 'before');
  await sees(jane, 'before');

  cable.cut();
  await state(jane, 'offline');
  for (const text of FIVE) await say(bob, text);
  await sees(bob, 'five');
  assert.deepEqual(await texts(jane), ['before']);
  cable.restore();

  await sees(jane, 'five');
  await state(jane, 'online');
  await say(bob, 'after'); // a repeated message would have arrived by then
  await sees(jane, 'after');
  assert.deepEqual(await texts(jane), ['before', ...FIVE, 'after']);
  await jane.locator('#notice', { hasText: 'You have missed nothing.' }).waitFor();
}));

test('however often the connection is lost, every message is shown once and in order', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  const expected = [];
  for (const round of FIVE) {
    cable.cut();
    await state(jane, 'offline');
    for (const text of [`${round} while away`, `${round} and more`]) {
      await say(bob, text);
      await sees(bob, text);
    }
    cable.restore();
    await networkIsBack(jane);
    await sees(jane, `${round} and more`);
    await say(bob, `${round} while here`);
    await sees(jane, `${round} while here`);
    expected.push(`${round} while away`, `${round} and more`, `${round} while here`);
  }
  assert.deepEqual(await texts(jane), expected);
}));

test('messages written offline are kept, shown as waiting, and arrive once when the connection is back', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  cable.cut();
  await state(jane, 'offline');
  await jane.locator('#notice', { hasText: 'The connection is lost.' }).waitFor();
  await say(jane, 'first');
  await say(jane, 'second');
  await jane.locator('#draft').fill('not sent yet');
  assert.deepEqual(await jane.locator('#outbox .waiting .text').allTextContents(), ['first', 'second']);
  assert.deepEqual(await texts(jane), []);

  cable.restore();
  await sees(bob, 'second');
  await sees(jane, 'second');
  await say(bob, 'welcome back');
  await sees(jane, 'welcome back');
  for (const page of [jane, bob]) await reads(page, ['first', 'second', 'welcome back']);
  assert.equal(await jane.locator('#outbox > *').count(), 0);
  assert.equal(await jane.locator('#draft').inputValue(), 'not sent yet');
}));

test('a message whose acknowledgement was lost is sent again, and arrives only once', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  cable.deafen();
  await say(jane, 'did you get this?');
  await sees(bob, 'did you get this?'); // the room has it, and Jane does not know
  assert.deepEqual(await jane.locator('#outbox .waiting .text').allTextContents(), ['did you get this?']);
  cable.cut();
  cable.restore();

  await sees(jane, 'did you get this?');
  await jane.locator('#outbox:empty').waitFor({ state: 'attached' });
  await say(bob, 'yes');
  await sees(jane, 'yes');
  for (const page of [jane, bob]) await reads(page, ['did you get this?', 'yes']);
}));

test('while there is no server the page says so, and it can be asked to try now', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  cable.cut();
  await cable.attempts(2);
  await jane.locator('#status', { hasText: /^(Offline|Reconnecting)/ }).waitFor();
  await jane.getByRole('button', { name: 'Try now' }).waitFor();
  cable.restore();
  // The page may already have reconnected on its own, without the button: either way it is back.
  await jane.evaluate(() => document.querySelector('#notice button')?.click());
  await state(jane, 'online');
  await jane.locator('#status', { hasText: 'Only you are here' }).waitFor();
}));

test('if the server has lost its data, the page shows the room’s current content, and unsent messages arrive', onStage(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  await say(jane, 'in the old life');
  await sees(jane, 'in the old life');
  cable.cut();
  await state(jane, 'offline');
  await say(jane, 'written in between');

  const another = await anotherServer();
  const bob = await person('Bob', 'garden', { through: another });
  await say(bob, 'in the new life');
  await sees(bob, 'in the new life');
  cable.restore(another.port);

  await sees(bob, 'written in between');
  await sees(jane, 'written in between');
  for (const page of [jane, bob]) await reads(page, ['in the new life', 'written in between']);
  await jane.locator('#notice', { hasText: 'this is the current state' }).waitFor();
}));

test('a restart of the server is like any interruption: nothing is missed, and messages written meanwhile arrive', onStage(async ({ person, wire, restart }) => {
  const cables = [await wire(), await wire()];
  const [jane, bob] = [await person('Jane', 'garden', { through: cables[0] }), await person('Bob', 'garden', { through: cables[1] })];
  await say(jane, 'before');
  await sees(bob, 'before');
  for (const cable of cables) cable.cut();
  for (const page of [jane, bob]) await state(page, 'offline');
  await say(jane, 'in between');
  await restart();
  for (const page of [jane, bob]) await networkIsBack(page);
  await sees(bob, 'in between');
  await say(bob, 'after');
  await sees(jane, 'after');
  for (const page of [jane, bob]) await reads(page, ['before', 'in between', 'after']);
  await jane.locator('#notice', { hasText: 'You have missed nothing.' }).waitFor();
}));

test('with compression, browser and server understand each other', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { through: cable });
  const bob = await person('Bob', 'garden');
  const said = ['short', 'again and '.repeat(150).trim(), 'äöü 🙂 '.repeat(100).trim()];
  for (const text of said) {
    await say(jane, text);
    await sees(bob, text);
  }
  cable.cut();
  await state(jane, 'offline');
  for (const text of said) await say(bob, `${text}!`);
  cable.restore();
  await sees(jane, `${said.at(-1)}!`);
  assert.deepEqual(await texts(jane), [...said, ...said.map((text) => `${text}!`)]);
}, { websocket: { compression: true } }));
