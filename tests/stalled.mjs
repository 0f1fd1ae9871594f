#!/usr/bin/env node
// tests/stalled.mjs MS COMMAND…: run a command as on a machine that is busy with something else.
//
// Again and again, some of the processes that it has started stand still, for up to MS milliseconds: now the server, now one
// page of several, now the test itself. What passes otherwise and not here has taken for settled what was under way:
//
//   tests/stalled.mjs 700 node --test tests/browser/kanban.test.mjs

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [most, command, ...rest] = process.argv.slice(2);
if (!(Number(most) > 0) || !command) {
  console.error('usage: tests/stalled.mjs MS COMMAND…');
  process.exit(2);
}

// Every process that this one has started, and they in turn.
function descendants() {
  const children = new Map(); // pid -> pids
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {} // it has ended meanwhile
  }
  const below = (pid) => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(String(process.pid));
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(Number(pid), name);
    } catch {} // it has ended meanwhile
  }
}

let ended = false;
const child = spawn(command, rest, { stdio: 'inherit' }).on('exit', (code) => {
  ended = true;
  process.exitCode = code ?? 1;
}).on('error', ({ message }) => {
  ended = true;
  console.error(message);
  process.exitCode = 127;
});
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
while (!ended) {
  const stalled = descendants().filter(() => Math.random() < 0.4);
  signal(stalled, 'SIGSTOP');
  await pause(Math.random() * Number(most));
  signal(stalled, 'SIGCONT');
  await pause(Math.random() * 100);
}
