// The content of a kanban board. It applies messages exactly as the server does, so that both end up with the same board. It ignores
// messages that add an existing task or change a missing one. So a page can apply its own changes before the server has them, and
// again when they come back.

// The string "17" and the number 17 name the same task.
export const keyOf = (content) => String(content.id ?? content.taskId);

export class Board {
  tasks = new Map(); // key -> the task, with its column
  columns = new Map(); // name -> the keys of its tasks, from top to bottom; none is empty

  constructor(list = []) {
    for (const task of list) this.apply('add_task', task);
  }

  copy() {
    const copy = new Board();
    copy.tasks = new Map(this.tasks);
    copy.columns = new Map([...this.columns].map(([name, keys]) => [name, [...keys]]));
    return copy;
  }

  apply(type, content) {
    const key = keyOf(content);
    const task = this.tasks.get(key);
    if ((type === 'add_task') === Boolean(task)) return;
    const { position, taskId, newColumn, version, ...fields } = content;
    if (type === 'delete_task') {
      this.#remove(key);
      this.tasks.delete(key);
    } else if (type === 'add_task') {
      this.#place(key, fields, fields.column, position);
    } else if (type === 'update_task') {
      const changed = { ...task, ...fields, id: task.id };
      if (position !== undefined || changed.column !== task.column) this.#place(key, changed, changed.column, position);
      else this.tasks.set(key, changed);
    } else {
      this.#place(key, task, newColumn, position);
    }
  }

  // The place of a task: { column, position }.
  placeOf(key) {
    const { column } = this.tasks.get(key);
    return { column, position: this.columns.get(column).indexOf(key) };
  }

  #place(key, task, column, position = Infinity) {
    if (this.tasks.has(key)) this.#remove(key);
    this.tasks.set(key, { ...task, column });
    if (!this.columns.has(column)) this.columns.set(column, []);
    this.columns.get(column).splice(position, 0, key);
  }

  #remove(key) {
    const { column } = this.tasks.get(key);
    const rest = this.columns.get(column).filter((other) => other !== key);
    if (rest.length) this.columns.set(column, rest);
    else this.columns.delete(column);
  }
}
