// Tests a hub of the client library in isolation: the test controls the clock, the browser's page, and the server's end of every
// connection. Nothing here takes real time.
//
//   test('…', alone(({ hub, line, heard, clock }) => {
//     line().welcome({ seq: 3 });
//     assert.deepEqual(heard, ['connecting', 'online', 'welcome']);
//   }, { nickname: 'Bob' }));

import assert from 'node:assert/strict';
import { connect } from '../../static/lib/hubbub.js';
import { Chance } from './chance.mjs';
import { Clock } from './clock.mjs';

export const PAGE_EVENTS = ['focus', 'offline', 'online', 'pagehide', 'pageshow', 'visibilitychange'];

// Resolves once all promises that can settle have run their handlers.
export const settled = () => new Promise(setImmediate);

// One connection. The hub sees it as a WebSocket, as strict as a browser's; the test uses the other end.
export class Line {
  OPEN = 1;
  readyState = 0;
  bufferedAmount = 0;
  frames = []; // what the hub has sent, as text
  closedWith; // { code } once the hub has closed it

  constructor(url, protocols) {
    Object.assign(this, { url, protocols, query: Object.fromEntries(new URL(url).searchParams) });
  }

  get sent() { return this.frames.map((frame) => JSON.parse(frame)); }
  get contents() { return this.sent.filter(({ type }) => type !== 'ping').map(({ content }) => content); }
  get pings() { return this.sent.filter(({ type }) => type === 'ping').length; }

  send(frame) {
    assert.equal(this.readyState, this.OPEN, 'the hub must not write to a socket that is not open');
    this.frames.push(frame);
    this.onsent?.(JSON.parse(frame));
  }

  close(code) {
    assert.ok(code === undefined || code === 1000 || (code >= 3000 && code <= 4999), 'browsers refuse this code');
    this.closedWith ??= { code };
    this.readyState = Math.max(2, this.readyState);
  }

  tell(message) {
    if (this.readyState < 2) this.onmessage({ data: JSON.stringify({ room: 'garden', ...message }) });
  }

  welcome(content) {
    this.readyState = 1;
    this.tell({ type: 'welcome', content: { id: 'me', nickname: 'Jane', epoch: 'e', seq: 0, recovered: false, key: 'k', types: ['message', 'typing'], ...content } });
  }

  // Sends the list of members, which ends a greeting.
  members(...content) { this.tell({ type: 'users_update', content }); }

  // Delivers somebody else's logged message.
  logged(seq, more) { this.tell({ type: 'message', content: `#${seq}`, id: 'other', nickname: 'Bob', ref: `other-${seq}`, seq, ts: 1, ...more }); }

  // Delivers one of the hub's own messages back to it.
  back({ type, content, ref }, seq) { this.tell({ type, content, ref, id: 'me', nickname: 'Jane', seq, ts: 1 }); }

  refuse({ ref }, code, more) { this.tell({ type: 'error', content: 'no', code, ref, nickname: 'System', ...more }); }

  lose(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}

// The parts of a browser's window that a hub uses.
class Page {
  hidden = false;
  #handlers = new Map();

  listen = (type, handle) => { this.#handlers.set(handle, type); };
  unlisten = (type, handle) => { if (this.#handlers.get(handle) === type) this.#handlers.delete(handle); };

  get listened() { return [...this.#handlers.values()].sort(); }
  tell(type, event = {}) { for (const [handle, its] of [...this.#handlers]) if (its === type) handle(event); }

  look(hidden) {
    this.hidden = hidden;
    this.tell('visibilitychange');
  }
}

// Runs body({ hub, lines, line, heard, say, home, clock, page, roll }), then closes the hub and checks that it leaves nothing behind.
export const alone = (body, options) => async () => {
  const clock = new Clock();
  const page = new Page();
  const lines = []; // all connections so far
  const heard = []; // everything the hub reports, in order: states, 'reset', messages as type and seq, results of say()
  const even = new Chance(1);
  let chance; // the result of Math.random(), if a test sets it with roll(); null: truly random
  const { random } = Math;
  const restore = [clock.install(), () => { Math.random = random; }];
  Math.random = () => (chance === null ? random() : chance ?? 0.4 + even.below(1e9) / 5e9); // otherwise the same in each run
  for (const [name, value] of Object.entries({ document: page, addEventListener: page.listen, removeEventListener: page.unlisten })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    restore.push(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
  class Dialled extends Line {
    constructor(...values) {
      super(...values);
      assert.ok(lines.every(({ readyState }) => readyState > 1), 'one connection at a time');
      lines.push(this);
    }
  }
  try {
    const hub = connect({ WebSocket: Dialled, url: 'ws://server/api/ws', room: 'garden', nickname: 'Jane', ...options });
    hub.onStatus(({ state }) => heard.push(state));
    hub.onReset(() => heard.push('reset'));
    hub.on('*', ({ type, seq }) => heard.push(seq === undefined ? type : `${type} ${seq}`));
    const line = () => lines.at(-1);
    await body({
      hub, lines, line, heard, clock, page,
      say(content, type = 'message') {
        const message = hub.send(type, content);
        message.then(() => heard.push(`said ${content}`), ({ code }) => heard.push(`${code}: ${content}`));
        return message;
      },
      // Brings the hub online and greets it.
      home(content) {
        line().welcome(content);
        line().members('Jane');
      },
      roll: (value) => { chance = value; },
    });
    const told = [];
    hub.onStatus((status) => told.push(status));
    hub.close();
    await settled();
    assert.deepEqual([clock.timers, page.listened, hub.pending], [0, [], 0], 'a closed hub leaves nothing behind');
    assert.ok(lines.every(({ readyState }) => readyState > 1));
    assert.equal(told.at(-1), hub.status);
  } finally {
    for (const put of restore.reverse()) put();
  }
};
