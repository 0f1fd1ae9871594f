// Starting: the program's output, and its messages about mistakes. Each line says where the
// mistake is, what it is, and what to do.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixtures, withServer } from '../lib/served.mjs';
import { runServer } from '../lib/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'hubbub-start-'));
after(() => rm(folder, { recursive: true }));
const own = join(dirname(fixtures), 'plugins'); // the server's

// Runs the program with its own config.yaml.
async function start(yaml, { args = ['--config', 'config.yaml', '--check-config'], env } = {}) {
  const cwd = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(cwd, 'config.yaml'), yaml);
  return runServer(args, { cwd, env });
}

// The program ends with 2 and prints exactly these lines.
async function complains(lines, yaml, options) {
  assert.deepEqual(await start(yaml, options), { code: 2, out: '', err: lines.map((line) => `${line}\n`).join('') });
}

const fine = async (yaml, options) => assert.deepEqual(await start(yaml, options), { code: 0, out: 'config.yaml is fine\n', err: '' });

test('--version prints name and version', async () => {
  const { code, out, err } = await start('', { args: ['--version'] });
  assert.deepEqual([code, err], [0, '']);
  const [, version] = /^project\(hubbub VERSION (\S+)/m.exec(await readFile(join(root, 'CMakeLists.txt'), 'utf8'));
  assert.equal(out, `hubbub ${version}\n`);
});

test('--help lists every argument and says where the options are explained', async () => {
  const { code, out, err } = await start('', { args: ['--help'] });
  assert.deepEqual([code, err], [0, '']);
  for (const word of ['--config FILE', '--check-config', '--list-plugins', '--explain NAME', '--version', '--help', 'config.yaml', 'HUBBUB_SERVER__PORT']) assert.ok(out.includes(word), word);
});

test('mistakes in the server\'s options and in the plugins\' are reported together', () => complains([
  'config.yaml:1: server.port: must be a whole number from 0 to 65535, not "many"',
  'config.yaml:2: plugins.chat.histroy: unknown option; did you mean "history"?',
], 'server: {port: many}\nplugins: {chat: {histroy: 5}}\n'));

test('mistakes are reported in the order of the file, whoever has found them, and then those of the environment', () => complains([
  'config.yaml:1: plugins.chat.history: must be a whole number from 0 to 1000, not "5"; remove the quotes',
  'config.yaml:2: server.port: must be a whole number from 0 to 65535, not "9000"; remove the quotes',
  'environment HUBBUB_LOG__LEVEL: must be one of trace, debug, info, warn, error or off, not "loud"',
  'environment HUBBUB_PLUGINS__CHAT__MAX_LENGTH: must be a whole number from 1 to 65536, not 0',
], 'plugins: {chat: {history: "5"}}\nserver: {port: "9000"}\n', { env: { HUBBUB_LOG__LEVEL: 'loud', HUBBUB_PLUGINS__CHAT__MAX_LENGTH: '0' } }));

test('of many mistakes the first twenty are reported', async () => {
  const { code, err } = await start(Array.from({ length: 20_000 }, (_, i) => `unknown_${i}: 1\n`).join(''));
  const lines = err.trimEnd().split('\n');
  assert.deepEqual([code, lines.length, lines.at(-1)], [2, 21, 'and 19980 more']);
});

test('the program does not wait for a pipe that nobody writes to', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await complains([`${pipe}: is a pipe, which would block the server; name a file`], '', { args: ['--config', pipe, '--check-config'] });
  const { code, err } = await start(`plugins: {script: {files: [${pipe}]}}`);
  assert.equal(code, 2);
  assert.match(err, /plugins\.script\.files\[0\]: .*is a pipe, which would block the server; name a file/);
  const read = (program) => execFileSync('sh', ['-c', `echo 'log: {level: info}' | '${program}' --config /dev/stdin --check-config`], { encoding: 'utf8' });
  assert.equal(read(join(dirname(own), 'hubbub')), '/dev/stdin is fine\n');
});

test('paths that cannot be used are reported, whether checking or serving', async () => {
  const none = join(folder, 'none');
  const lines = [
    `config.yaml:1: server.static: there is no directory ${none}; create it or name another`,
    'config.yaml:2: store.path: /dev/null is no directory, so no file can be in it; name another file',
    `config.yaml:3: plugins.directory: there is no directory ${none}; create it or name another`,
  ];
  const yaml = `server: {static: ${none}}\nstore: {path: /dev/null/rooms.db}\nplugins: {directory: ${none}}\n`;
  await complains(lines, yaml);
  await complains(lines, yaml, { args: ['--config', 'config.yaml'] });
  const { code, err } = await start('store: {path: .}\n');
  assert.equal(code, 2);
  assert.match(err, /^config.yaml:1: store.path: \/\S+ is a directory; name a file in it\n$/);
});

test('unknown arguments are refused', async () => {
  for (const [args, line] of [
    [['--prot=80'], 'The following argument was not expected: --prot=80'],
    [['config.yaml'], 'The following argument was not expected: config.yaml'],
    [['--config'], '--config: 1 required FILE missing'],
  ]) await complains([line, 'Run with --help for more information.'], '', { args });
});

test('the config.yaml of the repository is fine, and so are an empty one and none', async () => {
  const { code, out, err } = await runServer(['--config', 'config.yaml', '--check-config'], { cwd: root });
  assert.deepEqual([code, out, err], [0, 'config.yaml is fine\n', '']);
  await fine('');
  assert.deepEqual(await start('', { args: ['--check-config'] }), { code: 0, out: 'the configuration is fine\n', err: '' });
});

test('without --config the server runs, and says with which configuration', async () => {
  const cwd = await mkdtemp(join(folder, 'bare-'));
  const env = { HUBBUB_SERVER__PORT: '0' };
  const { code, out } = await runServer([], { cwd, env });
  assert.equal(code, 'listening', out);
  assert.match(out, /configuration: \/\S+\/config\.yaml\n/);
  assert.match(out, /plugins:.* chat.* spreadsheet/);
  assert.ok((await readdir(cwd)).includes('data'), 'what is stored is in the working directory');
  assert.match((await runServer(['--list-plugins'], { cwd })).out, /^chat /m);
  assert.match((await runServer(['export', '-'], { cwd, env })).err, /exported/);
  assert.deepEqual(await runServer(['--check-config'], { cwd, env: { HUBBUB_SERVER__PORT: 'x' } }), {
    code: 2, out: '', err: 'environment HUBBUB_SERVER__PORT: must be a whole number from 0 to 65535, not "x"\n',
  });
});

test('a policy for pages must be one line that a header can hold', async () => {
  for (const policy of ['a\\nb', 'a\\rb', 'caf\u00e9', 'x'.repeat(4001)]) {
    const { code, err } = await start(`http: {content_security_policy: "${policy}"}`);
    assert.equal(code, 2);
    assert.match(err, /^config.yaml:1: http.content_security_policy: must be a policy on one line, of at most 4000 printable ASCII characters, not /);
  }
  await fine(`http: {content_security_policy: "default-src 'self' 'unsafe-inline'"}`);
});

test('an unreadable configuration is distinguished from a wrong one', async () => {
  await complains(['other.yaml: cannot be read: no such file or directory'], '', { args: ['--config', 'other.yaml'] });
  await complains(['.: is a directory; name a file'], '', { args: ['--config', '.'] });
  await complains(['config.yaml:2:10: is not valid YAML: a ":" that does not belong here; put text that contains one in quotes, and indent with spaces, not tabs'],
    'server:\n  host: ::\n', { args: ['--config', 'config.yaml'] });
});

test('every mistake is reported at once, with its line, whether checking or serving', async () => {
  const lines = [
    'config.yaml:2: server.prot: unknown option; did you mean "port"?',
    'config.yaml:3: server.connections: must be a whole number from 1 to 1000000, not "many"',
    'config.yaml:5: log.level: must be one of trace, debug, info, warn, error or off, not "loud"',
    'config.yaml:7: plugins.my-chat: a plugin\'s name is lower-case letters, digits and underscores, beginning with a letter',
    'config.yaml:8: plugins.chat: must be lines of "name: value", not false; write chat: {enabled: false}',
    'environment HUBBUB_HTTP__TIMEOUT: must be a time from 1s to 1h such as 30s, not 30',
  ];
  const yaml = 'server:\n  prot: 80\n  connections: many\nlog:\n  level: loud\nplugins:\n  my-chat:\n  chat: false\n';
  const env = { HUBBUB_HTTP__TIMEOUT: '30' };
  await complains(lines, yaml, { env });
  await complains(lines, yaml, { env, args: ['--config', 'config.yaml'] });
});

test('the environment overrides the file', async () => {
  const { code, out } = await start('server: {port: 1}', { args: ['--config', 'config.yaml'], env: { HUBBUB_SERVER__PORT: '0' } });
  assert.equal(code, 'listening', out);
  await fine('server: {port: wrong}', { env: { HUBBUB_SERVER__PORT: '0' } });
});

test('a misspelt variable is reported, another program’s variable is not', async () => {
  for (const [name, words] of Object.entries({
    HUBBUB_SERVER__PROT: 'unknown option; did you mean "port"?',
    HUBBUB_SERVR__PORT: 'servr: unknown option; did you mean "server"?',
    HUBBUB_SERVER_PORT: 'is not an option; did you mean HUBBUB_SERVER__PORT?',
    HUBBUB_WEBSOCKET_RATE_BURST: 'is not an option; did you mean HUBBUB_WEBSOCKET__RATE__BURST?',
    HUBBUB_PLUGINS__CHAT__HISTROY: 'unknown option; did you mean "history"?',
    WS_ENABLED: 'must be true or false, not "never"',
  })) await complains([`environment ${name}: ${words}`], 'plugins: {chat: {}}', { env: { [name]: 'never' } });
  await fine('', { env: { HUBBUB_HOME: '1', HUBBUB: '1', HUBBUB_SERVER__PORT: '' } });
});

test('if the port or address is not available, the program ends with 1 and advice', async () => {
  const args = ['--config', 'config.yaml'];
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address();
    assert.deepEqual(await start(`server: {port: ${port}}`, { args }), {
      code: 1, out: '', err: `hubbub cannot go on: port ${port} is already in use on 127.0.0.1: stop the other server or set server.port\n`,
    });
    await fine(`server: {port: ${port}}`); // checking does not open the port
  } finally {
    other.close();
  }
  assert.deepEqual(await start('server: {host: 192.0.2.1}', { args }), {
    code: 1, out: '', err: 'hubbub cannot go on: 192.0.2.1 is not an address of this computer: set server.host to one that is\n',
  });
});

// With the section `yaml` under plugins, the program prints these lines after the place and the path.
const REFUSED = {
  'claims_message:\n  chat:': ['4: plugins.chat: claims the type message, which claims_message handles; disable one of the two'],
  'create_throws:': ['3: plugins.create_throws: its constructor failed: the dictionary cannot be read'],
  'misnamed:': ["3: plugins.misnamed: the library misnamed.so calls itself somebody_else; a plugin's file must have the plugin's name"],
  'no_symbol:': ['3: plugins.no_symbol: DIR/no_symbol.so is no plugin: it exports no hubbub_plugin; end its source with HUBBUB_PLUGIN(…)'],
  'schema_unusable:': ['3: plugins.schema_unusable: has an unusable schema for the type word: the pattern "^a+$" needs a maxLength of at most 1000 beside it'],
  'caht:': ['3: plugins.caht: there is no library caht.so in DIR or OWN; did you mean "chat"?'],
  'nothing_like_it:': ['3: plugins.nothing_like_it: there is no library nothing_like_it.so in DIR or OWN; build it, or set plugins.directory to where it is'],
  'schema_misspelt:': ['3: plugins.schema_misspelt: has an unusable schema for the type word: JSON Schema (draft 7) has no keyword "maxLenght"; did you mean "maxLength"?'],
  'schema_no_json:': ["3: plugins.schema_no_json: gives one of its types a schema that is not JSON: parse error at line 1, column 18: syntax error while parsing object - unexpected end of input; expected '}'"],
  'monitor: {rooms: [machine, 1]}': ['3: plugins.monitor.rooms[1]: must be the name of a room; put a number in quotes'],
  'chat: {history: -1}': ['3: plugins.chat.history: must be a whole number from 0 to 1000, not -1'],
  'chat: {histroy: 5}': ['3: plugins.chat.histroy: unknown option; did you mean "history"?'],
  'chat: {colour: red}': ['3: plugins.chat.colour: unknown option; known here: enabled, max_length, history'],
  'chat:\n    history: 1001\n    max_length: long\n    x: 1\n  no_symbol:\n  caht:': [
    '4: plugins.chat.history: must be a whole number from 0 to 1000, not 1001',
    '5: plugins.chat.max_length: must be a whole number from 1 to 65536, not "long"',
    '6: plugins.chat.x: unknown option; known here: enabled, max_length, history',
    '7: plugins.no_symbol: DIR/no_symbol.so is no plugin: it exports no hubbub_plugin; end its source with HUBBUB_PLUGIN(…)',
    '8: plugins.caht: there is no library caht.so in DIR or OWN; did you mean "chat"?',
  ],
};

test('a plugin that cannot be used is reported with its line and what to do', async () => {
  for (const [section, lines] of Object.entries(REFUSED)) {
    await complains(lines.map((line) => `config.yaml:${line.replace('DIR', fixtures).replace('OWN', own)}`), `plugins:\n  directory: ${fixtures}\n  ${section}\n`);
  }
});

test('a plugin that was built for another server must be built again', async () => {
  const { code, err } = await start(`plugins:\n  directory: ${fixtures}\n  wrong_fingerprint:\n`);
  assert.equal(code, 2);
  const [before, behind] = err.split(/compiler \w+\): /);
  assert.equal(before, `config.yaml:3: plugins.wrong_fingerprint: ${fixtures}/wrong_fingerprint.so was built for another server (it has compiler 1.2.3, the server has `);
  assert.equal(behind, "rebuild it with this server's SDK\n");
});

test('a file that is not a library is reported in the loader’s words, and ignored if the plugin is not enabled', async () => {
  const directory = join(folder, 'broken');
  await mkdir(join(directory, 'folder.so'), { recursive: true });
  await writeFile(join(directory, 'text.so'), 'x'.repeat(1000));
  await writeFile(join(directory, 'empty.so'), '');
  await symlink('nowhere', join(directory, 'dangling.so'));
  const missing = `.so in ${directory} or ${own}; build it, or set plugins.directory to where it is`;
  await complains([
    `config.yaml:3: plugins.text: ${directory}/text.so cannot be loaded: invalid ELF header; build it again`,
    `config.yaml:4: plugins.empty: ${directory}/empty.so cannot be loaded: file too short; build it again`,
    `config.yaml:5: plugins.other: there is no library other${missing}`,
    `config.yaml:6: plugins.absent: there is no library absent${missing}`,
  ], `plugins:\n  directory: ${directory}\n  text:\n  empty:\n  other:\n  absent:\n`);
  await fine(`plugins:\n  directory: ${directory}\n  text: {enabled: false}\n  empty: {enabled: false, any: thing}\n  absent: {enabled: false}\n`);
  await fine(`websocket: {enabled: false}\nplugins:\n  directory: ${directory}\n  text:\n`);
});

test('plugins.directory is relative to the file, and plugins that are not there come from the server’s own', async () => {
  const cwd = await mkdtemp(join(folder, 'run-'));
  await symlink(fixtures, join(cwd, 'mine'));
  await mkdir(join(cwd, 'etc'));
  await writeFile(join(cwd, 'etc/config.yaml'), 'plugins: {directory: ../mine, probe: {}, chat: {}}');
  const { code, err } = await runServer(['--config', 'etc/config.yaml', '--check-config'], { cwd });
  assert.deepEqual([code, err], [0, '']);
  await fine('plugins: {chat: {}}');
});

test('log.level sets how much is logged: connections with debug but not with info, and never what people say', withServer(async ({ server, join }) => {
  assert.ok(!server.log().includes('[debug]'));
  await (await join()).say('a secret');
  assert.ok(!/\[debug\]|secret/.test(server.log()));
}));

test('log.level: trace has the number of each connection on its lines, and never what people say', withServer(async ({ server, join }) => {
  const jane = await join({ token: 'hidden' });
  await jane.say('a secret');
  await jane.leave();
  assert.match((await server.lines(' accepted'))[0], /\[debug\] connection=\d+ accepted$/);
  assert.ok(!/secret|hidden/.test(server.log()));
}, { config: { log: { level: 'trace' } } }));
