// tools/bench/compare: reads the arguments, runs the rounds, prints the table, and writes JSON and the chart.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { chart } from './chart.mjs';
import { measure, places } from './measure.mjs';
import { prepare, SERVERS } from './servers.mjs';
import { betweenServers, withCompression, withShards, withSlowReaders, withTyping, WORKLOADS } from './workloads.mjs';

function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      workload: { type: 'string' }, servers: { type: 'string', default: Object.keys(SERVERS).join() },
      compression: { type: 'boolean' }, shards: { type: 'boolean' }, slow: { type: 'boolean' }, typing: { type: 'boolean' },
      rounds: { type: 'string', default: '5' }, seconds: { type: 'string' }, scale: { type: 'string', default: '1' },
      json: { type: 'string' }, svg: { type: 'string' },
    },
  });
  const names = (option, all, fallback) => {
    const chosen = values[option]?.split(',') ?? fallback;
    const unknown = chosen.find((name) => !all.includes(name));
    if (unknown !== undefined) throw new Error(`--${option} ${unknown}: there are ${all.join(', ')}`);
    return chosen;
  };
  values.seconds ??= values.slow ? '15' : '5'; // it takes a while until slow readers are noticed
  const number = (option) => {
    if (!(Number(values[option]) > 0)) throw new Error(`--${option} ${values[option]}: must be a number above 0`);
    return Number(values[option]);
  };
  const workloads = (...fallback) => names('workload', Object.keys(WORKLOADS), fallback);
  const servers = [...new Set(['limit', ...names('servers', Object.keys(SERVERS))])];
  const itself = values.compression || values.shards || values.slow || values.typing;
  const experiments = values.compression ? withCompression(workloads('fanout', 'small', 'chatty'))
    : values.shards ? withShards(workloads('fanout', 'small'))
      : values.slow ? withSlowReaders()
        : values.typing ? withTyping()
          : betweenServers(workloads(...Object.keys(WORKLOADS)), servers);
  return {
    experiments, servers: itself ? ['hubbub'] : servers, rounds: Math.ceil(number('rounds')), seconds: number('seconds'),
    scale: number('scale'), json: values.json, svg: values.svg,
  };
}

const scaled = (load, scale) => Object.fromEntries(Object.entries(load).map(([option, value]) =>
  [option, ['connections', 'rooms', 'idle', 'slow'].includes(option) && value > 0 ? Math.max(1, Math.round(value * scale)) : value]));

// Runs each case once a round, each time beginning with another one.
async function run(experiment, { rounds, seconds, scale }) {
  const results = experiment.cases.map(() => []);
  for (let round = 0; round < rounds; ++round) {
    for (let i = 0; i < experiment.cases.length; ++i) {
      const which = (round + i) % experiment.cases.length;
      const { load, ...rest } = experiment.cases[which];
      process.stderr.write(`${experiment.name}: round ${round + 1} of ${rounds}, ${rest.name}\n`);
      results[which].push(await measure({ ...rest, load: scaled({ ...experiment.load, ...load }, scale) }, { ...experiment, seconds }));
    }
  }
  return results;
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
};

function figuresOf({ name, title, base, figures, cases }, results) {
  const bases = results[cases.findIndex((each) => each.name === base)];
  return figures.flatMap((figure) => cases.map((each, i) => {
    const ratios = results[i].map((result, round) => figure.of(result) / figure.of(bases[round])).sort((a, b) => a - b);
    return {
      workload: name, title, figure: figure.name, digits: figure.digits, case: each.name, base: each.name === base,
      value: median(results[i].map(figure.of)), ratio: median(ratios), lowest: ratios[0], highest: ratios.at(-1),
      ...(each.name !== base && figure.limits?.[each.server] && { atMost: figure.limits[each.server] }),
      generatorFull: results[i].some(({ generator }) => generator.full),
    };
  }));
}

function table(figures) {
  const lines = [];
  let heading;
  for (const figure of figures) {
    const under = `${figure.title}: ${figure.figure}`;
    if (under !== heading) lines.push('', under);
    heading = under;
    const missed = figure.ratio > figure.atMost;
    lines.push([
      `  ${figure.case.padEnd(14)}`, figure.value.toFixed(figure.digits).padStart(10),
      figure.base ? '' : `${figure.ratio.toFixed(2).padStart(7)}  (${figure.lowest.toFixed(2)} to ${figure.highest.toFixed(2)})`,
      figure.atMost ? `  ${missed ? 'MORE THAN' : 'at most'} ${figure.atMost.toFixed(2)}` : '',
      figure.generatorFull ? '  the generator was full' : '',
    ].join(''));
  }
  return lines.join('\n');
}

export async function main(args) {
  const options = read(args);
  prepare(options.servers);
  const place = places(options.experiments[0].shared);
  const where = place.apart ? `server on processor ${place.server}, load on ${place.load}`
    : `server and load share processor ${place.server.join(' and ')}`;
  const model = /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? cpus()[0]?.model;
  const { rounds, seconds, scale } = options;
  console.log(`${rounds} rounds of ${seconds} s, medians and the range of the ratios; ${where}; ${model}, Linux ${release()}`);
  if (!place.apart && !options.experiments[0].shared) console.log('there is one processor: what the load costs the server blurs every figure');
  if (scale !== 1) console.log(`people and rooms times ${scale}`);

  const figures = [];
  const runs = {};
  for (const experiment of options.experiments) {
    const results = await run(experiment, options);
    runs[experiment.name] = Object.fromEntries(experiment.cases.map(({ name }, i) => [name, results[i]]));
    const found = figuresOf(experiment, results);
    figures.push(...found);
    console.log(table(found));
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ model, linux: release(), rounds, seconds, scale, place, figures, runs }, null, 1)}\n`);
  if (options.svg) writeFileSync(options.svg, chart(figures));
}
