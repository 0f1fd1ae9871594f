// The house of the core (see core/README.md): its floors, and which file includes which. For the floors' test and for tools/house.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './source.mjs';

// Lowest first. A file includes lower floors, or an earlier file of its own.
export const FLOORS = ['sdk', 'protocol', 'config', 'runtime', 'plugins', 'store', 'rooms', 'replay', 'net', 'api', 'testing', 'server', 'process', 'main'];

export function floorOf(file) {
  if (file === 'hubbub/testing.hpp') return 'testing';
  return dirname(file) === 'hubbub' ? 'sdk' : dirname(file) === '.' ? basename(file).split('.')[0] : file.split('/')[0];
}
export const height = (file) => FLOORS.indexOf(floorOf(file));

// The text of each file of the core in a tree, by its name in an #include.
export function sourcesIn(tree = root) {
  const found = ['core/include', 'core/src'].flatMap((directory) => readdirSync(join(tree, directory), { recursive: true })
    .filter((name) => /\.[ch]pp$/.test(name))
    .map((name) => [name, readFileSync(join(tree, directory, name), 'utf8')]));
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

// What each file includes: { file: [name] }. Without `all`, only files of the house.
export function includesOf(sources, all = false) {
  return Object.fromEntries(Object.entries(sources).map(([file, text]) => [file, [...text.matchAll(/^#include ["<](.+)[">]$/gm)]
    .map(([, name]) => name)
    .filter((name) => all || sources[name] !== undefined)]));
}

// The includes that lead to a higher floor, as [file, other].
export const upwards = (includes) => Object.entries(includes)
  .flatMap(([file, others]) => others.filter((other) => height(other) > height(file)).map((other) => [file, other]));

// The files of a cycle of includes, with the first file at both ends; null if there is none.
export function cycle(includes) {
  const done = new Set();
  const visit = (file, above) => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    for (const other of includes[file]) {
      const found = visit(other, [...above, file]);
      if (found) return found;
    }
    return null;
  };
  for (const file of Object.keys(includes)) {
    const found = visit(file, []);
    if (found) return found;
  }
  return null;
}
