// The experiments, each with its cases. The limits are those that hubbub must meet, by server.

import { fileURLToPath } from 'node:url';

const cpu = { name: 'µs of processor a delivery', of: (result) => result.server.cpu_us_per_delivery, digits: 3 };
const p50 = { name: 'p50 latency in µs', of: (result) => result.latency_us.p50, digits: 0 };
const p99 = { name: 'p99 latency in µs', of: (result) => result.latency_us.p99, digits: 0 };
const rate = { name: 'deliveries a second', of: (result) => result.deliveries_per_second, digits: 0 };
const joining = { name: 'µs of processor a connection', of: (result) => result.server.cpu_us_per_join, digits: 1 };
const resident = { name: 'resident bytes a connection', of: (result) => result.server.resident_bytes_per_connection, digits: 0 };
const more = { name: 'resident bytes for each one more', of: (result) => result.server.resident_bytes_per_connection_more, digits: 0 };
const open = { name: 'descriptors at the end', of: (result) => result.server.descriptors_after, digits: 0 };
const atTheEnd = { name: 'resident MiB at the end', of: (result) => result.server.resident_bytes_after / 2 ** 20, digits: 1 };

// `load` has the arguments of bench_load; the numbers of people and rooms are multiplied by --scale.
export const WORKLOADS = {
  fanout: {
    title: '1 room x 1,000, one sender, 16 in flight',
    load: { connections: 1000, 'in-flight': 16 },
    figures: [{ ...cpu, limits: { hubbub: 1.15, 'hubbub-sqlite': 1.3 } }],
  },
  small: {
    title: '500 rooms x 4, one sender each, 1 in flight',
    load: { connections: 2000, rooms: 500 },
    figures: [{ ...cpu, limits: { hubbub: 1.15, 'hubbub-sqlite': 1.5 } }],
  },
  paced: {
    title: '1 room x 1,000, 50 messages a second',
    load: { connections: 1000, rate: 50 },
    figures: [{ ...cpu, limits: { hubbub: 1.1, 'hubbub-sqlite': 1.15 } }, { ...p50, limits: { hubbub: 1.1, 'hubbub-sqlite': 1.15 } }],
  },
  chatty: {
    title: '1 room x 100, all send, 1 in flight',
    load: { connections: 100, senders: 'all' },
    figures: [{ ...cpu, limits: { hubbub: 1.15, 'hubbub-sqlite': 1.2 } }],
  },
  idle: {
    title: '10,000 idle connections',
    load: { connections: 0, idle: 10_000 },
    figures: [{ ...resident, limits: { hubbub: 1, 'hubbub-sqlite': 1 } }, more],
  },
  join: {
    title: '10,000 join, in rooms of 100',
    load: { connections: 10_000, rooms: 100, senders: 0 },
    announced: true,
    figures: [{ ...joining, limits: { hubbub: 1.5, 'hubbub-sqlite': 1.5 } }],
  },
};

// Every server with every workload, as ratios to the limit.
export function betweenServers(workloads, servers) {
  return workloads.map((name) => ({
    ...WORKLOADS[name],
    name,
    base: 'limit',
    cases: servers.map((server) => ({ name: server, server, load: {} })),
  }));
}

export const withCompression = (workloads) => workloads.map((name) => ({
  ...WORKLOADS[name],
  name,
  base: 'without',
  figures: [cpu, p50],
  cases: [
    { name: 'without', server: 'hubbub', load: {} },
    { name: 'compressed', server: 'hubbub', config: { websocket: { compression: true } }, load: { compression: true } },
  ],
}));

// Server and load share two processors: with one server thread the load has one of them for itself, with two threads it has not.
export const withShards = (workloads) => workloads.map((name) => ({
  ...WORKLOADS[name],
  name,
  base: '1 thread',
  shared: true,
  figures: [rate, p50, p99],
  cases: [1, 2].map((threads) => ({ name: threads === 1 ? '1 thread' : '2 threads', server: 'hubbub', config: { server: { threads } }, load: {} })),
}));

export const withTyping = () => [{
  name: 'typing',
  title: 'somebody types, one keystroke on its way',
  base: 'memory',
  generator: [process.execPath, fileURLToPath(new URL('typist.mjs', import.meta.url))],
  load: {},
  figures: [{ ...cpu, name: 'µs of processor an edit', digits: 1 }, p50, p99],
  cases: [{ name: 'memory', server: 'hubbub', load: {} }, { name: 'sqlite', server: 'hubbub-sqlite', load: {} }],
}];

export const withSlowReaders = () => [{
  name: 'slow',
  title: '1 room x 9,000, 20 messages of 1,000 characters a second, alone and with 1,000 more who never read',
  base: 'without',
  load: { rate: 20, payload: 1000 },
  figures: [{ ...p50, limits: { hubbub: 1.2 } }, { ...p99, limits: { hubbub: 1.2 } }, atTheEnd, open],
  cases: [
    { name: 'without', server: 'hubbub', config: { websocket: { outbox: '64KiB' } }, load: { connections: 9000 } },
    { name: 'with', server: 'hubbub', config: { websocket: { outbox: '64KiB' } }, load: { connections: 10_000, slow: 1000 } },
  ],
}];
