// The monitor page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints } from '../lib/axe.mjs';
import { join } from '../lib/member.mjs';
import { becomes, networkIsBack, onStage, state } from '../lib/stage.mjs';

const FAST = { plugins: { draw: {}, monitor: { interval: '250ms', history: '5m' } } };
const MONITOR = { page: 'monitor.html' };

const chart = (page, title) => page.locator('figure', { has: page.getByRole('heading', { name: title, exact: true }) });
const figure = (page, title, label) => chart(page, title).locator('dl div', { hasText: label }).locator('dd');
// Resolves once the figure is shown like this.
const says = (page, title, label, value) => chart(page, title).locator('dl div', { hasText: label }).filter({ hasText: value }).waitFor();
// The number of measurements that a chart shows.
const samples = (page) => page.evaluate(() => Number(document.getElementById('figures').dataset.samples));
const atLeast = (page, count) => page.waitForFunction((n) => Number(document.getElementById('figures').dataset.samples) >= n, count);
const gaps = (page) => page.evaluate(() => Number(document.getElementById('figures').dataset.gaps));
const isDrawn = (page, title) => chart(page, title).locator('canvas').evaluate((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
});

test('the figures of machine and server are shown with their units, and keep coming', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await says(jane, 'Processor', 'busy', /[\d.]+ %/);
  await says(jane, 'Connections and rooms', 'connections', '1'); // the first figures may be from before she joined
  for (const [title, label, form] of [
    ['Memory and disk', 'memory in use', /^[\d.]+ %$/], ['Memory and disk', 'disk in use', /^[\d.]+ %$/],
    ['Network', 'received', /^[\d.]+ [kMG]?B\/s$/], ['Load', '15 minutes', /^[\d.]+$/],
    ['Connections and rooms', 'connections', /^1$/], ['Connections and rooms', 'rooms', /^1$/],
    ['Messages', 'passed on', /^[\d.]+ \/s$/], ['Server’s processor time', 'of one processor', /^[\d.]+ %$/],
    ['Server’s memory', 'in use', /^[\d.]+ MB$/],
  ]) assert.match(await figure(jane, title, label).textContent(), form, `${title}, ${label}`);
  await jane.locator('#uptime', { hasText: /^up for \d+ (second|minute|hour|day)s?$/ }).waitFor();
  assert.deepEqual(await jane.locator('#plugins th').allTextContents(), ['chat', 'draw', 'monitor']);
  await atLeast(jane, 4);
  for (const title of ['Processor', 'Load', 'Messages']) assert.ok(await isDrawn(jane, title), title);
}, FAST));

test('the figures show connections and messages', onStage(async ({ server, person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await says(jane, 'Connections and rooms', 'connections', '1');
  const bob = await join(server, { nickname: 'Bob', room: 'kitchen' });
  await says(jane, 'Connections and rooms', 'connections', '2');
  await says(jane, 'Connections and rooms', 'rooms', '2');
  // Repeats until it shows: each measurement covers the time since the previous one.
  const talk = setInterval(() => bob.send('message', 'x'.repeat(500)), 3);
  await jane.waitForFunction(() => {
    const text = [...document.querySelectorAll('#plugins tr')].find((row) => row.textContent.startsWith('chat'))?.textContent ?? '';
    return Number(/([\d.]+) %/.exec(text)?.[1]) > 0;
  }).finally(() => clearInterval(talk));
  assert.deepEqual(await jane.locator('#people .label').allTextContents(), ['Jane']);
}, FAST));

test('a latecomer sees the last minutes at once', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await atLeast(jane, 8);
  const bob = await person('Bob', 'garden', MONITOR);
  // Whoever only saw new figures would always be behind.
  await becomes(async () => (await samples(bob)) > (await samples(jane)) - 4, true);
}, FAST));

test('each chart is also described in words', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await jane.getByRole('img', { name: /^Memory and disk in the last minute: memory in use [\d.]+ %, between [\d.]+ % and [\d.]+ %; disk in use [\d.]+ %, between [\d.]+ % and [\d.]+ %\.$/ }).waitFor();
  assert.equal(await jane.getByRole('img', { name: / in the last minute: / }).count(), 8);
}, FAST));

test('pointing at a chart shows the figures of that time in all charts', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await atLeast(jane, 3);
  await chart(jane, 'Load').locator('.u-over').hover();
  for (const title of ['Load', 'Processor', 'Server’s memory']) await chart(jane, title).locator('time', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor();
  await jane.locator('#machine-title').hover();
  await chart(jane, 'Processor').locator('time', { hasText: /^$/ }).waitFor({ state: 'attached' });
}, FAST));

test('times have 24 hours in every language, as the axis has no space for more', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', { ...MONITOR, locale: 'en-US' });
  await atLeast(jane, 3);
  await chart(jane, 'Load').locator('.u-over').hover();
  await chart(jane, 'Load').locator('time', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor();
}, FAST));

const allFigures = (value) => Object.fromEntries(['cpu', 'memory', 'disk', 'received', 'sent', 'load1', 'load5', 'load15',
  'connections', 'rooms', 'messages', 'deliveries', 'server_cpu', 'server_memory'].map((name) => [name, value]));

// Gives the page figures of these times in place of the server's: 10, 11, 12 and so on. Returns what tells it more.
async function figuresByHand(page, ts) {
  let tell;
  await page.routeWebSocket(/\/api\/ws/, (socket) => {
    const server = socket.connectToServer();
    tell = (type, content) => socket.send(JSON.stringify({ type, content }));
    server.onMessage((text) => {
      const { type } = JSON.parse(text);
      if (!type.startsWith('metrics') && type !== 'system_metrics') socket.send(text);
      if (type === 'welcome') tell('metrics_history', { ts, ...allFigures(ts.map((_, i) => 10 + i)) });
    });
  });
  await page.reload();
  await atLeast(page, ts.length);
  return tell;
}

test('figures that come faster than they can be drawn are drawn together', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const tell = await figuresByHand(jane, [now - 1000]);
  // A slow machine: no frame comes until it is let go.
  const drawn = await jane.evaluateHandle(() => {
    const frames = [];
    const frame = window.requestAnimationFrame;
    window.requestAnimationFrame = (draw) => frames.push(draw);
    const counts = [];
    const figures = document.getElementById('figures');
    new MutationObserver(() => counts.push(figures.dataset.samples)).observe(figures, { attributeFilter: ['data-samples'] });
    return { counts, letGo: () => { window.requestAnimationFrame = frame; for (const draw of frames) frame(draw); } };
  });
  for (let i = 1; i <= 40; i += 1) tell('system_metrics', { ts: now + i, uptime: i, plugins: {}, ...allFigures(i) });
  tell('connected', { rooms: [{ name: 'the last one', members: 1, people: ['Jane'] }], more: 0 });
  await jane.locator('#crowds th', { hasText: 'the last one' }).waitFor({ state: 'attached' }); // so all have come
  await drawn.evaluate(({ letGo }) => letGo());
  await atLeast(jane, 41);
  assert.deepEqual(await drawn.evaluate(({ counts }) => counts), ['41']);
  await jane.locator('#uptime', { hasText: 'up for 40 seconds' }).waitFor();
  tell('system_metrics', { ts: now + 41, uptime: 41, plugins: {}, ...allFigures(41) });
  await atLeast(jane, 42);
}, FAST));

test('the line at the pointer is at the time whose figures are shown, between measurements, at gaps, and as new ones come', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const ts = [-240, -200, -190, -180, -60, -40].map((seconds) => now + seconds * 1000);
  const tell = await figuresByHand(jane, ts);
  const plot = chart(jane, 'Processor').locator('.u-over');
  // The line's position and the shown time, in seconds from now.
  const seen = (from, to) => chart(jane, 'Processor').evaluate((figure, [start, end]) => {
    const over = figure.querySelector('.u-over').getBoundingClientRect();
    const line = figure.querySelector('.at').getBoundingClientRect();
    return [start + ((line.left - over.left) / over.width) * (end - start), figure.querySelector('time').textContent, figure.querySelector('dd').textContent];
  }, [from, to]);
  const clock = (time) => jane.evaluate((at) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }), time);
  const { x, y, width, height } = await plot.boundingBox();
  for (const [fraction, index] of [[0.02, 0], [0.08, 0], [0.3, 3], [0.55, 3], [0.93, 4], [1, 5]]) {
    await jane.mouse.move(x + Math.min(width - 1, fraction * width), y + height / 2);
    const [time, told, value] = await seen(ts[0], ts[5]);
    assert.deepEqual([told, value], [await clock(ts[index]), `${10 + index} %`], `at ${fraction}`);
    assert.ok(Math.abs(time - ts[index]) < 1500, `at ${fraction} the line is ${(time - ts[index]) / 1000} s away`);
  }
  for (let i = 1; i <= 3; i += 1) {
    tell('system_metrics', { ts: now + i * 40_000, uptime: 1, plugins: {}, ...allFigures(20 + i) });
  }
  const last = now + 120_000; // the first measurements have left the chart by now
  const { left, right } = { left: Math.max(ts[0], last - 300_000), right: last };
  const told = await clock(last);
  await becomes(async () => (await seen(left, right)).slice(1), [told, '23 %']);
  assert.ok(Math.abs((await seen(left, right))[0] - last) < 1500);
}, FAST));

// Cuts a page off for four seconds of measurements, which `other` sees; resolves once it is back, with the counts of before.
async function away(page, cable, other) {
  cable.cut();
  await state(page, 'offline');
  assert.deepEqual(await complaints(page), []);
  const before = { page: await samples(page), other: await samples(other) };
  await atLeast(other, before.other + 16);
  cable.restore();
  await networkIsBack(page);
  await state(page, 'online');
  return before;
}

test('measurements made while the connection was lost are there when it is back', onStage(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...MONITOR, through: cable });
  const bob = await person('Bob', 'garden', MONITOR);
  await atLeast(jane, 3);
  const before = await away(jane, cable, bob);
  await atLeast(jane, before.other + 16);
  for (const page of [jane, bob]) assert.equal(await gaps(page), 0);
}, FAST));

test('a time without history is shown as a gap, and figures go on after it, also after a restart of the server', onStage(async ({ person, wire, restart }) => {
  const cable = await wire();
  const jane = await person('Jane', 'garden', { ...MONITOR, through: cable });
  const bob = await person('Bob', 'garden', MONITOR);
  await atLeast(jane, 3);
  const before = await away(jane, cable, bob);
  await atLeast(jane, before.page + 3);
  assert.equal(await gaps(jane), 1);
  assert.equal(await gaps(bob), 0);
  await bob.close();

  const known = await samples(jane);
  await restart();
  await networkIsBack(jane);
  await state(jane, 'online');
  await atLeast(jane, known + 3);
}, { plugins: { monitor: { interval: '250ms', history: '0s' } } }));

// Resolves once the page lists these rooms, with the number and names of their people.
const lists = (page, rooms) => page.waitForFunction((wanted) => JSON.stringify([...document.querySelectorAll('#crowds tr')].map((row) => [
  row.querySelector('th').firstChild.textContent, row.querySelector('.count').textContent, [...row.querySelectorAll('li .label')].map((label) => label.textContent),
])) === wanted, JSON.stringify(rooms));

test('the page shows who is in which room, as people come and go and move', onStage(async ({ server, person, wire, restart }) => {
  const jane = await person('Jane', 'garden', { ...MONITOR, through: await wire() });
  await lists(jane, [['garden', '1', ['Jane']]]);
  const bob = await person('Bob', 'kitchen', MONITOR);
  const ann = await person('Ann', 'kitchen', { page: 'chat.html' });
  const both = [['kitchen', '2', ['Bob', 'Ann']], ['garden', '1', ['Jane']]];
  for (const page of [jane, bob]) await lists(page, both);
  await jane.locator('#crowds th', { hasText: 'this room' }).filter({ hasText: 'garden' }).waitFor();
  assert.equal(await jane.locator('#crowds a').count(), 0);
  assert.deepEqual(await complaints(jane), []);

  await ann.goto(`${server.url}/static/chat.html?${new URLSearchParams({ room: 'garden', nickname: 'Ann' })}`);
  await lists(bob, [['garden', '2', ['Jane', 'Ann']], ['kitchen', '1', ['Bob']]]);
  await bob.close();
  await lists(jane, [['garden', '2', ['Jane', 'Ann']]]);
  await restart();
  await networkIsBack(jane);
  await lists(jane, [['garden', '1', ['Jane']]]); // Bob has left, and Ann's page does not reach the new server
}, { plugins: { monitor: { interval: '250ms', people: true } } }));

test('if the server does not reveal who is where, the page says how to change that', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', MONITOR);
  await jane.getByText('people: true among its monitor plugin’s options shows it here.').waitFor();
  assert.equal(await jane.locator('.crowds').isVisible(), false);
}, FAST));

test('if the server sends no figures, the page says so', onStage(async ({ server, page }) => {
  const jane = await page();
  await jane.clock.install();
  await jane.goto(`${server.url}/static/monitor.html?nickname=Jane`);
  await jane.locator('#status', { hasText: 'Only you are here' }).waitFor();
  await jane.locator('#empty', { hasText: 'Waiting for the first figures…' }).waitFor();
  await jane.clock.fastForward(10_000);
  await jane.locator('#empty', { hasText: 'No figures have come yet.' }).waitFor();
}));

test('only the server can send figures, and markup in names is shown as text', onStage(async ({ server, person }) => {
  const evil = '<img src=x onerror="document.title=1">';
  const jane = await person(evil, evil, MONITOR);
  await atLeast(jane, 1);
  await lists(jane, [[evil, '1', [evil]]]);
  const bob = await join(server, { nickname: evil, room: evil });
  for (const text of [evil, 'javascript:document.title=1', 'x'.repeat(10_000)]) {
    bob.send('system_metrics', { ts: 1e15, cpu: text, memory: text, uptime: text, plugins: { [text]: text } });
    bob.send('metrics_history', { ts: [text], cpu: [text] });
    bob.send('connected', { rooms: [{ name: text, members: text, people: [text] }], more: text });
  }
  for (let i = 0; i < 9; i += 1) assert.equal((await bob.next('error')).code, 'forbidden');
  const now = await samples(jane);
  await atLeast(jane, now + 2);
  assert.equal(await jane.title(), `#${evil} · Monitor · Hubbub`);
  assert.equal(await jane.locator('img:not(.brand img)').count(), 0);
  for (const part of ['#machine', '#server']) assert.doesNotMatch(await jane.locator(part).textContent(), /img|javascript|xxx/);
}, { plugins: { monitor: { interval: '250ms', people: true } } }));

test('the charts follow a change from light to dark', onStage(async ({ person }) => {
  const jane = await person('Jane', 'garden', { ...MONITOR, colorScheme: 'light' });
  await atLeast(jane, 2);
  const darkest = () => chart(jane, 'Load').locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, 60 * devicePixelRatio, canvas.height); // the labels of the axis
    let sum = 0;
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) { sum += data[i]; count += 1; }
    return sum / count;
  });
  assert.ok((await darkest()) < 128);
  await jane.emulateMedia({ colorScheme: 'dark' });
  await jane.waitForFunction(() => {
    const canvas = [...document.querySelectorAll('figure canvas')][3];
    const { data } = canvas.getContext('2d').getImageData(0, 0, 60 * devicePixelRatio, canvas.height);
    return data.some((value, i) => i % 4 === 0 && value > 140 && data[i + 3] > 200);
  });
  assert.ok((await darkest()) > 128);
}, FAST));
