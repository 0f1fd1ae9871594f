// A plugin that does not return, or returns late.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { within } from '../lib/deadline.mjs';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { startServer } from '../lib/server.mjs';

const limits = { hang: '200ms' };

// Runs body with a server that has the plugin `deadly` and must end with this code; stops the server if the body has not.
const hanging = (body, { deadly = {}, code = 1, server: its = {}, ...config } = {}) => async () => {
  const server = await startServer({ config: { server: { shutdown_timeout: '300ms', threads: 4, ...its }, plugins: { directory: fixtures, limits, deadly }, ...config } });
  const clients = [];
  try {
    const says = (pattern, from = 0) => {
      const look = async () => {
        while (!pattern.test(server.log().slice(from))) {
          await new Promise((resolve) => {
            for (const stream of [server.process.stdout, server.process.stderr]) stream.once('data', resolve);
          });
        }
        return pattern.exec(server.log().slice(from))[0];
      };
      return within(look(), `the server to say ${pattern}`, { details: server.log });
    };
    // Tries to join the room; returns the HTTP status.
    const tries = (room) => within(new Promise((resolve) => {
      const socket = new WebSocket(`${server.ws}?room=${room}`, ['hubbub.v1']);
      clients.push({ hangUp: () => socket.terminate() });
      socket.on('error', () => {});
      socket.once('message', () => resolve(101));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
    }), `an answer in ${room}`, { details: server.log });
    await body({
      server,
      says,
      tries,
      health: async () => {
        const response = await fetch(`${server.url}/healthz`, { headers: { connection: 'close' } });
        return [response.status, await response.json()];
      },
      join: async (options) => {
        clients.push(await join(server, options));
        return clients.at(-1);
      },
    });
    server.process.kill('SIGTERM');
    assert.equal(await server.ended(), code, server.log());
  } finally {
    for (const client of clients) client.hangUp();
    await server.crash();
  }
};

test('a plugin that does not return is named repeatedly in the log, and by /healthz', hanging(async ({ server, says, health, join }) => {
  assert.deepEqual(await health(), [200, { status: 'ok' }]);
  const jane = await join({ room: 'stuck' });
  jane.send('deed', { in: 'on_message', how: 'hang' });
  await says(/\[error\] room=stuck plugin=deadly on_message type=deed has not returned since \d\d:\d\d:\d\d, for \d+s/);
  const [status, { calls: [call] }] = await health();
  assert.equal(status, 503);
  assert.deepEqual([call.plugin, call.call, call.type], ['deadly', 'on_message', 'deed']);
  await says(/\[error\] room=stuck plugin=deadly on_message type=deed has not returned/, server.log().length);
}));

test('while a plugin hangs, people can join rooms on other threads; on its thread they are turned away, also later', hanging(async ({ says, tries, join }) => {
  const jane = await join({ room: 'stuck' });
  jane.send('deed', { in: 'on_message', how: 'hang' });
  const early = Array.from({ length: 12 }, (_, i) => join({ room: `early ${i}` }).then(() => 101, () => 0));
  await says(/has not returned/);
  const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => tries(`late ${i}`)));
  assert.ok(answers.every((answer) => [101, 503].includes(answer)), answers.join());
  assert.ok(answers.filter((answer) => answer === 101).length >= 6, answers.join());
  assert.equal(await tries('stuck'), 503);
  await within(Promise.any(early), 'somebody who came before it was noticed');
}));

test('if a plugin returns after all, the log says so and everything goes on', hanging(async ({ says, health, tries, join }) => {
  const pipe = path(await mkdtemp(path(tmpdir(), 'hubbub-pipe-')), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const jane = await join({ room: 'stuck' });
  jane.send('deed', { in: 'apply', how: pipe }, 1);
  await says(/room=stuck plugin=deadly apply type=deed has not returned/);
  await writeFile(pipe, '');
  await rm(dirname(pipe), { recursive: true });
  assert.equal((await jane.next(({ ref }) => ref === 1)).type, 'deed');
  await says(/room=stuck plugin=deadly apply type=deed has returned, after \d+s/);
  assert.deepEqual(await health(), [200, { status: 'ok' }]);
  assert.equal(await tries('stuck'), 101);
}, { code: 0 }));

for (const call of ['greet', 'on_open', 'on_join', 'on_leave']) {
  test(`a server that is told to stop ends although a plugin hangs in ${call}, and says so`, hanging(async ({ server, says, join }) => {
    const jane = await join({ room: 'stuck' });
    if (call === 'on_leave') {
      await jane.next('users_update');
      jane.hangUp();
    }
    await says(new RegExp(`room=stuck plugin=deadly ${call} has not returned`));
    server.process.kill('SIGTERM');
    await says(new RegExp(`room=stuck plugin=deadly ${call} does not return, and server.shutdown_timeout is over`));
  }, { deadly: { in: call, how: 'hang' } }));
}

test('a plugin that hangs in what it does for the whole server holds up no room, not even its own, nor a reload', hanging(async ({ server, says, health, join }) => {
  await says(/\[error\] plugin=deadly on_server has not returned/);
  const [status, { calls: [call] }] = await health();
  assert.deepEqual([status, call.plugin, call.call], [503, 'deadly', 'on_server']);
  const jane = await join({ room: 'before' });
  await server.reload({ server: { shutdown_timeout: '300ms', threads: 4 }, plugins: { directory: fixtures, limits, deadly: {} } });
  await says(/\[info\] reloaded/);
  const others = await Promise.all(Array.from({ length: 24 }, (_, i) => join({ room: `on every thread ${i}` })));
  for (const person of [jane, ...others]) {
    assert.equal((await person.say('Hello!')).content, 'Hello!');
    person.send('deed', {}, 'done');
    assert.equal((await person.next(({ ref }) => ref === 'done')).type, 'deed');
  }
  server.process.kill('SIGTERM');
  await says(/plugin=deadly on_server does not return, and server.shutdown_timeout is over/);
}, { deadly: { in: 'on_server', how: 'hang' } }));

test('a server that reloads its configuration while a plugin hangs can still be stopped', hanging(async ({ server, says, join }) => {
  const jane = await join({ room: 'stuck' });
  jane.send('deed', { in: 'on_message', how: 'hang' });
  await says(/has not returned/);
  for (let i = 0; i < 3; i += 1) server.process.kill('SIGHUP');
  await says(/reading the configuration again/);
}));

test('a plugin that hangs in its constructor during a reload is named, and the rooms go on', hanging(async ({ server, says, join, health }) => {
  const jane = await join({ room: 'fine' });
  await server.reload({ server: { shutdown_timeout: '300ms', threads: 4 }, plugins: { directory: fixtures, limits, deadly: { in: 'its constructor', how: 'hang' } } });
  await says(/plugin=deadly its constructor has not returned/);
  assert.equal((await health())[0], 503);
  assert.equal((await jane.say('Hello!')).content, 'Hello!');
}));

for (const [first, second] of [['SIGTERM', 'SIGTERM'], ['SIGINT', 'SIGINT'], ['SIGTERM', 'SIGINT']]) {
  test(`told to stop for the second time, a server ends at once (${first}, ${second})`, hanging(async ({ server, says, join }) => {
    const jane = await join({ room: 'stuck' });
    jane.send('deed', { in: 'on_message', how: 'hang' });
    await says(/has not returned/);
    server.process.kill(first);
    await says(/stopping: closing/);
    server.process.kill(second);
    await says(/told to stop for the second time: it ends at once/);
    assert.equal(await server.ended(), 1);
  }, { server: { shutdown_timeout: '10m' } }));
}

test('a server whose only thread hangs says so when it is stopped, and ends; the next one can open the store', hanging(async ({ server, says, join }) => {
  const jane = await join({ room: 'stuck' });
  jane.send('deed', { in: 'on_message', how: 'hang' });
  await says(/has not returned/);
  server.process.kill('SIGTERM');
  assert.equal(await server.ended(), 1);
  const next = spawn(server.process.spawnfile, server.process.spawnargs.slice(1), { cwd: new URL('.', `file://${server.process.spawnargs[2]}`), stdio: ['ignore', 'pipe', 'pipe'] });
  await within(new Promise((resolve) => next.stdout.on('data', (text) => /listening/.test(text) && resolve())), 'the next server');
  next.kill('SIGTERM');
  await new Promise((resolve) => next.once('close', resolve));
}, { server: { threads: 1 } }));
