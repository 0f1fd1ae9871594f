// Making one's own plugin as plugins/README.md describes: every command in it is run, with a scratch folder as home.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { runServer, sanitized, startServer } from '../lib/server.mjs';
import { paths, read, root } from '../lib/source.mjs';

const build = dirname(fixtures);
const home = await mkdtemp(path(tmpdir(), 'hubbub-own-'));
after(() => rm(home, { recursive: true }));

// The commands in a section of plugins/README.md.
const commands = (heading) => {
  const section = read('plugins/README.md').split(`## ${heading}\n`)[1].split('\n## ')[0];
  return [...section.matchAll(/^    (.*)$/gm)].map(([, line]) => line);
};

// Runs lines in one shell, which ends at the first failing line. Resolves with their output.
const execute = promisify(execFile);
// Hides that a test runs them: otherwise Node would skip the tests that they run.
const env = { ...process.env, HOME: home, NODE_TEST_CONTEXT: undefined };
const run = async (cwd, ...lines) => (await execute('bash', ['-ec', lines.join('\n')], { cwd, env })).stdout;
const refusal = (cwd, line) => run(cwd, line).then(() => 'none', ({ code, stderr }) => `${code} ${stderr}`);

// A copy of this repository as it is checked out, with the generated files of its pages.
async function copy(name) {
  const folder = path(home, name);
  for (const file of paths(/./)) {
    await mkdir(path(folder, dirname(file)), { recursive: true });
    await cp(path(root, file), path(folder, file));
  }
  await symlink(path(root, 'static/vendor'), path(folder, 'static/vendor'));
  return folder;
}

const counts = async (server) => {
  const jane = await join(server, { nickname: 'Jane' });
  jane.send('hello', { add: 2 }, 7);
  const { content, nickname } = await jane.next(({ ref }) => ref === 7);
  assert.deepEqual([content, nickname], [{ add: 2, total: 2 }, 'Jane']);
  jane.hangUp();
};

// Asserts that every relative link of a document leads to an existing file, and to an existing heading if it names one.
async function documentsLead(folder) {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.md'));
  const anchors = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
  const dead = [];
  let links = 0;
  for (const file of files) {
    const text = await readFile(path(folder, file), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      links += 1;
      const [target, anchor] = link.split('#');
      const there = target ? path(folder, dirname(file), target) : path(folder, file);
      const found = await stat(there).catch(() => undefined);
      if (!found || (anchor && !anchors(await readFile(there, 'utf8')).includes(anchor))) dead.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(dead, []);
  assert.ok(links > 30, `${links} links`);
}

test('with an installed hubbub, a user can make, test and serve a plugin', {
  skip: sanitized && 'what is installed is built without sanitizers',
}, async () => {
  const lines = commands('Your own plugin anywhere else').map((line) => line.replace('build/release', build));
  assert.equal(lines.at(-1), 'hubbub --config config.yaml');
  const said = await run(home, ...lines.slice(0, -1));
  assert.match(said, /100% tests passed, 0 tests failed out of [1-9]/);

  // The last line, but on a free port and with a bundled plugin in addition.
  const folder = path(home, 'hello');
  await appendFile(path(folder, 'config.yaml'), '\n  chat: {}\nserver: {port: 0}\n');
  const server = await startServer({ program: path(home, 'hubbub/bin/hubbub'), folder });
  try {
    await counts(server);
    assert.equal((await (await join(server)).say('Hello!')).content, 'Hello!');
    assert.match(await (await fetch(`${server.url}/static/chat.html`)).text(), /<title>/);
    const start = await (await fetch(`${server.url}/static/`)).text();
    for (const [, link] of start.matchAll(/ href="([^"]+)"/g)) assert.equal((await fetch(new URL(link, `${server.url}/static/`))).status, 200, link);
  } finally {
    await server.stop();
  }

  // Before a build with another behaviour is installed, a replay of the stored room shows the difference.
  const buildOf = (name) => `cmake --build build --target hello && cp build/plugins/hello.so ${name}.so`;
  const diff = (name) => run(folder, `~/hubbub/bin/hubbub --config config.yaml replay general --plugin hello=${name}.so --diff`)
    .catch(({ code, stdout }) => `${code} ${stdout}`);
  await run(folder, buildOf('same'), "sed -i 's/= total_ + /= total_ + 2 * /' hello.cpp", buildOf('twice'), 'cp same.so build/plugins/hello.so');
  assert.match(await diff('same'), /\nnothing differs\n$/);
  assert.match(await diff('twice'), /^1 [^]*\nmessage 1\.content\.total\n {2}- 2\n {2}\+ 4\n$/);

  // The installed program serves the bundled plugins, and also the new plugin once that is installed.
  assert.match(await run(folder, 'cmake --install build'), /hubbub\/lib\S*\/hubbub\/plugins\/hello\.so/);
  const listed = await run(home, 'HUBBUB_PLUGINS__HELLO={} ~/hubbub/bin/hubbub --list-plugins');
  assert.match(listed, /^chat [^]*^hello 0\.1\.0\n/m);
  // Its tests are compiled with assert() switched on.
  assert.match(await readFile(path(folder, 'build/CMakeFiles/hello_test.dir/flags.make'), 'utf8'), /-DNDEBUG.*-UNDEBUG/);

  // The documents and the examples are there, and the examples work.
  for (const file of ['README.md', 'plugins/README.md', 'core/README.md', 'plugins/script/README.md']) {
    assert.ok((await readFile(path(home, 'hubbub/share/doc/hubbub', file), 'utf8')).startsWith('# '), file);
  }
  assert.match(await run(home, 'PATH=~/hubbub/bin:$PATH', 'cmake -S ~/hubbub/share/hubbub/examples -B examples -DCMAKE_BUILD_TYPE=Debug', 'cmake --build examples', 'ctest --test-dir examples'),
    /100% tests passed, 0 tests failed out of [1-9]/);

  await documentsLead(path(home, 'hubbub'));

  // The installation can be moved, and programs that were built with it still run.
  await rename(path(home, 'hubbub'), path(home, 'moved'));
  assert.equal(await run(folder, '~/moved/bin/hubbub --config config.yaml --check-config'), 'config.yaml is fine\n');
  const scripts = "HUBBUB_PLUGINS__SCRIPT='{files: [scripts/dice.lua, scripts/poll.lua]}'";
  assert.equal(await run(path(home, 'moved/share/hubbub'), `${scripts} ../../bin/hubbub --config config.yaml --check-config`), 'config.yaml is fine\n');
  await run(home, 'rm -r hello', 'PATH=~/moved/bin:$PATH', 'hubbub-new-plugin --to sub/folder hello', 'cmake -S sub/folder/hello -B built');
});

test('in this repository, a user makes a plugin with one command and a few lines in config.yaml', {
  skip: sanitized && 'it is built without sanitizers',
}, async () => {
  const tree = await copy('tree');
  const [make] = commands('Your own plugin in this repository');
  assert.equal(make, 'tools/new-plugin hello');
  const said = await run(tree, make);
  const section = said.slice(said.indexOf('\n\n') + 1);
  assert.match(section, /^ {2}hello:$/m);
  await appendFile(path(tree, 'config.yaml'), section); // the file ends with the plugins
  await run(tree, 'node --test tests/meta/conventions.test.mjs');
  await run(tree, 'cmake --preset release', 'cmake --build --preset release --target hello');
  const { code, err } = await runServer(['--config', 'config.yaml', '--check-config'], {
    cwd: tree, env: { HUBBUB_PLUGINS__DIRECTORY: path(tree, 'build/release/plugins') },
  });
  assert.deepEqual([code, err], [0, '']);
  // It is the same plugin that the previous test has tested.
  const outside = path(home, 'outside');
  await run(tree, `tools/new-plugin --to ${outside} hello`);
  for (const [here, there] of [['plugins/hello/hello.cpp', 'hello.cpp'], ['tests/plugins/hello_test.cpp', 'hello_test.cpp']]) {
    assert.equal(await readFile(path(tree, here), 'utf8'), await readFile(path(outside, 'hello', there), 'utf8'));
  }
});

test('an invalid name for a plugin is refused with the reason, and existing files are left alone', async () => {
  const tool = path(root, 'tools/new-plugin');
  const folder = await mkdtemp(path(home, 'names-'));
  for (const name of ['Hello', '9lives', 'my-chat', 'a/b', 'x'.repeat(65), "''"]) {
    assert.match(await refusal(folder, `${tool} --to . ${name}`), /^2 ".*" cannot be a plugin's name: use up to 64 lower-case letters|^2 usage: /, name);
  }
  for (const name of ['error', 'welcome', 'directory', 'limits', 'test', 'hubbub']) {
    assert.equal(await refusal(folder, `${tool} --to . ${name}`), `2 "${name}" cannot be a plugin's name: the server or CMake uses it itself\n`);
  }
  await mkdir(path(folder, 'mine'));
  await writeFile(path(folder, 'mine/mine.cpp'), 'precious');
  assert.equal(await refusal(folder, `${tool} --to . mine`), '2 ./mine is there already; choose another name\n');
  assert.equal(await readFile(path(folder, 'mine/mine.cpp'), 'utf8'), 'precious');
  assert.equal(await refusal(folder, `${tool} chat`), '2 plugins/chat is there already; choose another name\n');
  assert.equal(await refusal(folder, `${tool} dice`), '2 plugins/examples/dice is there already; choose another name\n');
  assert.match(await refusal(folder, tool), /^2 usage: new-plugin \[--to DIR\] NAME\n$/);
  assert.match(await refusal(folder, `${tool} --too . x`), /^2 unknown option --too; usage: /);
  assert.match(await refusal(folder, `${tool} one two`), /^2 one name, please: one or two\n$/);
  assert.match(await refusal(folder, `${tool} one --to`), /^2 --to wants a directory\n$/);
});
