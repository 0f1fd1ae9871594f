// What a disk may hold after a power cut, from the trace that tests/fixtures/traced_disk.cpp has made of all that was done to it.
//
//   const trace = await readTrace(file);                        // entries: { what, path, number, bytes }
//   const files = diskAfter(trace, { end, chance, arrives });   // name → content

import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const SECTOR = 512; // what a disk writes whole or not at all

export async function readTrace(file) {
  const all = await readFile(file);
  const entries = [];
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(10, at);
    if (end < 0) break; // the process was killed while it wrote this
    const { bytes, ...entry } = JSON.parse(all.toString('utf8', at, end));
    at = end + 1;
    if (at + (bytes ?? 0) > all.length) break;
    entries.push({ ...entry, bytes: all.subarray(at, at + (bytes ?? 0)) });
    at += bytes ?? 0;
  }
  return entries;
}

// What is on the disk if the power fails after `end` entries. What was synced has arrived. Of the rest, each sector, change of length and
// name has arrived with the probability `arrives`, whatever came before it: with 1 this is what `kill -9` leaves. `before` is what
// was on the disk before the trace, all of it synced.
export function diskAfter(trace, { end = trace.length, chance, arrives, before = new Map() }) {
  const hasArrived = () => arrives === 1 || chance.below(1000) < 1000 * arrives;
  const ignored = ({ path }) => /-shm$|\.lock$/.test(path); // made anew by whoever opens the database
  const entries = trace.slice(0, end).map((entry, i) => ({ ...entry, i })).filter((entry) => !ignored(entry));

  // A name stands for one file until it is removed or made again. `synced`: entries before this number have arrived.
  const files = new Map([...before].map(([name, content]) => [name, { content, changes: [], synced: 0 }]));
  const names = new Map(files);
  const renamings = [];
  let namesSynced = 0;
  for (const entry of entries) {
    const name = basename(entry.path);
    if (entry.what === 'make') names.set(name, { content: Buffer.alloc(0), changes: [], synced: 0 });
    if (['make', 'remove'].includes(entry.what)) renamings.push({ ...entry, name, file: names.get(name) });
    if (entry.what === 'remove') names.delete(name);
    const file = names.get(name);
    if (['write', 'truncate'].includes(entry.what)) file.changes.push(entry);
    if (entry.what !== 'sync') continue;
    if (file) file.synced = Math.max(file.synced, entry.number);
    else if (entries.some(({ path }) => dirname(path) === entry.path)) namesSynced = entry.number;
  }

  const disk = new Map(files);
  for (const { what, name, file, i } of renamings) {
    if (i >= namesSynced && !hasArrived()) continue;
    if (what === 'make') disk.set(name, file);
    else if (disk.get(name) === file) disk.delete(name);
  }
  return new Map([...disk].map(([name, file]) => [name, contentOf(file, hasArrived)]));
}

function contentOf({ content, changes, synced }, hasArrived) {
  let bytes = Buffer.from(content);
  let length = bytes.length;
  const grow = (size) => {
    if (size > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(Math.max(size, 2 * bytes.length) - bytes.length)]);
    length = Math.max(length, size);
  };
  for (const { what, number, bytes: written, i } of changes) {
    const has = () => i < synced || hasArrived();
    if (what === 'truncate') {
      if (!has()) continue;
      grow(number);
      bytes.fill(0, number);
      length = number;
      continue;
    }
    for (let at = 0; at < written.length;) {
      const size = Math.min(SECTOR - ((number + at) % SECTOR), written.length - at);
      if (has()) {
        grow(number + at + size);
        written.copy(bytes, number + at, at, at + size);
      }
      at += size;
    }
  }
  return bytes.subarray(0, length);
}
