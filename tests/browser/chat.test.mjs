// The chat page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from '../lib/member.mjs';
import { becomes, exactly, greeted, onStage, people, reads, say, sees, texts } from '../lib/stage.mjs';

test('two people chat, both ways, and each sees which messages are their own', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await say(jane, 'Hello, Bob!');
  await sees(bob, 'Hello, Bob!');
  await say(bob, 'Hello, Jane!');
  await sees(jane, 'Hello, Jane!');

  for (const page of [jane, bob]) await reads(page, ['Hello, Bob!', 'Hello, Jane!']);
  assert.deepEqual(await jane.locator('.own .text').allTextContents(), ['Hello, Bob!']);
  assert.deepEqual(await bob.locator('.own .text').allTextContents(), ['Hello, Jane!']);
  assert.equal(await bob.locator('.group:not(.own) strong').first().textContent(), 'Jane');
  assert.equal(await jane.locator('#outbox > *').count(), 0, 'what was delivered waits no longer');
}));

test('messages that follow each other from one person are grouped under one name', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await say(jane, 'one');
  await say(jane, 'two');
  await sees(bob, 'two');
  await say(bob, 'three');
  await sees(bob, 'three');
  assert.equal(await bob.locator('#messages .group').count(), 2);
  assert.deepEqual(await bob.locator('#messages .group').first().locator('.text').allTextContents(), ['one', 'two']);
}));

test('shift and enter starts a new line, and the others see it too', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await jane.locator('#draft').pressSequentially('roses');
  await jane.locator('#draft').press('Shift+Enter');
  await jane.locator('#draft').pressSequentially('violets');
  await jane.locator('#draft').press('Enter');
  await bob.locator('#messages .text').waitFor();
  assert.deepEqual(await texts(bob), ['roses\nviolets']);
}));

test('who is typing is shown to the others, until they send or clear what they typed', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  const shown = jane.locator('#typing', { hasText: exactly('Bob is typing…') });
  const gone = jane.locator('#typing', { hasText: /^$/ });

  await bob.locator('#draft').pressSequentially('Hel');
  await shown.waitFor();
  assert.equal(await bob.locator('#typing').textContent(), '', 'nobody is told about themself');
  await bob.locator('#draft').press('Enter');
  await gone.waitFor({ state: 'attached' });

  await bob.locator('#draft').pressSequentially('lo');
  await shown.waitFor();
  await bob.locator('#draft').fill('');
  await gone.waitFor({ state: 'attached' });
}));

test('“is typing” disappears by itself if nothing follows', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden', { through: cable });
  await jane.clock.install();
  await bob.locator('#draft').pressSequentially('H');
  await jane.locator('#typing', { hasText: 'Bob is typing…' }).waitFor();
  cable.cut();
  await jane.clock.fastForward(60_000);
  await jane.locator('#typing', { hasText: /^$/ }).waitFor({ state: 'attached' });
}));

test('everybody sees who is here, and who has left', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await jane.locator('#status', { hasText: '2 people here' }).waitFor();
  for (const page of [jane, bob]) assert.deepEqual((await people(page)).sort(), ['Bob', 'Jane']);
  await bob.close();
  await jane.locator('#status', { hasText: 'Only you are here' }).waitFor();
  assert.deepEqual(await people(jane), ['Jane']);
  await jane.locator('.system', { hasText: 'Bob left the room' }).waitFor();
}));

test('a latecomer is shown the last messages, as many as the server’s option history says', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    await say(jane, text);
    await sees(jane, text);
  }
  const bob = await person('Bob', 'garden');
  assert.deepEqual(await texts(bob), ['three', 'four', 'five']);
  await say(jane, 'six');
  await sees(bob, 'six');
  assert.deepEqual(await texts(bob), ['three', 'four', 'five', 'six']);
}, { plugins: { chat: { history: 3 } } }));

test('after a reload my own messages are still shown as mine, and my draft is still there', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  await say(jane, 'mine');
  await sees(jane, 'mine');
  await jane.locator('#draft').fill('and another thing');
  await jane.reload();
  await sees(jane, 'mine');
  assert.deepEqual(await jane.locator('.own .text').allTextContents(), ['mine']);
  assert.equal(await jane.locator('#draft').inputValue(), 'and another thing');
}));

test('rooms are separate, and visited rooms are listed', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'kitchen');
  await say(jane, 'in the garden');
  await sees(jane, 'in the garden');
  await say(bob, 'in the kitchen');
  await sees(bob, 'in the kitchen');
  assert.deepEqual(await texts(jane), ['in the garden']);
  assert.deepEqual(await texts(bob), ['in the kitchen']);
  assert.deepEqual(await people(jane), ['Jane']);

  await jane.getByLabel('Name of a room to open or make').fill('kitchen');
  await jane.getByRole('button', { name: 'Go' }).click();
  await sees(jane, 'in the kitchen');
  await bob.locator('#status', { hasText: '2 people here' }).waitFor();
  assert.deepEqual(await texts(jane), ['in the kitchen']);

  await jane.locator('#rooms a', { hasText: 'garden' }).click();
  await sees(jane, 'in the garden');
  assert.deepEqual(await texts(jane), ['in the garden']);
  assert.deepEqual(await jane.locator('#rooms .label').allTextContents(), ['general', 'garden', 'kitchen']);
}));

test('a room whose name is full of special characters works like any other', onStage(async ({ person }) => {
  const name = 'Größe & <b>"más"</b>?#%20+/../ 字';
  const jane = await person('Jane', name);
  const bob = await person('Bob', name);
  await say(jane, 'found it');
  await sees(bob, 'found it');
  assert.equal(await bob.locator('#room-name').textContent(), `# ${name}`);
  await bob.reload();
  await sees(bob, 'found it');
}));

test('a visitor without a name is asked for one, and the address then has it', onStage(async ({ server, person, page }) => {
  const bob = await person('Bob', 'garden');
  const jane = await page();
  await jane.goto(`${server.url}/static/chat.html?room=garden`);
  await jane.getByLabel('Your name here').fill('  Jane  ');
  await jane.getByLabel('Your name here').press('Enter');
  await greeted(jane);
  await bob.locator('#people .label', { hasText: exactly('Jane') }).waitFor();
  assert.equal(new URL(jane.url()).search, '?room=garden&nickname=Jane');
}));

test('a visitor who gives no name is a guest', onStage(async ({ server, page }) => {
  const guest = await page();
  await guest.goto(`${server.url}/static/chat.html`);
  await guest.getByLabel('Your name here').press('Escape');
  await greeted(guest);
  assert.deepEqual(await people(guest), ['Guest']);
}));

test('everybody sees a new nickname, and no message is lost or shown twice meanwhile', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await say(jane, 'before');
  await sees(bob, 'before');
  await jane.getByRole('button', { name: 'Rename' }).click();
  await jane.getByLabel('Your name here').fill('Janet');
  await jane.getByLabel('Your name here').press('Enter');
  await bob.locator('#people .label', { hasText: exactly('Janet') }).waitFor();
  await say(jane, 'after');
  await sees(bob, 'after');
  await sees(jane, 'after');
  assert.deepEqual(await texts(jane), ['before', 'after']);
  assert.deepEqual(await jane.locator('.own .text').allTextContents(), ['before', 'after']);
  assert.equal(await bob.locator('.group:not(.own) strong').last().textContent(), 'Janet');
  assert.equal(await jane.locator('#notice').textContent(), '', 'a change of name is no trouble with the connection');
}));

test('the copied link to a room does not contain the user’s name', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden', { permissions: ['clipboard-read', 'clipboard-write'] });
  await jane.getByRole('button', { name: 'Copy link' }).click();
  await jane.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await jane.evaluate(() => navigator.clipboard.readText()), `${server.url}/static/chat.html?room=garden`);
}));

test('markup in a message, a nickname or the name of a room is text and does nothing', onStage(async ({ person }) => {
  const markup = '<img src=x onerror="document.title=1">';
  const jane = await person(markup, markup);
  const bob = await person('Bob', markup);
  await say(jane, markup);
  await sees(bob, markup);
  await jane.locator('#draft').pressSequentially('<');
  await bob.locator('#typing', { hasText: `${markup} is typing…` }).waitFor();

  for (const page of [jane, bob]) {
    await reads(page, [markup]);
    await page.locator('.system', { hasText: exactly('Bob joined the room') }).waitFor();
    assert.ok((await people(page)).includes(markup));
    assert.equal(await page.locator('img:not(.brand img)').count(), 0);
    assert.equal(await page.title(), `#${markup} · Chat · Hubbub`);
  }
  assert.equal(await bob.locator('.group strong').textContent(), markup);
}));

test('ten thousand characters, with and without spaces, are shown, and malformed messages are refused', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden', { viewport: { width: 360, height: 740 } });
  const john = await join(server, { room: 'garden', nickname: 'javascript:alert(1)', id: 'john' });
  const long = ['x'.repeat(10_000), 'on and on '.repeat(1000).trim(), '<img src=x onerror="document.title=1">'.repeat(260), `https://example.org/${'y'.repeat(9_900)}`];
  for (const [i, text] of long.entries()) {
    john.send('message', text, i);
    assert.equal((await john.next(({ ref }) => ref === i)).type, 'message');
    await sees(jane, text);
  }
  for (const [type, content] of [['message', { a: 1 }], ['message', null], ['typing', '<img>'], ['typing', 'x'.repeat(10_000)], ['x'.repeat(10_000), 1]]) {
    john.send(type, content, 'odd');
    assert.equal((await john.next(({ ref }) => ref === 'odd')).type, 'error');
  }
  assert.deepEqual(await texts(jane), long);
  assert.equal(await jane.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.equal(await jane.title(), '#garden · Chat · Hubbub');
  john.hangUp();
}, { plugins: { chat: { max_length: 10_000 } } }));

test('web addresses become links, and nothing else does', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const text = 'See https://example.org/a?b=1&c=2, not javascript:alert(1) or data:text/html,x.';
  await say(jane, text);
  await sees(jane, text);
  assert.deepEqual(await jane.locator('.text a').evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.rel])),
    [['https://example.org/a?b=1&c=2', 'noopener noreferrer']]);
}));

test('announcements of joining and leaving are folded: the last three are shown, the others on a click', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden');
  const shown = () => jane.locator('#messages > .news').allTextContents();
  const come = async (...names) => { for (const nickname of names) await (await join(server, { room: 'garden', nickname })).next('system'); };
  await come('Ann', 'Bob');
  await becomes(shown, ['Jane', 'Ann', 'Bob'].map((name) => `${name} joined the room`));
  await come('Cy', 'Di');
  await becomes(shown, ['Bob', 'Cy', 'Di'].map((name) => `${name} joined the room`));
  const fold = jane.locator('#messages details');
  await fold.locator('summary', { hasText: exactly('2 earlier joins and leaves') }).click();
  await fold.locator('.news', { hasText: 'Jane joined the room' }).waitFor();
  await say(jane, 'Hello!');
  await sees(jane, 'Hello!');
  await come('Ed');
  await becomes(shown, ['Bob', 'Cy', 'Di', 'Ed'].map((name) => `${name} joined the room`));
  assert.equal(await fold.count(), 1, 'another row has begun');
}));

test('reloading or taking another name makes no noise for others', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  for (let i = 0; i < 2; i += 1) {
    await bob.reload();
    await greeted(bob);
  }
  await bob.getByRole('button', { name: 'Rename' }).click();
  await bob.getByLabel('Your name here').fill('Bert');
  await bob.getByLabel('Your name here').press('Enter');
  await jane.locator('.system', { hasText: exactly('Bob is now Bert') }).waitFor();
  await becomes(() => people(jane), ['Jane', 'Bert']);
  assert.deepEqual(await jane.locator('.system').allTextContents(), ['Jane joined the room', 'Bob joined the room', 'Bob is now Bert']);
  assert.ok(!(await bob.locator('.system').allTextContents()).includes('Bert joined the room'));
}, { rooms: { presence: { absence: '1m' } } }));

test('a name cannot change the writing direction of the text around it', onStage(async ({ person }) => {
  const jane = await person('Ja\u202Ene\u200B', 'gar\u2066den');
  const bob = await person('אבי', 'garden');
  await becomes(async () => (await people(bob)).sort(), ['Jane', 'אבי']);
  await say(bob, 'שלום');
  await sees(jane, 'שלום');
  await bob.locator('#draft').pressSequentially('x');
  await jane.locator('#typing bdi', { hasText: exactly('אבי') }).waitFor();
  const isolation = (selector) => jane.locator(selector).first().evaluate((element) => getComputedStyle(element).unicodeBidi);
  for (const selector of ['.group strong.tinted', '#people .label', '#typing bdi', '.group .text', '.system']) assert.match(await isolation(selector), /^(isolate|plaintext)$/, selector);
}));

test('a message that is too long says so in its place, and can be edited and sent', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden');
  const bob = await person('Bob', 'garden');
  await say(jane, 'a message that is much too long');
  const failed = jane.locator('#outbox .failed');
  await failed.waitFor();
  assert.match(await failed.locator('.fate').textContent(), /^Not sent: .*10/);
  assert.equal(await failed.getByRole('button', { name: 'Try again' }).count(), 0, 'that would be refused again');

  await failed.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await jane.locator('#draft').inputValue(), 'a message that is much too long');
  await say(jane, 'shorter');
  await sees(bob, 'shorter');
  await sees(jane, 'shorter');
  for (const page of [jane, bob]) await reads(page, ['shorter']);
  assert.equal(await jane.locator('#outbox > *').count(), 0);
}, { plugins: { chat: { max_length: 10 } } }));

test('a user who has scrolled back stays there, is told of new messages, and gets to them with one click', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', { viewport: { width: 900, height: 420 } });
  const bob = await person('Bob', 'garden');
  for (let i = 1; i <= 12; i += 1) await say(bob, `line ${i}`);
  await sees(jane, 'line 12');
  const atEnd = () => jane.locator('#scroller').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 4);
  assert.ok(await atEnd(), 'a reader at the end stays at the end');

  await jane.locator('#scroller').hover();
  await jane.mouse.wheel(0, -5000);
  await jane.waitForFunction(() => document.getElementById('scroller').scrollTop === 0);
  await say(bob, 'news');
  await jane.getByRole('button', { name: '1 new message' }).waitFor();
  assert.equal(await jane.locator('#scroller').evaluate((box) => box.scrollTop), 0);
  await jane.getByRole('button', { name: '1 new message' }).click();
  await jane.locator('#newer').waitFor({ state: 'hidden' });
  assert.ok(await atEnd());
}));
