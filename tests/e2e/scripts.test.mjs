// Scripts in a running server.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join as path } from 'node:path';
import { after, test } from 'node:test';
import { join } from '../lib/member.mjs';
import { withServer } from '../lib/served.mjs';
import { runServer, startServer } from '../lib/server.mjs';

const folder = await mkdtemp(path(tmpdir(), 'hubbub-scripts-'));
after(() => rm(folder, { recursive: true }));

async function script(name, text) {
  await writeFile(path(folder, name), text);
  return path(folder, name);
}

const runaway = await script('runaway.lua', `
logged("loop") logged("fill") logged("fail") logged("in_apply") held = {}
local function forever() while true do pcall(function() while true do end end) end end
function on_message(sender, message)
  if message.type == "loop" then forever() end
  if message.type == "fill" then while true do held[#held + 1] = ("x"):rep(1000) .. #held end end
  if message.type == "fail" then error("as it was told") end
  broadcast(message)
end
function apply(entry) forever() end
`);

test('a script that runs away is stopped, the sender gets an error, and everything else in the room goes on', withServer(async ({ server, join: enter }) => {
  const [john, jane] = [await enter({ nickname: 'John' }), await enter({ nickname: 'Jane' })];
  for (const type of ['loop', 'fill', 'fail', 'in_apply']) {
    for (let i = 0; i < 5; i++) john.send(type, i, `${type} ${i}`);
    const said = jane.say(`during ${type}`);
    for (let i = 0; i < 5; i++) {
      const { code, ref } = await john.next('error');
      assert.deepEqual([code, ref], ['internal', `${type} ${i}`]);
    }
    await said;
    assert.equal((await john.next('message')).content, `during ${type}`);
  }
  const lines = (await server.lines(' failed: ', 20)).filter((line) => / plugin=script \w+ failed: /.test(line));
  assert.match(lines[0], /room=general plugin=script on_message failed: .*runaway\.lua:3: it was stopped after 1000000 instructions/);
  assert.match(lines[10], /on_message failed: .*runaway\.lua:7: as it was told/);
  assert.match(lines.at(-1), /apply failed: .*runaway\.lua:3: it was stopped/);
}, { config: { plugins: { limits: { faults: 100 }, chat: {}, script: { files: [runaway] } } } }));

const tally = await script('tally.lua', `
logged("add") question("sum")
function on_message(sender, message)
  if message.type == "sum" then return reply({ type = "sum", content = state.sum or 0 }) end
  broadcast(message)
end
function apply(entry) state.sum = (state.sum or 0) + entry.content end
`);
const other = await script('other.lua', 'logged("other")');

test('a script’s state, and messages it had not stored when the server was killed, are there when its file is back', async () => {
  const config = (files) => ({ config: { store: { path: path(folder, 'rooms.db') }, plugins: { script: { files } } } });
  const add = async (member, number) => {
    member.send('add', number);
    await member.next('add');
  };
  const visit = async (files, step, end) => {
    const server = await startServer(config(files));
    const john = await join(server, { nickname: 'John' });
    await step(john);
    john.hangUp();
    await server[end]();
  };
  await visit([tally, other], (john) => add(john, 1), 'stop');
  await visit([other, tally], (john) => add(john, 20), 'crash');
  await visit([other], async (john) => {
    john.send('other');
    assert.equal((await john.next('other')).seq, 3);
  }, 'stop');
  await visit([tally], async (john) => {
    await add(john, 300);
    john.send('sum');
    assert.equal((await john.next('sum')).content, 321);
  }, 'stop');
});

test('files are found beside config.yaml, and a mistake in one has its line and that of the option', async () => {
  await script('broken.lua', 'logged("a")\nfunction on_message(\n');
  const file = await script('config.yaml', 'plugins:\n  script:\n    files:\n      - tally.lua\n      - broken.lua\n      - gone.lua\n');
  const { code, err } = await runServer(['--config', file, '--check-config']);
  assert.equal(code, 2);
  assert.equal(err, [
    `${file}:5: plugins.script.files[1]: broken.lua:3: <name> or '...' expected near <eof>`,
    `${file}:6: plugins.script.files[2]: gone.lua (${dirname(file)}/gone.lua): cannot be read: no such file or directory`, ''].join('\n'));
});
