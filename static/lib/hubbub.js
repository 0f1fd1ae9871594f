// The client of a Hubbub server, as one module without dependencies.
//
//   import { connect } from './lib/hubbub.js';
//
//   const hub = connect({ room: 'general', nickname: 'Jane' });
//   hub.on('message', ({ nickname, content }) => console.log(`${nickname}: ${content}`));
//   await hub.send('message', 'Hello, everyone!');   // resolves once the room has it
//
// A hub is one person in one room. It outlives its connections: when one is lost it comes back on its own and
// asks for what it missed, so that a handler sees each logged message exactly once and in order. What was sent
// and not acknowledged is sent again under the same `ref`, which the server logs only once.
// Works in browsers and in Node 22; elsewhere hand in a constructor: connect({ WebSocket, url, … }). Types: hubbub.d.ts.
// The complete API is in ../README.md.

const DEFAULTS = {
  queueLimit: 100, // messages that may wait while there is no connection
  retryFirst: 500, // ms, the most that the first retry waits; doubled from one attempt to the next …
  retryMost: 15_000, // … up to this
  stableAfter: 10_000, // ms online after which a loss starts again from retryFirst
  patience: 20_000, // ms of silence after which a connection that owes us an answer counts as dead
  probeAfter: 20_000, // ms of silence after which the server is asked for an answer; less than its own websocket.ping_interval
};
const PULSE = 5000; // ms between two looks at the clock: where more has passed, this computer has slept
const APART = 1000; // ms: an attempt that has not connected in that time may hang, and is not begun anew more often
const CAST_BUFFER = 64 * 1024; // bytes not yet on the wire above which a cast would only arrive stale

// An id may be shared by two tabs or by the same tab before and after a reload, so each page has a prefix of its own. What
// follows cannot be foreseen: ids are free to take, and a message with our id and our next ref would look like ours. (Node 18
// has no `crypto`.)
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

  #key; // ours alone: by it the server knows what we send again
  #epoch; // undefined until the first welcome
  #seq = 0; // everything up to here has been delivered
  #greeting = false; // a newcomer's greeting is coming in: its messages lie before #seq
  #greetedRefs = new Set(); // own messages that this greeting brought, so that a repeated answer shows
  #largestCast = 0; // on this connection, in bytes

  #attempts = 0; // since the last stable connection: sets the back-off
  #openedAt = 0; // when the last attempt began
  #onlineSince = 0;
  #openTimer;
  #answerTimer;
  #answerBy = Infinity; // when an answer must have come; Infinity: none is owed
  #quietSince = 0; // when we last heard something, or last asked
  #pulseTimer;
  // What tells that a connection may have died unnoticed, that there is no network, that the page is left and come back to.
  #events = {
    online: () => {
      this.#attempts = 0;
      this.#wake();
    },
    focus: () => this.#wake(),
    pageshow: ({ persisted }) => { if (persisted || this.#status.state !== 'connecting') this.#wake(); }, // else it is just loading
    visibilitychange: () => (document.hidden ? clearTimeout(this.#pulseTimer) : this.#wake()),
    offline: () => { if (['online', 'connecting'].includes(this.#status.state)) this.#lost(1006, 'there is no network'); },
    pagehide: () => this.#leavePage(),
  };

  constructor({ url, room = 'general', nickname = 'Guest', id, token, ...rest } = {}) {
    // This file is served as <somewhere>/static/lib/hubbub.js, its server's socket is <somewhere>/api/ws.
    this.#url = String(url ?? new URL('../../api/ws', import.meta.url)).replace(/^http/, 'ws');
    this.#options = { ...DEFAULTS, WebSocket: globalThis.WebSocket, token, ...rest };
    this.room = room;
    this.nickname = nickname;
    this.id = id;
    this.types = []; // what this server's plugins handle; it changes when the server is given others
    this.members = []; // nicknames; a large room lists only some …
    this.memberCount = 0; // … but counts all
    for (const [type, handle] of Object.entries(this.#events)) globalThis.addEventListener?.(type, handle);
    this.#open();
  }

  get status() { return this.#status; }
  get pending() { return this.#unsettled.size; }
  get seq() { return this.#seq; }
  get epoch() { return this.#epoch; }

  // Calls handler(message) for each message of that type, '*' for every one. Returns the function that ends it.
  on(type, handler) {
    if (!this.#handlers.has(type)) this.#handlers.set(type, new Set());
    return subscribe(this.#handlers.get(type), handler);
  }

  // Calls handler(status) now and at every change.
  onStatus(handler) {
    const end = subscribe(this.#statusHandlers, handler);
    notify([handler], this.#status);
    return end;
  }

  // Calls handler() when what was shown is void: too much was missed, and a newcomer's greeting follows.
  onReset(handler) {
    return subscribe(this.#resetHandlers, handler);
  }

  // Resolves with the message as the room has it, or with the answer to a question; rejects with a HubError.
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

  // Fire and forget, for ephemeral types: without an answer, and dropped (false) where it could only be late.
  cast(type, content) {
    if (this.#status.state !== 'online' || !this.#takesMore || this.#socket.bufferedAmount > CAST_BUFFER) return false;
    const frame = encode({ type, content });
    if (3 * frame.length > this.#largestCast) this.#largestCast = Math.max(this.#largestCast, sizeOf(frame)); // at most three bytes each
    this.#socket.send(frame);
    return true;
  }

  // Whether this hub's page has sent a message. Its id does not tell: a tab that was duplicated has the same.
  isOwn({ id, ref }) {
    return id === this.id && typeof ref === 'string' && ref.startsWith(`${refPrefix}-`);
  }

  // A connection keeps its nickname for life, so another one takes over and resumes where this one was.
  rename(nickname) {
    this.nickname = nickname;
    if (this.#status.state === 'closed') return;
    this.#open();
  }

  // Tries again now instead of at status.retryAt, or anew where an attempt hangs.
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
    // Half a greeting is no position to resume from: then we come as a newcomer once more.
    if (this.#epoch !== undefined && !this.#greeting) Object.assign(query, { since: this.#seq, epoch: this.#epoch });
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);

    // As subprotocols a token and a key stay out of addresses, and so out of everybody's logs.
    const bearer = typeof token === 'function' ? token() : token;
    const secrets = [bearer && `bearer.${bearer}`, this.#key && `key.${this.#key}`].filter(Boolean);
    const socket = new WebSocket(url.href, ['hubbub.v1', ...secrets]);
    this.#socket = socket;
    const current = (handle) => (event) => { if (this.#socket === socket) handle(event); };
    socket.onmessage = current((event) => this.#receive(JSON.parse(event.data)));
    socket.onclose = current((event) => this.#lost(event.code, event.reason));
    socket.onerror = () => {}; // says nothing; the close event that follows does
    this.#expectAnswer();
    this.#setStatus({ state: 'connecting', retryAt: null });
  }

  // Whoever clicks, and whatever the browser tells, begins no more than one attempt a second.
  #hurry() {
    const { state, retryAt } = this.#status;
    const wait = Math.max(0, APART - Math.abs(Date.now() - this.#openedAt));
    if (state === 'connecting') this.#openIn(wait);
    else if (state === 'offline' && wait === 0) this.#open();
    else if (state === 'offline' && retryAt - Date.now() > wait) this.#setStatus({ retryAt: this.#openIn(wait) });
  }

  // Returns when that is.
  #openIn(delay) {
    clearTimeout(this.#openTimer);
    this.#openTimer = setTimeout(() => this.#open(), delay);
    return Date.now() + delay;
  }

  // Lets go of the socket at once: the closing handshake of a dead connection can take minutes. With 1000 the server knows that
  // nobody comes back.
  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#answered();
    clearTimeout(this.#pulseTimer);
    socket?.close(code);
  }

  // The only sign of a dead connection is that nothing at all answers.
  #expectAnswer({ patience = this.#options.patience, again = false } = {}) {
    const by = Date.now() + patience;
    if (by >= this.#answerBy) return;
    this.#answered();
    this.#answerBy = by;
    this.#answerTimer = setTimeout(() => {
      this.#answered();
      // If we have slept ourselves, that may be why we have heard nothing.
      if (Date.now() - by > PULSE && this.#status.state === 'online' && !again) this.#probe({ again: true });
      else this.#lost(1006, 'no answer');
    }, patience);
  }

  #answered() {
    clearTimeout(this.#answerTimer);
    this.#answerBy = Infinity;
  }

  // A page cannot send a WebSocket's ping. This one costs the server no more than its own, which it then has no need to send. The
  // answer is made at once, so it has to come sooner than others.
  #probe({ again = false } = {}) {
    this.#quietSince = Date.now();
    if (this.#takesMore) this.#socket.send(JSON.stringify({ type: 'ping', ref: probeRef }));
    this.#expectAnswer({ patience: this.#options.patience / 4, again });
  }

  // While the page is looked at, no silence goes on for long. One that nobody looks at costs nothing, and asks when it is.
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

  // Something has changed: what was lost is tried again at once, and what seems to be there has to answer.
  #wake() {
    this.#hurry();
    if (this.#status.state !== 'online') return;
    if (Math.abs(Date.now() - this.#quietSince) > 1000) this.#probe();
    this.#watch();
  }

  // The browser may keep the page, and its connection, for when somebody comes back to it. Until then nobody is here.
  #leavePage() {
    if (this.#status.state === 'closed') return;
    clearTimeout(this.#openTimer);
    this.#drop();
    this.#openedAt = 0; // back at once
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
    // Full jitter: after a restart of the server its clients come back spread out, not all at once.
    const delay = Math.random() * Math.min(retryMost, retryFirst * 2 ** this.#attempts++);
    const failures = wasOnline ? 0 : this.#status.failures + 1;
    this.#setStatus({ state: 'offline', failures, retryAt: this.#openIn(delay), error });
  }

  // "Too big" closes the connection without naming the message. Sending it again would close the next one too.
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

  // A socket is no longer open some time before its close is told; what it would drop is written to the next one.
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
    if (ref === probeRef && message.id === undefined) return; // whatever the answer is
    // A greeting is over with the list of members, or with the first message that is newer than the greeting.
    if (this.#greeting && (type === 'users_update' || seq > this.#seq)) this.#greeting = false;

    const waiting = ref === undefined ? undefined : this.#unsettled.get(ref);
    const own = message.id !== undefined && message.id === this.id;
    // Without an id it is the server's answer to us alone: an error, or what we asked for.
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
    if (isNew) { // a plugin came while we were away, and greets only newcomers
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
    // First what has waited longest, then whatever the handlers below may send.
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

// A handler that throws is its page's error, reported as one; it must not keep the others from hearing.
function notify(handlers, ...values) {
  for (const handler of [...handlers]) {
    try {
      handler(...values);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}

// As the server counts it.
const sizeOf = (frame) => new TextEncoder().encode(frame).length;

// Half a surrogate pair and U+0000 are no text: the server would refuse the whole message, and each time that it is sent again.
function encode(message) {
  return JSON.stringify(message, (_, value) => (typeof value === 'string' ? value.replace(/[\0\p{Cs}]/gu, '\uFFFD') : value));
}
