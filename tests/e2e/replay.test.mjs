// Replay: a room's log is played through its plugins and through other builds of them.

import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { after, test } from 'node:test';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { runServer, startServer } from '../lib/server.mjs';
import { read } from '../lib/source.mjs';

const own = path(dirname(fixtures), 'plugins');
const [, version] = /^project\(hubbub VERSION (\S+)/m.exec(read('CMakeLists.txt'));
const next = path(fixtures, 'tally_next.so');
const folder = await mkdtemp(path(tmpdir(), 'hubbub-replay-'));
after(() => rm(folder, { recursive: true }));

const config = (plugins, store = {}) => ({
  server: { port: 0 }, plugins: { directory: fixtures, ...plugins }, store: { path: 'rooms.db', snapshot_every: 3, ...store },
});

// A directory with a config.yaml and a server's store; in the room `garden`, these messages were sent: [type, content].
async function said(name, settings, messages) {
  const home = path(folder, name);
  await mkdir(home);
  await writeFile(path(home, 'config.yaml'), JSON.stringify(settings));
  const server = await startServer({ folder: home });
  after(() => server.stop());
  const jane = await join(server, { room: 'garden', nickname: 'Jane', id: 'jane' });
  let last;
  for (const [type, content] of messages) {
    jane.send(type, content);
    last = await jane.next(({ seq, code }) => seq > (last?.seq ?? 0) || code);
    assert.equal(last.code, undefined, last.content);
  }
  return { home, server };
}
const run = (home, ...args) => runServer(['--config', 'config.yaml', ...args], { cwd: home });
const replay = (home, ...args) => run(home, 'replay', 'garden', ...args);

// Seven messages, six of them in the snapshot; the server keeps running.
const words = ['apple', 'Apple', 'pear', 'pear', 'a longer word', 'plum'].map((word) => ['word', word]);
const { home } = await said('tally', config({ tally: {}, chat: { history: 1 } }), [...words, ['message', 'Hello!']]);

const refusal = (output) => {
  assert.deepEqual([output.code, output.out], [2, '']);
  return output.err;
};

test('a room is fine if its plugins reach the same state from the whole log as from the snapshot and the messages after it', async () => {
  assert.deepEqual(await replay(home), {
    code: 0, err: '', out: `room "garden": messages 1 to 7, snapshot at 6

tally ${version} ${fixtures}/tally.so
nothing is wrong

chat ${version} ${own}/chat.so
nothing is wrong
`,
  });
});

test('a state that does not come from the log is found', async () => {
  const { home: elsewhere, server: other } = await said('forgetful', config({ forgetful: {} }), Array(4).fill(['forgotten', null]));
  await other.stop();
  assert.deepEqual(await replay(elsewhere), {
    code: 1, err: '', out: `room "garden": messages 1 to 4, snapshot at 4

forgetful ${version} ${fixtures}/forgetful.so

from the whole log
failures[0]
  + "restore of its own snapshot: the state differs afterwards"

- from the snapshot at 4
+ from the whole log
state
  - 0
  + 4
failures[0]
  + "restore of its own snapshot: the state differs afterwards"
`,
  });
});

test('--diff shows differences in the state, the greeting and the messages with another build', async () => {
  assert.deepEqual(await replay(home, '--plugin', `tally=${next}`, '--diff'), {
    code: 1, err: '', out: `room "garden": messages 1 to 7, snapshot at 6

- tally ${version} ${fixtures}/tally.so
+ tally 99.0.0 ${next}

from the whole log
state.Apple
  - 1
state.apple
  - 1
  + 2
greeting[0].content.Apple
  - 1
greeting[0].content.apple
  - 1
  + 2

if the messages were sent again as they are in the log
message 5
  - accepted
  + refused: a word has at most 10 letters
`,
  });
});

test('a build with the same behaviour shows no difference', async () => {
  await mkdir(path(home, 'a=b'));
  for (const copy of ['copy.so', 'a=b/copy.so', '=.so']) {
    await copyFile(path(fixtures, 'tally.so'), path(home, copy));
    const { code, err, out } = await replay(home, '--plugin', `tally=${copy}`, '--diff');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /\n- tally .*\/tally\.so\n\+ tally /);
    assert.ok(out.endsWith(`\n+ tally ${version} ${path(home, copy)}\n\nnothing differs\n`), out);
  }
});

test('--diff reconstructs what clients sent if the plugin added fields, and says if it cannot', async () => {
  const count = (add, more) => ['count', { add, ...more }];
  const { home: counted } = await said('counter', config({ counter: {} }), [count(2), count(7), count(3, { why: 'so' }), ['wrap', 'paper'], count(9)]);
  const { code, err, out } = await replay(counted, '--plugin', `counter=${path(fixtures, 'counter_next.so')}`, '--diff');
  assert.deepEqual([code, err], [1, '']);
  assert.equal(out.slice(out.indexOf('if the messages')), `if the messages were sent again as they are in the log
message 2
  - accepted
  + refused: content.add: must be at most 5
message 5
  - accepted
  + refused: content.add: must be at most 5

not compared: 1 message that neither build accepts as in the log, because the plugin changed what was sent
(message 4: content: must be a string)
`);
});

test('--diff shows how another build would answer the messages, if it accepts them', async () => {
  const counts = [{ add: 2 }, { add: 1, times: 3 }, { add: 4, times: 2 }].map((content) => ['count', content]);
  const { home: counted } = await said('times', config({ counter: {} }), counts);
  const diff = (build) => replay(counted, '--plugin', `counter=${path(fixtures, build)}`, '--diff');
  const { code, err, out } = await diff('counter_next.so');
  assert.deepEqual([code, err], [1, '']);
  assert.equal(out.slice(out.indexOf('if the messages')), `if the messages were sent again as they are in the log
message 2.content.total
  - 3
  + 5
message 3.content.total
  - 7
  + 11
`);
  assert.match((await diff('counter.so')).out, /\nnothing differs\n$/);
});

test('several builds can be tried at once', async () => {
  const { code, out } = await replay(home, '--plugin', `chat=${own}/chat.so`, '--plugin', `tally=${next}`, '--diff');
  assert.equal(code, 1);
  assert.match(out, /\n\+ chat .*\n\nnothing differs\n\n- tally .*\n\+ tally 99\.0\.0 /);
});

test('without --diff the state and the greeting are printed as JSON, with the options of the configuration', async () => {
  const tally = await replay(home, '--plugin', `tally=${next}`);
  const counts = { 'a longer word': 1, Apple: 1, apple: 1, pear: 2, plum: 1 }; // from the snapshot that the loaded build made
  assert.deepEqual([tally.code, tally.err, JSON.parse(tally.out)], [0, '', {
    room: 'garden', seq: 7, snapshot: 6, plugin: 'tally', version: '99.0.0', state: counts, failures: [],
    greeting: [{ type: 'tally', content: counts, room: 'garden', nickname: 'System' }],
  }]);
  const { state, greeting } = JSON.parse((await replay(home, '--plugin', `chat=${own}/chat.so`)).out);
  assert.equal(state.length, 1);
  assert.deepEqual(greeting.map(({ content, seq, id }) => [content, seq, id]), [['Hello!', 7, 'jane']]);
});

test('a build’s exceptions are reported with the message', async () => {
  const { home: elsewhere, server: other } = await said('poison', config({ tally: {} }), ['pear', 'poison', 'plum'].map((word) => ['word', word]));
  await other.stop();
  const { code, out } = await replay(elsewhere, '--plugin', `tally=${next}`, '--diff');
  assert.equal(code, 1);
  assert.match(out, /\nfrom the whole log\nstate\.poison\n {2}- 1\n[^]*failures\[0\]\n {2}\+ "apply of message 2 failed: poison was said"\n/);
});

test('a snapshot that a build cannot use is reported; if the log does not reach back, the plugin is out of order in the room', async () => {
  const relics = ['relic', 'pear', 'plum', 'pear'].map((word) => ['word', word]);
  const whole = await said('relic', config({ tally: {} }), relics);
  const failed = '  + "restore of the snapshot at 3 failed: relics are of another time"\n';
  const { code, out } = await replay(whole.home, '--plugin', `tally=${next}`, '--diff');
  assert.equal(code, 1);
  assert.match(out, new RegExp(`\nfrom the snapshot at 3\nfailures\\[0\\]\n${failed.replace('+', '\\+')}`));
  await whole.server.stop();

  const trimmed = await said('trimmed', config({ tally: {} }, { retention: { messages: 1 } }), relics);
  await trimmed.server.stop(); // stores a snapshot at 4
  const { code: status, out: text } = await replay(trimmed.home, '--plugin', `tally=${next}`, '--diff');
  assert.equal(status, 1);
  assert.match(text, /^room "garden": messages 4 to 4, snapshot at 4\nthe log no longer has the messages before 4: the replay begins at the snapshot\n/);
  assert.match(text, /\nstate\n {2}- {"pear":2,"plum":1,"relic":1}\n {2}\+ null\n/);
  assert.match(text, /\+ "restore of the snapshot at 4 failed: relics .*"\nfailures\[1\]\n {2}\+ "it is out of order in the room: the log does not reach back to the beginning"\n/);
  const own = await replay(trimmed.home);
  assert.deepEqual([own.code, own.err], [0, '']);
});

test('a long list of differences is cut', async () => {
  const { home: elsewhere, server: other } = await said('many', config({ tally: {} }), Array.from({ length: 30 }, (_, i) => ['word', `W${i}`]));
  await other.stop();
  const { out } = await replay(elsewhere, '--plugin', `tally=${next}`, '--diff');
  assert.equal(out.match(/^state\./gm).length, 20);
  assert.match(out, /\n… and 100 more\n$/);
});

test('every bundled plugin reaches the same state, in a room with much activity', async () => {
  const plugins = Object.fromEntries(['chat', 'draw', 'cursor_move', 'code_update', 'kanban', 'spreadsheet', 'monitor', 'dice', 'poll'].map((name) => [name, {}]));
  const { home: elsewhere, server: other } = await said('bundled', config(plugins), [
    ['message', 'Hello!'], ['draw', { points: [[1, 2], [3, 4]], color: '#f80' }], ['code_update', 'let x;'], ['dice', { sides: 6 }],
    ['add_task', { id: 'a', title: 'Water', column: 'todo' }], ['add_task', { title: 'Weed', column: 'todo' }],
    ['cell_update', { id: '1-2', value: '=1+1' }], ['poll', { question: 'Tea?', choices: ['Yes', 'No'], seconds: 60 }],
    ['move_task', { taskId: 'a', newColumn: 'done' }], ['poll_vote', { choice: 1 }], ['code_edit', { version: 3, changes: [6, [0, '// x']] }],
  ]);
  const checked = await replay(elsewhere);
  assert.deepEqual([checked.code, checked.err], [0, ''], checked.out);
  assert.equal(checked.out.match(/^nothing is wrong$/gm).length, Object.keys(plugins).length);
  const { code, out } = await replay(elsewhere, ...Object.keys(plugins).flatMap((name) => ['--plugin', `${name}=${own}/${name}.so`]), '--diff');
  assert.equal(code, 0, out);
  await other.stop();
});

test('a room that was exported is replayed from the file, and replaying writes nothing', async () => {
  const { out: before } = await run(home, 'export', '-');
  await writeFile(path(home, 'rooms.jsonl'), before);
  assert.deepEqual(await replay(home, '--file', 'rooms.jsonl'), await replay(home));
  const args = ['--plugin', `tally=${next}`, '--diff'];
  assert.deepEqual(await replay(home, '--file', 'rooms.jsonl', ...args), await replay(home, ...args));
  assert.equal((await run(home, 'export', '-')).out, before);
});

test('README.md shows these commands', async () => {
  const shown = [...read('README.md').matchAll(/^ {4}build\/release\/hubbub (.* replay .*)$/gm)].map(([, args]) => args.split(' '));
  assert.equal(shown.length, 2);
  await mkdir(path(home, 'next'));
  await copyFile(path(own, 'chat.so'), path(home, 'next/chat.so'));
  for (const args of shown) {
    const { code, err } = await runServer(args, { cwd: home });
    assert.deepEqual([code, err], [0, ''], args.join(' '));
  }
});

test('the program says why a replay is impossible', async () => {
  const build = (plugin) => replay(home, '--plugin', plugin, '--diff').then(refusal);
  assert.match(refusal(await run(home, 'replay', 'attic')), /rooms\.db has no room "attic"\n$/);
  assert.match(await build('tally=none.so'), /^config\.yaml:1: plugins\.tally: .*\/none\.so cannot be loaded: .*No such file/);
  assert.match(await build(`tally=${fixtures}/wrong_fingerprint.so`), /wrong_fingerprint\.so was built for another server \(it has compiler 1\.2\.3, /);
  assert.match(await build(`tally=${own}/chat.so`), /plugins\.tally: the library chat\.so calls itself chat; /);
  assert.match(await build(`taly=${next}`), /the configuration enables no plugin taly; did you mean "tally"\?\n$/);
  assert.match(await build(`draw=${own}/draw.so`), /the configuration enables no plugin draw; give it a section there\n$/);
  for (const plugin of ['tally', 'tally=', `=${next}`]) assert.match(await build(plugin), /write NAME=FILE\.so\n$/);
  assert.match(refusal(await replay(home, '--diff')), /--diff requires --plugin/);
  assert.match(refusal(await replay(home, '--file', 'none.jsonl')), /cannot read none\.jsonl: No such file or directory\n$/);
  assert.match(refusal(await replay(home, '--file', '.')), /cannot read \.: is a directory; name a file\n$/);

  const line = (fields) => JSON.stringify({ room: 'garden', ...fields });
  const file = async (...lines) => {
    await writeFile(path(home, 'given.jsonl'), lines.join('\n'));
    return refusal(await replay(home, '--file', 'given.jsonl'));
  };
  assert.match(await file(line({ epoch: 'e', first: 1 }), '{'), /given\.jsonl:2: .*parse error/);
  assert.match(await file(line({ epoch: 'e', first: 1 }), line({ seq: 1, plugin: 'tally', version: '1', message: { seq: 1, ts: 1, type: 'word' } })),
    /given\.jsonl:2: its message must have a type and a content\n$/);
  assert.match(await file(JSON.stringify({ room: 'attic', epoch: 'e', first: 1 })), /given\.jsonl has no room "garden"; name one of "attic"\n$/);
  assert.match(await file(line({ epoch: 'e', first: 8 })), /the log of "garden" begins with message 8, and there is no snapshot of the state before it; /);

  const { code, err } = await runServer(['replay', 'garden'], { cwd: home, env: { HUBBUB_STORE__TYPE: 'memory' } });
  assert.equal(code, 2);
  assert.match(err, /store\.type is memory: nothing is stored/);
});
