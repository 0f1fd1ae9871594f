import { converges } from '../lib/convergence.mjs';

const IDS = [1, '1', 2, '2', 'three', 'four', 'five'];
const COLUMNS = ['To do', 'Doing', 'Done', 'Later'];

// A page's view: the columns that have tasks.
class Board {
  columns = new Map(); // name → its tasks
  seq = 0;

  constructor({ send }) {
    this.send = send;
  }

  take({ type, content, seq }) {
    if (seq) this.seq = seq;
    if (type === 'tasks_update') this.show(content);
    if (type === 'add_task') this.#put(taskOf(content), content.column, content.position);
    if (type === 'task_moved') this.#put(this.#lift(content.taskId), content.newColumn, content.position);
    if (type === 'delete_task') this.#lift(content.id);
    if (type === 'update_task') this.#change(content);
    // Removed only now, so that a column keeps its position if its only task is moved within it.
    for (const [name, tasks] of this.columns) if (tasks.length === 0) this.columns.delete(name);
  }

  show(tasks) {
    this.columns.clear();
    for (const task of tasks) this.#put(task, task.column);
  }

  #change({ id, position, ...fields }) {
    const task = this.#all().find((one) => String(one.id) === String(id));
    Object.assign(task, fields);
    if (position !== undefined) this.#put(this.#lift(id), fields.column, position);
  }

  #all() { return [...this.columns.values()].flat(); }

  #lift(id) {
    for (const tasks of this.columns.values()) {
      const at = tasks.findIndex((task) => String(task.id) === String(id));
      if (at >= 0) return tasks.splice(at, 1)[0];
    }
    throw new Error(`there is no task ${id} on this page`);
  }

  #put(task, column, position = Infinity) {
    if (!this.columns.has(column)) this.columns.set(column, []);
    this.columns.get(column).splice(position, 0, Object.assign(task, { column }));
  }

  act(chance) {
    const id = chance.oneIn(3) || this.columns.size === 0 ? chance.of(IDS) : chance.of(this.#all()).id;
    const version = chance.oneIn(2) ? { version: this.seq } : {};
    const place = chance.oneIn(2) ? { position: chance.below(5) } : {};
    const column = chance.of(COLUMNS);
    switch (chance.below(10)) {
      case 0: return this.send('add_task', { title: `task ${chance.below(100)}`, column, ...place });
      case 1: case 2: return this.send('add_task', { id, title: 'one of few', column, ...place });
      case 3: return this.send('delete_task', { id, ...version });
      case 4: return this.send('update_task', { id, title: `title ${chance.below(100)}`, assignee: chance.of(['Jane', null]), ...version });
      case 5: return this.send('update_task', { id, column, [`extra${chance.below(12)}`]: chance.below(9), ...place, ...version });
      case 6: return this.ask();
      default: return this.send('move_task', { taskId: id, newColumn: column, ...place, ...version });
    }
  }

  // Only once: asking too often is refused.
  ask() {
    if (!this.asked) this.send('request_tasks');
    this.asked = true;
  }

  view() { return this.#all(); }
}

const taskOf = ({ position, ...fields }) => fields;

converges('kanban', Board);
