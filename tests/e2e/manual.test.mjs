// --list-plugins and --explain.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fixtures } from '../lib/served.mjs';
import { runServer } from '../lib/server.mjs';
import { read, root } from '../lib/source.mjs';

const folder = await mkdtemp(join(tmpdir(), 'hubbub-manual-'));
after(() => rm(folder, { recursive: true }));
const own = join(dirname(fixtures), 'plugins');
const [, version] = /^project\(hubbub VERSION (\S+)/m.exec(read('CMakeLists.txt'));

async function ask(plugins, ...args) {
  await writeFile(join(folder, 'config.yaml'), JSON.stringify({ plugins }));
  return runServer(['--config', 'config.yaml', ...args], { cwd: folder });
}

test('--list-plugins lists the loaded plugins with version, file, types, and options as they can be written', async () => {
  assert.deepEqual(await ask({ chat: { history: 3 }, directory: fixtures, probe: {}, draw: { enabled: false } }, '--list-plugins'), {
    code: 0, err: '', out: `chat ${version}
  ${own}/chat.so
  types: message, typing
  options:
    max_length: 2000  # a whole number from 1 to 65536
    history: 3        # a whole number from 0 to 1000; 50 by default
probe ${version}
  ${fixtures}/probe.so
  types: note, sum, summed, slow_note, ask, wake, blink, answer, gone
  options:
    announces: false  # true or false
    opens_with:       # text of at most 4096 bytes
`,
  });
  assert.deepEqual(await ask({}, '--list-plugins'), { code: 0, err: '', out: 'no plugin is enabled\n' });
});

test('--explain shows the messages and options of a plugin, enabled or not', async () => {
  const poll = `poll ${version}
  ${own}/poll.so
  options: none

  poll: logged
    content: an object
      choices: a list of 2 to 10 entries, each a string of 1 to 100 characters
      question: a string of 1 to 200 characters
      seconds?: a whole number from 5 to 86400

  poll_vote: logged
    content: an object
      choice: a whole number from 0 to 9

  poll_close: logged
    content: left out

  poll_closed: logged, from the server only

  poll_turnout: ephemeral, from the server only
`;
  for (const plugins of [{}, { poll: {} }, { poll: { enabled: false } }]) {
    assert.deepEqual(await ask(plugins, '--explain', 'poll'), { code: 0, err: '', out: poll });
  }
});

test('--explain shows how often a type may be sent, according to the options', async () => {
  const { out } = await ask({ cursor_move: { max_rate: 7 }, kanban: { columns: ['To do', 'Done'] } }, '--explain', 'cursor_move');
  assert.match(out, /^ {2}cursor_move: ephemeral, for each sender only the newest matters, at most 7 a second from one sender$/m);
  assert.match((await ask({ kanban: { columns: ['To do', 'Done'] } }, '--explain', 'kanban')).out, /^ {6}column: one of "To do", "Done"$/m);
  assert.match((await ask({}, '--explain', 'kanban')).out, /^ {2}request_tasks: answered to its sender alone, at most 5 a second from one sender$/m);
});

test('an option that is set is shown with its value and its default', async () => {
  const set = { kanban: { columns: ['To do', 'Done'], max_tasks: 1000 }, draw: { width: 77 }, monitor: { disk: '/with space', rooms: [] } };
  for (const option of ['--list-plugins', '--explain']) {
    for (const [plugin, lines] of Object.entries({
      kanban: ['columns: ["To do","Done"] # [] by default', 'max_tasks: 1000 # a whole number from 1 to 100000'],
      draw: ['width: 77 # a whole number from 1 to 100000; 10000 by default', 'height: 10000 # a whole number from 1 to 100000'],
      monitor: ['disk: "/with space" # text of at most 4096 bytes; / by default', 'rooms: []'],
    })) {
      const { out } = await ask(set, option, ...(option === '--explain' ? [plugin] : []));
      const told = out.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
      for (const line of lines) assert.ok(told.some((one) => one === line || one.startsWith(`${line} `)), `${option}: ${line}\n${out}`);
    }
  }
});

test('the program says why plugins cannot be listed or explained', async () => {
  assert.deepEqual(await ask({}, '--explain', 'caht'), {
    code: 2, out: '', err: `caht: there is no library caht.so in ${own}; did you mean "chat"?\n`,
  });
  const { code, err } = await ask({ caht: {} }, '--list-plugins');
  assert.deepEqual([code, /^config.yaml:1: plugins.caht: there is no library/.test(err)], [2, true]);
});

test('every bundled plugin can be listed and explained', async () => {
  const { code, out } = await runServer(['--config', 'config.yaml', '--list-plugins'], { cwd: root });
  assert.equal(code, 0);
  const names = [...out.matchAll(/^(\w+) /gm)].map(([, name]) => name);
  assert.ok(names.length > 6);
  for (const name of names) assert.equal((await runServer(['--explain', name])).code, 0, name);
});
