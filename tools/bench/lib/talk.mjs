// The messages of people in a soak: every type that clients send, as a page would send it.

const pick = (values) => values[Math.floor(Math.random() * values.length)];
const upTo = (most) => Math.floor(Math.random() * most);
const colours = ['#cc3333', '#33cc33', '#3333cc'];
const columns = ['To do', 'Doing', 'Done'];

let tasks = 0;
const task = () => `task-${Math.max(1, tasks - upTo(100))}`; // refused if the task is not in that room

const kinds = [
  [20, () => ['message', `number ${upTo(1e9)} ${'x'.repeat(upTo(500))}`]],
  [4, () => ['typing', Math.random() < 0.5]],
  [10, () => ['draw', { points: Array.from({ length: 2 + upTo(20) }, () => [upTo(1000), upTo(1000)]), color: pick(colours), size: 3 }]],
  [0.1, () => ['clear']],
  [20, () => ['cursor_move', { x: upTo(1000), y: upTo(1000), color: pick(colours) }]],
  [5, () => ['cursor_update', { cursor: upTo(1000) }]],
  [5, () => ['selection_update', { from: upTo(100), to: 100 + upTo(100) }]],
  [5, () => ['code_update', 'const x = 1;\n'.repeat(1 + upTo(50))]],
  [3, () => ['add_task', { id: `task-${++tasks}`, title: 'a task', column: pick(columns) }]],
  [3, () => ['move_task', { taskId: task(), newColumn: pick(columns) }]],
  [3, () => ['delete_task', { id: task() }]],
  [1, () => ['request_tasks']],
  [10, () => cell(upTo(100), upTo(10))],
  [1, () => ['request_data']],
];
const cell = (row, col) => ['cell_update', { id: `${row}-${col}`, row, col, value: pick(['1', 'text', '=A1+1', '']) }];
const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);

// [type, content]
export function something() {
  let at = Math.random() * weights;
  return kinds.find(([weight]) => (at -= weight) < 0)[1]();
}
