// The faults that tools/mutants plants: the code that they change is there, and so are the tests that are to notice them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyFault, parse, plant, plantAll } from '../lib/faults.mjs';
import * as source from '../lib/source.mjs';

const planted = (text, change) => plant(text, 'a.cpp', parse(`some-fault: it breaks\n  a.cpp\n${change.map((line) => `  ${line}\n`).join('')}`, 'a.faults'));

test('every fault that is written down can be planted, and names tests that there are', () => {
  const faults = everyFault(source);
  assert.ok(faults.length > 5);
  plantAll(source, faults);
  for (const { name, floor, then } of faults) {
    assert.ok(floor.length, name);
    for (const each of [...floor, ...then].map((words) => words.split(' ')[0])) {
      const there = each.startsWith('test_') ? [`tests/core/${each.slice(5)}/`, 'tests/plugins/'] : [`tests/${each}.test.mjs`];
      assert.ok(there.some((path) => source.paths(/^/, path.endsWith('/') ? '' : 'tests/').some((file) => file.startsWith(path))), `${name}: ${each}`);
    }
  }
});

test('a fault is switched within its expression, or as a whole statement', () => {
  const on = 'mutant_is("some-fault")';
  for (const [text, change, expected] of [
    ['if (a < b) f(); else g();', ['- if (a < b)', '+ if (a <= b)'], `if ((${on} ? (a <= b) : (a < b))) f(); else g();`],
    ['return a ? b - 1 : c;', ['- return a ? b - 1 : c;', '+ return a ? b : c;'], `return a ? (${on} ? (b) : (b - 1)) : c;`],
    ['x = f(a, b);', ['- x = f(a, b);', '+ x = f(a);'], `x = (${on} ? (f(a)) : (f(a, b)));`],
    ['f();\n  g();\nh();', ['- f();', '- g();', '- h();', '+ f();', '+ h();'], `f();\n  { if (${on}) {  } else { g(); } }\nh();`],
    ['f();\ng();', ['- f();', '- g();', '+ g();', '+ f();'], `{ if (${on}) { g();\nf(); } else { f();\ng(); } }`],
    ['for (; a < b; ++a) f();', ['- a < b', '+ a <= b'], `for (; (${on} ? (a <= b) : (a < b)); ++a) f();`],
    ['list.push_back(a);', ['- list.push_back(a);', '+ list.clear();'], `{ if (${on}) { list.clear(); } else { list.push_back(a); } }`],
    ['constexpr int most = 5;', ['- most = 5;', '+ most = 6;'], 'const int most = (mutant_in_environment("some-fault") ? (6) : (5));'],
  ]) {
    assert.equal(planted(text, change), expected);
  }
});

test('a fault that cannot be planted is named, and why', () => {
  assert.throws(() => planted('a();', ['- b();']), /some-fault: its old text is no longer in a\.cpp/);
  assert.throws(() => planted('a(); a();', ['- a();']), /is in a\.cpp 2 times/);
  assert.throws(() => planted('if (a) {\n b();\n}', ['- if (a) {']), /neither a part of one expression nor whole statements/);
  assert.throws(() => parse('some-fault: it breaks\n- b();\n', 'a.faults'), /a\.faults:2: expected/);
});
