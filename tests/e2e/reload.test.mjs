// Changes that an operator can make while people are connected.

import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join as path } from 'node:path';
import { test } from 'node:test';
import { within } from '../lib/deadline.mjs';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { sanitized, startServer } from '../lib/server.mjs';

const bundled = path(dirname(fixtures), 'plugins');

// Runs body with a server whose configuration and libraries can be replaced. `config` is the initial configuration.
const reloadable = (body, config) => async () => {
  const folder = await mkdtemp(path(tmpdir(), 'hubbub-reload-'));
  const clients = [];
  let server;
  try {
    const write = (now) => writeFile(path(folder, 'config.yaml'), typeof now === 'string' ? now : JSON.stringify({
      server: { host: '127.0.0.1', port: 0 }, store: { path: 'rooms.db' }, ...now, plugins: { directory: '.', ...now.plugins },
    }));
    await write(config);
    const stage = {
      folder,
      write,
      // Replaces a library atomically, as a linker or mv does.
      async put(file, name = basename(file), extra = '') {
        await copyFile(file, path(folder, 'new'));
        await appendFile(path(folder, 'new'), extra); // makes it another build
        await rename(path(folder, 'new'), path(folder, name));
      },
      async start() {
        server = await startServer({ folder });
        return server;
      },
      // Resolves with the server's log line about it.
      async reload() {
        const from = server.log().length;
        server.process.kill('SIGHUP');
        return stage.says(/reloaded; plugins.*|not reloaded.*[^]*\n/, from);
      },
      async says(pattern, from = 0) {
        let found;
        const look = async () => {
          while (!(found = pattern.exec(server.log().slice(from)))) await new Promise((resolve) => server.process.stdout.once('data', resolve));
        };
        await within(look(), `the server to say ${pattern}`, { details: server.log });
        return found[0];
      },
      async join(options) {
        const client = await join(server, options);
        clients.push(client);
        return client;
      },
    };
    await body(stage);
  } finally {
    for (const client of clients) client.hangUp();
    await server?.stop();
    await rm(folder, { recursive: true });
  }
};

test('members get the whole greeting of an added plugin, however large, and the strokes drawn meanwhile', reloadable(async ({ start, join, write, reload }) => {
  const websocket = { outbox: '16KiB' };
  await start();
  const people = [await join({ nickname: 'Jane' }), await join({ nickname: 'Bob' }), await join({ nickname: 'Joe', protocols: [] })];
  const [jane, bob] = people;
  for (const person of people) await person.next(({ type, content }) => type === 'users_update' && content.length === people.length);
  const points = Array.from({ length: 100 }, (_, i) => [i, 1]);
  for (let i = 1; i <= 300; ++i) jane.send('draw', { points, color: '#000000' }, i);
  for (const person of people) await person.next(({ seq }) => seq === 300);
  await write({ websocket, plugins: { chat: {} } });
  assert.match(await reload(), /reloaded; plugins: chat/);
  for (const person of people) {
    await person.next('types');
    person.forget();
  }
  await write({ websocket, plugins: { chat: {}, draw: {} } });
  assert.match(await reload(), /reloaded; plugins: chat draw/);
  await jane.next('types');
  await bob.say('and now');
  bob.send('draw', { points, color: '#00ff00' }, 'live');
  for (const person of people) {
    await person.next(({ ref }) => ref === 'live');
    assert.deepEqual(person.received.filter(({ type }) => type === 'draw').map(({ seq }) => seq), [...Array.from({ length: 300 }, (_, i) => i + 1), 302]);
    assert.equal(person.received.filter(({ type }) => type === 'message').length, 1);
    assert.ok(!person.received.some(({ type }) => ['welcome', 'system', 'users_update'].includes(type)), 'nobody came or went');
  }
}, { websocket: { outbox: '16KiB' }, plugins: { chat: {}, draw: {} } }));

for (const type of ['sqlite', 'memory']) {
  test(`plugins come, go and get other options, and nobody’s connection is dropped (${type})`, reloadable(async ({ start, join, write, reload }) => {
    await start();
    const jane = await join({ nickname: 'Jane' });
    const bob = await join({ nickname: 'Bob' });
    jane.send('message', 'Hello!', 1);
    for (const member of [jane, bob]) await member.next('message');
    jane.send('add_task', { id: 'one', title: 'Water the plants', column: 'To do' });
    assert.equal((await jane.next('error')).code, 'unknown_type');

    await write({ store: { type, path: 'rooms.db' }, plugins: { chat: { max_length: 5 }, kanban: { columns: ['To do', 'Done'] } } });
    assert.match(await reload(), /reloaded; plugins: chat kanban/);
    for (const member of [jane, bob]) {
      assert.deepEqual((await member.next('types')).content, ['add_task', 'delete_task', 'message', 'move_task', 'request_tasks', 'typing', 'update_task']);
      assert.deepEqual((await member.next('columns')).content, ['To do', 'Done']);
    }
    jane.send('message', 'much too long');
    assert.equal((await jane.next('error')).code, 'invalid');
    jane.send('add_task', { id: 'one', title: 'Water the plants', column: 'To do' });
    assert.equal((await bob.next('add_task')).content.id, 'one');
    jane.send('message', 'short', 2);
    assert.deepEqual([(await bob.next('message')).seq, (await jane.next('message')).ref], [3, 2]);

    await write({ store: { type, path: 'rooms.db' }, plugins: { chat: {} } });
    assert.match(await reload(), /reloaded; plugins: chat\n?$/);
    for (const member of [jane, bob]) assert.deepEqual((await member.next('types')).content, ['message', 'typing']);
    jane.send('move_task', { id: 'one', newColumn: 'Done' });
    assert.equal((await jane.next('error')).code, 'unknown_type');
    jane.send('message', 'still here');
    assert.equal((await bob.next('message')).seq, 4);

    await write({ store: { type, path: 'rooms.db' }, plugins: { chat: {}, kanban: {} } });
    await reload();
    const john = await join({ nickname: 'John' });
    for (const member of [jane, bob, john]) assert.deepEqual((await member.next('tasks_update')).content.map(({ id }) => id), ['one']);
    for (const member of [jane, bob]) {
      assert.equal(member.ended, undefined);
      assert.equal(member.received.filter(({ type: its }) => its === 'welcome').length, 1);
    }
  }, { store: { type, path: 'rooms.db' }, plugins: { chat: {} } }));
}

test('a configuration with mistakes changes nothing, and the log names file and line', reloadable(async ({ start, join, write, reload }) => {
  await start();
  const jane = await join({ nickname: 'Jane' });
  for (const [text, words] of [
    ['plugins:\n  chat: {history: -1}\n', /config\.yaml:2.*plugins\.chat\.history/],
    ['plugins:\n  chat: {\n', /config\.yaml:/],
    ['plugins:\n  chat: {}\n  chaat: {}\n', /config\.yaml:3.*chaat\.so/],
    ['servers: {}\n', /config\.yaml:1.*servers/],
  ]) {
    await write(text);
    const said = await reload();
    assert.match(said, /not reloaded, and everything stays as it is/);
    assert.match(said, words);
    jane.send('message', 'Hello!');
    await jane.next('message');
  }
}, { plugins: { chat: {} } }));

test('a library that does not load changes nothing, and the log says why as at the start', reloadable(async ({ start, join, put, write, reload }) => {
  await put(path(bundled, 'chat.so'));
  await start();
  const jane = await join({ nickname: 'Jane' });
  for (const [name, words] of [
    ['claims_message', /claims the type message, which chat handles/], ['create_throws', /constructor failed/], ['misnamed', /misnamed/],
    ['no_symbol', /exports no hubbub_plugin/], ['schema_unusable', /unusable schema/], ['wrong_fingerprint', /built for another server/],
  ]) {
    await put(path(fixtures, `${name}.so`));
    await write({ plugins: { chat: {}, [name]: {} } });
    const said = await reload();
    assert.match(said, /not reloaded/);
    assert.match(said, words);
    jane.send('message', 'Hello!');
    await jane.next('message');
  }
  await put(path(fixtures, 'no_symbol.so'), 'chat.so'); // replaces a library that is in use
  await write({ plugins: { chat: {} } });
  assert.match(await reload(), /exports no hubbub_plugin/);
  jane.send('message', 'Hello!');
  await jane.next('message');
}, { plugins: { chat: {} } }));

test('the log says which changes need a restart', reloadable(async ({ start, write, reload, says }) => {
  await start();
  await write({ server: { host: '127.0.0.1', port: 0, threads: 3 }, rooms: { members: 7 }, plugins: { chat: {} } });
  await reload();
  await says(/in use only after a restart: server\.threads, rooms\.members/);
}, { plugins: { chat: {} } }));

test('with plugins.watch, a changed configuration and a rebuilt library take effect by themselves', reloadable(async ({ start, join, put, write, says }) => {
  await put(path(bundled, 'chat.so'));
  const server = await start();
  const jane = await join({ nickname: 'Jane' });
  await put(path(bundled, 'chat.so'), 'chat.so', 'rebuilt');
  await says(/reloaded; plugins: chat\n/);
  const from = server.log().length;
  await write({ plugins: { watch: true, chat: { max_length: 3 } } });
  await says(/reloaded; plugins: chat\n/, from);
  jane.send('message', 'Hello!');
  assert.equal((await jane.next('error')).code, 'invalid');
}, { plugins: { watch: true, chat: {} } }));

test('with plugins.watch, a missing library is loaded as soon as it exists', reloadable(async ({ start, join, put, write, says }) => {
  const server = await start();
  await write({ plugins: { watch: true, chat: {}, probe: {} } });
  await says(/not reloaded[^]*there is no library probe\.so/);
  const from = server.log().length;
  await put(path(fixtures, 'probe.so'));
  await says(/reloaded; plugins: chat probe\n/, from);
  await join({ nickname: 'Jane' });
}, { plugins: { watch: true, chat: {} } }));

test('with plugins.watch, a changed script replaces the running one and keeps its state', reloadable(async ({ folder, start, join, says }) => {
  const script = (step) => writeFile(path(folder, 'count.lua'), `
    logged("count")
    state = { n = 0 }
    function on_message(sender, message)
      message.content = state.n + ${step}
      return broadcast(message)
    end
    function apply(entry) state.n = entry.content end
  `);
  await script(1);
  const server = await start();
  const jane = await join({ nickname: 'Jane' });
  const count = async () => {
    jane.send('count', null);
    return (await jane.next('count')).content;
  };
  assert.deepEqual([await count(), await count()], [1, 2]);
  await script(10);
  await says(/reloaded; plugins: script\n/);
  assert.equal(await count(), 12);
  const from = server.log().length;
  await writeFile(path(folder, 'count.lua'), 'logged("count"\n');
  await says(/not reloaded[^]*count\.lua:\d+/, from);
  assert.equal(await count(), 22);
}, { plugins: { watch: true, script: { files: ['count.lua'] } } }));

for (const type of ['sqlite', 'memory']) test(`hundreds of reloads with rebuilt plugins while people talk: nobody is dropped, no message is lost or repeated, and memory does not grow (${type})`, reloadable(async ({ start, join, put, reload }) => {
  const reloads = Number(process.env.HUBBUB_RUNS ?? (sanitized ? 10 : 30));
  for (const name of ['chat.so', 'kanban.so']) await put(path(bundled, name));
  const server = await start();
  const rooms = await Promise.all(['garden', 'kitchen', 'attic'].map((room) => Promise.all(['Jane', 'Bob'].map((nickname) => join({ nickname, room, id: `${nickname}-${room}` })))));
  let talking = true;
  const sent = rooms.map(() => 0);
  const talk = rooms.map(async ([jane], i) => {
    while (talking) {
      sent[i] += 1;
      const id = `task ${sent[i] % 20}`;
      if (sent[i] <= 20) jane.send('add_task', { id, title: 'Water the plants', column: 'To do' }, sent[i]);
      else if (sent[i] % 10 === 1) jane.send('move_task', { taskId: id, newColumn: sent[i] % 3 ? 'Done' : 'To do', position: 0 }, sent[i]);
      else jane.send('message', `${sent[i]}`, sent[i]);
      const answer = await jane.next(({ ref }) => ref === sent[i]);
      assert.notEqual(answer.type, 'error', JSON.stringify(answer));
    }
  });
  let early = 0;
  for (let i = 0; i < reloads; i += 1) {
    await put(path(bundled, 'chat.so'), 'chat.so', 'x'.repeat(i % 3));
    await put(path(bundled, 'kanban.so'), 'kanban.so', 'x'.repeat(i % 2));
    assert.match(await reload(), /reloaded; plugins: chat kanban/);
    if (i === Math.floor(reloads / 4)) early = await server.memory();
  }
  const late = await server.memory();
  talking = false;
  await Promise.all(talk);
  for (const [i, members] of rooms.entries()) {
    for (const member of members) {
      while (!member.received.some(({ ref }) => ref === sent[i])) await member.next();
      assert.equal(member.ended, undefined);
      const logged = member.received.filter(({ seq, type }) => seq !== undefined && type !== 'welcome');
      assert.deepEqual(logged.map(({ seq }) => seq), logged.map((_, at) => at + 1));
      assert.equal(logged.length, sent[i]);
    }
    const tasks = async () => (await (await join({ room: ['garden', 'kitchen', 'attic'][i] })).next('tasks_update')).content.map(({ id, column }) => [id, column]);
    const before = await tasks();
    assert.equal(before.length, 20);
    await reload();
    assert.deepEqual(await tasks(), before);
  }
  if (!sanitized) assert.ok(late < early * 1.3 + 8 * 2 ** 20, `it grew from ${early} to ${late} bytes over ${sent} messages`);
}, { store: { type, path: 'rooms.db', retention: { messages: 200 }, snapshot_every: 100 }, websocket: { rate: { messages: 100_000, burst: 100_000, size: '1GiB', burst_size: '1GiB' } }, plugins: { chat: {}, kanban: {} } }));
