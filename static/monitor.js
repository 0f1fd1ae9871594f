// The monitor page: draws the server's figures as charts, and describes them in words. Its elements are in monitor.html.

import { avatar, enterRoom, make } from './lib/room.js';
import { uPlot } from './vendor/uplot.js';

const SPAN = 5 * 60_000; // ms: the time that the charts show …
const LEAST_SPAN = 60_000; // … and the shortest time, at the beginning
const LEAST_GAP = 2000; // ms: a shorter time without figures is not shown as a gap
const PATIENCE = 8000; // ms without figures after which the page says why there may be none

const short = (number) => number.toLocaleString('en', { maximumFractionDigits: number < 10 ? 1 : 0 });
const percent = (number) => `${short(number)} %`;
const count = (number) => short(number);
const average = (number) => number.toLocaleString('en', { maximumFractionDigits: 2 });
const rate = (number) => `${short(number)} /s`;
const bytes = (number) => {
  const power = number < 1 ? 0 : Math.min(4, Math.floor(Math.log10(number) / 3));
  return `${short(number / 1000 ** power)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
};
const bytesRate = (number) => `${bytes(number)}/s`;

// The charts: section, title, number format, and the figures with their labels. The axis reaches at least up to `top`.
const CHARTS = [
  ['machine', 'Processor', percent, { cpu: 'busy' }, { top: 100 }],
  ['machine', 'Memory and disk', percent, { memory: 'memory in use', disk: 'disk in use' }, { top: 100 }],
  ['machine', 'Network', bytesRate, { received: 'received', sent: 'sent' }, { top: 1000 }],
  ['machine', 'Load', average, { load1: '1 minute', load5: '5 minutes', load15: '15 minutes' }, { top: 1 }],
  ['server', 'Connections and rooms', count, { connections: 'connections', rooms: 'rooms' }, { top: 4 }],
  ['server', 'Messages', rate, { messages: 'accepted', deliveries: 'passed on' }, { top: 10 }],
  ['server', 'Server’s processor time', percent, { server_cpu: 'of one processor' }, { top: 10 }],
  ['server', 'Server’s memory', bytes, { server_memory: 'in use' }, { top: 1_000_000 }],
];
const STROKES = ['first', 'second', 'third'];
const DASHES = [undefined, [7, 4], [2, 3]];

const byId = (id) => document.getElementById(id);
const names = ['ts', ...CHARTS.flatMap(([, , , figures]) => Object.keys(figures))];
const past = Object.fromEntries(names.map((name) => [name, []])); // a list for each figure; null marks a gap
const colors = {};
let newest; // the content of the last system_metrics
const charts = CHARTS.map(addChart);
takeColors();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', takeColors);

const hub = await enterRoom();
hub.on('metrics_history', ({ content }) => {
  if (!content.ts.length) return;
  // Keeps older figures that this page has: the server may have been restarted.
  const older = past.ts.filter((ts) => ts < content.ts[0]).length;
  for (const name of names) past[name].splice(older);
  content.ts.forEach((_, i) => keep((name) => content[name]?.[i]));
  show();
});
hub.on('system_metrics', ({ content }) => {
  if (content.ts <= past.ts.at(-1)) return;
  keep((name) => content[name]);
  newest = content;
  show();
  byId('connected').hidden = false; // a `connected` message comes before the first figures, or never
});
// Asks for figures once per connection, and again when the server's plugins change: the monitor may be a new one.
for (const news of ['welcome', 'types']) {
  hub.on(news, () => { if (hub.types.includes('request_metrics')) hub.send('request_metrics').catch(() => {}); });
}
hub.on('connected', ({ content }) => showConnected(content));
setTimeout(() => { byId('empty').textContent = 'No figures have come yet. The server sends them only if its monitor plugin is on, and on for this room.'; }, PATIENCE);

function keep(figure) {
  const { ts } = past;
  const now = figure('ts');
  // A time without figures is shown as a gap, not as a line across it.
  const usual = ts.length > 1 ? ts.at(-1) - ts.at(-2) : Infinity;
  if (ts.length > 1 && past.cpu.at(-1) !== null && past.cpu.at(-2) !== null && now - ts.at(-1) > Math.max(LEAST_GAP, 4 * usual)) {
    for (const name of names) past[name].push(name === 'ts' ? ts.at(-1) + 1 : null);
  }
  for (const name of names) past[name].push(figure(name) ?? null);
  const outdated = ts.findIndex((time) => time >= now - SPAN);
  for (const name of names) past[name].splice(0, outdated);
}

// Draws the page soon. Drawing and painting take at most half of the time: if figures come faster than this machine can draw
// them, several of them are drawn at once, and the page goes on answering.
let waiting = false;
let isDue = false;
function show() {
  isDue = true;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    const began = performance.now();
    isDue = false;
    draw();
    setTimeout(() => { // runs once the browser has painted
      setTimeout(() => {
        waiting = false;
        if (isDue) show();
      }, performance.now() - began);
    });
  });
}

function draw() {
  byId('empty').hidden = true;
  byId('machine').hidden = byId('server').hidden = false;
  // Makes the content of the canvas countable, for tests.
  Object.assign(byId('figures').dataset, { samples: past.cpu.filter((cpu) => cpu !== null).length, gaps: past.cpu.filter((cpu) => cpu === null).length });
  for (const { plot, write, figures, describe } of charts) {
    plot.setData([past.ts, ...figures.map((name) => past[name])]);
    if (!isPointedAt(plot)) write(); // otherwise the chart calls it once it knows what is under the pointer
    describe();
  }
  if (!newest) return; // only older figures have come yet
  byId('uptime').textContent = `up for ${duration(newest.uptime)}`;
  showPlugins(newest.plugins);
}

// --- Charts

function addChart([section, title, format, labels, { top }]) {
  const figure = byId('chart').content.firstElementChild.cloneNode(true);
  const [time, list, box] = ['time', 'dl', '.plot'].map((selector) => figure.querySelector(selector));
  figure.querySelector('h3').textContent = title;
  const figures = Object.keys(labels);
  const values = figures.map((name) => {
    const entry = make('div');
    const value = make('dd', '', '–');
    entry.append(make('dt', '', labels[name]), value);
    list.append(entry);
    return value;
  });
  byId(section).querySelector('.charts').append(figure);

  const axis = { stroke: () => colors.muted, font: '12px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: () => colors.line, width: 1 } };
  const plot = new uPlot({
    width: 300,
    height: 132,
    ms: 1,
    padding: [8, 30, 0, 0],
    legend: { show: false },
    // The chart's own cursor line may be between two measurements, so ours replaces it: it is at the measurement whose values are shown.
    cursor: { x: false, y: false, drag: { x: false, y: false }, sync: { key: 'monitor' }, dataIdx: (_, series, index) => measured(index) },
    hooks: { setCursor: [() => write()] },
    scales: {
      x: { time: true, range: (_, from, to) => [to - Math.min(SPAN, Math.max(LEAST_SPAN, to - from)), to] },
      y: { range: (_, from, to) => [0, Math.max(top, to * 1.1 || 0)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: (_, index, from, to) => (to - from > 2 * LEAST_SPAN ? 38 : 64), // at the beginning the times have seconds
        values: (_, times, index, space, step) => times.map((ts) => clock(ts, step < 60_000)),
      },
      { ...axis, size: 62, space: 34, values: (_, marks) => marks.map(format) },
    ],
    series: [{}, ...figures.map((name, i) => ({
      stroke: () => colors[STROKES[i]],
      fill: i === 0 ? () => colors['first-soft'] : undefined,
      dash: DASHES[i],
      width: 2,
      points: { show: false },
    }))],
  }, [[], ...figures.map(() => [])], box);
  const line = make('div', 'at');
  plot.over.append(line);
  new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: box.clientHeight })).observe(box);

  // Writes the values: those under the pointer, or else the newest.
  function write() {
    const pointed = isPointedAt(plot);
    const at = pointed ? measured(plot.cursor.idx) : past.ts.length - 1;
    time.textContent = pointed ? clock(past.ts[at], true) : '';
    line.hidden = !pointed;
    if (pointed) line.style.translate = `${plot.valToPos(past.ts[at], 'x')}px`;
    figures.forEach((name, i) => { values[i].textContent = written(past[name][at]); });
  }
  const written = (number) => (typeof number === 'number' ? format(number) : '–');

  // Describes the chart for screen readers.
  function describe() {
    const minutes = Math.max(1, Math.round((past.ts.at(-1) - past.ts[0]) / 60_000));
    const parts = figures.map((name) => {
      const known = past[name].filter((number) => number !== null);
      return `${labels[name]} ${written(known.at(-1))}, between ${written(Math.min(...known))} and ${written(Math.max(...known))}`;
    });
    box.ariaLabel = `${title} in the last ${minutes === 1 ? 'minute' : `${minutes} minutes`}: ${parts.join('; ')}.`;
  }

  return { plot, figures, write, describe };
}

function isPointedAt(plot) {
  return plot.cursor.left >= 0 && Number.isInteger(plot.cursor.idx);
}

// The index of a measurement: in a gap, of the last one before it.
function measured(index) {
  return past.cpu[index] === null ? index - 1 : index;
}

// In 24 hours in every language, so that there is space for it at the axis.
function clock(ts, seconds) {
  return new Date(ts).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: seconds ? '2-digit' : undefined });
}

// Reads the stylesheet's colours, which a canvas cannot use by itself.
function takeColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['muted', 'line', 'first-soft', ...STROKES]) colors[name] = style.getPropertyValue(`--${name}`).trim();
  for (const { plot } of charts) plot.redraw();
}

// --- Tables

function showPlugins(times) {
  const most = Math.max(1, ...Object.values(times)); // percent; at least 1, so that small shares look small
  byId('plugins').replaceChildren(...Object.entries(times).map(([name, time]) => {
    const row = make('tr');
    const head = make('th', '', name);
    head.scope = 'row';
    const cell = make('td');
    cell.style.setProperty('--share', time / most);
    cell.append(make('span', '', `${time.toLocaleString('en', { maximumFractionDigits: 2 })} %`));
    row.append(head, cell);
    return row;
  }));
}

let connected; // the content that is shown, as JSON
function showConnected({ rooms, more }) {
  if (connected === (connected = JSON.stringify([rooms, more]))) return; // unchanged: leaves the table alone
  byId('connected-off').hidden = true;
  byId('more-rooms').textContent = more ? `in the ${rooms.length} fullest rooms; there are ${more} more` : '';
  byId('crowds').replaceChildren(...rooms.map(({ name, members, people }) => {
    const row = make('tr');
    const head = make('th', '', name);
    head.scope = 'row';
    if (name === hub.room) head.append(make('small', '', 'this room'));
    const list = make('ul');
    list.role = 'list';
    list.append(...people.map((person) => {
      const item = make('li');
      item.append(avatar(person), make('span', 'label', person));
      return item;
    }));
    if (members > people.length) list.append(make('li', 'more', `and ${members - people.length} more`));
    const cell = make('td');
    cell.append(list);
    row.append(head, make('td', 'count', count(members)), cell);
    return row;
  }));
}

function duration(seconds) {
  const [unit, length] = [['day', 86_400], ['hour', 3600], ['minute', 60]].find(([, size]) => seconds >= size) ?? ['second', 1];
  const number = Math.floor(seconds / length);
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
