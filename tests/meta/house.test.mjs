// What one may rely on from tools/house, which draws the core's floors.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DEADLINE } from '../lib/deadline.mjs';
import { FLOORS } from '../lib/house.mjs';
import { root } from '../lib/source.mjs';

const draw = (...args) => spawnSync(join(root, 'tools/house'), args, { encoding: 'utf8', timeout: DEADLINE });

// A house of these files: { name: [what it includes] }.
function built(files) {
  const tree = mkdtempSync(join(tmpdir(), 'hubbub-house-'));
  for (const [name, others] of Object.entries({ 'core/include/hubbub/plugin.hpp': [], ...files })) {
    mkdirSync(join(tree, dirname(name)), { recursive: true });
    writeFileSync(join(tree, name), others.map((other) => `#include "${other}"\n`).join(''));
  }
  try {
    return draw('--tree', tree);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('this house has all of its floors, no upward arrow and no cycle', () => {
  const { status, stdout, stderr } = draw();
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(stdout.trim().split('\n').slice(1).map((line) => line.split(' ')[0]), FLOORS);
});

test('a graph has an arrow from a floor to each floor that it includes, or from each file of the floors that are named', () => {
  assert.match(draw('--dot').stdout, /^digraph house \{[^]*^ {2}rooms -> store \[label=\d+/m);
  assert.match(draw('--dot', 'runtime').stdout, /^ {2}"runtime\/loop\.cpp" -> "runtime\/loop\.hpp";$/m);
  assert.match(draw('runtime').stdout, /^runtime\/loop\.hpp +.*runtime\/poller\.hpp/m);
});

test('an upward arrow and a cycle are named', () => {
  const up = built({ 'core/src/store/log.hpp': ['rooms/hub.hpp'], 'core/src/rooms/hub.hpp': [] });
  assert.deepEqual([up.status, up.stderr], [1, 'store/log.hpp includes rooms/hub.hpp, of a higher floor\n']);
  const around = built({ 'core/src/store/a.hpp': ['store/b.hpp'], 'core/src/store/b.hpp': ['store/a.hpp'] });
  assert.deepEqual([around.status, around.stderr], [1, 'store/a.hpp includes store/b.hpp includes store/a.hpp\n']);
});

test('a floor that is not there is said', () => {
  assert.match(draw('cellar').stderr, /no floor cellar; there are sdk, protocol/);
});
