// A room's content survives a change of the options under which it was made.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { join } from '../lib/member.mjs';
import { startServer } from '../lib/server.mjs';

// Runs each of `steps`, [options, async (john) => …], with a new server on the room that the previous one left.
const reconfigured = (plugin, ...steps) => async () => {
  const folder = await mkdtemp(path(tmpdir(), 'hubbub-options-'));
  try {
    for (const [options, step] of steps) {
      const server = await startServer({ config: { store: { path: path(folder, 'rooms.db') }, plugins: { [plugin]: options } } });
      const john = await join(server, { nickname: 'John' });
      await step(john);
      john.hangUp();
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('a sheet that exceeds new limits can be cleared but not filled', reconfigured('spreadsheet',
  [{}, async (john) => {
    john.send('cells_update', { row: 0, col: 0, values: [['x'.repeat(600), 'x'.repeat(600), 3]] });
    await john.next('cells_update');
  }],
  [{ max_cells: 1, max_text: '1KiB' }, async (john) => {
    assert.equal((await john.next('full_update')).content.length, 3);
    john.send('cell_update', { id: '5-5', value: 1 });
    assert.match((await john.next('error')).content, /at most 1 cells/);
    john.send('cell_update', { id: '0-2', value: 'longer' });
    assert.match((await john.next('error')).content, /at most 1024 bytes/);
    for (const [id, value] of [['0-0', 'y'.repeat(590)], ['0-2', 4], ['0-1', '']]) {
      john.send('cell_update', { id, value });
      assert.equal((await john.next('cell_update')).content.value, value);
    }
  }]));

test('a task in a column that was removed stays there, behind the other columns, until somebody moves it', reconfigured('kanban',
  [{ columns: ['Later', 'To do'] }, async (john) => {
    for (const column of ['Later', 'To do']) john.send('add_task', { id: column, title: 'Water the plants', column });
    await john.next(({ type, content }) => type === 'add_task' && content.id === 'To do');
  }],
  [{ columns: ['To do', 'Done'] }, async (john) => {
    assert.deepEqual((await john.next('tasks_update')).content.map(({ column }) => column), ['To do', 'Later']);
    john.send('move_task', { taskId: 'To do', newColumn: 'Later' });
    assert.match((await john.next('error')).content, /^content.newColumn: must be one of "To do", "Done"/);
    john.send('update_task', { id: 'Later', title: 'Feed the cat' });
    await john.next('update_task');
    john.send('move_task', { taskId: 'Later', newColumn: 'Done' });
    assert.equal((await john.next('task_moved')).content.position, 0);
  }]));

test('a board that exceeds a new limit keeps its content, and accepts more once there is room', reconfigured('draw',
  [{}, async (john) => {
    for (const x of [5000, 6000]) john.send('draw', { points: [[x, 1], [x, 2], [x, 3]], color: '#f80', size: 50 });
    await john.next(({ content }) => content.points?.[0][0] === 6000);
  }],
  [{ width: 100, max_size: 10, max_points: 2, max_board: 4 }, async (john) => {
    for (const x of [5000, 6000]) assert.equal((await john.next('draw')).content.points[0][0], x);
    john.send('draw', { points: [[1, 1]], color: '#f80' });
    assert.match((await john.next('error')).content, /full/);
    john.send('clear');
    await john.next('clear');
    john.send('draw', { points: [[1, 1]], color: '#f80' });
    await john.next('draw');
  }]));
