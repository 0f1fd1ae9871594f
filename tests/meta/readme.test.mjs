// What the documents show is run as it stands there. Their C++ is built, and their sessions are replayed, in tests/readme.

import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixtures } from '../lib/served.mjs';
import { runServer } from '../lib/server.mjs';
import { paths, read, root } from '../lib/source.mjs';
import { onStage } from '../lib/stage.mjs';

const documents = paths(/\.md$/);
const blocks = (document, language) =>
  [...read(document).matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , text]) => text);

const folder = await mkdtemp(join(tmpdir(), 'hubbub-readme-'));
after(() => rm(folder, { recursive: true }));

// All of it before the first test: one that is declared after the others have passed comes too late. The last snippet is for
// Node: tests/e2e/library.test.mjs runs it.
const [[html], [dice, imports, inNode, ...others]] = [blocks('static/README.md', 'html'), blocks('static/README.md', 'js')];
const site = join(folder, 'static');
await cp(join(root, 'static'), site, { recursive: true });
await writeFile(join(site, 'dice.html'), html);
await writeFile(join(site, 'dice.js'), dice);
await writeFile(join(site, 'imports.html'), html.replace('dice.js', 'imports.js'));
await writeFile(join(site, 'imports.js'), `${imports}\nhub.onStatus(({ state }) => console.log(state, HubError.name));`);

test('whatever a document shows, something runs it', () => {
  const RUN = {
    'README.md': ['js', 'cpp', 'yaml'], 'plugins/README.md': ['cpp', 'cmake', 'yaml'], 'static/README.md': ['html', 'js'],
    'plugins/script/README.md': ['session', 'lua', 'yaml'],
  };
  for (const document of documents) {
    const fences = [...read(document).matchAll(/^```(.*)$/gm)].map(([, language]) => language);
    const shown = new Set(fences.filter((_, i) => i % 2 === 0));
    const allowed = RUN[document] ?? (document.startsWith('plugins/') ? ['session'] : []);
    assert.deepEqual([...shown].filter((language) => !allowed.includes(language)), [], document);
  }
});

test('every configuration in a document is accepted', async () => {
  let count = 0;
  await cp(join(root, 'plugins/script/examples'), folder, { recursive: true }); // files that one names
  for (const document of documents) {
    for (const yaml of blocks(document, 'yaml')) {
      const file = join(folder, `shown-${++count}.yaml`);
      await writeFile(file, yaml);
      const { code, err } = await runServer(['--config', file, '--check-config'], { env: { HUBBUB_PLUGINS__DIRECTORY: fixtures } });
      assert.deepEqual([code, err], [0, ''], `${document}:\n${yaml}`);
    }
  }
  assert.ok(count >= 2);
});

test('the dice that the documents show are plugins/examples/dice', () => {
  const source = read('plugins/examples/dice/dice.cpp');
  for (const document of ['README.md', 'plugins/README.md']) assert.equal(blocks(document, 'cpp')[0], source, document);
});

test('every line of CMake in a document is what the plugins here have', () => {
  for (const cmake of documents.flatMap((document) => blocks(document, 'cmake'))) {
    assert.equal(cmake.replaceAll('dice', 'chat'), read('plugins/chat/CMakeLists.txt'));
  }
});

test('every file of Lua in a document is one of the examples', () => {
  const examples = paths(/\.lua$/, 'plugins/script/examples/').map(read);
  for (const lua of documents.flatMap((document) => blocks(document, 'lua'))) assert.ok(examples.includes(lua), lua);
});

const [onAnyPage, ...more] = blocks('README.md', 'js');

test('a page from anywhere talks to the server as README.md shows', onStage(async ({ server, page }) => {
  assert.deepEqual(more, []);
  const script = onAnyPage.replace('http://localhost:8100', server.url);
  assert.notEqual(script, onAnyPage);
  const elsewhere = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><script type="module">${script}</script>`);
  });
  await new Promise((resolve) => { elsewhere.listen(0, '127.0.0.1', resolve); });
  try {
    const visitor = await page();
    const said = visitor.waitForEvent('console', (message) => message.text() === 'Jane: Hello, everyone!');
    await visitor.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
    await said;
  } finally {
    elsewhere.close();
  }
}));

test('the page that static/README.md shows works as it is written there', onStage(async ({ server, page }) => {
  const [jane, bob] = [await page(), await page()];
  for (const visitor of [jane, bob]) await visitor.goto(`${server.url}/static/dice.html`);
  await jane.getByRole('button', { name: 'Roll' }).click();
  for (const visitor of [jane, bob]) await visitor.locator('#rolls li', { hasText: /^Jane: rolls a [1-6]$/ }).waitFor();
}, { server: { static: site } }));

test('the library is imported and connects as static/README.md shows', onStage(async ({ server, page }) => {
  assert.match(inNode, /from 'hubbub-client'/);
  assert.deepEqual(others, []);
  const visitor = await page();
  const online = visitor.waitForEvent('console', (message) => message.text() === 'online HubError');
  await visitor.goto(`${server.url}/static/imports.html`);
  await online;
}, { server: { static: site } }));

// Lines that are indented by four, and what stands in backticks.
const commands = documents.flatMap((document) => [...read(document).matchAll(/^    (\S.*)$|`([^`\n]+)`/gm)]
  .map(([, line, inline]) => ({ document, command: (line ?? inline).split(/ {2,}#/)[0] })))
  .filter(({ command }) => /(^|[ /])(tools|build\/\w+)\/\w/.test(command));

test('the tools and programs that a document calls are there and know their arguments', () => {
  assert.ok(commands.length > 8);
  const presets = JSON.parse(read('CMakePresets.json')).configurePresets.map(({ name }) => name);
  for (const { document, command } of commands) {
    const [, , program] = /(^|[ /])((?:tools|build\/release)\/[\w/-]+)/.exec(command) ?? [];
    if (!program) continue;
    const where = program.startsWith('build/') && process.env.HUBBUB_BUILD ? join(process.env.HUBBUB_BUILD, program.slice('build/release/'.length)) : join(root, program);
    assert.doesNotThrow(() => accessSync(where, constants.X_OK), `${document}: ${command}`);
    if (!program.startsWith('tools/')) continue;
    const usage = read(program).split('\n')[1];
    for (const [option] of command.matchAll(/--[a-z-]+/g)) assert.match(usage, new RegExp(`${option}\\b`), `${document}: ${command}`);
    for (const [, preset] of command.matchAll(/--preset (\w+)/g)) assert.ok(presets.includes(preset), `${document}: ${command}`);
  }
});

test('the call of the program that README.md shows finds nothing wrong', async () => {
  const [{ command }] = commands.filter(({ document, command: text }) => document === 'README.md' && text.startsWith('build/release/hubbub '));
  const { code, out, err } = await runServer(command.split(' ').slice(1), { cwd: root });
  assert.deepEqual([code, out, err], [0, 'config.yaml is fine\n', '']);
});

test('every variable of the environment that a document sets is one', async () => {
  const settings = [...documents, 'config.yaml'].flatMap((path) => [...read(path).matchAll(/\b((?:HUBBUB|WS)_[A-Z_]+)=(\w+)/g)]);
  assert.ok(settings.length >= 3);
  for (const [text, name, value] of settings) {
    const { code, err } = await runServer(['--config', 'config.yaml', '--check-config'], { cwd: root, env: { [name]: value } });
    assert.deepEqual([code, err], [0, ''], text);
  }
});
