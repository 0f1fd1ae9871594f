// What a disk holds when the power fails, or when the server is killed, at any moment: the store can be read, no room has a gap, and
// everything is there that was promised. What the server does to the disk is traced, and disks of many moments are made from the
// trace: HUBBUB_DISKS of each kind.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, test } from 'node:test';
import { Chance } from '../lib/chance.mjs';
import { join } from '../lib/member.mjs';
import { diskAfter, readTrace } from '../lib/power_cut.mjs';
import { fixtures } from '../lib/served.mjs';
import { runServer, sanitized, startServer } from '../lib/server.mjs';

const seed = Number(process.env.HUBBUB_SEED ?? Date.now() % 1_000_000_007);
const chance = new Chance(seed);
const disks = Number(process.env.HUBBUB_DISKS ?? 20);
const folder = await mkdtemp(path(tmpdir(), 'hubbub-power-'));
after(() => rm(folder, { recursive: true }));

// In so small a file, what was committed must soon enter the tables, and old messages must soon leave them.
const config = (place, synchronous) => ({
  store: { path: path(place, 'rooms.db'), synchronous, size: '2MiB', retention: { messages: 20 }, snapshot_every: 50 },
  rooms: { grace: '0s' },
  websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
  plugins: { chat: { history: 20 } },
});

// Says `count` messages with 16 on their way, again and again if the store is full.
async function talk(server, name, room, count) {
  const member = await join(server, { room, id: name, nickname: name });
  const say = (ref) => member.send('message', `${name} ${ref} ${'x'.repeat(chance.below(3000))}`, ref);
  let said = 0;
  const under = new Set();
  while (said < count || under.size > 0) {
    while (said < count && under.size < 16) under.add(++said) && say(said);
    const { type, id, ref } = await member.next((message) => under.has(message.ref) && (message.type === 'error' || message.id === name));
    if (type === 'error') say(ref);
    else under.delete(ref);
    member.forget();
    assert.ok(id === name || type === 'error');
  }
  member.hangUp();
}

// The messages that a trace has committed: each with its room, its seq, the number of the entry that has it, and of the one that syncs it.
function committed(trace) {
  const syncs = new Map(); // path → entries
  trace.forEach(({ what, path: file, number }, when) => {
    if (what === 'sync') syncs.set(file, [...(syncs.get(file) ?? []), { number, when }]);
  });
  return trace.flatMap(({ what, path: file, bytes }, entry) => {
    if (what !== 'write' || !file.includes('-commits-')) return [];
    const synced = (syncs.get(file) ?? []).find(({ number }) => number > entry)?.when ?? Infinity;
    return [...bytes.toString('latin1').matchAll(/"content":"(\w+ \d+) x*","room":"(\w+)"[^{}]*?"seq":(\d+)/g)]
      .map(([, content, room, seq]) => ({ content, room, seq: Number(seq), entry, synced }));
  });
}

// The rooms that a store has: name → seq → content.
async function roomsOf(place, synchronous) {
  const file = path(place, 'config.yaml');
  await writeFile(file, JSON.stringify(config(place, synchronous)));
  const { code, out, err } = await runServer(['--config', file, 'export', '-']);
  if (/holds no rooms|cannot be opened|is not there/.test(err)) return new Map(); // nothing of the file has reached the disk
  assert.equal(code, 0, err);
  const rooms = new Map();
  for (const line of out.trim().split('\n').filter(Boolean).map((text) => JSON.parse(text))) {
    if (line.epoch) rooms.set(line.room, { first: line.first, contents: [] });
    if (line.message) {
      const { first, contents } = rooms.get(line.room);
      assert.equal(line.seq, first + contents.length, `${line.room} has no gap`);
      contents.push(/^\w+ \d+/.exec(line.message.content)[0]);
    }
  }
  return rooms;
}

async function check(trace, all, { end, arrives, promised, synchronous, name }) {
  const place = path(folder, name);
  await mkdir(place);
  for (const [file, content] of diskAfter(trace, { end, chance, arrives })) await writeFile(path(place, file), content);
  const what = `${name}: ${end} of ${trace.length} entries, ${arrives} of the rest`;
  try {
    const rooms = await roomsOf(place, synchronous);
    const server = await startServer({ config: config(place, synchronous) });
    await server.stop();
    assert.doesNotMatch(server.log(), /\[error\]/);
    const again = await roomsOf(place, synchronous);
    const lasts = (stored) => [...stored].map(([room, { first, contents }]) => [room, first + contents.length - 1]);
    assert.deepEqual(lasts(again), lasts(rooms), 'the server takes over what an export shows');
    for (const [room, { first, contents }] of rooms) {
      const its = new Map(all.filter((message) => message.room === room).map(({ seq, content }) => [seq, content]));
      contents.forEach((content, i) => assert.equal(content, its.get(first + i), `message ${first + i} of ${room}`));
    }
    const missing = all.filter((message) => {
      const { first = 1, contents = [] } = rooms.get(message.room) ?? {};
      return message.entry < end && message.seq >= first + contents.length;
    });
    assert.deepEqual(missing.filter(promised).map(({ room, seq }) => `${room} ${seq}`), []);
    await rm(place, { recursive: true });
    return missing.length;
  } catch (error) {
    error.message = `${what} (HUBBUB_SEED=${seed}): ${error.message}`;
    throw error;
  }
}

for (const synchronous of ['normal', 'full']) {
  const skip = sanitized && 'a sanitizer does not go with a library that is loaded before it';
  test(`whenever the power fails or the server is killed, with store.synchronous ${synchronous} (HUBBUB_SEED=${seed})`, { skip }, async () => {
    const [place, file] = [path(folder, synchronous), path(folder, `${synchronous}.trace`)];
    await mkdir(place);
    const server = await startServer({
      config: config(place, synchronous),
      env: { LD_PRELOAD: path(fixtures, 'traced_disk.so'), HUBBUB_DISK: place, HUBBUB_DISK_TRACE: file },
    });
    const visit = async () => {
      for (let visitor = 1; visitor <= 10; ++visitor) await talk(server, `visitor${visitor}`, 'hall', 3);
    };
    const talks = Array.from({ length: 20 }, (_, i) => talk(server, `person${i}`, `room${i % 12}`, 100));
    await Promise.all([...talks, visit()]);
    await server.crash();

    const trace = await readTrace(file);
    assert.ok(trace.filter(({ what, path: its }) => what === 'remove' && its.includes('-commits-')).length > 2, 'what was committed enters the tables');
    const all = committed(trace);
    const moment = () => 1 + chance.below(trace.length);
    let lost = 0;
    for (let i = 0; i < disks; ++i) {
      await check(trace, all, { end: moment(), arrives: 1, synchronous, name: `${synchronous} killed ${i}`, promised: () => true });
      const end = i < 2 ? trace.length : moment();
      const promised = ({ synced }) => synchronous === 'full' && synced < end;
      lost += await check(trace, all, { end, arrives: chance.of([0, 0.5, 0.95]), synchronous, name: `${synchronous} cut ${i}`, promised });
    }
    assert.ok(synchronous === 'full' || lost > 0, 'a disk that loses nothing shows nothing');
  });
}
