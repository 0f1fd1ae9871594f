// Shared by tools/mutants and tools/mutants-made: a copy of the tree with faults planted in it, and running programs that end with the
// tool.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';

const LINKS = ['static/vendor', 'tests/node_modules', 'tools/vendor/node_modules']; // downloaded, not part of the tree

// Updates the copy to the current tree with the faults planted. Files that are unchanged are not touched, so they are not built again.
export function bringUpToDate(copy, { paths, read, root }, planted) {
  const list = join(copy, '.files');
  const left = new Set(existsSync(list) ? readFileSync(list, 'utf8').split('\n') : []);
  const files = paths(/^/);
  // No warnings, because faults leave things unused; little optimisation, because most of the time goes into compiling.
  const all = new Map([['CMakeLists.txt', Buffer.from(read('CMakeLists.txt').replace(/add_compile_options\(-Wall[^)]*\)/, 'add_compile_options(-w -O1 -g0)'))], ...planted]);
  for (const path of files) {
    const target = join(copy, path), content = all.get(path) ?? readFileSync(join(root, path));
    left.delete(path);
    if (existsSync(target) && readFileSync(target).equals(content)) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: statSync(join(root, path)).mode });
  }
  for (const path of left) rmSync(join(copy, path), { force: true });
  writeFileSync(list, files.join('\n'));
  for (const path of LINKS.filter((link) => existsSync(join(root, link)) && !existsSync(join(copy, link)))) {
    symlinkSync(join(root, path), join(copy, path));
  }
}

const running = new Set();
const kill = (pid) => { try { process.kill(-pid, 'SIGKILL'); } catch {} };
process.on('exit', () => running.forEach(kill));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// Runs a program and kills the processes it leaves behind; resolves to { code, signal, late, seconds, output }. After `limit` seconds it
// is killed and counts as late. `isEnough` is called with each new output; if it returns true, the program is killed.
export function run(program, options, { cwd, env, limit, isEnough = () => false }) {
  const started = performance.now();
  return new Promise((done) => {
    const child = spawn(program, options, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let output = '', late = false, enough = false;
    const timer = setTimeout(() => { late = true; kill(child.pid); }, limit * 1000); // not a wait
    running.add(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (!enough && isEnough(text, output)) { enough = true; kill(child.pid); }
      });
    }
    child.on('error', (error) => { output += error.message; });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      kill(child.pid);
      running.delete(child.pid);
      done({ code, signal: enough ? null : signal, late, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

// Runs `work` on each element, `jobs` at a time.
export async function each(all, jobs, work) {
  const queue = [...all];
  await Promise.all(Array.from({ length: jobs }, async () => { while (queue.length) await work(queue.shift()); }));
}
