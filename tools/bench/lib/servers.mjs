// The servers that are compared. Each does the same work, as a process on 127.0.0.1 that is kept on its processors.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = process.env.HUBBUB_BUILD ?? join(root, 'build/release');
const peers = join(root, 'tools/bench/peers');
const LISTENING = /listening on http:\/\/[^:]+:(\d+)/;

export const program = (name) => join(build, name);

const node = (name) => ({ needs: 'npm', command: () => [process.execPath, join(peers, `${name}.mjs`)] });
const compiled = (name) => ({ needs: 'peers', command: () => [program(`bench_${name}`)] });

export const SERVERS = {
  limit: { needs: 'bench', presence: false, command: ({ announced }) => [program('bench_limit'), '0', ...(announced ? ['--announce'] : [])] },
  hubbub: { needs: 'bench', command: ({ folder, config }) => hubbub(folder, { store: { type: 'memory' }, ...config }) },
  'hubbub-sqlite': { needs: 'bench', command: ({ folder, config }) => hubbub(folder, { store: { type: 'sqlite', path: join(folder, 'rooms.db') }, ...config }) },
  libwebsockets: compiled('libwebsockets'),
  websocketpp: compiled('websocketpp'),
  ws: node('ws'),
  'socket.io': { ...node('socket.io'), protocol: 'socket.io' },
};

// All plugins, one thread, and no limit on how much a client may send.
function hubbub(folder, { server, websocket, plugins, ...rest }) {
  const all = Object.fromEntries(readdirSync(join(root, 'plugins'))
    .filter((name) => existsSync(join(root, 'plugins', name, 'CMakeLists.txt'))).map((name) => [name, {}]));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, JSON.stringify({
    server: { port: 0, threads: 1, connections: 100_000, static: join(root, 'static'), shutdown_timeout: '1s', ...server },
    websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' }, ...websocket },
    plugins: { ...all, ...plugins },
    ...rest,
  }));
  return [program('hubbub'), '--config', file];
}

// Installs and builds what these servers need. If HUBBUB_BUILD names a build, that is used as it is.
export function prepare(names) {
  const needs = new Set(names.map((name) => SERVERS[name].needs));
  const run = (...command) => {
    const { status } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(`${command.join(' ')} failed`);
  };
  if (!process.env.HUBBUB_BUILD) {
    run('tools/build', '--bench');
    if (needs.has('peers')) run('tools/build', '--peers');
  }
  if (needs.has('npm')) install(peers);
}

// The npm packages that a folder's lock names, unless they are there.
export function install(folder) {
  if (existsSync(join(folder, 'node_modules'))) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`npm could not install what ${folder} needs`);
}

// The processors that this process may use.
export function processors() {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

// Starts a program on these processors. It is killed when this process ends.
const children = new Set();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export function launch(on, command) {
  const child = spawn('taskset', ['-c', on.join(), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message)).once('close', (code, signal) => resolve(signal ?? code));
  });
  ended.then(() => children.delete(child));
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return { child, ended };
}

export async function start(name, { on, announced, config }) {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-compare-'));
  const { child, ended } = launch(on, SERVERS[name].command({ folder, announced, config }));
  let log = '';
  const port = await new Promise((resolve, reject) => {
    ended.then((how) => reject(new Error(`${name} ended before it listened (${how})\n${log}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        log += text;
        const found = LISTENING.exec(log);
        if (found) resolve(Number(found[1]));
      });
    }
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
    rmSync(folder, { recursive: true });
  };
  return { pid: child.pid, port, stop, log: () => log };
}
