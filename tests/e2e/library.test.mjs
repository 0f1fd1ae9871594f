// The client library as a package: the result of `npm pack` of static/lib is installed into an empty folder, without a network,
// and is used and type-checked there as in a user's program.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import ts from 'typescript';
import { connect } from '../lib/client.mjs';
import { withServer } from '../lib/served.mjs';
import { read, root } from '../lib/source.mjs';

const execute = promisify(execFile);
const ws = dirname(createRequire(import.meta.url).resolve('ws/package.json'));
const folder = await mkdtemp(join(tmpdir(), 'hubbub-library-'));
after(() => rm(folder, { recursive: true }));

const { stdout } = await execute('npm', ['pack', '--json', '--offline', '--pack-destination', folder, join(root, 'static/lib')]);
const [packed] = JSON.parse(stdout);
await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`, ws], { cwd: folder });

// Every name that static/README.md lists for a hub or its options.
const readme = read('static/README.md').split('## lib/hubbub.js')[1];
const rows = (heading) => readme.split(heading)[1].split('\n\n')[0].split('\n').filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...line.split('|')[1].matchAll(/`(?:hub\.)?(\w+)/g)].map(([, name]) => name));
const options = rows('| option |');
const members = [...rows('| methods |'), ...rows('| properties |')];

// The compiler's output for a program in that folder.
async function complaints(name, program) {
  const file = join(folder, name);
  await writeFile(file, program);
  const compilation = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'], types: [], strict: true, noEmit: true, exactOptionalPropertyTypes: true,
  });
  return ts.getPreEmitDiagnostics(compilation).map(({ messageText, file: where, start }) => (
    `${where?.getLineAndCharacterOfPosition(start).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`));
}

test('the package holds the library and its types, and nothing else', () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), ['hubbub.d.ts', 'hubbub.js', 'package.json']);
});

test('a program in Node talks to the server through the package, as static/README.md shows', withServer(async ({ server, join: enter }) => {
  const [program, ...others] = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, text]) => text).filter((text) => text.includes("'hubbub-client'"));
  assert.deepEqual(others, []);
  assert.ok(program.includes('ws://localhost:8100/api/ws'));
  await writeFile(join(folder, 'program.js'), program.replace('ws://localhost:8100/api/ws', server.ws));
  const jane = await enter({ room: 'garden', nickname: 'Jane' });
  const { stdout: output } = await execute(process.execPath, ['program.js'], { cwd: folder });
  assert.match(output, /^logged as 1\n$/);
  const { nickname, content } = await jane.next('message');
  assert.deepEqual([nickname, content], ['Bob', 'Hello from Node!']);
}));

test('everything documented of a hub exists, and is in the types', withServer(async ({ server }) => {
  assert.ok(options.length >= 11 && members.length >= 17);
  const hub = connect({ url: server.ws });
  for (const name of members) assert.ok(name in hub, name);
  hub.close();
  assert.deepEqual(await complaints('documented.ts', `
    import type { Hub, HubOptions } from 'hubbub-client';
    export const members: (keyof Hub)[] = ${JSON.stringify(members)};
    export const options: (keyof HubOptions)[] = ${JSON.stringify(options)};
    type All<Wanted, Given> = Exclude<Wanted, Given> extends never ? true : Exclude<Wanted, Given>;
    export const nothingElse: All<keyof Hub, ${members.map((name) => `'${name}'`).join(' | ')}> = true;
    export const noOther: All<keyof HubOptions, ${options.map((name) => `'${name}'`).join(' | ')}> = true;
  `), []);
}));

test('a correct program that uses everything type-checks, and each wrong line is found', async () => {
  assert.deepEqual(await complaints('right.ts', `
    import { connect, HubError } from 'hubbub-client';
    import type { CoreContents, ErrorCode, Hub, HubOptions, Message, State, Status, Welcome } from 'hubbub-client';

    declare const URL: new (text: string) => { href: string; searchParams: object }; // as in browsers and in Node
    class Socket { constructor(public url: string, public protocols: string[]) {} }
    const given: HubOptions = {
      room: 'garden', nickname: 'Jane', id: 'jane', url: new URL('ws://localhost/api/ws'), token: () => 'secret', WebSocket: Socket,
      queueLimit: 1, retryFirst: 1, retryMost: 1, stableAfter: 1, patience: 1,
    };
    const hub: Hub = connect(given);
    connect();
    const end: () => void = hub.on('message', ({ nickname, content, seq }: Message<string>) => content.length + (seq ?? 0) + (nickname ?? '').length);
    hub.on('users_update', ({ content, count }) => content.join() + (count ?? 0));
    hub.on('welcome', ({ content }) => { const welcome: Welcome = content; return welcome.recovered; });
    hub.on('error', ({ content, code }) => { const text: CoreContents['error'] = content; const why: ErrorCode | undefined = code; return [text, why]; });
    hub.on<{ roll: number }>('dice', ({ content }) => content.roll.toFixed());
    hub.on('*', ({ type, content }) => [type, content.anything]);
    hub.onStatus((status: Status) => { const state: State = status.state; return [state, status.failures, status.retryAt, status.error?.code]; });
    hub.onReset(() => {});
    const { content } = await hub.send<number>('count', 1).catch((error: HubError) => Promise.reject([error.code, error.retryAfterMs, error.message]));
    content.toFixed();
    const sent: boolean = hub.cast('typing', true);
    hub.rename('Janet'); hub.reconnect(); hub.close(); end();
    const known: [string[], number, number, string | undefined, string, string, string[], string | undefined, number, Status] =
      [hub.members, hub.memberCount, hub.pending, hub.id, hub.nickname, hub.room, hub.types, hub.epoch, hub.seq, hub.status];
    const error: Error = new HubError('rate_limited', 'too fast', 250);
    export { known, sent, error };
  `), []);

  const wrong = [
    "connect({ rooms: 'garden' });", "connect({ queueLimit: 'many' });", 'connect({ token: 5 });', "connect('garden');",
    "hub.on('message');", "hub.on(5, () => {});", "hub.on('users_update', ({ content }) => content.toFixed());",
    "hub.onStatus(({ state }) => state === 'gone');", 'hub.onReset((message: string) => message);', 'hub.send();',
    "hub.cast('typing', true).then();", "hub.rename();", "hub.nickname = 'Jane';", 'hub.nothing;', "new HubError('no_such_code', 'text');", "hub.send('a').length;",
  ];
  const program = ["import { connect, HubError } from 'hubbub-client';", 'const hub = connect();', ...wrong].join('\n');
  const found = new Set((await complaints('wrong.ts', `${program}\n`)).map((line) => Number.parseInt(line, 10)));
  assert.deepEqual(wrong.filter((_, i) => !found.has(i + 3)), []);
});
