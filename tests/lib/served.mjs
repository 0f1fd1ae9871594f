// The stage of an end-to-end test: its own server, and clients that are disconnected when the test is over.
//
//   test('…', withServer(async ({ server, join, dial }) => {
//     const jane = await join({ nickname: 'Jane' });
//   }, { config: { rooms: { members: 2 } } }));
//
// The test also fails if the server does not end well.

import { join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { join } from './member.mjs';
import { startServer } from './server.mjs';
import { dial } from './wire.mjs';

export function withServer(body, { config = {}, env } = {}) {
  return async () => {
    const problems = [];
    const attempt = (action) => Promise.resolve().then(action).catch((problem) => problems.push(problem));
    await attempt(async () => {
      const server = await startServer({ config, env });
      const clients = [];
      const kept = async (client) => {
        clients.push(await client);
        return client;
      };
      await attempt(() => body({
        server,
        join: (options) => kept(join(server, options)),
        dial: () => kept(dial(server)),
      }));
      for (const client of clients) client.hangUp();
      await attempt(() => server.stop());
    });
    if (problems.length === 1) throw problems[0];
    if (problems.length > 1) throw new AggregateError(problems, problems.map((problem) => problem.stack).join('\n\n'));
  };
}

// The directory with the tests' own plugins, for `plugins.directory`.
export const fixtures = path(process.env.HUBBUB_BUILD || fileURLToPath(new URL('../../build/release', import.meta.url)), 'fixtures');
