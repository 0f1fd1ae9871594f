#!/usr/bin/env node
// typist.mjs URL --pid PID --seconds N --warm-up N: types into a text that `code_update` keeps, one keystroke on its way, as somebody does
// who writes a paper: words, corrections, and now and then a jump to another place. 3 of 10 keystrokes delete, as in the trace
// "automerge-paper". Prints what bench_load prints, with an edit as a delivery.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './servers.mjs';

const { WebSocket } = createRequire(join(root, 'tests/package.json'))('ws');

// The change sets, one for each keystroke. The same each time.
function* keystrokes() {
  let state = 1;
  const below = (n) => Math.floor((state = (state * 48271) % 2147483647) / 2147483647 * n);
  let length = 0;
  let at = 0;
  const span = (before, change, after) => [...(before ? [before] : []), change, ...(after ? [after] : [])];
  for (;;) {
    if (below(20) === 0) at = below(length + 1);
    for (let typed = 1 + below(40); typed > 0; --typed, ++at, ++length) yield span(at, [0, 'etaoin shrdlu'[below(13)]], length - at);
    for (let deleted = Math.min(at, below(18)); deleted > 0; --deleted) yield span(--at, [1], --length - at);
  }
}

const ticksASecond = Number(execFileSync('getconf', ['CLK_TCK']));
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksASecond;
}

const { values, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: { pid: { type: 'string' }, seconds: { type: 'string' }, 'warm-up': { type: 'string' }, json: { type: 'boolean' } },
});
const socket = new WebSocket(`${url}/api/ws?room=paper&id=typist&nickname=Typist`, 'hubbub.v1', { perMessageDeflate: false });
const arrivals = []; // resolve with the next message of the text
socket.on('message', (data) => {
  const message = JSON.parse(data);
  if (message.type === 'error') throw new Error(`refused: ${data}`);
  if (message.type.startsWith('code_')) arrivals.shift()?.(message);
});
await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
const say = (type, content) => new Promise((resolve) => {
  arrivals.push(resolve);
  socket.send(JSON.stringify({ type, content }));
});

let { seq } = await say('code_update', '');
const keys = keystrokes();
async function type(seconds, latencies) {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    const began = performance.now();
    const answer = await say('code_edit', { version: seq, changes: keys.next().value });
    if (answer.seq !== seq + 1) throw new Error(`seq ${answer.seq} after ${seq}`);
    ({ seq } = answer);
    latencies.push(performance.now() - began);
  }
}

await type(Number(values['warm-up']), []);
const latencies = [];
const before = processorSeconds(values.pid);
await type(Number(values.seconds), latencies);
const used = processorSeconds(values.pid) - before;
socket.terminate();
latencies.sort((a, b) => a - b);
const micros = (share) => 1000 * latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
const processors = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${values.pid}/status`, 'utf8'))[1];
console.log(JSON.stringify({
  sound: true, delivered: latencies.length, latency_us: { p50: micros(0.5), p99: micros(0.99) }, generator: { full: false },
  server: { cpu_us_per_delivery: 1e6 * used / latencies.length, apart: true, processors },
}));
