// What a plugin's author is told where the compiler could take something for what it is not.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const commands = JSON.parse(await readFile(join(process.env.HUBBUB_BUILD, 'compile_commands.json'), 'utf8'));
const { command, directory } = commands.find(({ file }) => file.endsWith('fixtures/witness.cpp'));
const compiler = command.replace(/ -o \S+ -c \S+$/, ' -fsyntax-only ');

// What the compiler, with these flags in addition, says of a plugin with this in its class.
async function compiled(members, bases = 'public hubbub::Plugin', flags = '') {
  const folder = await mkdtemp(join(tmpdir(), 'hubbub-sdk-'));
  const file = join(folder, 'mine.cpp');
  await writeFile(file, `#include <hubbub/plugin.hpp>\nclass Mine final : ${bases} {\n${members}\n};\nHUBBUB_PLUGIN(Mine, hubbub::logged("mine"))\n`);
  const said = await new Promise((resolve) => {
    execFile('sh', ['-c', `${compiler} ${flags} ${file}`], { cwd: directory }, (error, out, err) => resolve(err));
  });
  await rm(folder, { recursive: true });
  return said;
}

test('a static function that the server calls has to be public and of its form, and other overloads do no harm', async () => {
  const minds = 'static bool minds_room(const std::string&, hubbub::Options&) { return false; }';
  const calls = 'static std::chrono::milliseconds on_server(const hubbub::ServerFigures&, std::int64_t, hubbub::Options&) { return std::chrono::hours{1}; }';
  assert.equal(await compiled(`public:\n${minds}\nstatic void minds_room() {}\n${calls}\nstatic void on_server() {}`), '');
  assert.match(await compiled(minds), /minds_room has to be a public static function/);
  assert.match(await compiled(calls), /on_server has to be a public static function/);
  assert.match(await compiled('public:\nstatic bool minds_room(int) { return false; }'), /minds_room has to be a public static function/);
});

test('what a plugin needs is seen from outside its class', async () => {
  assert.equal(await compiled('', 'public hubbub::Plugin, public hubbub::Needs<>'), '');
  assert.match(await compiled('', 'public hubbub::Plugin, hubbub::Needs<>'), /a plugin derives publicly from hubbub::Needs/);
});

test('a service has no types', async () => {
  assert.match(await compiled('', 'public hubbub::Service'), /a service has no types/);
});

test('an older standard and a missing name are called by their names', async () => {
  const needs = /error: #?(error )?"hubbub\/plugin.hpp needs C\+\+20: compile with -std=c\+\+20"/;
  assert.match(await compiled('', undefined, '-std=c++17'), needs);
  assert.match(await compiled('', undefined, '-UHUBBUB_PLUGIN_NAME'), /build it with add_hubbub_plugin\(name file.cpp\), or define HUBBUB_PLUGIN_NAME/);
});
