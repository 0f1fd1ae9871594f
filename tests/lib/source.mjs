// The files of this repository as they are checked out, for tests that check their text.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEFT_OUT = /^(\.git|build|data|static\/vendor|.*\bnode_modules)$/; // generated, see .gitignore

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const read = (path) => readFileSync(join(root, path), 'utf8');

// The paths that match, relative to the root: paths(/\.md$/).
export function paths(pattern, under = '') {
  return readdirSync(join(root, under), { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.test(`${under}${name}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? paths(pattern, `${under}${entry.name}/`) : [`${under}${entry.name}`]))
    .filter((path) => pattern.test(path));
}
