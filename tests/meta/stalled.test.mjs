// What one may rely on from tools/stalled, which finds the tests that pass only on a machine with nothing else to do.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEADLINE } from '../lib/deadline.mjs';
import { root } from '../lib/source.mjs';

const stalled = (...args) => spawnSync(join(root, 'tools/stalled'), args, { encoding: 'utf8', timeout: DEADLINE });

test('a command’s processes stand still now and then, and its output and end are its own', () => {
  const { status, stdout } = stalled('200', 'sh', '-c', 'sleep 60 & until grep -q "^State:.T" /proc/$!/status; do :; done; kill $!; echo stood still; exit 3');
  assert.deepEqual([status, stdout], [3, 'stood still\n']);
});

test('what cannot be run is said', () => {
  assert.match(stalled('200', 'no-such-command').stderr, /no-such-command/);
  assert.deepEqual([stalled().status, stalled('much', 'true').status], [2, 2]);
});
