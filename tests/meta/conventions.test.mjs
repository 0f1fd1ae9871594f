// What one may rely on when looking for something: the shape of a plugin, links that lead somewhere, nothing that holds on
// one machine only.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { paths, read, root } from '../lib/source.mjs';

const exists = (path) => existsSync(join(root, path));
const documents = paths(/\.md$/);
// Folders of plugins, examples too, which config.yaml does not name.
const folders = paths(/^plugins\/\w+\/(\w+\/)?CMakeLists\.txt$/).map(dirname);
const isExample = (folder) => dirname(folder) === 'plugins/examples';

test('a plugin has one name: its folder’s, its target’s, its source’s, its test’s, and its key’s in config.yaml', () => {
  assert.ok(folders.some(isExample) && !folders.every(isExample));
  for (const folder of folders) {
    const name = basename(folder);
    assert.match(read(`${folder}/CMakeLists.txt`), new RegExp(`^add_hubbub_plugin\\(${name} ${name}\\.cpp( \\w+\\.cpp)*( LIBRARIES [^)\n]+)?\\)\n$`));
    assert.match(read(`${folder}/${name}.cpp`), /^\/\/ [^]*^HUBBUB_PLUGIN\(/m, name);
    assert.ok(exists(`tests/plugins/${name}_test.cpp`), `tests/plugins/${name}_test.cpp`);
    assert.equal(new RegExp(`^plugins:$[^]*^  ${name}:$`, 'm').test(read('config.yaml')), !isExample(folder), name);
  }
});

test('a plugin’s README has the shape of all of them, and the options of config.yaml', () => {
  for (const folder of folders) {
    const name = basename(folder);
    const readme = read(`${folder}/README.md`);
    const headings = [...readme.matchAll(/^#+ .*$/gm)].map(([line]) => line);
    assert.deepEqual(headings, [`# ${name}`, '## Messages', '## Options', '## Example'], name);
    assert.match(readme, /^```session\n> [^]*^< /m, name);
    const section = new RegExp(`^  ${name}:\n((?:(?:    .*)?\n)*)`, 'm').exec(`${read('config.yaml')}\n`)?.[1] ?? '';
    const inFile = [...section.matchAll(/^    (\w+): *(.*)$/gm)].map(([, option, value]) => [option, value]);
    const options = readme.split('## Options')[1].split('## Example')[0];
    assert.deepEqual([...options.matchAll(/^\| `(\w+)` \| (\S*) \|/gm)].map(([, option, value]) => [option, value]), inFile, name);
  }
});

test('the tests of a floor are in the folder of its name', () => {
  const strays = paths(/_test\.cpp$/, 'tests/core/').filter((path) => !exists(dirname(path).replace('tests/core', 'core/src')));
  assert.deepEqual(strays, []);
});

test('every link in a document leads somewhere', () => {
  assert.ok(documents.length > 4);
  const prose = (document) => read(document).replace(/^```[^]*?^```/gm, '');
  const broken = documents.flatMap((document) => [...prose(document).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link) && !exists(join(dirname(document), link)))
    .map((link) => `${document}: ${link}`));
  assert.deepEqual(broken, []);
});

// A path in a document is meant from its own folder or from one of these; a header goes without its ending.
const PLACES = ['', 'core', 'core/src', 'core/include', 'core/include/hubbub', 'static/lib'];
test('every path in a document is there', () => {
  const YOURS = /^plugins\/hello\/?$|^tests\/plugins\/hello_test\.cpp$|^dice\.html$/; // what the reader is told to make
  const missing = documents.flatMap((document) => [...read(document).matchAll(/`([\w.-]*\/[\w./-]*|[\w-]+\.(?:html|css|js|hpp|cpp|md|yaml))`/g)]
    .map(([, path]) => path.replace(/^\.\//, ''))
    .filter((path) => !/^\/|^build\/|^data\/|^[a-z]+:$/.test(path) && !YOURS.test(path))
    .filter((path) => !PLACES.concat(dirname(document)).some((from) => ['', '.hpp'].some((end) => exists(join(from, path + end)))))
    .map((path) => `${document}: ${path}`));
  assert.deepEqual(missing, []);
});

test('no file holds the path of a place on somebody’s machine', () => {
  const place = /(^|[^\w.])\/(home|root|Users|work|workspace|tmp|mnt|opt)\/[\w.]/;
  const found = paths(/^(?!.*\.(png|svg)$)/).flatMap((path) => read(path).split('\n')
    .flatMap((line, i) => (place.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])));
  assert.deepEqual(found, []);
});

// The pace at which a client sends is no wait; such a line says so.
test('no test sleeps until something may have happened', () => {
  const sleep = new RegExp(['set' + 'Timeout', 'timers/' + 'promises', 'waitFor' + 'Timeout', 'sleep' + '_(for|until)', '\\bu?sleep' + '\\(', 'Atomics\\.' + 'wait'].join('|'));
  const found = paths(/\.(mjs|[ch]pp)$/, 'tests/').filter((path) => path !== 'tests/lib/deadline.mjs').flatMap((path) => read(path).split('\n')
    .flatMap((line, i) => (sleep.test(line) && !line.includes('not a wait') ? [`${path}:${i + 1}: ${line.trim()}`] : [])));
  assert.deepEqual(found, []);
});

test('no page fetches anything from elsewhere', () => {
  const remote = /(?:\b(?:src|href|action|srcset|poster)\s*=\s*["']?|url\(\s*["']?|@import\s+["']?|\b(?:from|import)\s*\(?\s*["'])(?:https?:)?\/\//i;
  const pages = paths(/\.(html|css|js|svg)$/, 'static/');
  assert.ok(pages.length > 6);
  assert.deepEqual(pages.filter((path) => remote.test(read(path))), []);
});

test('tools/new-plugin makes no plugin whose first type would be the server’s own', () => {
  const [, types] = /^constexpr [^\n]* reserved = \{([^}]*)\};$/m.exec(read('core/src/plugins/registry.cpp'));
  const [, refused] = /^case \$name in [^\n]*\n([^)]*)\)/m.exec(read('tools/new-plugin'));
  const names = refused.split(/[\s\\|]+/);
  for (const [, type] of types.matchAll(/"(\w+)"/g)) assert.ok(names.includes(type), type);
});
