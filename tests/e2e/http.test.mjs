// Static files and HTTP, byte by byte, for browsers, proxies and attackers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withServer } from '../lib/served.mjs';
import { head, UPGRADE } from '../lib/wire.mjs';

// A site with everything that may be requested, and files beside it that must not be served.
const folder = await mkdtemp(join(tmpdir(), 'hubbub-site-'));
after(() => rm(folder, { recursive: true }));
const site = join(folder, 'site');
const large = randomBytes(16 * 1024 * 1024);
const odd = 'söme 100% <b> "näme"?#.txt';
for (const [name, content] of Object.entries({
  'secret.txt': 'secret', 'site2/secret.txt': 'secret', 'home/index.html': 'secret',
  'site/index.html': 'front', 'site/digits.txt': '0123456789', 'site/empty.txt': '', 'site/large.bin': large, [`site/${odd}`]: 'odd',
  'site/PHOTO.JPG': 'jpg', 'site/unknown.xyz': '?', 'site/docs/index.html': 'docs', 'site/bare/file.txt': 'file',
  'site/.env': 'secret', 'site/.git/config': 'secret', 'site/.git/index.html': 'secret', 'site/docs/.htpasswd': 'secret',
})) {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), content);
}
for (const [name, target] of Object.entries({
  inside: 'digits.txt', 'docs/up': '../digits.txt', linked: 'docs', outside: '../secret.txt', elsewhere: '../home', sibling: '../site2',
  system: '/etc', hidden: '.env', around: 'around', '.shown': 'digits.txt',
})) await symlink(target, join(site, name));
execFileSync('mkfifo', [join(site, 'fifo.txt'), join(site, 'bare/index.html')]);

const served = (body, config = {}) => withServer(body, { config: { server: { static: site }, ...config } });

// Sends requests on one connection, which must still work afterwards.
const asking = (body, config) => served(async ({ dial, ...stage }) => {
  const wire = await dial();
  const ask = (target, headers = {}, method = 'GET') =>
    wire.write(head(`${method} ${target} HTTP/1.1`, { Host: 'x', ...headers })).response({ bodiless: method === 'HEAD' });
  await body({ ask, wire, dial, ...stage });
  assert.equal((await ask('/healthz')).status, 200, 'the connection is not in order');
}, config);

// Each request, on its own connection, is answered with `status` and a text, and ends the connection.
const refused = (status, requests, config) => served(async ({ dial }) => {
  for (const request of requests) {
    const wire = (await dial()).write(request);
    const answer = await wire.response();
    assert.equal(answer.status, status, request.slice(0, 80));
    assert.equal(typeof answer.json().error, 'string');
    assert.equal((await wire.rest()).length, 0);
    wire.hangUp();
  }
}, config);

const notFound = (targets) => asking(async ({ ask }) => {
  for (const target of targets) {
    const { status, body, headers } = await ask(target);
    assert.equal(status, 404, target);
    assert.match(headers['content-type'], /^application\/json/);
    assert.equal(body.includes('secret'), false, target);
  }
});

const TYPES = {
  '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8', '.png': 'image/png', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json', '.ts': 'text/plain; charset=utf-8', '.wasm': 'application/wasm', '.webp': 'image/webp',
};

async function files(root, under = '') {
  const entries = (await readdir(join(root, under), { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const all = entries.map((entry) => (entry.isDirectory() ? files(root, `${under}${entry.name}/`) : [`${under}${entry.name}`]));
  return (await Promise.all(all)).flat();
}

test('every file of static/ is served as it is, with its content type and the headers that protect it', async () => {
  const root = fileURLToPath(new URL('../../static', import.meta.url));
  const names = await files(root);
  assert.ok(names.length > 8);
  await asking(async ({ ask }) => {
    for (const name of names) {
      const { status, headers, body } = await ask(`/static/${name}`);
      assert.equal(status, 200, name);
      assert.deepEqual(body, await readFile(join(root, name)), name);
      assert.equal(headers['content-type'], TYPES[extname(name)], name);
      assert.equal(headers['x-content-type-options'], 'nosniff', name);
      if (name.endsWith('.sandbox.html')) continue; // another policy, see below
      assert.match(headers['content-security-policy'], /default-src 'self'.*script-src 'self' 'wasm-unsafe-eval'; .*object-src 'none'/, name);
      assert.doesNotMatch(headers['content-security-policy'].replace("'wasm-unsafe-eval'", ''), /unsafe|\*/, name);
    }
  }, { server: { static: root } })();
});

test('a sandbox page has no origin and no network, and only pages of this server may frame it', asking(async ({ ask }) => {
  const { headers } = await ask('/static/lib/run.sandbox.html');
  const policy = Object.fromEntries(headers['content-security-policy'].split('; ').map((rule) => [rule.split(' ')[0], rule]));
  assert.equal(policy.sandbox, 'sandbox allow-scripts');
  assert.equal(policy['default-src'], "default-src 'none'");
  assert.equal(policy['frame-ancestors'], "frame-ancestors 'self'");
  assert.doesNotMatch(policy['script-src'], /'self'|http|\*/, 'a script from a server would be a way to talk to it');
  assert.deepEqual(Object.keys(policy).sort(), ['default-src', 'frame-ancestors', 'sandbox', 'script-src', 'worker-src']);
}, { server: { static: fileURLToPath(new URL('../../static', import.meta.url)) } }));

test('HEAD is answered with the headers of GET and no body', asking(async ({ ask }) => {
  for (const target of ['/', '/static/', '/static/digits.txt', '/static/large.bin', '/static/missing', '/healthz', '/nowhere', '/api/ws']) {
    const [get, alone] = [await ask(target), await ask(target, {}, 'HEAD')];
    for (const { headers } of [get, alone]) delete headers.date;
    assert.deepEqual([alone.status, alone.headers], [get.status, get.headers], target);
    assert.equal(get.body.length, Number(get.headers['content-length']), target);
  }
}));

test('/ and /static lead to the front page', asking(async ({ ask }) => {
  for (const target of ['/', '/static', '/?x=1']) {
    const { status, headers } = await ask(target);
    assert.deepEqual([status, headers.location], [302, '/static/'], target);
  }
  assert.equal((await ask('/static/')).body.toString(), 'front');
  assert.equal((await ask('/static/?x=1')).body.toString(), 'front');
}));

test('a folder is served as its index.html, under its name with a slash', asking(async ({ ask }) => {
  for (const [target, location] of Object.entries({
    '/static/docs': '/static/docs/', '/static/docs?a=b&c': '/static/docs/?a=b&c', '/static/linked': '/static/linked/', '/static/%64ocs': '/static/%64ocs/',
  })) {
    const { status, headers } = await ask(target);
    assert.deepEqual([status, headers.location], [302, location]);
    assert.equal((await ask(location)).body.toString(), 'docs');
  }
}));

test('a folder without an index.html, or with one that is not a file, is 404', notFound([
  '/static/bare', '/static/bare/', '/static/docs/index.html/', '/static/digits.txt/', '/static/digits.txt/x',
]));

test('links within the directory are followed, and files with any name are served', asking(async ({ ask }) => {
  assert.equal((await ask('/static/inside')).body.toString(), '0123456789');
  assert.equal((await ask('/static/docs/up')).body.toString(), '0123456789');
  assert.equal((await ask(`/static/${encodeURIComponent(odd)}`)).body.toString(), 'odd');
  assert.equal((await ask('/static/PHOTO.JPG')).headers['content-type'], 'image/jpeg');
  assert.equal((await ask('/static/unknown.xyz')).headers['content-type'], 'application/octet-stream');
}));

test('no path and no link leads out of the directory', notFound([
  '/static/../secret.txt', '/static/docs/../../secret.txt', '/static/%2e%2e/secret.txt', '/static/.%2e/secret.txt', '/static/..%2fsecret.txt',
  '/static/%2e%2e%2fsecret.txt', '/static/%252e%252e%252fsecret.txt', '/static/..%252fsecret.txt', '/static/..\\secret.txt',
  '/static/..%5csecret.txt', '/static/docs/..%5c..%5csecret.txt', '/static/....//secret.txt', '/static/..;/secret.txt',
  '/static//../secret.txt', '/static//etc/passwd', '/static/%2fetc/passwd', '/static/%2Fetc%2Fpasswd', '/static/../site2/secret.txt',
  '/static/../site/digits.txt', '/../secret.txt', '/static/%00', '/static/digits.txt%00', '/static/digits.txt%00.html', '/static/%00/../secret.txt',
  '/static/%c0%ae%c0%ae/secret.txt', '/static/%ef%bc%8e%ef%bc%8e/secret.txt',
  '/static/outside', '/static/elsewhere', '/static/elsewhere/', '/static/elsewhere/index.html', '/static/sibling/secret.txt', '/static/system/passwd',
  '/static/around', `/static/${'a'.repeat(5000)}`, `/static/${'a/'.repeat(4000)}`,
]));

test('files whose names begin with a dot are not served, under any name', notFound([
  '/static/.env', '/static/%2eenv', '/static/.git/config', '/static/.git/', '/static/.git', '/static/docs/.htpasswd', '/static/.shown',
  '/static/hidden', '/static/./digits.txt', '/static/docs/../digits.txt',
]));

test('pipes and devices are not served, and nobody waits for them', async () => {
  await notFound(['/static/fifo.txt', '/static/bare/index.html'])();
  await asking(async ({ ask }) => {
    for (const name of ['zero', 'null', 'random', 'tty']) assert.equal((await ask(`/static/${name}`)).status, 404, name);
  }, { server: { static: '/dev' } })();
});

test('a directory that is removed or becomes a link to itself counts as empty', async () => {
  const root = join(folder, 'passing');
  await mkdir(root);
  await asking(async ({ ask }) => {
    // The server runs beside its config.yaml.
    const isEmpty = async () => {
      for (const name of ['', 'index.html', 'config.yaml']) assert.equal((await ask(`/static/${name}`)).status, 404, name);
    };
    await rm(root, { recursive: true });
    await isEmpty();
    await symlink('passing', root);
    await isEmpty();
  }, { server: { static: root } })();
});

test('without a start page, who asks for it is told what is missing', asking(async ({ ask }) => {
  assert.equal((await ask('/')).headers.location, '/static/');
  const { status, json } = await ask('/static/');
  assert.deepEqual([status, json().error], [404, 'there is no index.html among the pages; name a page in the address, or create index.html']);
}, { server: { static: join(folder, 'site2') } }));

test('only GET and HEAD are allowed', asking(async ({ ask }) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']) {
    for (const target of ['/', '/static/digits.txt', '/static/missing', '/healthz', '/api/ws', '/nowhere']) {
      const { status, headers, json } = await ask(target, { 'Content-Length': 0 }, method);
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], `${method} ${target}`);
      assert.ok(json().error);
    }
  }
  assert.equal((await ask('*', {}, 'OPTIONS')).status, 405);
}));

test('an unknown path is answered with 404 and a text', notFound(['/nowhere', '/api', '/api/', '/api/ws/', '/statics', '/Static/', '/static/missing', '/favicon.ico']));

test('/healthz says that the server is up', asking(async ({ ask }) => {
  const { status, headers, json } = await ask('/healthz?from=probe');
  assert.deepEqual([status, json()], [200, { status: 'ok' }]);
  assert.equal(headers['cache-control'], 'no-store');
}));

test('a client that has the file already gets 304', asking(async ({ ask }) => {
  const { headers: { etag }, headers } = await ask('/static/digits.txt');
  assert.match(etag, /^"[^"]+"$/);
  assert.equal(headers['cache-control'], 'no-cache');
  const inner = etag.slice(1, -1);
  for (const [known, status] of [
    [etag, 304], [`W/${etag}`, 304], [`"x", ${etag}`, 304], [`W/"x",W/${etag} ,"y"`, 304], [`"a, b", ${etag}`, 304], ['*', 304],
    ['"x"', 200], [inner, 200], [`"x${inner}"`, 200], [`"${inner}x"`, 200], [`"x${etag}x"`, 200], [`'${inner}'`, 200], ['"*"', 200], ['', 200],
  ]) {
    const answer = await ask('/static/digits.txt', { 'If-None-Match': known });
    assert.equal(answer.status, status, known);
    assert.equal(answer.headers.etag, etag, known);
    assert.ok(answer.headers['content-security-policy'], known);
    assert.equal(answer.body.toString(), status === 200 ? '0123456789' : '', known);
  }
  assert.equal((await ask('/static/digits.txt', { 'If-None-Match': etag, Range: 'bytes=0-1' })).status, 304);
  assert.equal((await ask('/static/digits.txt', { 'If-None-Match': etag }, 'HEAD')).status, 304);
  assert.equal((await ask('/static/missing', { 'If-None-Match': '*' })).status, 404);
}));

test('a file that has changed is sent again, under another tag', asking(async ({ ask }) => {
  const file = join(site, 'changing.txt');
  await writeFile(file, 'before');
  const { headers: { etag } } = await ask('/static/changing.txt');
  await writeFile(file, 'and after');
  const { status, headers, body } = await ask('/static/changing.txt', { 'If-None-Match': etag });
  assert.deepEqual([status, body.toString()], [200, 'and after']);
  assert.notEqual(headers.etag, etag);
}));

test('a range of a file is sent if it is requested', asking(async ({ ask }) => {
  const { headers: { etag } } = await ask('/static/digits.txt');
  for (const [range, part, which] of [
    ['bytes=2-4', '234', '2-4'], ['bytes=0-0', '0', '0-0'], ['bytes=7-', '789', '7-9'], ['bytes=7-99', '789', '7-9'],
    ['bytes=-3', '789', '7-9'], ['bytes=-99', '0123456789', '0-9'],
  ]) {
    for (const condition of [{}, { 'If-Range': etag }]) {
      const { status, headers, body } = await ask('/static/digits.txt', { Range: range, ...condition });
      assert.deepEqual([status, body.toString(), headers['content-range']], [206, part, `bytes ${which}/10`], range);
      assert.equal(headers.etag, etag);
    }
  }
}));

test('a range outside the file is answered with 416 and the file’s size', asking(async ({ ask }) => {
  for (const range of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) {
    const { status, headers } = await ask('/static/digits.txt', { Range: range });
    assert.deepEqual([status, headers['content-range']], [416, 'bytes */10'], range);
  }
  assert.equal((await ask('/static/empty.txt', { Range: 'bytes=0-' })).headers['content-range'], 'bytes */0');
}));

test('the whole file is sent if the range is not understood, has several parts, is out of date, or not in a GET', asking(async ({ ask }) => {
  const { headers: { etag, ...whole } } = await ask('/static/digits.txt');
  for (const headers of [
    { Range: 'bytes=0-1,4-5' }, { Range: 'bytes=5-2' }, { Range: 'lines=0-1' }, { Range: 'bytes=x-' }, { Range: '0-1' },
    { Range: 'bytes=0-1', 'If-Range': '"x"' }, { Range: 'bytes=0-1', 'If-Range': `W/${etag}` }, { Range: 'bytes=0-1', 'If-Range': whole.date },
    { Range: 'bytes=20-', 'If-Range': '"x"' },
  ]) {
    const answer = await ask('/static/digits.txt', headers);
    assert.deepEqual([answer.status, answer.body.toString()], [200, '0123456789'], JSON.stringify(headers));
  }
  const alone = await ask('/static/digits.txt', { Range: 'bytes=0-1' }, 'HEAD');
  assert.deepEqual([alone.status, alone.headers['content-length'], alone.headers['accept-ranges']], [200, '10', 'bytes']);
}));

test('a slow reader gets a large file completely, and nobody else waits', asking(async ({ ask, dial }) => {
  const slow = await dial();
  slow.socket.pause();
  slow.write(head('GET /static/large.bin HTTP/1.1', { Host: 'x' }));
  for (let i = 0; i < 20; ++i) assert.equal((await ask('/static/digits.txt')).status, 200);
  slow.socket.on('data', () => {
    slow.socket.pause();
    setImmediate(() => slow.socket.resume());
  }).resume();
  const { body } = await slow.response();
  assert.ok(body.equals(large));
}));

test('a client that disappears in the middle of a large file harms nobody', asking(async ({ ask, dial }) => {
  for (let i = 0; i < 5; ++i) {
    const gone = (await dial()).write(head('GET /static/large.bin HTTP/1.1', { Host: 'x' }));
    gone.socket.once('data', () => gone.socket.resetAndDestroy());
    await gone.rest();
  }
  assert.equal((await ask('/static/digits.txt')).status, 200);
}));

test('pipelined requests are answered in their order', served(async ({ dial }) => {
  const wire = await dial();
  const request = (target, method = 'GET') => head(`${method} ${target} HTTP/1.1`, { Host: 'x' });
  wire.write(`${request('/static/digits.txt')}${request('/static/large.bin')}${request('/static/missing')}${request('/healthz', 'HEAD')}${request('/')}`);
  assert.equal((await wire.response()).body.toString(), '0123456789');
  assert.ok((await wire.response()).body.equals(large));
  assert.equal((await wire.response()).status, 404);
  assert.equal((await wire.response({ bodiless: true })).status, 200);
  assert.equal((await wire.response()).status, 302);
}));

test('with HTTP/1.1 a connection is kept unless the client says otherwise, with HTTP/1.0 only if it asks for that', served(async ({ dial }) => {
  for (const [version, headers, kept] of [
    ['1.1', {}, true], ['1.1', { Connection: 'close' }, false], ['1.0', {}, false], ['1.0', { Connection: 'keep-alive' }, true],
  ]) {
    const wire = await dial();
    for (let i = 0; i < (kept ? 3 : 1); ++i) {
      const { status, body } = await wire.write(head(`GET /static/digits.txt HTTP/${version}`, { Host: 'x', ...headers })).response();
      assert.deepEqual([status, body.toString()], [200, '0123456789'], version);
    }
    if (!kept) assert.equal((await wire.rest()).length, 0);
  }
}));

test('an invalid HTTP request is refused with 400', refused(400, [
  'Hello!\r\n\r\n', 'GET\r\n\r\n', 'GET /\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
  'GET / HTTP/1.1\r\nHost : x\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nA: \u0000\r\n\r\n',
  'G@T / HTTP/1.1\r\nHost: x\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n',
]));

test('an invalid path is refused with 400', asking(async ({ ask }) => {
  for (const target of ['/static/%', '/static/%zz', '/static/%2', '/%', 'static/', '/static/#a']) {
    assert.equal((await ask(target)).status, 400, target);
  }
}));

test('a target may be a whole URL with any host', asking(async ({ ask, dial }) => {
  for (const target of ['http://x/static/digits.txt', 'HTTP://elsewhere:81/static/digits.txt', 'https://[::1]/static/digits.txt?a']) {
    assert.equal((await ask(target)).body.toString(), '0123456789', target);
  }
  for (const target of ['http://x', 'http://x?a', 'http://x/']) assert.equal((await ask(target)).headers.location, '/static/', target);
  assert.equal((await ask('http://x/static/docs?a')).headers.location, '/static/docs/?a');
  for (const target of ['http:///static/digits.txt', 'http://', 'http://a b/', 'http://user@x/', 'ftp://x/static/digits.txt', 'x:80', '*']) {
    if (!target.includes(' ')) assert.equal((await ask(target)).status, 400, target);
  }
  const tunnel = await ask('x:80', {}, 'CONNECT');
  assert.deepEqual([tunnel.status, tunnel.headers.allow], [405, 'GET, HEAD']);
  const { status } = await (await dial()).write(head('GET http://x/api/ws?room=garden HTTP/1.1', UPGRADE)).response();
  assert.equal(status, 101);
  assert.equal((await (await dial()).write('GET http://x/healthz HTTP/1.0\r\n\r\n').response()).status, 200);
}));

test('an invalid header Host is refused with 400', refused(400, ['a b', 'a/b', 'user@a', '[::1', 'a:b', 'x, y'].map((host) => head('GET /healthz HTTP/1.1', { Host: host }))
  .concat(head('GET http://x/healthz HTTP/1.1', {}))));

test('a request that will be refused anyway is answered before its body arrives, without 100 Continue', served(async ({ dial }) => {
  for (const [method, target, status] of [['POST', '/healthz', 405], ['PUT', '/static/digits.txt', 405], ['GET', '/nowhere', 404], ['GET', '/api/ws', 426], ['GET', '/static/%', 400]]) {
    for (const headers of [{ 'Content-Length': 60000 }, { 'Content-Length': 60000, Expect: '100-continue' }, { 'Transfer-Encoding': 'chunked' }]) {
      const wire = (await dial()).write(head(`${method} ${target} HTTP/1.1`, { Host: 'x', ...headers }));
      assert.equal((await wire.response()).status, status, `${method} ${target}`);
      wire.hangUp();
    }
  }
  const socket = (await dial()).write(head('GET /api/ws HTTP/1.1', { ...UPGRADE, 'Content-Length': 5 }));
  assert.equal((await socket.response()).status, 400);
}));

test('after a short unwanted body the connection goes on; after a longer one it ends once the answer has arrived', served(async ({ dial }) => {
  const wire = (await dial()).write(head('POST /healthz HTTP/1.1', { Host: 'x', 'Content-Length': 60000 }));
  const refusal = await wire.response();
  assert.deepEqual([refusal.status, refusal.headers.connection], [405, undefined]);
  wire.write('GET / HTTP/1.1\r\n'.repeat(10_000).slice(0, 60000)).write(head('GET /static/digits.txt HTTP/1.1', { Host: 'x' }));
  assert.equal((await wire.response()).body.toString(), '0123456789');
  for (const headers of [{ 'Content-Length': 5e6 }, { 'Content-Length': 60000, Expect: '100-continue' }, { 'Transfer-Encoding': 'chunked' }]) {
    const other = (await dial()).write(head('POST /healthz HTTP/1.1', { Host: 'x', ...headers }));
    const answer = await other.response();
    assert.deepEqual([answer.status, answer.headers.connection], [headers['Content-Length'] === 5e6 ? 413 : 405, 'close']);
    other.write('x'.repeat(1e6));
    assert.equal((await other.rest()).length, 0);
    other.hangUp();
  }
}));

test('another version of HTTP is refused with 505', refused(505, ['GET / HTTP/2.0\r\nHost: x\r\n\r\n', 'GET / HTTP/1.2\r\nHost: x\r\n\r\n']));

test('a head above http.header_limit is refused with 431', refused(431, [
  head('GET /healthz HTTP/1.1', { Host: 'x', Cookie: 'c'.repeat(1024) }), `GET /${'x'.repeat(1024)}`, `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(200)}`,
], { http: { header_limit: '1KiB' } }));

test('a body above http.body_limit is refused with 413, a smaller one is not', async () => {
  const limited = { http: { body_limit: '16B' } };
  await refused(413, [
    head('POST /healthz HTTP/1.1', { Host: 'x', 'Content-Length': 17 }), head('POST /healthz HTTP/1.1', { Host: 'x', 'Content-Length': 2 ** 50 }),
    `${head('POST /healthz HTTP/1.1', { Host: 'x', 'Transfer-Encoding': 'chunked' })}11\r\n${'x'.repeat(17)}\r\n0\r\n\r\n`,
  ], limited)();
  await asking(async ({ wire }) => {
    for (const [headers, body] of [[{ 'Content-Length': 16 }, 'x'.repeat(16)], [{ 'Transfer-Encoding': 'chunked' }, `10\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`]]) {
      assert.equal((await wire.write(head('POST /healthz HTTP/1.1', { Host: 'x', ...headers }) + body).response()).status, 405);
    }
  }, limited)();
});

test('a request that does not arrive within http.timeout is refused with 408', refused(408, [
  'GET / HTTP/1.1\r\nHost:', `${head('GET /healthz HTTP/1.1', { Host: 'x', 'Content-Length': 3 })}ab`,
], { http: { timeout: '1s' } }));

test('a body may arrive in pieces, and nobody waits for it', asking(async ({ wire, dial }) => {
  const other = await dial();
  for (const piece of [head('POST /healthz HTTP/1.1', { Host: 'x', 'Content-Length': 4 }), 'ab']) {
    wire.write(piece);
    assert.equal((await other.write(head('GET /healthz HTTP/1.1', { Host: 'x' })).response()).status, 200);
  }
  assert.equal((await wire.write('cd').response()).status, 405);
}, { server: { static: site, threads: 1 } }));

test('an unused connection is closed silently after http.timeout', served(async ({ dial }) => {
  const [fresh, used] = [await dial(), await dial()];
  assert.equal((await used.write(head('GET /healthz HTTP/1.1', { Host: 'x' })).response()).status, 200);
  for (const wire of [fresh, used]) assert.equal((await wire.rest()).length, 0);
}, { http: { timeout: '1s' } }));
