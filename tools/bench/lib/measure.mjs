// One measurement: starts a fresh server and a load against it. Returns the load's result, or an Error if the result
// cannot be trusted.

import { launch, processors, program, SERVERS, start } from './servers.mjs';

// The processors of server and load. They share processors only if there is just one, or if the experiment asks for it.
export function places(shared) {
  const all = processors();
  return shared || all.length === 1 ? { server: all.slice(0, 2), load: all.slice(0, 2), apart: false } : { server: [all[0]], load: [all[1]], apart: true };
}

export async function measure({ server: name, config, load }, { announced, shared, seconds, generator = [program('bench_load')] }) {
  const place = places(shared);
  const { protocol, presence = true } = SERVERS[name];
  const server = await start(name, { on: place.server, announced, config });
  try {
    const options = {
      ...load, seconds, 'warm-up': Math.min(1, seconds / 2), pid: server.pid, json: true,
      ...(protocol && { protocol }), ...(!presence && !announced && { 'no-presence': true }),
    };
    const result = await generate(generator, `ws://127.0.0.1:${server.port}`, options, place.load, server.log);
    check(name, result, place, load.senders === 0 || load.connections === 0 ? 0 : seconds);
    return result;
  } finally {
    await server.stop();
  }
}

async function generate(generator, url, options, on, log) {
  const words = Object.entries(options).flatMap(([option, value]) => (value === true ? [`--${option}`] : [`--${option}`, String(value)]));
  const { child, ended } = launch(on, [...generator, url, ...words]);
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { err += text; });
  const how = await ended;
  if (out === '') throw new Error(`${generator.join(' ')} ${url} ${words.join(' ')}\nended with ${how}\n${err}\nthe server said:\n${log()}`);
  return JSON.parse(out);
}

function check(name, result, { server, apart }, seconds) {
  const facts = ({ lost, disordered, refused, refusal, closed, untimed }) => JSON.stringify({ lost, disordered, refused, refusal, closed, untimed });
  if (!result.sound) throw new Error(`${name} did not do its work: ${facts(result)}`);
  if (seconds > 0 && result.delivered === 0) throw new Error(`${name} delivered nothing in ${seconds} s; --seconds N measures for longer`);
  if (apart && (!result.server.apart || String(result.server.processors) !== String(server))) {
    throw new Error(`${name} could not be kept on processor ${server}: it runs on ${result.server.processors}`);
  }
}
