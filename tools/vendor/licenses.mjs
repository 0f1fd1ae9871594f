// Prints the licence of every package that esbuild, whose metafile this reads from its input, took something from.
// Packages with the same text have it once.

import { readFileSync, readdirSync } from 'node:fs';

const KEPT_HERE = { '@ironcalc/wasm': 'ironcalc.LICENSE' }; // of packages that come without

const { inputs } = JSON.parse(readFileSync(0, 'utf8'));
const names = new Set(Object.keys(inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
const packages = new Map(); // text -> the packages that it is for
for (const name of [...names].sort()) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file && !KEPT_HERE[name]) throw new Error(`${name} comes without the text of its licence; keep a copy here`);
  const text = readFileSync(file ? `${folder}/${file}` : KEPT_HERE[name], 'utf8').trim();
  packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
}

console.log('The files beside this one are bundled from these packages.');
for (const [text, list] of packages) console.log(`\n${'-'.repeat(80)}\n\n${list.join('\n')}\n\n${text}`);
