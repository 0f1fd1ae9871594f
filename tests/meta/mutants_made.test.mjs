// The faults that tools/mutants-made makes by rule.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { make, plant } from '../lib/made_faults.mjs';

const kinds = (body) => make(`namespace a {\nvoid f() {\n${body}\n}\n}\n`, 'a.cpp').map(({ line, kind, was }) => `${line}: ${kind}: ${was}`);
const planted = (body, which) => {
  const text = `void f() { ${body} }`;
  return plant(text, make(text, 'a.cpp').map((fault, i) => [i, fault]).filter(([, { kind }]) => kind === which)).slice(11, -2);
};

test('statements, conditions, bounds and numbers are found where code is', () => {
  for (const [body, found] of [
    ['count_ = 0;', ['3: left out: count_ = 0;']],
    ['auto x = g();\n  x.clear();', ['4: left out: x.clear();']],
    ['Lock lock{mutex};\nconst std::vector<int> v(n);\nint y;', []],
    ['if (a) return;', ['3: condition always met: a', '3: condition never met: a']],
    ['if (const auto x = g()) h(x);', ['3: condition never met: const auto x = g()']],
    ['return a && b;', ['3: left out of &&: a', '3: left out of &&: b']],
    ['return a < b;', ['3: < becomes <=: a < b']],
    ['return a == b;', ['3: == becomes !=: a == b']],
    ['g(20);', ['3: left out: g(20);', '3: 20 becomes one more: 20']],
    ['static constexpr int most = 20;', []],
    ['// g(20);', []],
  ]) {
    assert.deepEqual(kinds(body), found, body);
  }
  assert.deepEqual(make('class A {\n  int x = 5;\n  static constexpr int y = 6;\n};\nenum B { c = 7 };\n', 'a.hpp'), []);
  assert.equal(make('A::A(Options options) : most_(options.integer("most", 20, 1, 30)) {}', 'a.cpp').length, 3, 'numbers of a list of members');
});

test('each is planted behind its own switch, one within the other', () => {
  assert.equal(planted('x = 0;', 'left out'), 'mutant_number(0) ? void() : void((x = 0));');
  assert.equal(planted('{ g(); return; }', 'left out'), '{ mutant_number(0) ? void() : void((g())); { if (!mutant_number(1)) return; } }');
  assert.equal(planted('return a < b;', '< becomes <='), 'return a < mutant_relation::less{0} < b;');
  assert.equal(planted('if (const auto x = g()) h(x);', 'condition never met'), 'if (const auto x = g(); !mutant_number(0) && static_cast<bool>(x)) h(x);');
  const text = 'void f() { if (a && b) return; }';
  assert.equal(plant(text, make(text, 'a.cpp').map((fault, i) => [i, fault])),
    'void f() { if ((mutant_number(0) ? true : static_cast<bool>((mutant_number(1) ? false : static_cast<bool>((mutant_number(2) ? true : static_cast<bool>(a)) && (mutant_number(3) ? true : static_cast<bool>(b))))))) return; }');
});
