// A real server process for one test, on a free port. The binary is HUBBUB_BINARY, or the release build.
//
//   const server = await startServer({ config: { plugins: { chat: { history: 3 } } } });
//   … server.url, server.ws …
//   await server.stop();   // fails if the server does not end well, for example after a sanitizer's report
//
//   const { code, out, err } = await runServer(['--config', file]);   // for a run that ends by itself

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './deadline.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = () => process.env.HUBBUB_BINARY || here('../../build/release/hubbub');
const LISTENING = /listening on http:\/\/127\.0\.0\.1:(\d+)/;

// True under a sanitizer: then tests use small loads and do not check memory.
export const sanitized = Boolean(process.env.HUBBUB_SANITIZE);

// If `folder` is given, the server uses the config.yaml in it. `program` may name another binary.
export async function startServer({ config = {}, env = {}, program = binary(), folder: theirs } = {}) {
  const folder = theirs ?? await mkdtemp(join(tmpdir(), 'hubbub-test-'));
  const file = join(folder, 'config.yaml');
  if (!theirs) await writeFile(file, JSON.stringify(complete(config))); // JSON is YAML, too

  const child = spawn(program, ['--config', file], { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  // If the test process dies, its server is killed too.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const listening = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        const found = LISTENING.exec(output);
        if (found) resolve(Number(found[1]));
      });
    }
  });
  const cleanUp = () => {
    process.off('exit', kill);
    return theirs ? undefined : rm(folder, { recursive: true, force: true });
  };

  let port;
  try {
    const early = ended.then((how) => { throw new Error(`the server ended before it listened (${how})\n${output}`); });
    port = await within(Promise.race([listening, early]), 'the server to listen', { details: () => output });
  } catch (error) {
    kill();
    await cleanUp();
    throw error;
  }

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}/api/ws`,
    process: child,
    log: () => output,
    // The lines of the log that contain `part`, once there are `count` of them. The log arrives independently of messages to clients.
    lines(part, count = 1) {
      const found = () => output.split('\n').slice(0, -1).filter((line) => line.includes(part));
      return within(new Promise((resolve) => {
        const look = () => { if (found().length >= count) resolve(found()); };
        for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
        look();
      }), `${count} lines in the log with: ${part}`, { details: () => output });
    },
    // Makes the server reload another configuration; its rooms take it a little later.
    async reload(now) {
      await writeFile(file, JSON.stringify(complete(now)));
      child.kill('SIGHUP');
    },
    // Bytes that the process holds in memory.
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)[1]);
    },
    // How the process ended, once it has: its exit code, or the signal.
    ended: () => within(ended, 'the server to end', { details: () => output }),
    // Ends it as kill -9 does.
    async crash() {
      kill();
      await within(ended, 'the server to be gone');
      await cleanUp();
    },
    async stop() {
      child.kill('SIGTERM');
      try {
        const how = await within(ended, 'the server to end after SIGTERM', { details: () => output });
        assert.equal(how, 0, `the server ended with ${how}\n${output}`);
      } finally {
        kill();
        await cleanUp();
      }
    },
  };
}

// Runs the program until it ends. If it starts to serve, it is stopped, and `code` is 'listening'.
export async function runServer(args, { env = {}, cwd = tmpdir() } = {}) {
  const child = spawn(binary(), args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const text = { out: '', err: '' };
  let serves = false;
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text.out += piece;
    if (!serves && LISTENING.test(text.out)) serves = child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (piece) => { text.err += piece; });
  try {
    const code = await within(new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (status, signal) => resolve(signal ?? status));
    }), 'the program to end', { details: () => text.out + text.err });
    return { code: serves ? 'listening' : code, ...text };
  } finally {
    process.off('exit', kill);
    kill();
  }
}

// Completes a test's configuration. Plugins and pages are found beside the binary.
function complete({ server, websocket, plugins, ...rest }) {
  return {
    server: { host: '127.0.0.1', port: 0, ...server },
    websocket: { ping_interval: '1h', ...websocket }, // because a Wire does not answer pings, and a slow test may keep it for long
    plugins: { chat: {}, ...plugins },
    ...rest,
  };
}
