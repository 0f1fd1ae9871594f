// Each bundled plugin can be switched off without touching the others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';
import { paths } from '../lib/source.mjs';

const all = paths(/^plugins\/\w+\/CMakeLists\.txt$/).map((path) => path.split('/')[1]);
const types = {}; // of each plugin

const typesWith = (enabled) => new Promise((resolve, reject) => {
  const plugins = Object.fromEntries(all.map((name) => [name, { enabled: enabled.includes(name) }]));
  withServer(async ({ join }) => {
    const { content } = await (await join()).next('welcome');
    resolve(content.types.sort());
  }, { config: { plugins } })().catch(reject);
});

test('each plugin alone brings its own types', async () => {
  for (const name of all) types[name] = await typesWith([name]);
  assert.ok(all.length > 6);
});

test('without one plugin, all types of the others are still there', async () => {
  for (const off of all) {
    const others = all.filter((name) => name !== off);
    assert.deepEqual(await typesWith(others), others.flatMap((name) => types[name]).sort(), `without ${off}`);
  }
});
