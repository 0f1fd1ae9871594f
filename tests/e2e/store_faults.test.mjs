// A disk that is full, fails or is slow: messages that cannot be stored are refused, nobody sees them, and service resumes by itself.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';

const build = process.env.HUBBUB_BUILD || fileURLToPath(new URL('../../build/release', import.meta.url));
const seqs = ({ received }) => received.filter(({ type, seq }) => type === 'message' && seq).map(({ seq }) => seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const text = 'x'.repeat(20_000);
const patient = { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' }, outbox: '64MiB' };
const chat = { history: 0, max_length: 65536 };

// Sends `content` until it is refused. Returns how often it was accepted.
async function sayUntilRefused(jane, first) {
  for (let ref = first; ; ++ref) {
    jane.send('message', text, ref);
    const { type, code, seq } = await jane.next((message) => message.ref === ref);
    if (type === 'error') {
      assert.equal(code, 'unavailable');
      return ref - first;
    }
    assert.equal(seq, ref, 'no seq is lost');
    assert.ok(ref < first + 10_000, 'it was never refused');
  }
}

// Jane talks while the disk is broken by `breakIt`, and after it is mended by `mendIt`.
const outlives = (breakIt, mendIt) => async ({ server, join }) => {
  const jane = await join({ id: 'jane', nickname: 'Jane' });
  const bob = await join({ id: 'bob', nickname: 'Bob' });
  const { content: { epoch } } = await bob.next('welcome');
  await jane.say('before', 1);
  await breakIt(server);
  const said = 1 + await sayUntilRefused(jane, 2);
  for (let i = 0; i < 5; ++i) {
    bob.send('message', text, `refused ${i}`);
    assert.equal((await bob.next(({ ref }) => ref === `refused ${i}`)).code, 'unavailable');
  }
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200, 'a restart would not help');
  const newcomer = await join();
  assert.equal((await newcomer.next('welcome')).content.seq, said, 'a newcomer comes in, and hears of nothing that was refused');

  await mendIt(server);
  let again;
  do {
    bob.send('message', 'after', 'again');
    again = await bob.next(({ ref }) => ref === 'again');
  } while (again.code === 'unavailable');
  assert.equal(again.seq, said + 1);
  await jane.next(({ seq }) => seq === again.seq);
  assert.deepEqual(seqs(jane), range(1, said + 1));
  assert.deepEqual(seqs(bob), range(1, said + 1));
  const reader = await join({ since: 0, epoch });
  await reader.next(({ seq }) => seq === again.seq);
  assert.deepEqual(reader.received.filter(({ seq }) => seq), jane.received.filter(({ seq }) => seq), 'what was seen is what is stored');
  assert.match((await server.lines('cannot be used now'))[0], /\[error\] store=/);
  assert.ok(server.log().match(/store=.* (cannot be used now|can be written again)/g).length < 10, 'what goes on and off is one outage');
};

const folder = await mkdtemp(path(tmpdir(), 'hubbub-disk-'));
let mounted = false;
after(async () => {
  if (mounted) execFileSync('umount', ['-l', path(folder, 'disk')]);
  await rm(folder, { recursive: true });
});

// A disk of four megabytes, half of it used.
async function smallDisk() {
  const place = path(folder, 'disk');
  await mkdir(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4M', 'tmpfs', place], { stdio: 'pipe' });
  } catch (error) {
    return { missing: `no disk can be mounted here: ${error.stderr}` };
  }
  mounted = true;
  const filler = path(place, 'filler');
  await writeFile(filler, Buffer.alloc(2 * 1024 * 1024));
  return { place, fill: async () => {}, free: () => rm(filler) };
}

const disk = await smallDisk();
test('a full disk', { skip: disk.missing }, withServer(outlives(disk.fill, disk.free), {
  config: { store: { path: path(disk.place ?? '', 'rooms.db') }, websocket: patient, plugins: { chat } },
}));

// The kernel does not let the server's files grow, as if a quota were used up.
const limit = (size) => ({ process: { pid } }) => execFileSync('prlimit', ['--pid', pid, `--fsize=${size}:`]);
test('a file that cannot be written to', withServer(outlives(limit(0), limit('unlimited')), {
  config: { websocket: patient, plugins: { chat } },
}));

const unpreloadable = sanitized && 'a sanitizer does not go with a library that is loaded before it';
const badDisk = path(build, 'fixtures', 'bad_disk.so');

const readOnly = path(folder, 'read-only');
test('a disk that becomes read-only', { skip: unpreloadable }, withServer(outlives(() => writeFile(readOnly, ''), () => rm(readOnly)), {
  env: { LD_PRELOAD: badDisk, HUBBUB_READ_ONLY: readOnly },
  config: { websocket: patient, plugins: { chat } },
}));

const fsyncs = path(folder, 'fsyncs');
const slowDisk = {
  env: { LD_PRELOAD: badDisk, HUBBUB_FSYNC_MS: '20', HUBBUB_FSYNC_LOG: fsyncs },
  config: { store: { synchronous: 'full' }, websocket: patient, plugins: { chat: { history: 1000 } } },
};

test('on a slow disk one commit holds the messages of many people', { skip: unpreloadable }, withServer(async ({ join }) => {
  const people = await Promise.all(range(1, 10).map((i) => join({ id: `id${i}` })));
  const { size: before } = await stat(fsyncs);
  for (const person of people) for (const ref of range(1, 50)) person.send('message', `number ${ref}`, ref);
  for (const person of people) await person.next(({ ref, id }) => ref === 50 && id === person.id);
  if (seqs(people[0]).at(-1) !== 500) await people[0].next(({ seq }) => seq === 500);
  assert.deepEqual(seqs(people[0]).slice(0, 500), range(1, 500));
  const { size } = await stat(fsyncs);
  assert.ok(size > before && size - before < 250, `${size - before} fsyncs for 500 messages`);
}, slowDisk));

test('a client that joins or resumes while hundreds of messages are being committed sees each once, in the greeting or live', { skip: unpreloadable }, withServer(async ({ join }) => {
  const speakers = await Promise.all(range(1, 4).map((i) => join({ id: `speaker${i}`, nickname: 'Speaker' })));
  const { content: { epoch } } = await speakers[0].next('welcome');
  let over = false;
  const total = (async () => {
    let last = 0;
    for (let ref = 1; !over; ref += 50) {
      for (const speaker of speakers) for (let i = ref; i < ref + 50; ++i) speaker.send('message', `${i}`, i);
      for (const speaker of speakers) last = (await speaker.next((message) => message.ref === ref + 49 && message.id === speaker.id)).seq;
    }
    return last;
  })();
  const visitors = [];
  for (let i = 0; i < 40; ++i) {
    const since = i % 2 ? { since: Math.max(0, (visitors.at(-1)?.seen ?? 0) - 3), epoch } : {};
    const visitor = await join({ nickname: `Visitor ${i}`, ...since });
    const { content } = await visitor.next('welcome');
    assert.equal(content.recovered, i % 2 === 1);
    const first = content.recovered ? since.since + 1 : Math.max(1, content.seq - 999);
    visitors.push({ visitor, first, seen: content.seq });
    await visitor.next(({ seq }) => seq > content.seq);
  }
  over = true;
  const last = await total;
  for (const { visitor, first } of visitors) {
    if (seqs(visitor).at(-1) !== last) await visitor.next(({ seq }) => seq >= last);
    assert.deepEqual(seqs(visitor), range(first, seqs(visitor).at(-1)));
  }
}, slowDisk));
