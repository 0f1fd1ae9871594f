// The measuring tools: they count correctly, notice faults, and print what they promise. Speed
// is not tested here.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { within } from '../lib/deadline.mjs';
import { withServer } from '../lib/served.mjs';
import { read, root } from '../lib/source.mjs';

const build = process.env.HUBBUB_BUILD ?? (process.env.HUBBUB_BINARY ? dirname(process.env.HUBBUB_BINARY) : join(root, 'build/release'));
const folder = await mkdtemp(join(tmpdir(), 'hubbub-bench-'));
after(() => rm(folder, { recursive: true }));

// Runs a program until it ends.
function run(program, args) {
  return within(new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, HUBBUB_BUILD: build } }, (error, out, err) => {
      resolve({ code: error ? error.code : 0, out, err });
    });
  }), `${program} to end`, { deadline: 120_000 });
}

async function load(url, ...args) {
  const { code, out, err } = await run(join(build, 'bench_load'), [url, '--json', '--warm-up', '0', ...(args.includes('--deliveries') ? [] : ['--deliveries', '50']), ...args]);
  return { code, err, result: out && JSON.parse(out) };
}

const unbounded = { config: { websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } } } };

for (const [what, args] of Object.entries({
  'in a closed loop': ['--in-flight', '4'],
  'at a rate': ['--rate', '100'],
  'from everybody, with compression offered and the plain dialect': ['--senders', 'all', '--compression'],
  'with a welcome, of another type, and with people who do not read': [
    '--protocol', 'hubbub.v1', '--type', 'typing', '--content', 'true', '--rate', '20', '--slow', '2', '--idle', '3'],
})) {
  test(`a load ${what} counts what each member receives`, withServer(async ({ server }) => {
    const { code, err, result } = await load(server.ws, '--connections', '12', '--rooms', '3', '--pid', server.process.pid, ...args);
    assert.equal(err, '');
    assert.equal(code, 0, JSON.stringify(result));
    const { sound, lost, disordered, refused, closed, sent, delivered, latency_us: latency, server: figures } = result;
    assert.deepEqual({ sound, lost, disordered, refused, closed }, { sound: true, lost: 0, disordered: 0, refused: 0, closed: 0 });
    const underWay = 12 * 4; // the most that were on their way when counting began
    assert.ok(sent > 0 && delivered >= 50 && delivered <= (sent + underWay) * 4, JSON.stringify(result));
    assert.ok(latency.p50 > 0 && latency.p50 <= latency.p90 && latency.p90 <= latency.p999 && latency.p999 <= latency.max);
    assert.equal(figures.pid, server.process.pid);
    assert.ok(figures.cpu_us_per_delivery > 0 && figures.cpu_us_per_join > 0 && figures.resident_bytes > 0);
  }, { config: { websocket: { ...unbounded.config.websocket, compression: true }, plugins: { chat: {} } } }));
}

test('if a hundred rooms all speak at once, each room gets its own messages, each once and in order', withServer(async ({ server }) => {
  const { code, result } = await load(server.ws, '--connections', '200', '--rooms', '100', '--senders', 'all', '--in-flight', '2', '--deliveries', '2000');
  assert.equal(code, 0, JSON.stringify(result)); // a lost, repeated or misplaced message would make it 1
  assert.ok(result.delivered >= 2000, JSON.stringify(result));
}, unbounded));

test('the loads that the documents show can be run', withServer(async ({ server }) => {
  const shown = ['README.md', 'tools/bench/README.md'].flatMap((path) => read(path).match(/^    tools\/bench\/load .*$/gm) ?? []);
  assert.ok(shown.length >= 2);
  for (const line of shown) {
    const [, url, ...args] = line.trim().split(' ');
    assert.equal(url, 'ws://127.0.0.1:8100');
    const short = args.map((word, i) => (args[i - 1] === '--seconds' ? '0.3' : word));
    const { code, out, err } = await run(join(build, 'bench_load'), [`ws://127.0.0.1:${server.port}`, '--warm-up', '0.1', ...short,
      ...(short.includes('--seconds') ? [] : ['--seconds', '0.3'])]);
    assert.equal(code, 0, out + err);
    assert.match(out, /^joined .*\nsent .*\ndelivered .*\nlatency .*\nserver .*\n[^]*^sound /m);
  }
}, unbounded));

test('a load finds the server’s process by its port', withServer(async ({ server }) => {
  const { result } = await load(server.ws, '--connections', '2', '--senders', '0');
  assert.equal(result.server.pid, server.process.pid);
}));

test('a load that the server refuses says why, and is not sound', withServer(async ({ server }) => {
  const { code, result } = await load(server.ws, '--connections', '2', '--type', 'nothing');
  assert.equal(code, 1);
  assert.equal(result.sound, false);
  assert.ok(result.refused > 0);
  assert.match(result.refusal, /"code":"unknown_type"/);
}));

// A server of rooms that handles its 5th message wrongly; `deliver(members, text, n)` sends the n-th message.
async function withWrongServer(deliver, check) {
  const server = createServer();
  const members = [];
  let n = 0;
  new WebSocketServer({ server }).on('connection', (socket) => {
    members.push(socket);
    socket.on('error', () => {}).on('message', (data) => deliver(members, data.toString(), ++n));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    await check(await load(`ws://127.0.0.1:${server.address().port}`, '--no-presence', '--connections', '4', '--in-flight', '3', '--patience', '2'));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('a message that one member does not get is reported as lost', () => withWrongServer(
  (members, text, n) => members.forEach((member, i) => (n === 5 && i === 2) || member.send(text)),
  ({ code, result }) => assert.deepEqual([code, result.sound, result.lost, result.disordered], [1, false, 1, 0]),
));

test('a room whose members get messages in different orders is reported', () => {
  let held;
  return withWrongServer((members, text, n) => {
    const [other, ...rest] = [...members].reverse();
    rest.forEach((member) => member.send(text));
    if (n === 5) held = text;
    else other.send(text);
    if (n === 6) other.send(held);
  }, ({ code, result }) => assert.deepEqual([code, result.sound, result.lost, result.disordered], [1, false, 0, 1]));
});

test('a message that arrives twice is reported', () => withWrongServer(
  (members, text, n) => members.forEach((member, i) => { for (let times = n === 5 && i === 2 ? 2 : 1; times > 0; --times) member.send(text); }),
  ({ code, result }) => assert.deepEqual([code, result.sound, result.lost, result.disordered], [1, false, 0, 1]),
));

test('a connection that the server closes is reported, with what it missed', () => withWrongServer(
  (members, text, n) => members.forEach((member, i) => (n === 5 && i === 2 ? member.terminate() : member.send(text))),
  ({ code, result }) => {
    assert.deepEqual([code, result.sound, result.closed], [1, false, 1]);
    assert.ok(result.lost > 0);
  },
));

test('a load says what is wrong with its arguments, or that there is no server', async () => {
  for (const [args, wrong] of [
    [['http://127.0.0.1'], /ws:\/\//], [['ws://127.0.0.1', '--rooms', '200'], /--rooms/], [['ws://127.0.0.1', '--slow', '100'], /--slow/],
  ]) {
    const { code, err } = await run(join(build, 'bench_load'), args);
    assert.equal(code, 2);
    assert.match(err, wrong);
  }
  const { code, err } = await run(join(build, 'bench_load'), ['ws://127.0.0.1:9']);
  assert.equal(code, 1);
  assert.match(err, /cannot connect to 127\.0\.0\.1 port 9: is the server there\?/);
});

// Checks that every element is closed in the right place.
function elementsOf(xml) {
  const open = [];
  const all = [];
  for (const [, closing, name, empty] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[\w-]+="[^"<>]*")*\s*(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else all.push(name);
    if (!closing && !empty) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(xml.replace(/<[^<>]*>/g, ''), /[<>]/);
  return all;
}

test('a comparison is a table, JSON and a picture', async () => {
  const [json, svg] = [join(folder, 'compare.json'), join(folder, 'compare.svg')];
  const { code, out, err } = await run(join(root, 'tools/bench/compare'), [
    '--workload', 'small,join,idle', '--servers', 'hubbub,hubbub-sqlite', '--rounds', '1', '--seconds', '1', '--scale', '0.02', '--json', json, '--svg', svg]);
  assert.equal(code, 0, err);
  assert.match(out, /^500 rooms x 4.*\n  limit +\d+\.\d+(  the generator was full)?\n  hubbub +\d+\.\d+ +\d+\.\d\d  \(.*\)  (at most|MORE THAN) 1\.15\n  hubbub-sqlite +\d+\.\d+ +\d+\.\d\d  \(.*\)  (at most|MORE THAN) 1\.50$/m);
  assert.match(out, /^10,000 join.*\n  limit +\d+\.\d+(  the generator was full)?\n  hubbub +\d/m);
  const { figures, runs } = JSON.parse(await readFile(json, 'utf8'));
  assert.deepEqual(figures.map(({ workload, case: name }) => [workload, name]),
    ['small', 'join', 'idle', 'idle'].flatMap((workload) => ['limit', 'hubbub', 'hubbub-sqlite'].map((name) => [workload, name])));
  assert.ok(Object.values(runs).flatMap(Object.values).flat().every(({ sound }) => sound));
  const elements = elementsOf(await readFile(svg, 'utf8'));
  assert.equal(elements[0], 'svg');
  assert.equal(elements.filter((name) => name === 'rect').length, 8);
});

test('a comparison of hubbub with itself runs; one of unknown servers lists the known ones', async () => {
  const { code, out, err } = await run(join(root, 'tools/bench/compare'), [
    '--compression', '--workload', 'chatty', '--rounds', '1', '--seconds', '1', '--scale', '0.1']);
  assert.equal(code, 0, err);
  assert.match(out, /^  without .*\n  compressed +\d+\.\d+ +\d/m);
  const typing = await run(join(root, 'tools/bench/compare'), ['--typing', '--rounds', '1', '--seconds', '1']);
  assert.equal(typing.code, 0, typing.err);
  assert.match(typing.out, /an edit\n  memory +\d+\.\d\n  sqlite +\d+\.\d +\d/);
  const wrong = await run(join(root, 'tools/bench/compare'), ['--servers', 'apache']);
  assert.deepEqual([wrong.code, wrong.out], [1, '']);
  assert.match(wrong.err, /apache: there are limit, hubbub, /);
});

test('a soak watches a server while people use it, and reports what it found', async () => {
  const [csv, json] = [join(folder, 'soak.csv'), join(folder, 'soak.json')];
  const { code, out, err } = await run(join(root, 'tools/bench/soak'), [
    '--minutes', '0.03', '--every', '0.5', '--people', '20', '--rooms', '2', '--csv', csv, '--json', json]);
  assert.equal(code, 0, out + err);
  const { samples, level, tally } = JSON.parse(await readFile(json, 'utf8'));
  assert.equal(level, true);
  assert.ok(tally.received > 0);
  assert.deepEqual(tally.wrong, []);
  assert.equal((await readFile(csv, 'utf8')).split('\n').length, samples.length + 2);
});
