// Static files in compressed forms, if these exist and the browser accepts them. Caches and ranges treat each form separately.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { withServer } from '../lib/served.mjs';
import { root } from '../lib/source.mjs';
import { head } from '../lib/wire.mjs';

const site = await mkdtemp(join(tmpdir(), 'hubbub-compressed-'));
after(() => rm(site, { recursive: true }));
const text = 'let these = "words";\n'.repeat(500);
const old = new Date(Date.now() - 60_000);
const forms = { br: brotliCompressSync(text), gzip: gzipSync(text) };
const read = { br: brotliDecompressSync, gzip: gunzipSync };

async function file(name, content, time = old) {
  await mkdir(join(site, name, '..'), { recursive: true });
  await writeFile(join(site, name), content);
  await utimes(join(site, name), time, time);
}
await file('app.js', text);
await file('app.js.br', forms.br, new Date());
await file('app.js.gz', forms.gzip, new Date());
await file('elsewhere/app.js', text);
await file('.encoded/elsewhere/app.js.gz', forms.gzip); // as old as the file itself is new enough
await file('changed.js', text, new Date());
await file('changed.js.gz', forms.gzip);
await file('plain.js', text);
await file('strange.js', text);
await mkdir(join(site, 'strange.js.gz'));

// One connection, which must still work at the end.
const asking = (body, config = { server: { static: site } }) => withServer(async ({ dial, ...stage }) => {
  const wire = await dial();
  const ask = (target, accepted, headers = {}, method = 'GET') => wire.write(head(`${method} /static/${target} HTTP/1.1`, {
    Host: 'x', ...(accepted === undefined ? {} : { 'Accept-Encoding': accepted }), ...headers,
  })).response({ bodiless: method === 'HEAD' });
  await body({ ask, ...stage });
  assert.equal((await ask('app.js')).status, 200);
}, { config });

test('a file is sent in the best form that the client takes', asking(async ({ ask }) => {
  for (const [accepted, coding] of [
    [undefined, undefined], ['', undefined], ['gzip', 'gzip'], ['gzip, deflate, br', 'br'], ['br;q=0.1, gzip', 'gzip'], ['*', 'br'],
    ['identity', undefined], ['br;q=0, gzip;q=0', undefined], ['zstd', undefined], ['identity;q=0, gzip', 'gzip'],
  ]) {
    const { status, headers, body } = await ask('app.js', accepted);
    assert.deepEqual([status, headers['content-encoding']], [200, coding], accepted);
    assert.equal((coding ? read[coding](body) : body).toString(), text, accepted);
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(headers.vary, 'Accept-Encoding');
    assert.ok(headers['content-security-policy']);
  }
}));

test('a compressed form in .encoded is used, but not one that is older than its file or is not a file', asking(async ({ ask }) => {
  assert.equal((await ask('elsewhere/app.js', 'gzip')).headers['content-encoding'], 'gzip');
  for (const name of ['changed.js', 'plain.js', 'strange.js']) {
    const { headers, body } = await ask(name, 'gzip, br');
    assert.deepEqual([headers['content-encoding'], body.toString()], [undefined, text], name);
  }
  assert.equal((await ask('.encoded/elsewhere/app.js.gz', 'gzip')).status, 404);
}));

test('a client that accepts none of the existing forms is told so', asking(async ({ ask }) => {
  for (const [name, accepted] of [['plain.js', 'identity;q=0'], ['plain.js', '*;q=0'], ['app.js', 'identity;q=0'], ['app.js', '*;q=0, zstd']]) {
    const { status, headers } = await ask(name, accepted);
    assert.deepEqual([status, headers.vary], [406, 'Accept-Encoding'], `${name} ${accepted}`);
  }
}));

test('each form has its own tag, by which it is recognised', asking(async ({ ask }) => {
  const tags = [];
  for (const accepted of [undefined, 'gzip', 'br']) tags.push((await ask('app.js', accepted)).headers.etag);
  assert.equal(new Set(tags).size, 3);
  for (const [i, accepted] of [undefined, 'gzip', 'br'].entries()) {
    for (const [j, tag] of tags.entries()) {
      const { status, headers } = await ask('app.js', accepted, { 'If-None-Match': tag });
      assert.equal(status, i === j ? 304 : 200, `${accepted} ${tag}`);
      assert.deepEqual([headers.etag, headers.vary], [tags[i], 'Accept-Encoding']);
    }
    assert.equal((await ask('app.js', accepted, { 'If-None-Match': tags.join(', ') })).status, 304);
  }
}));

test('a range is a part of the form that is sent', asking(async ({ ask }) => {
  const { headers: { etag } } = await ask('app.js', 'gzip');
  const part = await ask('app.js', 'gzip', { Range: 'bytes=0-9', 'If-Range': etag });
  assert.deepEqual([part.status, part.headers['content-encoding'], part.headers['content-range']], [206, 'gzip', `bytes 0-9/${forms.gzip.length}`]);
  assert.deepEqual(part.body, forms.gzip.subarray(0, 10));
  // A client that has a part of another form gets the whole of this one.
  const whole = await ask('app.js', 'br', { Range: 'bytes=10-', 'If-Range': etag });
  assert.deepEqual([whole.status, whole.body], [200, forms.br]);
  const plain = await ask('app.js', undefined, { Range: 'bytes=4-8' });
  assert.deepEqual([plain.status, plain.body.toString(), plain.headers['content-encoding']], [206, text.slice(4, 9), undefined]);
  assert.equal((await ask('app.js', 'gzip', { Range: `bytes=${forms.gzip.length}-` })).headers['content-range'], `bytes */${forms.gzip.length}`);
}));

test('HEAD is answered with the headers of GET for every form', asking(async ({ ask }) => {
  for (const accepted of [undefined, 'gzip', 'br', 'identity;q=0']) {
    const [get, alone] = [await ask('app.js', accepted), await ask('app.js', accepted, {}, 'HEAD')];
    for (const { headers } of [get, alone]) delete headers.date;
    assert.deepEqual([alone.status, alone.headers], [get.status, get.headers]);
  }
}));

execFileSync('node', [join(root, 'tools/vendor/compress.mjs')]); // as tools/build does

test('the pages that come with the server are compressed', withServer(async ({ dial }) => {
  const wire = await dial();
  const ask = (name, accepted = 'identity') => wire.write(head(`GET /static/${name} HTTP/1.1`, { Host: 'x', 'Accept-Encoding': accepted })).response();
  for (const name of ['chat.html', 'lib/hubbub.js', 'vendor/codemirror.js', 'lib/run.sandbox.html']) {
    const whole = (await ask(name)).body;
    for (const [coding, decode] of Object.entries(read)) {
      const { headers, body } = await ask(name, coding);
      assert.equal(headers['content-encoding'], coding, name);
      assert.ok(body.length < whole.length / 1.5, name);
      assert.ok(decode(body).equals(whole), name);
    }
  }
  assert.match((await ask('lib/run.sandbox.html', 'br')).headers['content-security-policy'], /^sandbox /);
}));

test('a user’s own pages find the client library, but their own file comes first', async () => {
  const own = join(site, 'own');
  await file('own/index.html', 'mine');
  await file('own/lib/mine.js', 'mine');
  await asking(async ({ ask }) => {
    assert.match((await ask('lib/hubbub.js')).body.toString(), /export function connect/);
    assert.equal((await ask('lib/hubbub.js', 'br')).headers['content-encoding'], 'br');
    assert.equal((await ask('lib/mine.js')).body.toString(), 'mine');
    assert.equal((await ask('index.html')).body.toString(), 'mine');
    for (const name of ['chat.html', 'lib/nothing.js', 'lib/../chat.html', 'lib/%2e%2e/chat.html', 'vendor/codemirror.js']) assert.equal((await ask(name)).status, 404, name);
    await file('own/lib/hubbub.js', 'mine, too');
    assert.equal((await ask('lib/hubbub.js', 'br')).body.toString(), 'mine, too');
    await file('own/app.js', text); // requested at the end
  }, { server: { static: own } })();
});

test('pages get the configured policy, sandboxes keep theirs', asking(async ({ ask }) => {
  assert.equal((await ask('app.js')).headers['content-security-policy'], "script-src 'self' 'unsafe-inline'");
  assert.match((await ask('lib/run.sandbox.html')).headers['content-security-policy'], /^sandbox allow-scripts; /);
}, { server: { static: site }, http: { content_security_policy: "script-src 'self' 'unsafe-inline'" } }));
