// The floors of the core (see core/README.md): who may include whom, and where each library stops.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { cycle, FLOORS, floorOf, height, includesOf, sourcesIn, upwards } from '../lib/house.mjs';
import { read } from '../lib/source.mjs';

// Where a library's headers may be included, on a floor or in one of its folders; those of the language and the system may be everywhere.
const DOORS = {
  'nlohmann/': FLOORS,
  'spdlog/': ['runtime'],
  'fmt/': ['runtime'],
  'yaml-cpp/': ['config'],
  'simdjson.h': ['protocol'],
  'boost/dll/': ['plugins'],
  'valijson/': ['plugins'],
  'boost/asio/': ['net/http'],
  'boost/beast/': ['net/http'],
  'boost/system/': ['net/http'],
  'boost/unordered/': ['store', 'rooms'],
  'boost/url': ['api'],
  'CLI/': ['main'],
  'sqlite3.h': ['store'],
  'zlib.h': ['net/websocket', 'store'],
  'openssl/': ['net'],
  'arpa/inet.h': ['config', 'net'], // an address in text
  'linux/tcp.h': ['net'],
  'netdb.h': ['net'],
  'netinet/': ['runtime', 'net'],
  'poll.h': ['runtime'],
  'sys/epoll.h': ['runtime'],
  'sys/eventfd.h': ['runtime'],
  'sys/socket.h': ['runtime', 'net'],
};
const SYSTEM = /^([a-z_0-9]+|sys\/[a-z_]+\.h|[a-z]+\.h)$/;

const named = sourcesIn();
const files = Object.keys(named);
const includes = includesOf(named);
const allIncludes = includesOf(named, true);

test('every file is on a floor, and core/README.md lists them from the lowest up', () => {
  assert.ok(files.length > 80);
  assert.deepEqual(files.filter((file) => height(file) < 0), []);
  const table = [...read('core/README.md').matchAll(/^\| `(\w+)\/` \|/gm)].map(([, floor]) => floor);
  assert.deepEqual(table, FLOORS.filter((floor) => table.includes(floor)));
  assert.deepEqual(FLOORS.filter((floor) => !table.includes(floor)), ['sdk', 'testing', 'server', 'process', 'main']);
});

test('a file includes lower floors and its own, nothing above', () => {
  assert.deepEqual(upwards(includes), []);
});

test('net/http and net/websocket use what is in net/, which uses neither, and meet at the upgrade alone', () => {
  const astray = files.filter((file) => floorOf(file) === 'net').flatMap((file) => includes[file]
    .filter((other) => dirname(other).startsWith('net/') && dirname(other) !== dirname(file))
    .filter((other) => !(dirname(file) === 'net/http' && other === 'net/websocket/upgrade.hpp'))
    .map((other) => `${file} includes ${other}`));
  assert.deepEqual(astray, []);
});

test('the files of a floor have an order: none includes itself in a roundabout way', () => {
  assert.equal(cycle(includes), null);
});

test('each library stops at its door', () => {
  const inside = files.flatMap((file) => allIncludes[file]
    .filter((header) => named[header] === undefined && (!SYSTEM.test(header) || header in DOORS))
    .filter((header) => !Object.entries(DOORS).some(([library, floors]) => header.startsWith(library) && (floors.includes(floorOf(file)) || floors.includes(dirname(file)))))
    .map((header) => `${file} includes <${header}>`));
  assert.deepEqual(inside, []);
});

test('every include is of a file that is there, by its path from src', () => {
  const astray = files.flatMap((file) => [...named[file].matchAll(/^#include "(.+)"$/gm)]
    .filter(([, name]) => named[name] === undefined).map(([, name]) => `${file} includes "${name}"`));
  assert.deepEqual(astray, []);
});

test('every header opens with its contract and is included once', () => {
  for (const file of files.filter((name) => name.endsWith('.hpp'))) {
    assert.match(named[file], /^\/\/ [A-Z][^]*?\n\n?#pragma once\n/, file);
    const contract = named[file].split('#pragma once')[0].trimEnd().split('\n');
    assert.ok(contract.every((line) => line.startsWith('//')), `${file}: something stands between the contract and #pragma once`);
  }
});

test('every file is named in snake_case', () => {
  assert.deepEqual(files.filter((file) => !/^([a-z][a-z0-9_]*\/)*[a-z][a-z0-9_]*\.[ch]pp$/.test(file)), []);
});
