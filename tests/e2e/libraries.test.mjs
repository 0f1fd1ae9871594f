// Files of plugins: which are accepted, and what may happen to them while they are in use.

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { runServer, sanitized, startServer } from '../lib/server.mjs';

const bundled = path(dirname(fixtures), 'plugins');
const home = await mkdtemp(path(tmpdir(), 'hubbub-libraries-'));
after(() => rm(home, { recursive: true }));

// Checks a configuration with these plugins, from this directory.
async function check(directory, plugins) {
  const folder = await mkdtemp(path(home, 'check-'));
  await writeFile(path(folder, 'config.yaml'), JSON.stringify({ plugins: { directory, ...plugins } }));
  return runServer(['--config', 'config.yaml', '--check-config'], { cwd: folder });
}

// Runs body with a server that loads these files, by the names of their plugins, from its own directory.
async function serving(files, body) {
  const folder = await mkdtemp(path(home, 'server-'));
  const names = Object.keys(files);
  for (const [name, file] of Object.entries(files)) await copyFile(file, path(folder, `${name}.so`));
  const config = { server: { host: '127.0.0.1', port: 0 }, store: { type: 'memory' }, plugins: { directory: '.', ...Object.fromEntries(names.map((name) => [name, {}])) } };
  await writeFile(path(folder, 'config.yaml'), JSON.stringify(config));
  const server = await startServer({ folder });
  const says = async (pattern, from) => {
    while (!pattern.test(server.log().slice(from))) await new Promise((resolve) => server.process.stdout.once('data', resolve));
  };
  const reload = async () => {
    const from = server.log().length;
    server.process.kill('SIGHUP');
    await within(says(/reloaded; plugins.*|not reloaded.*[^]*\n/, from), 'a reload', { details: server.log });
    return server.log().slice(from);
  };
  const jane = await join(server, { nickname: 'Jane' });
  const talks = async () => {
    const ref = `${Math.random()}`;
    jane.send('message', 'Hello!', ref);
    assert.equal((await jane.next((message) => message.ref === ref)).type, 'message');
  };
  try {
    await body({ server, file: path(folder, `${names[0]}.so`), talks, reload });
  } finally {
    jane.hangUp();
    await server.stop();
  }
}

test('a server goes on with a loaded library, whatever happens to its file', () => serving({ chat: path(bundled, 'chat.so') }, async ({ server, file, talks, reload }) => {
  await talks();
  const whole = await readFile(file);
  for (const become of [
    () => writeFile(file, 'x'.repeat(whole.length)), // overwrites the file, as cp does
    () => truncate(file, 5000),
    () => truncate(file, 0),
    () => rm(file),
  ]) {
    await become();
    await talks();
    assert.match(await reload(), /not reloaded|reloaded; plugins: chat/);
    await talks();
    if (server.process.exitCode !== null) assert.fail(server.log());
  }
  await writeFile(file, whole);
  assert.match(await reload(), /\] reloaded; plugins: chat/);
  await talks();
}));

test('a library that fails to load leaves nothing behind', () => serving({ chat: path(bundled, 'chat.so') }, async ({ server, file, talks, reload }) => {
  const descriptors = async () => (await readdir(`/proc/${server.process.pid}/fd`)).length;
  const whole = await readFile(file);
  const before = await descriptors();
  for (let i = 0; i < 20; i += 1) {
    const broken = Buffer.from(whole);
    broken.fill(0x30 + i, 0, 4); // not a library
    await writeFile(file, i % 2 ? broken : whole.subarray(0, whole.length - 100 - i));
    assert.match(await reload(), /not reloaded/);
  }
  await talks();
  assert.equal(await descriptors(), before);
}));

test('debuggers find a library under the name of its file', () => serving({ chat: path(bundled, 'chat.so') }, async ({ server }) => {
  assert.match(await readFile(`/proc/${server.process.pid}/maps`, 'utf8'), /chat\.so/);
}));

test('an incomplete or invalid library is refused with the reason', async () => {
  const directory = await mkdtemp(path(home, 'broken-'));
  const whole = await readFile(path(bundled, 'chat.so'));
  for (const part of [70, 1000, 4096, Math.floor(whole.length / 2), whole.length - 1]) {
    await writeFile(path(directory, 'chat.so'), whole.subarray(0, part));
    const { code, err } = await check(directory, { chat: {} });
    assert.equal(code, 2, `of ${part} bytes: ${err}`);
    assert.match(err, /chat\.so cannot be loaded: it is cut short; build it again\n$/);
  }
  await rm(path(directory, 'chat.so'));
  await mkdir(path(directory, 'real'));
  await copyFile(path(bundled, 'chat.so'), path(directory, 'real/any'));
  await symlink('real/any', path(directory, 'chat.so'));
  assert.deepEqual((await check(directory, { chat: {} })).err, '');
});

test('a plugin that was built with flags that change its types is refused by the flag, before any of it runs', async () => {
  const refused = (name, text) => ({ name, text: `${fixtures}/${name}.so was built for another server (${text}\n` });
  for (const { name, text } of [
    refused('debug_containers', "it has _GLIBCXX_DEBUG on, the server has _GLIBCXX_DEBUG off): rebuild it with this server's SDK and without -D_GLIBCXX_DEBUG"),
    ...sanitized ? [] : [refused('address_sanitized', "it has sanitizer address, the server has sanitizer none): rebuild it with this server's SDK and without -fsanitize=address")],
  ]) {
    const { code, err } = await check(fixtures, { [name]: {} });
    assert.deepEqual([code, err.slice(err.indexOf(fixtures))], [2, text], name);
  }
  const { code, err } = await check(fixtures, { short_enums: {} });
  assert.equal(code, 2);
  assert.match(err, /was built for another server \(it has layout [\d ]+, the server has layout [\d ]+\): rebuild it with this server's SDK and without flags that change how types lie in memory/);
});

test('a plugin may be built with flags that do not change its types', async () => {
  assert.deepEqual((await check(fixtures, { asserting: {} })).err, '');
});

test('a plugin that uses room() in its constructor is told when room() is available', async () => {
  const { code, err } = await check(fixtures, { room_too_early: {} });
  assert.equal(code, 2);
  assert.match(err, /room_too_early: its constructor failed: room\(\) cannot be used in the constructor yet; use it in on_open\n$/);
});

test('a plugin that ends the process while the configuration is checked is named', async () => {
  for (const [plugins, words] of [
    [{ dies_while_loaded: {} }, /hubbub ends by SIGABRT: plugin=dies_while_loaded being loaded\n/],
    [{ deadly: { in: 'its constructor', how: 'segv' } }, /hubbub ends by SIGSEGV: plugin=deadly its constructor\n/],
    [{ deadly: { in: 'its constructor', how: 'exit' } }, /hubbub ends by exit\(\): plugin=deadly its constructor\n/],
    [{ deadly: { in: 'its destructor', how: 'terminate' } }, /hubbub ends by SIGABRT: plugin=deadly its destructor\n/],
  ]) {
    const { code, err } = await check(fixtures, plugins);
    assert.notEqual(code, 0);
    assert.match(err, words);
  }
});
