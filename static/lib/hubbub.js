// The client of a Hubbub server, as one module without dependencies.
//
//   import { connect } from './lib/hubbub.js';
//
//   const hub = connect({ room: 'general', nickname: 'Jane' });
//   hub.on('message', ({ nickname, content }) => console.log(`${nickname}: ${content}`));
//   await hub.send('message', 'Hello, everyone!');   // resolves once the room has it
//
// A hub is one person in one room. It survives the loss of its connection: it reconnects on its own and asks for the messages
// that it missed, so that a handler sees each logged message exactly once and in order. Messages that were sent and not
// acknowledged are sent again with the same `ref`, and the server logs them only once.
// Works in browsers and in Node 22; elsewhere pass a constructor: connect({ WebSocket, url, … }). Types: hubbub.d.ts.
// The complete API is in ../README.md.

const DEFAULTS = {
  queueLimit: 100, // messages that may wait while there is no connection
  retryFirst: 500, // ms: the longest wait before the first retry; doubled at each further retry …
  retryMost: 15_000, // … up to this
  stableAfter: 10_000, // ms online after which the next loss starts again from retryFirst
  patience: 20_000, // ms without an expected answer after which a connection counts as dead
  probeAfter: 20_000, // ms of silence after which the server is pinged; less than its own websocket.ping_interval
};
const PULSE = 5000; // ms between two looks at the clock; if more has passed, this computer has slept
const APART = 1000; // ms: the shortest time between two attempts; one that has not connected after it may hang
const CAST_BUFFER = 64 * 1024; // bytes: if more are waiting to be sent, a cast would arrive too late

// Two tabs may share an id, and so do one tab before and after a reload; so each page has its own prefix. The rest of a ref is
// random: anybody can take our id, and a message with our id and our next ref would look like ours. (Node 18 has no `crypto`.)
const refPrefix = Math.random().toString(36).slice(2, 12);
const probeRef = `${refPrefix}-probe`;
const newRef = () => {
  const random = globalThis.crypto?.getRandomValues(new Uint32Array(2)) ?? [0, 0].map(() => Math.random() * 2 ** 32);
  return `${refPrefix}-${Array.from(random, (part) => Math.floor(part).toString(36)).join('-')}`;
};

export class HubError extends Error {
  // `code` is the server's (invalid, rate_limited, …) or one of our own: offline, too_big, closed.
  constructor(code, text, retryAfterMs) {
    super(text);
    this.name = 'HubError';
    this.code = code;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

export function connect(options) {
  return new Hub(options);
}

class Hub {
  #options;
  #url;
  #socket = null;
  #status = { state: 'connecting', failures: 0, retryAt: null, error: null };
  #statusHandlers = new Set();
  #resetHandlers = new Set();
  #handlers = new Map(); // type -> Set of handlers
  #unsettled = new Map(); // ref -> { frame, resolve, reject, sent }, in the order of sending

  #key; // a secret: by it the server recognises messages that we send again
  #epoch; // undefined until the first welcome
  #seq = 0; // everything up to here has been delivered
  #greeting = false; // whether a greeting is arriving: its messages have a seq up to #seq
  #greetedRefs = new Set(); // refs of own messages in this greeting, to recognise a repeated answer
  #largestCast = 0; // on this connection, in bytes

  #attempts = 0; // since the last stable connection; determines the back-off
  #openedAt = 0; // when the last attempt began
  #onlineSince = 0;
  #openTimer;
  #answerTimer;
  #answerBy = Infinity; // the deadline for an answer; Infinity: none is expected
  #quietSince = 0; // when we last received something or last sent a ping
  #pulseTimer;
  // Events after which the connection may be dead or the network gone, or with which the user leaves the page or comes back.
  #events = {
    online: () => {
      this.#attempts = 0;
      this.#wake();
    },
    focus: () => this.#wake(),
    pageshow: ({ persisted }) => { if (persisted || this.#status.state !== 'connecting') this.#wake(); }, // otherwise the page is only loading
    visibilitychange: () => (document.hidden ? clearTimeout(this.#pulseTimer) : this.#wake()),
    offline: () => { if (['online', 'connecting'].includes(this.#status.state)) this.#lost(1006, 'there is no network'); },
    pagehide: () => this.#leavePage(),
  };

  constructor({ url, room = 'general', nickname = 'Guest', id, token, ...rest } = {}) {
    // This file is served at <somewhere>/static/lib/hubbub.js; the server's socket is at <somewhere>/api/ws.
    this.#url = String(url ?? new URL('../../api/ws', import.meta.url)).replace(/^http/, 'ws');
    this.#options = { ...DEFAULTS, WebSocket: globalThis.WebSocket, token, ...rest };
    if (!this.#options.WebSocket) throw new TypeError('there is no WebSocket here: pass one as connect({ WebSocket, … }), such as that of the package ws, or use Node 22');
    this.room = room;
    this.nickname = nickname;
    this.id = id;
    this.types = []; // that this server's plugins handle; changes when its plugins change
    this.members = []; // nicknames; a large room lists only some …
    this.memberCount = 0; // … but counts all
    for (const [type, handle] of Object.entries(this.#events)) globalThis.addEventListener?.(type, handle);
    this.#open();
  }

  get status() { return this.#status; }
  get pending() { return this.#unsettled.size; }
  get seq() { return this.#seq; }
  get epoch() { return this.#epoch; }

  // Calls handler(message) for each message of that type ('*': of any type). Returns a function that removes the handler.
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, new Set());
    return subscribe(this.#handlers.get(type), handler);
  }

  // Calls handler(status) at once and at every change.
  onStatus(handler) {
    const end = subscribe(this.#statusHandlers, handler);
    notify([handler], this.#status);
    return end;
  }

  // Calls handler() if too much was missed to catch up: what the page shows is void, and a greeting follows.
  onReset(handler) {
    return subscribe(this.#resetHandlers, handler);
  }

  // Resolves with the message as the room has stored it, or with the answer to a question; rejects with a HubError.
  send(type, content) {
    const { state } = this.#status;
    if (state === 'closed') return Promise.reject(new HubError('closed', 'the hub is closed'));
    if (state !== 'online' && this.pending >= this.#options.queueLimit) {
      return Promise.reject(new HubError('offline', `offline, and ${this.pending} messages are waiting already`));
    }
    const ref = newRef();
    const frame = encode({ type, content, ref });
    return new Promise((resolve, reject) => {
      const entry = { frame, resolve, reject, sent: false };
      this.#unsettled.set(ref, entry);
      if (state === 'online') this.#write(entry);
    });
  }

  // Fire and forget, for ephemeral types: there is no answer. If the message would only arrive late, it is dropped (false).
  cast(type, content) {
    if (this.#status.state !== 'online' || !this.#takesMore || this.#socket.bufferedAmount > CAST_BUFFER) return false;
    const frame = encode({ type, content });
    if (3 * frame.length > this.#largestCast) this.#largestCast = Math.max(this.#largestCast, sizeOf(frame)); // at most three bytes per unit
    this.#socket.send(frame);
    return true;
  }

  // Whether this hub's page has sent a message. The id does not tell: a duplicated tab has the same id.
  isOwn({ id, ref }) {
    return id === this.id && typeof ref === 'string' && ref.startsWith(`${refPrefix}-`);
  }

  // A connection cannot change its nickname, so a new connection takes over and resumes where this one was.
  rename(nickname) {
    this.nickname = nickname;
    if (this.#status.state === 'closed') return;
    this.#open();
  }

  // Tries to connect now instead of at status.retryAt; if an attempt hangs, starts it again.
  reconnect() {
    this.#attempts = 0;
    this.#hurry();
  }

  close() {
    this.#end(null);
  }

  #open() {
    this.#drop();
    clearTimeout(this.#openTimer);
    this.#openedAt = Date.now();
    this.#largestCast = 0;
    const { WebSocket, token } = this.#options;
    const url = new URL(this.#url);
    const query = { id: this.id, nickname: this.nickname, room: this.room };
    // From the middle of a greeting we cannot resume: then we join as a newcomer again.
    if (this.#epoch !== undefined && !this.#greeting) Object.assign(query, { since: this.#seq, epoch: this.#epoch });
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);

    // Token and key are sent as subprotocols, because addresses end up in logs.
    const bearer = typeof token === 'function' ? token() : token;
    const secrets = [bearer && `bearer.${bearer}`, this.#key && `key.${this.#key}`].filter(Boolean);
    const socket = new WebSocket(url.href, ['hubbub.v1', ...secrets]);
    this.#socket = socket;
    const current = (handle) => (event) => { if (this.#socket === socket) handle(event); };
    socket.onmessage = current((event) => this.#receive(JSON.parse(event.data)));
    socket.onclose = current((event) => this.#lost(event.code, event.reason));
    socket.onerror = () => {}; // tells nothing; a close event follows
    this.#expectAnswer();
    this.#setStatus({ state: 'connecting', retryAt: null });
  }

  // Tries to connect soon; however often this is called, at most one attempt starts per second.
  #hurry() {
    const { state, retryAt } = this.#status;
    const wait = Math.max(0, APART - Math.abs(Date.now() - this.#openedAt));
    if (state === 'connecting') this.#openIn(wait);
    else if (state === 'offline' && wait === 0) this.#open();
    else if (state === 'offline' && retryAt - Date.now() > wait) this.#setStatus({ retryAt: this.#openIn(wait) });
  }

  // Returns the time of the attempt.
  #openIn(delay) {
    clearTimeout(this.#openTimer);
    this.#openTimer = setTimeout(() => this.#open(), delay);
    return Date.now() + delay;
  }

  // Drops the socket without waiting: the closing handshake of a dead connection can take minutes. The code 1000 tells the server
  // that we are not coming back.
  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#answered();
    clearTimeout(this.#pulseTimer);
    socket?.close(code);
  }

  // A dead connection can only be recognised by a missing answer.
  #expectAnswer({ patience = this.#options.patience, again = false } = {}) {
    const by = Date.now() + patience;
    if (by >= this.#answerBy) return;
    this.#answered();
    this.#answerBy = by;
    this.#answerTimer = setTimeout(() => {
      this.#answered();
      // If this computer has slept, that may be why there was no answer.
      if (Date.now() - by > PULSE && this.#status.state === 'online' && !again) this.#probe({ again: true });
      else this.#lost(1006, 'no answer');
    }, patience);
  }

  #answered() {
    clearTimeout(this.#answerTimer);
    this.#answerBy = Infinity;
  }

  // A page cannot send a WebSocket ping frame, so this is a message. It costs the server no more than its own ping, which it then
  // need not send. The server answers at once, so this answer has a shorter deadline than others.
  #probe({ again = false } = {}) {
    this.#quietSince = Date.now();
    if (this.#takesMore) this.#socket.send(JSON.stringify({ type: 'ping', ref: probeRef }));
    this.#expectAnswer({ patience: this.#options.patience / 4, again });
  }

  // While the page is visible, pings the server after a silence. A hidden page does nothing, and pings when it becomes visible.
  #watch() {
    clearTimeout(this.#pulseTimer);
    if (this.#status.state !== 'online' || globalThis.document?.hidden) return;
    const { probeAfter } = this.#options;
    const due = Date.now() + Math.min(PULSE, Math.max(0, this.#quietSince + probeAfter - Date.now()));
    this.#pulseTimer = setTimeout(() => {
      if (Math.abs(Date.now() - due) > PULSE) this.#wake();
      else if (Date.now() - this.#quietSince >= probeAfter) this.#probe();
      this.#watch();
    }, due - Date.now());
  }

  // Something has changed: a lost connection is tried again at once, and one that seems alive is pinged.
  #wake() {
    this.#hurry();
    if (this.#status.state !== 'online') return;
    if (Math.abs(Date.now() - this.#quietSince) > 1000) this.#probe();
    this.#watch();
  }

  // After the user has left the page, the browser may keep it and its connection in memory. Meanwhile this person is not in the room.
  #leavePage() {
    if (this.#status.state === 'closed') return;
    clearTimeout(this.#openTimer);
    this.#drop();
    this.#openedAt = 0; // so that coming back connects at once
    this.#setStatus({ state: 'offline', retryAt: null, error: null });
  }

  #lost(code, reason) {
    this.#drop();
    const error = { code, reason };
    if (code === 1009) this.#refuseLargest();
    if (code >= 4500 && code <= 4999) return this.#end(error);

    const wasOnline = this.#status.state === 'online';
    if (wasOnline && Date.now() - this.#onlineSince >= this.#options.stableAfter) this.#attempts = 0;
    const { retryFirst, retryMost } = this.#options;
    // Full jitter: after a restart of the server, its clients do not all reconnect at the same moment.
    const delay = Math.random() * Math.min(retryMost, retryFirst * 2 ** this.#attempts++);
    const failures = wasOnline ? 0 : this.#status.failures + 1;
    this.#setStatus({ state: 'offline', failures, retryAt: this.#openIn(delay), error });
  }

  // The server closes the connection as "too big" without naming the message. Sending it again would close the next connection too,
  // so the largest message is refused.
  #refuseLargest() {
    let largest = { size: this.#largestCast };
    for (const [ref, entry] of this.#unsettled) {
      const size = entry.sent ? sizeOf(entry.frame) : 0;
      if (size > largest.size) largest = { size, ref, entry };
    }
    if (!largest.entry) return; // it was a cast
    this.#unsettled.delete(largest.ref);
    largest.entry.reject(new HubError('too_big', 'larger than the server takes'));
  }

  #end(error) {
    if (this.#status.state === 'closed') return;
    this.#drop(1000);
    clearTimeout(this.#openTimer);
    for (const [type, handle] of Object.entries(this.#events)) globalThis.removeEventListener?.(type, handle);
    const rest = [...this.#unsettled.values()];
    this.#unsettled.clear();
    for (const { reject } of rest) reject(new HubError('closed', 'closed before it was acknowledged'));
    this.#setStatus({ state: 'closed', retryAt: null, error });
  }

  // A socket stops being open some time before its close event. Messages that it would drop are written to the next socket.
  get #takesMore() { return this.#socket.readyState === this.#socket.OPEN; }

  #write(entry) {
    if (this.#takesMore) {
      entry.sent = true;
      this.#socket.send(entry.frame);
    }
    this.#expectAnswer();
  }

  #receive(message) {
    this.#answered();
    this.#quietSince = Date.now();
    const { type, seq, ref } = message;
    if (type === 'welcome') return this.#welcome(message);
    if (ref === probeRef && message.id === undefined) return; // the answer to our ping, even if it is an error
    // A greeting ends with the list of members, or with the first message that is newer than the greeting.
    if (this.#greeting && (type === 'users_update' || seq > this.#seq)) this.#greeting = false;

    const waiting = ref === undefined ? undefined : this.#unsettled.get(ref);
    const own = message.id !== undefined && message.id === this.id;
    // A message without an id is the server's answer to us: an error, or the answer to a question.
    const answer = waiting && (own || message.id === undefined);
    const seen = seq <= this.#seq && (!this.#greeting || (own && this.#greetedRefs.has(ref)));
    if (this.#greeting && own && ref !== undefined) this.#greetedRefs.add(ref);
    if (seq > this.#seq) this.#seq = seq;
    if (answer) this.#unsettled.delete(ref);
    if (type === 'types') this.types = message.content;
    if (type === 'users_update') Object.assign(this, { members: message.content, memberCount: message.count ?? message.content.length });

    if (!seen) this.#deliver(message, answer && type === 'error' ? ['*'] : [type, '*']);
    if (!answer) return;
    if (type === 'error') waiting.reject(new HubError(message.code, message.content, message.retry_after_ms));
    else waiting.resolve(message);
  }

  #welcome(message) {
    const { id, nickname, epoch, seq, recovered, types, key } = message.content;
    const startsAgain = !recovered && this.#epoch !== undefined;
    const isNew = recovered && (types ?? []).some((type) => !this.types.includes(type));
    Object.assign(this, { id, nickname, types: types ?? [] });
    if (isNew) { // a plugin was added while we were away, and it greets newcomers only: join as one
      this.#greeting = true;
      return this.#open();
    }
    this.#epoch = epoch;
    this.#key = key;
    if (!recovered) {
      this.#seq = seq;
      this.#greeting = true;
      this.#greetedRefs.clear();
    }
    this.#onlineSince = Date.now();
    clearTimeout(this.#openTimer);
    // Waiting messages go first, in their order, then those that the handlers below may send.
    for (const entry of this.#unsettled.values()) this.#write(entry);
    this.#become({ state: 'online', failures: 0, retryAt: null, error: null });
    this.#watch();
    if (startsAgain) notify(this.#resetHandlers);
    notify(this.#statusHandlers, this.#status);
    this.#deliver(message, ['welcome', '*']);
  }

  #deliver(message, types) {
    for (const type of types) notify(this.#handlers.get(type) ?? [], message);
  }

  #become(change) {
    this.#status = Object.freeze({ ...this.#status, ...change });
  }

  #setStatus(change) {
    this.#become(change);
    notify(this.#statusHandlers, this.#status);
  }
}

function subscribe(handlers, handler) {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

// If a handler throws, the error is reported as an uncaught error of the page, and the other handlers are still called.
function notify(handlers, ...values) {
  for (const handler of [...handlers]) {
    try {
      handler(...values);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}

// In bytes, as the server counts.
const sizeOf = (frame) => new TextEncoder().encode(frame).length;

// Replaces lone surrogates and U+0000, for which the server would refuse the whole message, each time that it is sent.
function encode(message) {
  return JSON.stringify(message, (_, value) => (typeof value === 'string' ? value.replace(/[\0\p{Cs}]/gu, '\uFFFD') : value));
}
