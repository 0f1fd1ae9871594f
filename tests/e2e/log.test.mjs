// Texts that strangers choose cannot imitate anything else in the server's log.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, test } from 'node:test';
import { fixtures, withServer } from '../lib/served.mjs';
import { head } from '../lib/wire.mjs';

const folder = await mkdtemp(path(tmpdir(), 'hubbub-log-'));
after(() => rm(folder, { recursive: true }));

// Must not be in any line: control characters except ours, bytes that are not UTF-8, and characters that hide or turn text.
const TREACHEROUS = /[\0-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]/u;

test('a request’s target is logged as one word or in quotes, with bounded length', withServer(async ({ server, dial }) => {
  const wire = await dial();
  for (const target of ['/plain?secret', '/caf\xc3\xa9', '/a\xff\x80b', '/[error]', '/\xe2\x80\xae', `/${'x'.repeat(5000)}`]) {
    wire.write(Buffer.from(head(`GET ${target} HTTP/1.1`, { Host: 'x' }), 'latin1'));
    assert.equal((await wire.response()).status, 404);
  }
  const told = (await server.lines(' GET ', 6)).map((line) => line.replace(/.* GET /, ''));
  assert.deepEqual(told.slice(0, -1), ['/plain 404', '"/café" 404', '"/a\\xff\\x80b" 404', '"/[error]" 404', '"/\\u202e" 404']);
  assert.ok(told.at(-1).length < 300, `${told.at(-1).length}`);
  assert.doesNotMatch(server.log(), TREACHEROUS);
}, { config: { log: { level: 'debug' } } }));

test('a room’s name is logged in quotes unless it is a plain word', withServer(async ({ server, join }) => {
  for (const room of ['garden', 'a [error] room=b plugin=c', 'say "hi" \\', 'caf\u00e9']) {
    const john = await join({ room });
    john.send('note', 'throw', 1);
    await john.next('error');
  }
  assert.deepEqual((await server.lines('told to throw', 4)).map((line) => /room=(.*) plugin=probe on_message failed: /.exec(line)[1]),
    ['garden', '"a [error] room=b plugin=c"', '"say \\"hi\\" \\\\"', '"caf\u00e9"']);
  assert.doesNotMatch(server.log(), TREACHEROUS);
}, { config: { plugins: { directory: fixtures, probe: {} } } }));

const loud = path(folder, 'loud.lua');
await writeFile(loud, `
question("print") question("fail")
function on_message(sender, message)
  if message.type == "fail" then error(message.content) end
  print(sender.nickname, message.content)
  reply(message)
end
`);

test('a script’s output and its errors are one line each', withServer(async ({ server, join }) => {
  const john = await join({ nickname: 'John' });
  const forged = `\u202ehello\n[2026-01-01 00:00:00.000] [error] forged\r\u001b[31m\u2028${'x'.repeat(20_000)}`;
  john.send('print', forged, 1);
  await john.next('print');
  john.send('fail', forged, 2);
  await john.next('error');
  assert.equal((await server.lines('on_message failed: ')).length, 1);
  const printed = await server.lines('loud.lua:5: ');
  assert.equal(printed.length, 1);
  assert.ok(printed[0].startsWith('loud.lua:5: John\t\\u202ehello\\n[2026-01-01'));
  assert.deepEqual((await server.lines('forged')).filter((line) => line.startsWith('[2026-01-01')), []);
  assert.ok(server.log().split('\n').every((line) => line.length < 3000));
  assert.doesNotMatch(server.log(), TREACHEROUS);
}, { config: { plugins: { script: { files: [loud] } } } }));
