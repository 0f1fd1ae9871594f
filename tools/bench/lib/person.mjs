// A person in a soak, who resumes after each lost connection and checks that every logged message arrives once and in order.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './servers.mjs';

const pause = 200; // ms between two attempts to connect

export class Person {
  // The counts of all people together.
  static tally = { received: 0, resumed: 0, afresh: 0, cut: 0, closed: {}, errors: {}, wrong: [] };

  #socket;
  #left = false;
  #lost = false;
  #stalled = false;
  #position; // { since, epoch } of the last logged message
  #live = false; // whether the greeting is over

  constructor(url, { room, nickname, onMessage = () => {} }) {
    Object.assign(this, { url, room, nickname, onMessage, id: nickname });
    this.#connect();
  }

  get isThere() {
    return this.#socket.readyState === 1;
  }

  send(type, content, ref) {
    if (this.isThere) this.#socket.send(JSON.stringify({ type, content, ref }));
  }

  // Reads nothing for this many ms; the server may close the connection meanwhile.
  stall(ms) {
    const socket = this.#socket;
    if (!this.isThere || this.#stalled) return;
    this.#stalled = true;
    socket.pause();
    setTimeout(() => {
      this.#stalled = false;
      socket.resume();
    }, ms);
  }

  // Drops the connection without a closing handshake; reconnects later.
  lose() {
    this.#lost = true;
    this.#socket.terminate();
  }

  leave() {
    this.#left = true;
    this.#socket.terminate();
  }

  #connect() {
    const { WebSocket } = createRequire(join(root, 'tests/package.json'))('ws');
    const { room, nickname, id } = this;
    const query = new URLSearchParams({ room, nickname, id, ...this.#position });
    this.#socket = new WebSocket(`${this.url}?${query}`, 'hubbub.v1', { perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#take(JSON.parse(data))).on('error', () => {}).on('close', (code) => {
      if (this.#left) return;
      if (!this.#lost) Person.tally.cut += 1; // by the server
      this.#lost = false;
      Person.tally.closed[code] = (Person.tally.closed[code] ?? 0) + 1;
      setTimeout(() => this.#left || this.#connect(), pause * Math.random());
    });
  }

  #take(message) {
    const { type, seq, content } = message;
    Person.tally.received += 1;
    if (type === 'welcome') {
      if (this.#position) Person.tally[content.recovered ? 'resumed' : 'afresh'] += 1;
      // A greeted client (instead of a resumed one) gets the plugins' state, and counts from the end of the log.
      this.#live = content.recovered;
      if (!content.recovered) this.#position = { since: content.seq, epoch: content.epoch };
    } else if (type === 'error') {
      Person.tally.errors[message.code] = (Person.tally.errors[message.code] ?? 0) + 1;
    } else if (seq > this.#position.since) {
      if (seq !== this.#position.since + 1) this.#wrong(`${type} ${seq} came after ${this.#position.since}`);
      this.#position.since = seq;
      this.#live = true;
    } else if (seq !== undefined && this.#live) {
      this.#wrong(`${type} ${seq} came again after ${this.#position.since}`);
    }
    this.onMessage(message);
  }

  #wrong(what) {
    Person.tally.wrong.push(`${this.nickname} in ${this.room}: ${what}`);
  }
}
