// A plugin that ends the process.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { sanitized, startServer } from '../lib/server.mjs';

// Runs body with a folder in which servers are started one after another.
const mortal = (body, { deadly = {}, store = { path: 'rooms.db' } } = {}) => async () => {
  const folder = await mkdtemp(path(tmpdir(), 'hubbub-dying-'));
  const config = { server: { host: '127.0.0.1', port: 0, shutdown_timeout: '300ms' }, store, plugins: { directory: fixtures, limits: { hang: '200ms' }, chat: {}, deadly } };
  await writeFile(path(folder, 'config.yaml'), JSON.stringify(config));
  const servers = [];
  try {
    await body({
      folder,
      start: async () => {
        servers.push(await startServer({ folder, env: { ASAN_OPTIONS: 'handle_abort=0:detect_leaks=0' } }));
        return servers.at(-1);
      },
    });
  } finally {
    for (const server of servers) await server.crash();
    await rm(folder, { recursive: true });
  }
};
const deed = (how, where = 'on_message') => ({ in: where, how });
const lastLine = (server) => server.log().split('\n').find((line) => line.startsWith('hubbub ends by'));

test('however a plugin ends the process, the last line names the plugin, the room, the call and the type', mortal(async ({ start }) => {
  for (const [how, words, ends] of [
    ['segv', 'SIGSEGV', 'SIGSEGV'], ['bus', 'SIGBUS', 'SIGBUS'], ['fpe', 'SIGFPE', 'SIGFPE'], ['ill', 'SIGILL', 'SIGILL'],
    ['abort', 'SIGABRT', 'SIGABRT'], ['terminate', 'SIGABRT', 'SIGABRT'], ['overflow', 'SIGSEGV', 'SIGSEGV'],
    ['exit', 'exit()', 1], ['quick_exit', 'quick_exit()', 1], ...sanitized ? [] : [['_exit', '_exit()', 1]],
  ]) {
    const server = await start();
    const jane = await join(server, { room: 'cellar', nickname: 'Jane', id: 'jane' });
    jane.send('deed', deed(how), how);
    const ended = await server.ended();
    if (!sanitized) assert.equal(ended, ends, how);
    assert.equal(lastLine(server), `hubbub ends by ${words}: room=cellar plugin=deadly on_message type=deed`, how);
    jane.hangUp();
  }
}));

test('a fault on a thread that a plugin started is attributed to such a thread', mortal(async ({ start }) => {
  const server = await start();
  const jane = await join(server, { room: 'cellar', id: 'jane' });
  jane.send('deed', deed('thread'), 1);
  await server.ended();
  assert.equal(lastLine(server), 'hubbub ends by SIGSEGV: plugin=deadly on a thread of its own');
  jane.hangUp();
}));

test('a fault in a library’s code at the end of the process is reported', mortal(async ({ start }) => {
  const server = await start();
  const jane = await join(server, { room: 'cellar', id: 'jane' });
  jane.send('deed', deed('end'), 1);
  await jane.next('deed');
  server.process.kill('SIGTERM');
  await server.ended();
  jane.hangUp();
  assert.equal(lastLine(server), 'hubbub ends by SIGSEGV: plugin=deadly at the end of the process');
}));

for (const call of ['greet', 'snapshot', 'on_join', 'on_leave', 'on_open']) {
  test(`a process that ends in ${call} says so`, mortal(async ({ start }) => {
    const server = await start();
    const jane = await join(server, { room: 'cellar' }).catch(() => undefined);
    if (call === 'snapshot') {
      await jane.say('Hello!');
      server.process.kill('SIGTERM');
    }
    if (call === 'on_leave') {
      await jane.next('users_update');
      jane.hangUp();
    }
    await server.ended();
    jane?.hangUp();
    assert.equal(lastLine(server), `hubbub ends by SIGABRT: room=cellar plugin=deadly ${call}`);
  }, { deadly: { in: call, how: 'abort' } }));
}

test('a message that ended the server is refused when its sender sends it again, and nothing else is', mortal(async ({ start, folder }) => {
  for (const where of ['on_message', 'apply']) {
    const first = await start();
    let jane = await join(first, { room: 'cellar', nickname: 'Jane', id: 'jane' });
    jane.send('deed', deed('abort', where), `again ${where}`);
    await first.ended();
    jane.hangUp();

    const second = await start();
    assert.match(second.log(), /room=cellar plugin=deadly the server ended while it was working on a message of type=deed/);
    jane = await join(second, { room: 'cellar', nickname: 'Jane', id: 'jane' });
    for (let i = 0; i < 2; i += 1) {
      jane.send('deed', deed('abort', where), `again ${where}`);
      const { type, code, content, ref } = await jane.next('error');
      assert.deepEqual([type, code, ref], ['error', 'internal', `again ${where}`]);
      assert.match(content, /^the server ended while it was working on this message/);
    }
    for (const [member, content, ref] of [[jane, {}, 'another'], [jane, {}, undefined], [await join(second, { room: 'cellar', id: 'bob' }), {}, `again ${where}`],
      [jane, { in: 'nowhere' }, `again ${where}`]]) {
      member.send('deed', content, ref);
      assert.equal((await member.next(({ ref: its, type }) => type === 'deed' && its === ref)).type, 'deed');
      if (member !== jane) member.hangUp();
    }
    jane.hangUp();
    await second.stop();
  }
  assert.ok((await readdir(folder)).includes('rooms.db.crash'));
}));

test('a message without a ref that ended the server is recognised by its sender, type, content and room', mortal(async ({ start }) => {
  const first = await start();
  let jane = await join(first, { room: 'cellar', id: 'jane' });
  jane.send('whim', deed('segv'));
  await first.ended();
  jane.hangUp();
  const second = await start();
  jane = await join(second, { room: 'cellar', id: 'jane' });
  jane.send('whim', deed('segv'));
  assert.equal((await jane.next('error')).code, 'internal');
  const elsewhere = await join(second, { room: 'attic', id: 'jane' });
  for (const member of [jane, elsewhere]) {
    member.send('whim', { in: 'nowhere' });
    assert.deepEqual((await member.next('whim')).content, { in: 'nowhere' });
  }
  for (const member of [jane, elsewhere]) member.hangUp();
  await second.stop();
}));

test('nobody can get somebody else’s message refused by ending the server with the id and ref of that message', mortal(async ({ start }) => {
  for (const ref of ['published', undefined]) {
    const first = await start();
    const mallory = await join(first, { room: 'cellar', id: 'jane' });
    mallory.send('deed', deed('abort'), ref);
    await first.ended();
    mallory.hangUp();
    const second = await start();
    const jane = await join(second, { room: 'cellar', id: 'jane' });
    jane.send('deed', { text: 'her own' }, ref);
    assert.equal((await jane.next(({ type }) => type === 'deed' || type === 'error')).type, 'deed');
    jane.hangUp();
    await second.stop();
  }
}));

test('a message from which a plugin did not return is refused too', mortal(async ({ start }) => {
  const first = await start();
  let jane = await join(first, { room: 'cellar', id: 'jane' });
  jane.send('deed', deed('hang'), 'endless');
  await new Promise((resolve) => { first.process.stdout.on('data', () => /has not returned/.test(first.log()) && resolve()); });
  first.process.kill('SIGTERM');
  assert.equal(await first.ended(), 1);
  jane.hangUp();
  const second = await start();
  jane = await join(second, { room: 'cellar', id: 'jane' });
  jane.send('deed', deed('hang'), 'endless');
  assert.equal((await jane.next('error')).code, 'internal');
  jane.hangUp();
  await second.stop();
}));

test('a note that is damaged is ignored with one line', mortal(async ({ start, folder }) => {
  const first = await start();
  const jane = await join(first, { room: 'cellar', id: 'jane' });
  jane.send('deed', deed('abort'), 'again');
  await first.ended();
  jane.hangUp();
  const note = path(folder, 'rooms.db.crash');
  const whole = await readFile(note);
  const wrong = Buffer.from(whole);
  wrong[100] ^= 1;
  for (const damaged of [wrong, whole.subarray(0, 500), Buffer.from('rubbish'), Buffer.concat([whole, Buffer.from('x')]), Buffer.alloc(1_000_000)]) {
    await writeFile(note, damaged);
    const server = await start();
    assert.equal(server.log().match(/rooms\.db\.crash is damaged and is ignored/g)?.length, 1, `${damaged.length} bytes`);
    await server.stop();
  }
  const older = Buffer.from(whole);
  older.write('hubbub!1');
  await writeFile(note, older);
  const newer = await start();
  assert.match(newer.log(), /rooms\.db\.crash is from another version of hubbub and is ignored/);
  await newer.stop();
  await writeFile(note, '');
  const server = await start();
  assert.doesNotMatch(server.log(), /damaged/);
  await server.stop();
}));
