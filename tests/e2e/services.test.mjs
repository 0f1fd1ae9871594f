// A service over real sockets: it answers HTTP requests, and says in rooms what it is asked to.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { breath, within } from '../lib/deadline.mjs';
import { join } from '../lib/member.mjs';
import { fixtures } from '../lib/served.mjs';
import { startServer } from '../lib/server.mjs';

const folder = await mkdtemp(path(tmpdir(), 'hubbub-services-'));
after(() => rm(folder, { recursive: true }));

const plugins = (clerk) => ({ directory: fixtures, limits: { hang: '200ms' }, probe: {}, ...(clerk && { clerk }) });
const post = async (server, room, message, headers = {}) => {
  const response = await fetch(`${server.url}/clerk/${encodeURIComponent(room)}`, { method: 'POST', body: JSON.stringify(message), headers });
  return { status: response.status, ...await response.json() };
};

// Resolves once the path answers with this text: the routes of services come a moment after the server listens, or is told to reload.
const gives = (server, target, text) => within((async () => {
  while (await (await fetch(`${server.url}${target}`)).text() !== text) await breath();
})(), `${target} to answer ${text}`, { details: server.log });

test('a service answers requests at its paths, and says in rooms what it is asked to', async () => {
  const server = await startServer({ config: { plugins: plugins({}), server: { threads: 3 } } });
  try {
    await gives(server, '/clerk', 'clerk for 127.0.0.1');
    const jane = await join(server, { nickname: 'Jane', room: 'the garden' });
    const { status, seq } = await post(server, 'the garden', { type: 'note', content: 'from a backend' }, { 'X-Nickname': 'The shop' });
    assert.deepEqual([status, seq], [200, 1]);
    const note = await jane.next('note');
    assert.deepEqual([note.content, note.nickname, note.seq], ['from a backend', 'The shop', 1]);
    const refused = await post(server, 'the garden', { type: 'note', content: 'refuse' });
    assert.deepEqual([refused.status, refused.refused, refused.why], [409, 'invalid', 'content: must not be refuse']);
    const many = await Promise.all(Array.from({ length: 200 }, (_, i) => post(server, `room ${i % 20}`, { type: 'note', content: i })));
    assert.deepEqual(many.map((one) => one.seq).sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => Math.floor(i / 20) + 1));
    jane.hangUp();

    const page = await fetch(`${server.url}/clerk`);
    assert.deepEqual([page.status, page.headers.get('content-type'), await page.text()], [200, 'text/plain', 'clerk for 127.0.0.1']);
    const head = await fetch(`${server.url}/clerk`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '19', '']);
    assert.equal((await fetch(`${server.url}/clerk`, { method: 'DELETE' })).status, 405);
    assert.equal((await fetch(`${server.url}/clerk/general`, { method: 'POST', body: ' '.repeat(100_001) })).status, 413);
    assert.deepEqual(await (await fetch(`${server.url}/healthz`)).json(), { status: 'ok' }, 'what is the server’s stays the server’s');

    await server.reload({ plugins: plugins({ title: 'scribe' }), server: { threads: 3 } });
    await gives(server, '/clerk', 'scribe for 127.0.0.1');
    const nothing = await (await fetch(`${server.url}/nothing`)).text();
    await server.reload({ plugins: plugins(), server: { threads: 3 } });
    await gives(server, '/clerk', nothing);
  } finally {
    await server.stop();
  }
});

test('requests to a service that does not return are refused at once, and the server goes on', async () => {
  const pipe = path(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const server = await startServer({ config: { plugins: plugins({ in: 'a request', how: pipe }), server: { shutdown_timeout: '300ms' } } });
  try {
    await gives(server, '/clerk', 'clerk for 127.0.0.1');
    const stuck = post(server, 'general', { type: 'note', content: 'late' });
    await server.lines("plugin=clerk a route's handler has not returned");
    assert.equal((await fetch(`${server.url}/clerk`)).status, 503);
    const jane = await join(server, { nickname: 'Jane' });
    jane.send('note', 'all is well here');
    assert.equal((await jane.next('note')).content, 'all is well here');
    await promisify(execFile)('bash', ['-c', `: > '${pipe}'`]);
    assert.equal((await stuck).seq, 2);
    assert.equal((await jane.next(({ content }) => content === 'late')).nickname, 'System');
    jane.hangUp();
  } finally {
    await server.stop();
  }
});

test('the service that plugins/README.md shows lets a backend announce something, if it has the key', async () => {
  const server = await startServer({ config: { plugins: { directory: fixtures, announcer: { key: 'sesame' }, chat: {} } } });
  try {
    const jane = await join(server, { nickname: 'Jane', room: 'garden' });
    const announce = async (authorization, text) => {
      const response = await fetch(`${server.url}/announce/garden`, { method: 'POST', body: text, headers: { authorization } });
      return [response.status, await response.text()];
    };
    await gives(server, '/announce/garden', '{"error":"only POST is possible here"}\n');
    assert.deepEqual(await announce('Bearer sesame', 'Dinner is ready'), [200, '\n']);
    const { content, nickname } = await jane.next('message');
    assert.deepEqual([content, nickname], ['Dinner is ready', 'System']);
    assert.deepEqual(await announce('Bearer ', 'no'), [401, '']);
    assert.deepEqual(await announce('Bearer sesame', ''), [409, 'content: must not be empty\n']);
    jane.hangUp();
  } finally {
    await server.stop();
  }
});
