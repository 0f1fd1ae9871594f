// Pages that were written for the framework that this server reimplements: their messages, with all quirks, are accepted, and the
// messages they wait for arrive, in the plain dialect.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '../lib/served.mjs';

const everything = { config: { plugins: { draw: {}, cursor_move: {}, code_update: {}, kanban: {}, spreadsheet: {}, monitor: { interval: '250ms' } } } };

// Sends `content` as Jane and returns what Bob receives; both are in a new room.
const exchange = (join) => {
  let rooms = 0;
  return async (type, content) => {
    const room = `room${++rooms}`;
    const jane = await join({ id: 'jane', nickname: 'Jane', room, protocols: [] });
    const bob = await join({ id: 'bob', nickname: 'Bob', room, protocols: [] });
    await jane.next(({ type: its, content: here }) => its === 'users_update' && here.length === 2);
    jane.socket.send(JSON.stringify({ type, content, room: 'elsewhere', nickname: 'Mallory' }));
    const seen = await bob.next(type);
    assert.deepEqual([seen.nickname, seen.room], ['Jane', room]);
    return seen.content;
  };
};

test('drawing: sizes as text, a nickname inside, any empty content for clear', withServer(async ({ join }) => {
  const pass = exchange(join);
  const line = { fromX: 1.5, fromY: 2, toX: 3, toY: 4, color: '#ff0000', size: '5', nickname: 'Mallory' };
  assert.deepEqual(await pass('draw', line), { ...line, nickname: 'Jane' });
  assert.deepEqual(await pass('draw', { fromX: 1, fromY: 2, toX: 3, toY: 4, color: '#f00' }), { fromX: 1, fromY: 2, toX: 3, toY: 4, color: '#f00' });
  for (const nothing of [undefined, null, {}, '']) assert.equal(await pass('clear', nothing), null);
}, everything));

test('cursors: nickname and id come from the connection', withServer(async ({ join }) => {
  const pass = exchange(join);
  for (const [type, content] of [
    ['cursor_move', { x: 10, y: 20, color: '#00ff00' }],
    ['cursor_move', { toX: 10.25, toY: 20 }],
    ['cursor_update', { cursor: 12, color: '#abc' }],
    ['cursor_update', { cellId: '3-4' }],
    ['selection_update', { from: 3, to: 9 }],
  ]) {
    const seen = await pass(type, { ...content, nickname: 'Mallory' });
    assert.deepEqual({ ...seen, id: undefined }, { ...content, nickname: 'Jane', id: undefined });
  }
}, everything));

test('code: a text, or a text with its language', withServer(async ({ join }) => {
  const pass = exchange(join);
  assert.equal(await pass('code_update', 'let a = 1;\r\n'), 'let a = 1;\r\n');
  assert.deepEqual(await pass('code_update', { code: 'a = 1', language: 'python' }), { code: 'a = 1', language: 'python' });
}, everything));

test('kanban: ids as the page made them, moves come back as task_moved', withServer(async ({ join }) => {
  const pass = exchange(join);
  const added = await pass('add_task', { id: 1763866800123, title: 'Write', description: '', column: 'todo', assignee: 'Jane', priority: 'high' });
  assert.deepEqual([added.id, added.title, added.column, added.assignee, added.priority], [1763866800123, 'Write', 'todo', 'Jane', 'high']);
  assert.ok((await pass('add_task', { title: 'Write', column: 'In Progress' })).id, 'the server makes one');

  const jane = await join({ id: 'jane', nickname: 'Jane', room: 'board', protocols: [] });
  jane.send('request_tasks');
  assert.deepEqual((await jane.next('tasks_update')).content, []);
  jane.send('add_task', { id: 17, title: 'Write', column: 'todo' });
  await jane.next('add_task');
  jane.send('move_task', { taskId: '17', newColumn: 'done' }); // a string, from the DOM
  const moved = await jane.next('task_moved');
  assert.deepEqual(moved.content, { taskId: '17', newColumn: 'done', position: 0 });
  jane.send('update_task', { id: 17, title: 'Rewrite' });
  assert.equal((await jane.next('update_task')).content.title, 'Rewrite');
  const bob = await join({ id: 'bob', nickname: 'Bob', room: 'board', protocols: [] });
  bob.send('request_tasks', {});
  const [task, ...others] = (await bob.next(({ type, content }) => type === 'tasks_update' && content.length)).content;
  assert.deepEqual([task.id, task.title, task.column, others], [17, 'Rewrite', 'done', []]);
  jane.send('delete_task', { id: 17 });
  await jane.next('delete_task');
}, everything));

test('spreadsheet: row and column as text, and everything on request', withServer(async ({ join }) => {
  const pass = exchange(join);
  assert.deepEqual(await pass('cell_update', { id: '2-3', value: '=A1+1', row: '2', col: '3' }), { id: '2-3', value: '=A1+1', row: 2, col: 3 });
  const jane = await join({ id: 'jane', nickname: 'Jane', room: 'sheet', protocols: [] });
  jane.send('cell_update', { id: '0-1', value: 'b' });
  await jane.next('cell_update');
  jane.send('request_data');
  assert.deepEqual((await jane.next('full_update')).content, [{ id: '0-1', value: 'b', row: 0, col: 1 }]);
}, everything));

test('monitor: percentages come without asking', withServer(async ({ join }) => {
  for (const room of ['monitor', 'system_monitor']) {
    const jane = await join({ id: 'jane', nickname: 'Jane', room, protocols: [] });
    const { content } = await jane.next('system_metrics');
    for (const name of ['cpu', 'memory', 'disk']) assert.ok(content[name] >= 0 && content[name] <= 100, name);
  }
}, everything));

test('chat: a page that shows every message gets only presence and chat messages', withServer(async ({ join }) => {
  const watcher = await join({ nickname: 'Watcher', room: 'system_monitor', protocols: [] });
  const jane = await join({ nickname: 'Jane', protocols: [] });
  const bob = await join({ nickname: 'Bob' });
  bob.send('request_metrics');
  bob.send('request_tasks');
  bob.send('request_data');
  await bob.next('full_update');
  // Waits for a few measurements.
  for (const member of [bob, watcher]) for (let i = 0; i < 4; i += 1) await member.next('system_metrics');
  jane.send('message', 'Hello!');
  await jane.next('message');
  assert.deepEqual([...new Set(jane.received.map(({ type }) => type))].sort(), ['message', 'system', 'users_update']);
}, { config: { plugins: { ...everything.config.plugins, chat: {} } } }));

test('a colour may be a hexadecimal number with any number of digits', withServer(async ({ join }) => {
  const pass = exchange(join);
  for (const [type, place] of [['draw', { fromX: 1, fromY: 2, toX: 3, toY: 4 }], ['cursor_move', { toX: 1, toY: 2 }], ['cursor_update', { cellId: '1-2' }]]) {
    for (const [number, color] of [[0, '#000000'], [0xff, '#0000ff'], [0xabcde, '#0abcde'], [0xabcdef, '#abcdef']]) {
      assert.equal((await pass(type, { ...place, color: `#${number.toString(16)}` })).color, color);
    }
    for (const color of ['#abc', '#abcd']) assert.equal((await pass(type, { ...place, color })).color, color); // CSS has these
  }
}, everything));
