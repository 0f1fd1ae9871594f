// The editor page, in a real browser with a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bring, caretAt, caretOf, contains, content, draftAt, saved, text, written } from '../lib/editor.mjs';
import { complaints } from '../lib/axe.mjs';
import { Chance } from '../lib/chance.mjs';
import { join } from '../lib/member.mjs';
import { becomes, exactly, networkIsBack, onStage, people, state } from '../lib/stage.mjs';

const EDITOR = { plugins: { code_update: {}, cursor_move: {} } };
const onEditor = (body, options) => onStage(({ person, ...stage }) => body({
  ...stage,
  person: (nickname, rest) => person(nickname, 'garden', { page: 'editor.html', ...rest }),
}), options ? { plugins: { ...EDITOR.plugins, ...options } } : EDITOR);

const run = (page) => page.getByRole('button', { name: 'Run' }).click();
const ended = (page) => page.locator('#fate', { hasText: /^Ended/ }).waitFor();
const output = (page) => page.locator('#lines p').allTextContents();

test('what one person types appears for the others as they type', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await jane.keyboard.type('let a');
  await contains(bob, 'let a');
  await bob.keyboard.press('Control+End');
  await bob.keyboard.type(' = 1;');
  for (const page of [jane, bob]) await contains(page, 'let a = 1;');
  await saved(jane);
}));

test('three people who write at once, and lose their connections meanwhile, end with the same text', onEditor(async ({ person, wire }) => {
  const seed = Number(process.env.HUBBUB_SEED ?? Date.now() % 10_000_000);
  const writers = await Promise.all(['John', 'Jane', 'Bob'].map(async (name, i) => {
    const cable = await wire();
    return { cable, page: await person(name, { through: cable }), chance: new Chance(seed + i), name };
  }));
  await written(writers[0].page, 'one\ntwo\nthree\n');
  for (const { page } of writers) await contains(page, 'one\ntwo\nthree\n');

  await Promise.all(writers.map(async ({ page, cable, chance, name }) => {
    for (let step = 0; step < 40; step += 1) {
      if (chance.oneIn(12)) {
        cable.cut();
        cable.restore();
        await networkIsBack(page);
      }
      const kind = chance.below(4);
      await page.evaluate(draftAt, { at: chance.below(1000) / 1000, remove: kind === 0 ? chance.below(6) : 0, insert: kind ? `${name}${step}\n`.slice(chance.below(3)) : '' });
    }
  }));
  for (const { page } of writers) {
    await networkIsBack(page);
    await state(page, 'online');
    await saved(page);
  }
  const wanted = await text(writers[0].page);
  for (const { page } of writers) await contains(page, wanted);
  const late = await person('Latecomer');
  await contains(late, wanted);
  assert.ok(wanted.length > 100, `HUBBUB_SEED=${seed}`);
}));

test('text written offline shows at once, is kept, and is merged with what the others wrote meanwhile', onEditor(async ({ person, wire }) => {
  const cable = await wire();
  const [jane, bob] = [await person('Jane', { through: cable }), await person('Bob')];
  await written(jane, 'first\nlast');
  await contains(bob, 'first\nlast');
  cable.cut();
  await state(jane, 'offline');
  await jane.keyboard.press('Control+End');
  await jane.keyboard.type(' word');
  await contains(jane, 'first\nlast word');
  await jane.locator('#shared', { hasText: 'Kept here' }).waitFor();
  await jane.keyboard.type(' of all');
  await bob.keyboard.press('Control+Home');
  await bob.keyboard.type('the ');
  await contains(bob, 'the first\nlast');

  cable.restore();
  await networkIsBack(jane);
  for (const page of [jane, bob]) await contains(page, 'the first\nlast word of all');
  await saved(jane);
}));

test('an edit whose acknowledgement was lost is applied only once', onEditor(async ({ person, wire }) => {
  const cable = await wire();
  const [jane, bob] = [await person('Jane', { through: cable }), await person('Bob')];
  cable.deafen();
  await jane.keyboard.type('o');
  await contains(bob, 'o');
  await jane.keyboard.type('nce');
  cable.cut();
  cable.restore();
  await networkIsBack(jane);
  for (const page of [jane, bob]) await contains(page, 'once');
}));

test('a latecomer has the text, its language, and everybody’s caret', onEditor(async ({ person }) => {
  const jane = await person('Jane');
  await written(jane, 'SELECT 1;\n-- two');
  await jane.getByLabel('Language').selectOption('SQL');
  await saved(jane);
  const bob = await person('Bob');
  await contains(bob, 'SELECT 1;\n-- two');
  assert.equal(await bob.getByLabel('Language').inputValue(), 'sql');
  await caretOf(bob, 'Jane').waitFor();
}));

test('after a restart of the server the text is there, and text written meanwhile arrives', onEditor(async ({ person, wire, restart }) => {
  const cable = await wire();
  const [jane, bob] = [await person('Jane', { through: cable }), await person('Bob', { through: await wire() })];
  await written(jane, 'before');
  await contains(bob, 'before');
  cable.cut();
  await state(jane, 'offline');
  await jane.keyboard.type(', and meanwhile');
  await restart();
  for (const page of [jane, bob]) {
    await networkIsBack(page);
    await contains(page, 'before, and meanwhile');
  }
}));

test('if the room has started afresh the page shows its text, with the undelivered edits merged in', onEditor(async ({ person, wire, anotherServer }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await written(jane, 'old life');
  await saved(jane);
  cable.cut();
  await state(jane, 'offline');
  await jane.keyboard.type('!');
  await jane.keyboard.type('?');
  const another = await anotherServer();
  const bob = await person('Bob', { through: another });
  await written(bob, 'a new life');
  await saved(bob);
  cable.restore(another.port);
  await networkIsBack(jane);
  for (const page of [jane, bob]) await contains(page, 'a new life!?');
  await saved(jane);
}));

test('if somebody replaces the whole text it is replaced for everybody, with edits on their way merged in', onEditor(async ({ server, person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  await written(jane, 'let a = 1;');
  await saved(jane);
  const john = await join(server, { room: 'garden', nickname: 'John', id: 'john' });
  john.send('code_update', { code: 'let b = 2;', language: 'typescript' });
  await contains(jane, 'let b = 2;');
  assert.equal(await jane.getByLabel('Language').inputValue(), 'typescript');

  // Jane's edit is for a text that has been replaced when it arrives.
  cable.cut();
  await state(jane, 'offline');
  await jane.keyboard.press('Control+End');
  await jane.keyboard.type(' // mine');
  john.send('code_update', 'let c = 3;', 1);
  await john.next(({ ref }) => ref === 1);
  cable.restore();
  await networkIsBack(jane);
  await contains(jane, 'let c = 3; // mine');
  await saved(jane);
  assert.equal(await jane.locator('#refusal').textContent(), '');
  john.hangUp();
}));

test('undo reverts only the user’s own edits', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await written(jane, 'Jane ');
  await contains(bob, 'Jane ');
  await bob.keyboard.press('Control+End');
  await written(bob, 'Bob');
  await contains(jane, 'Jane Bob');
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) await contains(page, 'Bob');
  await jane.keyboard.press('Control+y');
  for (const page of [jane, bob]) await contains(page, 'Jane Bob');
}));

test('a language is chosen for everybody, and the text is highlighted in it', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const examples = {
    javascript: 'const a = "b"; // c', typescript: 'let a: string = "b"; // c', python: 'def a(): return "b" # c', cpp: 'int a = 1; // c',
    java: 'class A { int b = 1; } // c', rust: 'fn a() -> i32 { 1 } // c', html: '<p class="a">b</p>', css: 'p { color: #fff; } /* c */',
    json: '{"a": [1, true]}', sql: "SELECT 'a' FROM b -- c", markdown: '# A\n\n*b* `c`',
  };
  assert.ok(Object.keys(examples).length >= 6);
  for (const [name, example] of Object.entries(examples)) {
    await jane.getByLabel('Language').selectOption(name);
    await jane.keyboard.press('Escape');
    await content(jane).focus();
    await jane.keyboard.press('Control+a');
    await jane.keyboard.insertText(example);
    await contains(bob, example);
    await bob.waitForFunction((wanted) => document.getElementById('language').value === wanted, name);
    await bob.waitForFunction(() => {
      const marks = [...document.getElementById('code').shadowRoot.querySelectorAll('.cm-line span')];
      return new Set(marks.map((mark) => getComputedStyle(mark).color)).size >= 2;
    });
    assert.equal(await bob.getByRole('button', { name: 'Run' }).isVisible(), name === 'javascript');
  }
  await jane.getByLabel('Language').selectOption('text');
  await bob.waitForFunction(() => document.getElementById('language').value === 'text');
}));

test('a language that this page does not know is shown by its name, and removed from the choice afterwards', onEditor(async ({ server, person }) => {
  const jane = await person('Jane');
  const offered = await jane.locator('#language option').count();
  const john = await join(server, { room: 'garden', nickname: 'John', id: 'john' });
  for (const name of ['cobol', 'constructor', 'Objective-C']) {
    john.send('code_language', name);
    await jane.waitForFunction((wanted) => document.getElementById('language').value === wanted, name);
    assert.equal(await jane.locator('#language option').count(), offered + 1);
  }
  john.send('code_language', 'python');
  await jane.waitForFunction(() => document.getElementById('language').value === 'python');
  assert.equal(await jane.locator('#language option').count(), offered);
  john.hangUp();
}));

test('if the server refuses a language, the page says why and resets the choice', onEditor(async ({ person }) => {
  const jane = await person('Jane');
  await jane.getByLabel('Language').selectOption('rust');
  const refusal = jane.locator('#language-refusal', { hasText: 'Rust was not chosen: ' });
  await refusal.waitFor();
  assert.equal(await jane.getByLabel('Language').inputValue(), 'javascript');
  await written(jane, 'x');
  await saved(jane);
  assert.ok(await refusal.isVisible(), 'an edit does not withdraw it');
  await jane.getByRole('button', { name: 'All right' }).click();
  assert.equal(await jane.locator('#language-refusal').textContent(), '');

  // Two choices before the server has answered the first.
  const shown = await jane.evaluateHandle(() => {
    const choice = document.getElementById('language');
    const values = [];
    new MutationObserver(() => values.push(choice.value)).observe(document.getElementById('run'), { attributes: true }); // shown with JavaScript only
    for (const name of ['rust', 'python']) {
      choice.value = name;
      choice.dispatchEvent(new Event('change'));
    }
    return values;
  });
  await refusal.waitFor();
  const bob = await person('Bob');
  await becomes(() => bob.getByLabel('Language').inputValue(), 'python');
  assert.deepEqual([...new Set(await shown.jsonValue())], ['python'], 'the answer to the first choice does not change the second');
}, { code_update: { languages: ['javascript', 'python'] } }));

test('the others’ carets and selections are shown with their names, in the right place, until they leave', onEditor(async ({ person, wire }) => {
  const cable = await wire();
  const [jane, bob] = [await person('Jane', { through: cable }), await person('Bob')];
  await written(jane, 'one two three');
  await contains(bob, 'one two three');
  await caretOf(bob, 'Jane').waitFor();
  await bob.keyboard.press('Control+Home');
  for (let i = 0; i < 3; i += 1) await bob.keyboard.press('Shift+ArrowRight');
  await caretOf(jane, 'Bob').waitFor();
  const width = (page) => page.locator('.cm-their-selection').evaluateAll((marks) => marks.reduce((sum, mark) => sum + mark.getBoundingClientRect().width, 0));
  await becomes(async () => await width(jane) > 10, true);

  // Bob's selection stays on its word while Jane writes in front of it.
  const before = await caretOf(jane, 'Bob').evaluate((mark) => mark.getBoundingClientRect().left);
  await jane.keyboard.press('Control+Home');
  await jane.keyboard.type('zero ');
  await contains(bob, 'zero one two three');
  await jane.waitForFunction((left) => {
    const mark = document.getElementById('code').shadowRoot.querySelector('.cm-their-caret');
    return mark.getBoundingClientRect().left > left + 20;
  }, before);

  // The page does not show its own caret, nor those of people who have left.
  assert.equal(await caretOf(jane, 'Jane').count(), 0);
  cable.cut();
  await caretOf(bob, 'Jane').waitFor({ state: 'detached' });
  await caretOf(jane, 'Bob').waitFor({ state: 'detached' });
  cable.restore();
  await networkIsBack(jane);
  await caretOf(bob, 'Jane').waitFor();
  await bob.close();
  await caretOf(jane, 'Bob').waitFor({ state: 'detached' });
}));

test('pasted text gets line feeds, whatever line breaks it had', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const foreign = 'a\r\nb\rc\u2028d\u2029e\u0085f\n\r\ng';
  const plain = 'a\nb\nc\nd\ne\nf\n\ng';
  let whole = '';
  for (const put of [(page) => bring(page, foreign), (page) => bring(page, foreign, 'drop'), (page) => written(page, foreign),
    (page) => page.evaluate(draftAt, { at: 0, remove: 0, insert: foreign })]) {
    await content(jane).focus();
    await jane.keyboard.press('Control+Home');
    await put(jane);
    whole = plain + whole;
    for (const page of [jane, bob]) await contains(page, whole);
    assert.equal(await jane.locator('.cm-specialChar, .cm-foreignBreak').count(), 0);
  }
  // One undo reverts a paste, and the caret is behind the pasted text.
  await jane.keyboard.press('Control+Home');
  await bring(jane, 'x\r\ny\r\n');
  await contains(bob, `x\ny\n${whole}`);
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) await contains(page, whole);
  await bring(jane, 'x\r\ny\r\n');
  await jane.keyboard.type('z');
  await contains(bob, `x\ny\nz${whole}`);
}));

test('invalid characters are removed from pasted text, and later edits still arrive', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await bring(jane, 'a\0b\0\0\r\n\0c\ud800d');
  await jane.keyboard.press('Control+End');
  await written(jane, 'e');
  for (const page of [jane, bob]) await contains(page, 'ab\nc\uFFFDde');
  assert.equal(await jane.locator('#refusal').textContent(), '');
}));

test('a text with other line breaks, from another kind of page, stays unchanged, is readable, and can be edited', onEditor(async ({ server, person }) => {
  const jane = await person('Jane');
  const john = await join(server, { room: 'garden', nickname: 'John', id: 'john' });
  john.send('code_update', 'one\r\ntwo\rthree\u2028four\r\n');
  await contains(jane, 'one\r\ntwo\rthree\u2028four\r\n');
  assert.deepEqual(await jane.locator('.cm-foreignBreak').allTextContents(), ['↵', '↵']);
  assert.equal(await jane.locator('.cm-specialChar').count(), 0);
  await jane.keyboard.press('Control+End');
  await jane.keyboard.type('five');
  await saved(jane);
  const bob = await person('Bob');
  for (const page of [jane, bob]) await contains(page, 'one\r\ntwo\rthree\u2028four\r\nfive');
  john.hangUp();
}));

test('a caret is not shown until its owner has placed it', onEditor(async ({ person }) => {
  const jane = await person('Jane');
  const bob = await person('Bob');
  await bob.keyboard.type('Bob writes');
  await contains(jane, 'Bob writes');
  const ann = await person('Ann');
  await caretOf(ann, 'Bob').waitFor();
  await bob.keyboard.type(' more');
  await contains(ann, 'Bob writes more');
  await becomes(() => caretAt(ann, 'Bob'), 15);
  for (const page of [bob, ann]) assert.equal(await caretOf(page, 'Jane').count(), 0);
  await content(jane).click({ position: { x: 12, y: 20 } }); // before the first character, where the caret was all along
  for (const page of [bob, ann]) await becomes(() => caretAt(page, 'Jane'), 0);
}));

test('a caret stays in place while others write there, and moves along when its owner writes', onEditor(async ({ person }) => {
  const [jane, bob, ann] = [await person('Jane'), await person('Bob'), await person('Ann')];
  await written(jane, 'abc');
  for (const page of [bob, ann]) await becomes(() => caretAt(page, 'Jane'), 3);
  await bob.keyboard.press('Control+End');
  await bob.keyboard.type('XY');
  for (const page of [jane, bob, ann]) await contains(page, 'abcXY');
  const seen = async () => [await caretAt(bob, 'Jane'), await caretAt(ann, 'Jane'), await caretAt(ann, 'Bob'), await caretAt(jane, 'Bob')];
  await becomes(seen, [3, 3, 5, 5]);
  await jane.keyboard.type('d'); // as in Jane's own editor
  for (const page of [jane, bob, ann]) await contains(page, 'abcdXY');
  await becomes(seen, [4, 4, 6, 6]);

  // Text written at the edge of a selection is not part of it.
  await jane.keyboard.press('Control+Home');
  await jane.keyboard.press('Shift+End');
  const wide = (page) => page.locator('.cm-their-selection').evaluateAll((marks) => Math.round(marks.reduce((sum, mark) => sum + mark.getBoundingClientRect().width, 0)));
  await becomes(async () => await wide(ann) > 20, true);
  const before = await wide(ann);
  await bob.keyboard.press('Control+End');
  await bob.keyboard.type('!!');
  await bob.keyboard.press('Control+Home');
  await bob.keyboard.type('??');
  await contains(ann, '??abcdXY!!');
  await becomes(async () => [await wide(ann), await wide(bob)], [before, before]);
}));

test('the search panel has the page’s look', onEditor(async ({ person }) => {
  for (const colorScheme of ['light', 'dark']) {
    const jane = await person('Jane', { colorScheme });
    await jane.keyboard.press('Control+f');
    const style = (selector, name) => jane.locator(selector).first().evaluate((element, property) => getComputedStyle(element)[property], name);
    const page = (name) => jane.evaluate((property) => getComputedStyle(document.body)[property], name);
    assert.equal(await style('.cm-search button[name=next]', 'fontFamily'), await page('fontFamily'));
    assert.equal(await style('.cm-search button[name=next]', 'backgroundImage'), 'none');
    for (const selector of ['input[name=search]', 'button[name=next]']) {
      assert.equal(await style(`.cm-search ${selector}`, 'color'), await page('color'));
      assert.ok(parseFloat(await style(`.cm-search ${selector}`, 'height')) >= 32, selector);
    }
    assert.deepEqual(await complaints(jane), []);
    await jane.close();
  }
}));

test('a program runs: its output is shown, errors with their line, and it may use await', onEditor(async ({ person }) => {
  const jane = await person('Jane');
  await written(jane, `console.log('a', 1, [2, 'b'], { c: { d: null } }, new Map([[1, new Set([2])]]));
const itself = {}; itself.itself = itself;
console.log(itself);
await new Promise((resolve) => setTimeout(resolve, 5)); // not a wait of the test
console.warn('later');
setTimeout(() => { console.log('last'); throw new Error('in a timer'); }, 5); // not a wait of the test
missing();`);
  await run(jane);
  await ended(jane);
  assert.deepEqual(await output(jane), [
    'a 1 [2, "b"] {c: {d: null}} Map {1 => Set {2}}', '{itself: [itself]}', 'later',
    'ReferenceError: missing is not defined (line 7)', 'last', 'Error: in a timer (line 6)',
  ]);
  assert.deepEqual(await jane.locator('#lines p').evaluateAll((lines) => lines.map(({ dataset }) => dataset.kind)),
    ['log', 'log', 'warn', 'error', 'log', 'error']);

  await jane.getByRole('button', { name: 'Close' }).click();
  await jane.keyboard.press('Control+a');
  await jane.keyboard.insertText('let = ;');
  await jane.keyboard.press('Control+Enter');
  await ended(jane);
  assert.match((await output(jane))[0], /^SyntaxError/);
}));

test('a program that never ends can be stopped, and the page is usable meanwhile', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await written(jane, 'console.log("begun");\nfor (;;) {}');
  await run(jane);
  await jane.locator('#lines', { hasText: 'begun' }).waitFor();
  await content(jane).focus();
  await jane.keyboard.press('Control+End');
  await jane.keyboard.type(' // still here');
  await contains(bob, 'console.log("begun");\nfor (;;) {} // still here');
  await jane.getByRole('button', { name: 'Stop' }).click();
  await jane.locator('#fate', { hasText: 'Stopped' }).waitFor();
  assert.equal(await jane.locator('iframe').count(), 0);

  for (const [line, count] of [['"more"', 1000], ['"more".repeat(100_000)', 20]]) {
    await content(jane).focus();
    await jane.keyboard.press('Control+a');
    await jane.keyboard.insertText(`for (;;) console.log(${line});`);
    await run(jane);
    await jane.locator('#fate', { hasText: 'it wrote more than anybody would read' }).waitFor();
    assert.equal(await jane.locator('#lines p').count(), count);
  }
}));

test('a program has no access to the page, its origin, its storage, or any network', onEditor(async ({ server, person }) => {
  const jane = await person('Jane');
  await jane.evaluate(() => { localStorage.secret = document.cookie = 'secret=1'; });
  const attempts = {
    document: 'document.body', parent: 'parent.document', opener: 'self.window.top', storage: 'localStorage.secret', database: 'indexedDB.open("a")',
    fetch: `await fetch('${server.url}/static/chat.js')`, request: `(() => { const r = new XMLHttpRequest(); r.open('GET', '${server.url}/healthz', false); r.send(); })()`,
    module: `await import('${server.url}/static/lib/hubbub.js')`, script: `importScripts('${server.url}/static/lib/hubbub.js')`,
    socket: `await new Promise((resolve, reject) => { const s = new WebSocket('${server.ws}'); s.onopen = resolve; s.onerror = () => reject(new Error('refused')); })`,
    events: `await new Promise((resolve, reject) => { const s = new EventSource('${server.url}'); s.onopen = resolve; s.onerror = () => reject(new Error('refused')); })`,
    caches: 'await caches.open("a")', files: 'await navigator.storage.getDirectory()',
  };
  await written(jane, [
    'const got = [];',
    ...Object.entries(attempts).map(([name, attempt]) => `try { ${attempt}; got.push('${name}'); } catch {}`),
    "console.log('got', got.length, ...got, self.origin);",
  ].join('\n'));
  await run(jane);
  await ended(jane);
  assert.deepEqual((await output(jane)).slice(-1), ['got 0 null']);
}));

test('an edit that the server refuses is kept, explained, and sent again once it is changed', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  await written(jane, '0123456789');
  await contains(bob, '0123456789');
  await written(jane, ' and too much');
  await jane.locator('#refusal', { hasText: 'must be at most 12' }).waitFor();
  assert.equal(await text(jane), '0123456789 and too much');
  await bob.keyboard.press('Control+Home');
  await bob.keyboard.type('x');
  await contains(jane, 'x0123456789 and too much');
  for (let i = 0; i < 12; i += 1) await jane.keyboard.press('Backspace');
  for (const page of [jane, bob]) await contains(page, 'x0123456789 ');
  await jane.locator('#refusal:empty').waitFor({ state: 'attached' });

  await written(jane, ' and again');
  await jane.getByRole('button', { name: 'Take them back' }).click();
  await contains(jane, 'x0123456789 ');
  await jane.locator('#refusal:empty').waitFor({ state: 'attached' });
  await jane.keyboard.press('Backspace');
  for (const page of [jane, bob]) await contains(page, 'x0123456789');
}, { code_update: { max_length: 12 } }));

test('a text that is too long for one message is sent in several, and undone in one step', onEditor(async ({ person }) => {
  const [jane, bob] = [await person('Jane'), await person('Bob')];
  const long = Array.from({ length: 4000 }, (_, i) => `line ${i}, wide as 字 and 🌸\n`).join('');
  await jane.evaluate(draftAt, { at: 0, remove: 0, insert: `<${long}>` });
  await contains(bob, `<${long}>`);
  await saved(jane);
  await jane.keyboard.press('Control+z');
  for (const page of [jane, bob]) await contains(page, '');
  await jane.keyboard.press('Control+y');
  await contains(bob, `<${long}>`);
}));

test('markup, scripts and very long lines are shown as text in every place', onEditor(async ({ server, person }) => {
  const markup = '<img src=x onerror="document.title=1">';
  const hostile = [markup, 'javascript:alert(1)', 'x'.repeat(10_000), '"><script>document.title=2</script>'];
  const [jane, bob] = [await person('Jane'), await person(markup)];
  const john = await join(server, { room: 'garden', nickname: 'javascript:alert(1)', id: 'john' });
  let ref = 0;
  const refused = async (type, what) => {
    john.send(type, what, `r${(ref += 1)}`);
    assert.equal((await john.next((message) => message.ref === `r${ref}`)).type, 'error', JSON.stringify(what).slice(0, 80));
  };
  for (const one of hostile) await refused('code_language', one);
  await refused('code_edit', { version: 1, changes: hostile });
  await refused('selection_update', { from: markup, to: 1 });
  john.send('selection_update', { from: 1e15, to: 5, color: '#f00', version: 0 });
  john.send('selection_update', { from: 3, to: 1e9, version: 'x', extra: markup });
  john.send('code_update', { code: hostile.join('\n'), language: 'html', nickname: markup, more: markup });
  for (const page of [jane, bob]) await contains(page, hostile.join('\n'));
  await written(bob, markup);
  await contains(jane, markup + hostile.join('\n'));
  await caretOf(jane, markup).waitFor();
  await caretOf(jane, 'javascript:alert(1)').waitFor({ state: 'attached' });
  for (const page of [jane, bob]) {
    assert.equal(await page.title(), '#garden · Editor · Hubbub');
    assert.equal(await page.locator('img[src]:not(.brand img)').count(), 0);
    assert.ok((await people(page)).includes(markup));
  }
  john.hangUp();
}));

test('the editor can be used, and left, with the keyboard only', onEditor(async ({ person }) => {
  const jane = await person('Jane');
  await jane.keyboard.type('if (true) {\n1');
  await jane.keyboard.press('Tab');
  assert.match(await text(jane), /^if \(true\) \{\n\s+1\s*\n?\}?$/);
  const focused = () => jane.evaluate(() => document.activeElement.id || document.activeElement.tagName);
  assert.equal(await focused(), 'code');
  await jane.keyboard.press('Escape');
  await jane.keyboard.press('Tab');
  assert.notEqual(await focused(), 'code');
  await jane.locator('#skip').focus();
  await jane.keyboard.press('Enter');
  assert.equal(await focused(), 'code');
  await jane.keyboard.press('Control+Enter');
  await ended(jane);
}));

test('a reload asks first if an edit is not delivered yet', onEditor(async ({ person, wire }) => {
  const cable = await wire();
  const jane = await person('Jane', { through: cable });
  cable.cut();
  await state(jane, 'offline');
  await jane.keyboard.type('mine');
  const asked = jane.waitForEvent('dialog');
  const closing = jane.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await closing;
  await contains(jane, 'mine');
}));
