// tools/bench/soak: reads the arguments, lets people loose on a server, measures it every few seconds, and reports the result.

import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Person } from './person.mjs';
import { install, prepare, processors, root, start } from './servers.mjs';
import { something } from './talk.mjs';

const TICK = 50; // ms
const STORM = 20_000; // ms between two storms; in each, half of the people lose their connections
const STALLED = 8; // people in the flooded room who sometimes stop reading …
const STALL = 15_000; // … for this many ms, in which many times their outboxes and the kernel's buffers arrive
const PROBE = 100; // ms between two messages whose round trip is timed

function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '20' }, people: { type: 'string', default: '200' }, rooms: { type: 'string', default: '10' },
      every: { type: 'string', default: '5' }, csv: { type: 'string' }, json: { type: 'string' },
    },
  });
  for (const option of ['minutes', 'people', 'rooms', 'every']) {
    if (!(Number(values[option]) > 0)) throw new Error(`--${option} ${values[option]}: must be a number above 0`);
    values[option] = Number(values[option]);
  }
  return values;
}

// Small limits for everything that is kept, so that unbounded growth shows soon.
const CONFIG = {
  websocket: { outbox: '256KiB', rate: { messages: 10_000, burst: 10_000, size: '1GiB', burst_size: '1GiB' } },
  rooms: { grace: '1s' },
  store: { type: 'memory', rooms: 100, retention: { messages: 500, size: '1MiB' }, snapshot_every: 200 },
  plugins: { chat: { max_length: 65_536 }, draw: { max_board: 10_000 } },
};

const resident = (pid) => Number(/^Rss:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
function descriptors(pid) {
  const all = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return ''; // the descriptor was closed meanwhile
    }
  });
  const sockets = all.filter((target) => target.startsWith('socket:')).length;
  return { sockets, others: all.length - sockets };
}
const sum = (counts) => Object.values(counts).reduce((all, count) => all + count, 0);
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
const median = (values) => percentile([...values].sort((a, b) => a - b), 0.5);

class Crowd {
  #timers = [];
  #latencies = [];
  #people = [];
  #number = 0;

  constructor(url, { people, rooms }) {
    const add = (room, onMessage) => {
      this.#people.push(new Person(url, { room, nickname: `person-${++this.#number}`, onMessage }));
      return this.#people.at(-1);
    };
    const anyRoom = () => `room-${Math.floor(Math.random() * rooms)}`;
    for (let i = 0; i < people; ++i) add(anyRoom());

    // Each person says something every two seconds; now and then one leaves for good and a new one joins.
    this.#every(TICK, () => {
      for (let i = 0; i < people * TICK / 2000; ++i) this.#anybody(people).send(...something());
      if (Math.random() > people * TICK / 60_000) return;
      const which = Math.floor(Math.random() * people);
      this.#people[which].leave();
      add(anyRoom());
      this.#people[which] = this.#people.pop();
    });
    this.#every(STORM, () => this.#people.slice(0, people).forEach((person) => Math.random() < 0.5 && person.lose()));

    // One person floods a room with more than an outbox can hold; people there stop reading until they are closed.
    const flooder = add('flooded');
    this.#every(TICK, () => flooder.send('message', 'x'.repeat(50_000)));
    const stalled = Array.from({ length: STALLED }, () => add('flooded'));
    this.#every(3000, () => stalled[Math.floor(Math.random() * STALLED)].stall(STALL));

    const sentAt = new Map();
    const probe = add('room-0', ({ id, ref }) => {
      if (id !== probe.id || !sentAt.has(ref)) return;
      this.#latencies.push(performance.now() - sentAt.get(ref));
      sentAt.delete(ref);
    });
    let ref = 0;
    this.#every(PROBE, () => {
      if (!probe.isThere) return;
      sentAt.set(++ref, performance.now());
      probe.send('message', 'how long?', ref);
    });
  }

  get there() {
    return this.#people.filter(({ isThere }) => isThere).length;
  }

  // The latencies since the last call, sorted, in ms.
  takeLatencies() {
    return this.#latencies.splice(0).sort((a, b) => a - b);
  }

  leave() {
    this.#timers.forEach(clearInterval);
    this.#people.forEach((person) => person.leave());
  }

  #every(ms, call) {
    this.#timers.push(setInterval(call, ms));
  }

  #anybody(people) {
    return this.#people[Math.floor(Math.random() * people)];
  }
}

const COLUMNS = ['seconds', 'people', 'received_per_second', 'p50_ms', 'p99_ms', 'resident_mib', 'sockets', 'others', 'resumed', 'afresh', 'cut', 'refused'];
const row = (values) => values.map((value, i) => String(value).padStart(COLUMNS[i].length)).join('  ');

async function watch(crowd, pid, { minutes, every }, onSample) {
  const samples = [];
  const began = performance.now();
  let received = 0;
  while (performance.now() - began < minutes * 60_000) {
    await new Promise((resolve) => { setTimeout(resolve, Math.min(every, minutes * 60) * 1000); });
    const latencies = crowd.takeLatencies();
    const { tally } = Person;
    samples.push({
      seconds: Math.round((performance.now() - began) / 1000), people: crowd.there,
      received_per_second: Math.round((tally.received - received) / every), p50_ms: +percentile(latencies, 0.5).toFixed(2),
      p99_ms: +percentile(latencies, 0.99).toFixed(2), resident_mib: +resident(pid).toFixed(1), ...descriptors(pid),
      resumed: tally.resumed, afresh: tally.afresh, cut: tally.cut, refused: sum(tally.errors),
    });
    received = tally.received;
    onSample(samples.at(-1));
  }
  return samples;
}

// Waits until the server has as few sockets as before anybody joined, at most 30 s.
async function settle(pid, { sockets }) {
  for (let i = 0; i < 300 && descriptors(pid).sockets > sockets; ++i) await new Promise((resolve) => { setTimeout(resolve, 100); });
  return descriptors(pid);
}

// Compares the last quarter with the second: by then everything bounded has reached its bound.
function judgeMemory(samples) {
  const quarter = Math.floor(samples.length / 4);
  if (quarter < 3) return { line: 'memory       too few samples to say whether it is level', level: true };
  const of = (from) => median(samples.slice(from * quarter, (from + 1) * quarter).map((sample) => sample.resident_mib));
  const [early, late] = [of(1), of(3)];
  const level = late <= early * 1.05 + 4;
  return { line: `memory       ${early.toFixed(1)} MiB in the second quarter, ${late.toFixed(1)} in the last: ${level ? 'level' : 'NOT LEVEL'}`, level };
}

export async function main(args) {
  const options = read(args);
  prepare(['hubbub']);
  install(join(root, 'tests'));
  const server = await start('hubbub', { on: processors(), config: { ...CONFIG, server: { threads: 'auto' } } });
  try {
    const before = descriptors(server.pid);
    const crowd = new Crowd(`ws://127.0.0.1:${server.port}/api/ws`, options);
    console.log(row(COLUMNS));
    const samples = await watch(crowd, server.pid, options, (sample) => console.log(row(Object.values(sample))));
    crowd.leave();
    const after = await settle(server.pid, before);
    const { tally } = Person;
    const memory = judgeMemory(samples);
    // The first connection creates event loops and the like.
    const closed = after.sockets <= before.sockets && after.others <= samples[0].others;
    const order = tally.wrong.length === 0 && !tally.errors.internal;
    console.log(`\n${memory.line}`);
    console.log(`descriptors  ${before.sockets} sockets before anybody came, ${after.sockets} after all have left; `
      + `${samples[0].others} others at first, ${after.others} at the end: ${closed ? 'level' : 'NOT LEVEL'}`);
    console.log(`messages     ${tally.received} received: ${order ? 'nobody missed one or had one twice' : 'WRONG'}`);
    tally.wrong.slice(0, 5).forEach((what) => console.log(`             ${what}`));
    console.log(`closed       ${JSON.stringify(tally.closed)}; refused ${JSON.stringify(tally.errors)}`);
    if (options.csv) writeFileSync(options.csv, [COLUMNS, ...samples.map(Object.values)].map((line) => `${line.join()}\n`).join(''));
    const level = memory.level && closed && order;
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ samples, descriptors: { before, after }, tally, level }, null, 1)}\n`);
    return level;
  } finally {
    await server.stop();
  }
}
