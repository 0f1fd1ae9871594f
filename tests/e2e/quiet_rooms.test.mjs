// Anybody can open rooms, so a room in which nobody has said anything must cost little: no plugin has an object in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';
import { sanitized } from '../lib/server.mjs';

const rooms = sanitized ? 50 : 1000;
const most = 3000; // bytes of each room, with its member's connection and the allocator's overhead

const plugins = { chat: {}, code_update: {}, cursor_move: {}, draw: {}, kanban: {}, monitor: {}, script: {}, spreadsheet: {} };

test(`an open room in which nothing was said takes ${most} bytes at most, with all plugins`, withServer(async ({ server, dial }) => {
  const enter = async (room) => {
    const wire = await dial();
    const { status } = await wire.upgrade(`?nickname=John&room=${room}`);
    assert.equal(status, 101);
    for (let text = ''; !text.includes('John joined the room');) ({ text } = await wire.next());
  };
  await Promise.all(Array.from({ length: 50 }, (_, i) => enter(`before-${i}`))); // memory that is only allocated once
  const before = await server.memory();
  for (let i = 0; i < rooms; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => enter(`quiet-${i + k}`)));
  const each = (await server.memory() - before) / rooms;
  if (!sanitized) assert.ok(each < most, `${each} bytes each`);
}, { config: { plugins, server: { threads: 1 } } }));

test('empty rooms make way for others, on every thread', withServer(async ({ join }) => {
  for (let i = 0; i < 60; ++i) {
    const guest = await join({ room: `left-${i}` });
    await guest.say('I was here');
    await guest.leave();
  }
  const here = [];
  for (let i = 0; i < 60; ++i) {
    here.push(await join({ room: `new-${i}` }));
    await here[i].next('welcome');
  }
  for (const member of here) await member.say('Still here');
}, { config: { plugins: { chat: {} }, server: { threads: 2 }, rooms: { open: 60, grace: '10m' } } }));
