// Tests with many rooms in which several people make random changes at once, over real sockets. Some of them lose their connection and
// come back, and one joins late. In the end they must all have the same state. So must a newcomer, and another newcomer after the
// server has been killed and started again.
//
//   class Board {                          // the state of one person's page; replaced by a new one when a page would start again
//     constructor({ id, send }) {}         // send(type, content) works as the client library's, refusals included
//     take(message) {}                     // called with each message that arrives
//     act(chance) {}                       // makes one change: calls send(), and may await it
//     get settled() { return true; }       // optional: whether nothing remains to be sent
//     view() {}                            // the state that must be the same for everybody, as JSON
//   }
//   converges('draw', Board, { options: { width: 500 } });
//
// HUBBUB_SEED repeats the random choices of a run; HUBBUB_RUNS sets the number of rooms.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { Chance } from './chance.mjs';
import { connect } from './client.mjs';
import { within } from './deadline.mjs';
import { sanitized, startServer } from './server.mjs';

const AT_ONCE = 20; // rooms
const PEOPLE = 4;
const STEPS = 20; // changes of each person

class Person {
  constructor(server, room, id, Page) {
    Object.assign(this, { id, Page, waiting: [], steps: 0 });
    const mine = this;
    this.hub = connect({
      url: server.ws,
      room,
      id,
      nickname: id,
      WebSocket: class extends WebSocket {
        constructor(...args) {
          super(...args);
          mine.socket = this;
        }
      },
    });
    this.begin();
    this.hub.onReset(() => this.begin());
    this.hub.on('*', (message) => {
      try {
        this.page.take(message);
      } catch (error) {
        this.fault ??= error;
      }
      if (message.type === 'users_update') this.greeted = true;
      this.look();
    });
    this.hub.on('error', ({ code, content }) => { this.fault ??= new Error(`${id} was told ${code}: ${content}`); });
  }

  begin() {
    this.page = new this.Page({ id: this.id, send: (type, content) => this.send(type, content) });
  }

  // Like hub.send, but `invalid` is not an error of the test: concurrent changes may be refused.
  send(type, content) {
    const answer = this.hub.send(type, content);
    answer.catch((error) => {
      if (error.code !== 'invalid') this.fault ??= error;
    });
    return answer;
  }

  // Makes all waiting until() calls check again.
  look() {
    for (const check of this.waiting) check();
  }

  async until(reached, what) {
    await within(new Promise((resolve) => {
      const check = () => (reached() || this.fault) && resolve();
      this.waiting.push(check);
      check();
    }), `${this.id} ${what}`, { details: () => JSON.stringify({ seq: this.hub.seq, pending: this.hub.pending, status: this.hub.status }) });
    if (this.fault) throw this.fault;
  }

  async live(chance, steps) {
    await this.until(() => this.greeted, 'to be greeted');
    for (let step = 0; step < steps; ++step) {
      if (chance.oneIn(15)) this.socket.terminate();
      const done = this.page.act(chance);
      done?.catch?.(() => {});
      if (chance.oneIn(3)) await Promise.resolve(done).catch(() => {});
      else if (chance.oneIn(2)) await new Promise((resolve) => { setImmediate(resolve); });
      this.steps = step + 1;
      this.look();
    }
    await this.until(() => this.hub.pending === 0 && this.page.settled !== false, 'to have everything acknowledged');
  }
}

async function visit(server, room, Page) {
  const visitor = new Person(server, room, 'visitor', Page);
  try {
    await visitor.until(() => visitor.greeted, 'to be greeted');
    return visitor.page.view();
  } finally {
    visitor.hub.close();
  }
}

// Returns the state that everybody has in the end.
async function play(server, room, seed, Page) {
  const names = Array.from({ length: PEOPLE }, (_, i) => `person${i}`);
  const people = names.map((name) => new Person(server, room, name, Page));
  const chances = names.map((_, i) => new Chance(seed * 100 + i));
  try {
    const late = (async () => {
      await people[0].until(() => people[0].steps >= STEPS / 2, 'to have done half of it');
      people.push(new Person(server, room, 'latecomer', Page));
      await people.at(-1).live(new Chance(seed * 100 + 99), STEPS / 2);
    })();
    await Promise.all([...people.map((person, i) => person.live(chances[i], STEPS)), late]);
    const last = Math.max(...people.map(({ hub }) => hub.seq));
    for (const person of people) await person.until(() => person.hub.seq === last && person.hub.status.state === 'online', `to have come to ${last}`);
    const views = people.map(({ page }) => page.view());
    for (const [i, view] of views.entries()) assert.deepEqual(view, views[0], `the views of ${people[i].id} and ${people[0].id}`);
    assert.deepEqual(await visit(server, room, Page), views[0], `the views of a newcomer and ${people[0].id}`);
    return views[0];
  } finally {
    for (const { hub } of people) hub.close();
  }
}

export function converges(plugin, Page, { options = {}, runs = 200 } = {}) {
  const seed = Number(process.env.HUBBUB_SEED ?? Date.now() % 10_000_000);
  const rooms = Number(process.env.HUBBUB_RUNS ?? (sanitized ? 20 : runs));
  test(`${plugin}: everybody ends with the same (${rooms} rooms, HUBBUB_SEED=${seed})`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hubbub-convergence-'));
    const config = {
      store: { path: join(folder, 'rooms.db'), snapshot_every: 7, retention: { messages: 1_000_000 } },
      rooms: { grace: '0s' },
      websocket: { rate: { messages: 1_000_000, burst: 1_000_000, size: '1GiB', burst_size: '1GiB' } },
      plugins: { chat: { enabled: false }, [plugin]: options },
    };
    if (plugin === 'chat') config.plugins.chat = options;
    let server;
    try {
      const ends = new Map(); // room → the state that everybody had
      server = await startServer({ config });
      const left = Array.from({ length: rooms }, (_, i) => i);
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left.length) {
          const number = left.shift();
          ends.set(`room ${number}`, await play(server, `room ${number}`, seed + number, Page));
        }
      }));
      await server.crash();
      server = await startServer({ config });
      for (const [room, end] of ends) assert.deepEqual(await visit(server, room, Page), end, `${room} after the restart`);
      await server.stop();
    } finally {
      await server?.crash(); // if it has not ended yet
      await rm(folder, { recursive: true });
    }
  });
}
