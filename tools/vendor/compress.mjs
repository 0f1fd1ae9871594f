// node tools/vendor/compress.mjs: for each page, script and the like in static/, what the server sends to browsers that take it
// compressed, in static/.encoded, if it is missing or older than its file.

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const COMPRESSIBLE = new Set(['.css', '.csv', '.html', '.js', '.json', '.map', '.md', '.mjs', '.svg', '.ts', '.txt', '.wasm']);
const LEAST = 1000; // bytes: below that it would save no packet
const CODINGS = {
  '.br': (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

const pages = fileURLToPath(new URL('../../static', import.meta.url));
const encoded = join(pages, '.encoded');

async function files(folder, under = '') {
  const entries = (await readdir(join(folder, under), { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  return (await Promise.all(entries.map((entry) => (entry.isDirectory() ? files(folder, join(under, entry.name)) : [join(under, entry.name)])))).flat();
}

const changed = (file) => stat(file).then(({ mtimeMs }) => mtimeMs, () => 0);

for (const name of await files(pages)) {
  const file = join(pages, name);
  const { size, mtimeMs } = await stat(file);
  if (!COMPRESSIBLE.has(extname(name)) || size < LEAST) continue;
  for (const [ending, encode] of Object.entries(CODINGS)) {
    const to = join(encoded, name + ending);
    if (await changed(to) > mtimeMs) continue;
    await mkdir(dirname(to), { recursive: true });
    await writeFile(`${to}.new`, await encode(await readFile(file)));
    await rename(`${to}.new`, to); // whole, or not at all
  }
}
// Of files that are gone.
const kept = new Set((await files(pages)).flatMap((name) => Object.keys(CODINGS).map((ending) => name + ending)));
for (const name of await files(encoded).catch(() => [])) if (!kept.has(name)) await rm(join(encoded, name));
