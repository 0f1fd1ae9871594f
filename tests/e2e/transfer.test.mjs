// Export and import: rooms as lines of JSON, from one store to another.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, test } from 'node:test';
import { withServer } from '../lib/served.mjs';
import { runServer, startServer } from '../lib/server.mjs';

const folder = await mkdtemp(path(tmpdir(), 'hubbub-transfer-'));
after(() => rm(folder, { recursive: true }));

// The program with a store of that name.
async function run(name, ...args) {
  const file = path(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify({ store: { path: path(folder, name) } }));
  return runServer(['--config', file, ...args]);
}
const served = (name) => ({ config: { store: { path: path(folder, name) }, rooms: { grace: '0s' } } });
const given = async (lines) => {
  const file = path(folder, 'given.jsonl');
  await writeFile(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
};

const garden = 'garden "🌸"\\';
let key;
await withServer(async ({ join }) => {
  const jane = await join({ room: garden, id: 'jane', nickname: 'Jane' });
  for (const ref of ['r', 7, 1.5]) await jane.say(`"${ref}" \u2028 🌸`, ref);
  ({ key } = jane);
  jane.send('message', 'without a ref');
  await jane.next(({ seq }) => seq === 4);
  await (await join({ room: 'kitchen' })).say('Hello!');
  await (await join({ room: 'empty' })).next('welcome');
}, served('one.db'))();

test('rooms that are exported and imported are the same, byte for byte', async () => {
  const { code, out, err } = await run('one.db', 'export', '-');
  assert.deepEqual([code, err], [0, '2 rooms exported\n']);
  const lines = out.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.filter(({ room }) => room === garden).map((line) => Object.keys(line).slice(1).join()), [
    'epoch,first', ...Array(3).fill('seq,plugin,version,client,asked,message'), 'seq,plugin,version,message', 'snapshot,state',
  ]);
  assert.equal(out.includes(key), false, 'what only Jane may know stays with her');
  const { ts, ...message } = lines[1].message;
  assert.deepEqual(message, { type: 'message', content: '"r" \u2028 🌸', room: garden, nickname: 'Jane', id: 'jane', seq: 1, ref: 'r' });

  const file = path(folder, 'all.jsonl');
  await writeFile(file, out);
  assert.deepEqual(await run('two.db', 'import', file), { code: 0, out: '', err: '2 rooms imported\n' });
  assert.deepEqual(await run('none.db', 'import', '-'), { code: 0, out: '', err: '0 rooms imported\n' });
  assert.deepEqual(await run('none.db', 'export', '-'), { code: 0, out: '', err: '0 rooms exported\n' });
  assert.equal((await run('two.db', 'export', '-')).out, out);
});

test('imported rooms work as before: people resume, and repeated messages are recognised', withServer(async ({ join }) => {
  const { epoch } = JSON.parse((await readFile(path(folder, 'all.jsonl'), 'utf8')).split('\n')[0]);
  const jane = await join({ room: garden, id: 'jane', nickname: 'Jane', since: 2, epoch, key });
  assert.equal((await jane.next('welcome')).content.recovered, true);
  assert.equal((await jane.next('message')).seq, 3);
  assert.equal((await jane.say('"7" \u2028 🌸', 7)).seq, 2);
  jane.send('message', 'another', 1.5);
  assert.equal((await jane.next('error')).code, 'invalid');
  assert.equal((await jane.say('new', 8)).seq, 5);
}, served('two.db')));

test('one room can be exported, also while the server runs', async () => {
  const server = await startServer(served('one.db'));
  const file = path(folder, 'kitchen.jsonl');
  assert.deepEqual(await run('one.db', 'export', file, '--room', 'kitchen'), { code: 0, out: '', err: '1 room exported\n' });
  const rooms = (await readFile(file, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line).room);
  assert.ok(rooms.length > 1 && rooms.every((room) => room === 'kitchen'));
  assert.deepEqual(await run('one.db', 'export', '-', '--room', 'kitchen'), { code: 0, out: await readFile(file, 'utf8'), err: '1 room exported\n' });
  const { code, err } = await run('one.db', 'import', file);
  assert.equal(code, 1);
  assert.match(err, /one\.db is in use by another hubbub; stop that one/);
  await server.stop();
});

test('a mistake in the file is reported with its line, and nothing is imported', async () => {
  const begin = { room: 'r', epoch: 'e', first: 1 };
  const record = (seq) => ({ room: 'r', seq, plugin: 'chat', version: '1', message: { type: 'message', content: '', seq, ts: 1 } });
  const cases = [
    [[begin, '{'], /given\.jsonl:2: .*parse error/],
    [[begin, record(2)], /given\.jsonl:2: its seq must be 1/],
    [[begin, record(1), { ...record(2), message: record(1).message }], /given\.jsonl:3: its seq must be 2/],
    [[record(1)], /given\.jsonl:1: the line that begins this room is missing/],
    [[begin, { room: 'r', seq: 1 }], /given\.jsonl:2: .*'message' not found/],
    [[begin, { room: 'r', snapshot: 5, state: {} }], /given\.jsonl:2: the snapshot's seq is not that of a record before it/],
    [[begin, begin], /given\.jsonl:2: the room already began on an earlier line/],
    [['[]'], /given\.jsonl:1: /],
  ];
  // core/store/room_lines_test.cpp has the other checks.
  for (const epoch of ['a\nb', '\u001b', 'x'.repeat(70)]) cases.push([[{ ...begin, epoch }], /given\.jsonl:1: epoch: must be 1 to 64 of the characters/]);
  cases.push([[begin, { ...record(1), seq: 1.5 }], /given\.jsonl:2: seq: must be a whole number/]);
  cases.push([[begin, record(1), { room: 'r', snapshot: 1, state: 7 }], /given\.jsonl:3: state: must be an object/]);
  for (const [lines, message] of cases) {
    const { code, err } = await run('three.db', 'import', await given(lines));
    assert.equal(code, 1, `${err} ${JSON.stringify(lines).slice(0, 200)}`);
    assert.match(err, message);
  }
  assert.equal((await run('three.db', 'export', '-')).out, '');
});

test('the program says why rooms cannot be exported or imported', async () => {
  assert.match((await run('one.db', 'import', path(folder, 'all.jsonl'))).err, /all\.jsonl:1: the store already has this room/);
  assert.match((await run('one.db', 'import', path(folder, 'none.jsonl'))).err, /cannot read .*none\.jsonl: No such file or directory/);
  assert.match((await run('one.db', 'export', '-', '--room', 'attic')).err, /has no room "attic"/);
  assert.match((await run('one.db', 'export', path(folder, 'none', 'x'))).err, /cannot write/);
  assert.match((await run('four.db', 'export', '-')).err, /four\.db cannot be opened/);
  const { code, err } = await runServer(['export', '-'], { env: { HUBBUB_STORE__TYPE: 'memory' } });
  assert.equal(code, 1);
  assert.match(err, /store\.type is memory: nothing is stored/);
});
