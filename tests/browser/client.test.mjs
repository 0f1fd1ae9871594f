// What a page may rely on from the client library: here without a browser, against the real server and, for what a
// well-behaved server does not do on demand, against one that is scripted.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { connect } from '../lib/client.mjs';
import { within } from '../lib/deadline.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { startServer } from '../lib/server.mjs';

const became = (hub, state) => within(new Promise((resolve) => {
  const end = hub.onStatus((status) => { if (status.state === state) setImmediate(() => { end?.(); resolve(status); }); });
}), `the hub to be ${state}`);

const heard = (hub, type, matches = () => true) => within(new Promise((resolve) => {
  const end = hub.on(type, (message) => { if (matches(message)) { end(); resolve(message); } });
}), `a ${type}`);

const code = (promise) => within(promise.then(() => 'resolved', (error) => error.code), 'a promise to settle');

// Runs body with a server, a proxy before it, and hubs that are closed afterwards.
function withServer(body, config) {
  return async () => {
    const server = await startServer({ config });
    const proxy = await startProxy(server.port);
    const hubs = [];
    try {
      await body({ server, proxy, join: (options) => {
        const hub = connect({ url: proxy.ws, room: 'garden', nickname: 'Jane', ...options });
        hubs.push(hub);
        return hub;
      } });
    } finally {
      hubs.forEach((hub) => hub.close());
      await proxy.stop();
      await server.stop();
    }
  };
}

// Runs body with a server that does, connection by connection, what the scripts say.
function withScript(scripts, body, options) {
  return async () => {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'hubbub.v1' });
    await once(listener, 'listening');
    const requests = [];
    listener.on('connection', (socket, request) => {
      const tell = (message) => socket.send(JSON.stringify(message));
      requests.push(new URL(request.url, 'http://localhost').searchParams);
      scripts[Math.min(requests.length, scripts.length) - 1]({
        socket, tell,
        welcome: (content) => tell({ type: 'welcome', room: 'garden', content: { id: 'me', nickname: 'Jane', epoch: 'e', seq: 0, recovered: false, types: [], ...content } }),
        onMessage: (handler) => socket.on('message', (data) => handler(JSON.parse(data))),
      });
    });
    const hub = connect({ url: `ws://127.0.0.1:${listener.address().port}/api/ws`, room: 'garden', nickname: 'Jane', ...options });
    try {
      await body(hub, requests);
    } finally {
      hub.close();
      for (const client of listener.clients) client.terminate();
      listener.close();
    }
  };
}

// Complains, as browsers do, where one writes to a socket that is no longer open.
class Strict extends WebSocket {
  static newest;

  constructor(...values) {
    super(...values);
    Strict.newest = this;
  }

  send(...values) {
    assert.equal(this.readyState, WebSocket.OPEN);
    super.send(...values);
  }
}

test('a sent message resolves with what the room logged', withServer(async ({ join }) => {
  const jane = join();
  const message = await within(jane.send('message', 'Hello!'), 'the acknowledgement');
  assert.deepEqual([message.type, message.content, message.nickname, message.room, message.seq, message.id],
    ['message', 'Hello!', 'Jane', 'garden', 1, jane.id]);
  assert.equal(jane.pending, 0);
  assert.deepEqual(jane.members, ['Jane']);
  assert.ok(jane.types.includes('message'));
}));

test('a refusal rejects with its code, and leaves the connection as it was', withServer(async ({ join }) => {
  const jane = join();
  assert.equal(await code(jane.send('no-such-type', 1)), 'unknown_type');
  assert.equal(await code(jane.send('message', { not: 'a string' })), 'invalid');
  assert.equal(await code(jane.send('message', 'fine')), 'resolved');
  assert.equal(jane.status.failures, 0);
}));

test('what could be no text is made one, instead of failing without a trace', withServer(async ({ join }) => {
  const jane = join();
  const { content } = await within(jane.send('message', 'half \ud83d a pair'), 'the acknowledgement');
  assert.ok(content.startsWith('half ') && content.endsWith(' a pair'));
  assert.equal((await within(jane.send('message', 'a\0b'), 'the acknowledgement')).content, 'a\uFFFDb');
}));

test('a cast reaches the others, and is dropped while offline', withServer(async ({ join, server, proxy }) => {
  const jane = join();
  const bob = join({ nickname: 'Bob', url: server.ws });
  assert.equal(jane.cast('typing', true), false, 'not online yet');
  await Promise.all([became(jane, 'online'), became(bob, 'online')]);
  const typing = heard(bob, 'typing');
  assert.equal(jane.cast('typing', true), true);
  const { nickname, content, seq } = await typing;
  assert.deepEqual([nickname, content, seq], ['Jane', true, undefined]);
  proxy.cut();
  await became(jane, 'offline');
  assert.equal(jane.cast('typing', true), false);
}));

test('what is sent before and between connections arrives in its order, each once', withServer(async ({ join, server, proxy }) => {
  const bob = join({ nickname: 'Bob', url: server.ws });
  await became(bob, 'online');
  const contents = [];
  bob.on('message', ({ content }) => contents.push(content));

  const jane = join();
  const acknowledged = [];
  const send = (i) => acknowledged.push(jane.send('message', String(i)));
  const lastSeen = heard(bob, 'message', ({ content }) => content === '11');
  for (let i = 0; i < 4; i += 1) send(i);
  await became(jane, 'online');
  for (let i = 4; i < 8; i += 1) send(i);
  proxy.cut();
  for (let i = 8; i < 12; i += 1) send(i);
  proxy.restore();
  const messages = await within(Promise.all(acknowledged), 'every acknowledgement');
  await lastSeen;
  assert.deepEqual(messages.map(({ content }) => Number(content)), [...Array(12).keys()]);
  assert.deepEqual(contents.map(Number), [...Array(12).keys()]);
}));

test('what waits while offline is bounded and visible, and closing settles all of it', withServer(async ({ join, proxy }) => {
  const jane = join({ queueLimit: 3 });
  await became(jane, 'online');
  proxy.cut();
  await became(jane, 'offline');
  const codes = [1, 2, 3, 4].map((i) => code(jane.send('message', String(i))));
  assert.equal(jane.pending, 3);
  assert.equal(await codes[3], 'offline');
  jane.close();
  assert.deepEqual(await Promise.all(codes), ['closed', 'closed', 'closed', 'offline']);
  assert.equal(await code(jane.send('message', 'too late')), 'closed');
  assert.equal(jane.status.state, 'closed');
}));

test('a subscription ends when its end is called, and one that throws does not silence the others', async () => {
  await withScript([({ welcome, tell }) => {
    welcome();
    for (let seq = 1; seq <= 2; seq += 1) tell({ type: 'note', seq });
  }], async (hub) => {
    const seen = [];
    // Where an uncaught error would go; the test runner must not take it for its own.
    const reported = [];
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = (task) => queueMicrotask(() => {
      try { task(); } catch (error) { reported.push(error.message); }
    });
    const end = hub.on('note', ({ seq }) => { seen.push(seq); end(); });
    hub.on('note', ({ seq }) => { if (seq === 1) throw new Error('a handler of the page'); });
    await heard(hub, '*', ({ seq }) => seq === 2);
    globalThis.queueMicrotask = queueMicrotask;
    assert.deepEqual(seen, [1]);
    assert.deepEqual(reported, ['a handler of the page']);
  })();
});

test('a server that refuses the connection is asked again and again, and the failures are counted', withServer(async ({ join }) => {
  const nobody = join({ nickname: 'x'.repeat(65) });
  const status = await within(new Promise((resolve) => {
    nobody.onStatus((now) => { if (now.failures === 3) resolve(now); });
  }), 'three failures');
  assert.equal(status.state, 'offline');
  assert.equal(status.error.code, 1006);
  assert.ok(status.retryAt > 0);
}));

test('a connection from which nothing comes back any more is replaced', withServer(async ({ join, proxy }) => {
  const jane = join({ patience: 1000 });
  await heard(jane, 'users_update');
  proxy.deafen();
  const sent = jane.send('message', 'is anybody there?');
  await became(jane, 'offline');
  proxy.restore();
  const { seq } = await within(sent, 'the acknowledgement');
  assert.equal(seq, 1, 'and it was logged only once');
}));

test('an attempt that hangs is begun anew by who asks for it, and no more than once a second, however often that is', async () => {
  const server = await startServer();
  const dials = [];
  const silent = 2; // attempts that nobody answers
  const wire = createServer((client) => {
    dials.push(performance.now());
    client.on('error', () => {});
    if (dials.length <= silent) return void client.resume();
    const through = createConnection(server.port, '127.0.0.1').on('error', () => {});
    client.pipe(through).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const hub = connect({ url: `ws://127.0.0.1:${wire.address().port}/api/ws`, patience: 1_000_000 });
  const asking = setInterval(() => hub.reconnect(), 5);
  try {
    await became(hub, 'online');
    assert.equal(dials.length, silent + 1);
    assert.ok(dials.at(-1) - dials[0] > silent * 900, `${dials}`);
  } finally {
    clearInterval(asking);
    hub.close();
    wire.close();
    await server.stop();
  }
});

test('who asks again and again while nobody is there begins no more than one attempt a second', withServer(async ({ join, proxy }) => {
  const jane = join({ retryFirst: 1_000_000, retryMost: 1_000_000 });
  await heard(jane, 'users_update');
  proxy.cut();
  await became(jane, 'offline');
  const from = performance.now();
  const asking = setInterval(() => jane.reconnect(), 5);
  await proxy.attempts(3);
  clearInterval(asking);
  assert.ok(performance.now() - from > 1800);
  await became(jane, 'offline');
  proxy.restore();
  jane.reconnect();
  await became(jane, 'online');
}));

test('who only reads learns that nothing comes any more, and has missed nothing', withServer(async ({ join, server, proxy }) => {
  const jane = join({ probeAfter: 100, patience: 1000 });
  const bob = join({ nickname: 'Bob', url: server.ws });
  await Promise.all([heard(jane, 'users_update'), became(bob, 'online')]);
  proxy.deafen();
  await within(bob.send('message', 'is anybody there?'), 'the acknowledgement');
  await became(jane, 'offline');
  const missed = heard(jane, 'message');
  proxy.restore();
  assert.equal((await missed).content, 'is anybody there?');
}));

test('a silence is broken by a ping, whose answer is for the library alone, and which any server may refuse', async () => {
  for (const answer of [{ type: 'pong', content: null }, { type: 'error', code: 'unknown_type', content: 'no plugin here handles the type "ping"' }]) {
    const seen = [];
    let pinged;
    const thrice = new Promise((resolve) => { pinged = resolve; });
    let count = 0;
    await withScript([({ welcome, tell, onMessage }) => {
      onMessage(({ type, ref }) => {
        assert.equal(type, 'ping');
        tell({ ...answer, ref });
        if ((count += 1) === 3) pinged();
      });
      welcome();
    }], async (hub, requests) => {
      hub.on('*', ({ type }) => seen.push(type));
      await within(thrice, 'three pings');
      assert.deepEqual(seen, ['welcome']);
      assert.equal(hub.pending, 0);
      assert.equal(requests.length, 1);
    }, { probeAfter: 20 })();
  }
});

for (const number of [4500, 4501, 4999]) {
  test(`close code ${number} is final`, withScript([({ welcome, socket }) => {
    welcome();
    socket.close(number, 'enough');
  }], async (hub, requests) => {
    const unanswered = code(hub.send('message', 'never answered'));
    const status = await became(hub, 'closed');
    assert.deepEqual(status.error, { code: number, reason: 'enough' });
    assert.equal(await unanswered, 'closed');
    assert.equal(requests.length, 1);
  }));
}

for (const number of [1000, 1001, 1008, 1011, 1013, 4000, 4002, 4499]) {
  test(`after close code ${number} it comes back`, withScript([({ welcome, socket }) => {
    welcome({ seq: 7 });
    socket.send(JSON.stringify({ type: 'users_update', content: [] }));
    socket.close(number);
  }, ({ welcome }) => welcome({ seq: 7, recovered: true })], async (hub, requests) => {
    await became(hub, 'offline');
    await became(hub, 'online');
    const [first, second] = requests.map((query) => Object.fromEntries(query));
    assert.deepEqual(first, { room: 'garden', nickname: 'Jane' });
    assert.deepEqual(second, { room: 'garden', nickname: 'Jane', id: 'me', since: '7', epoch: 'e' });
  }));
}

test('the whole greeting of a newcomer is delivered, though it lies before the position', withScript([({ welcome, tell }) => {
  welcome({ seq: 9 });
  for (const seq of [7, 8, 9]) tell({ type: 'message', seq });
  tell({ type: 'users_update', content: ['Jane'] });
  tell({ type: 'message', seq: 9 });
  tell({ type: 'message', seq: 10 });
}], async (hub) => {
  const seen = [];
  hub.on('message', ({ seq }) => seen.push(seq));
  await heard(hub, 'message', ({ seq }) => seq === 10);
  assert.deepEqual(seen, [7, 8, 9, 10], 'and what follows it only once');
}));

test('a greeting that broke off is asked for anew, from the start', withScript([({ welcome, tell, socket }) => {
  welcome({ seq: 9 });
  tell({ type: 'message', seq: 8 });
  socket.close(1001);
}, ({ welcome, tell }) => {
  welcome({ seq: 9 });
  for (const seq of [8, 9]) tell({ type: 'message', seq });
  tell({ type: 'users_update', content: [] });
}], async (hub, requests) => {
  let shown = [];
  hub.on('message', ({ seq }) => shown.push(seq));
  hub.onReset(() => { shown = []; });
  await heard(hub, 'users_update');
  assert.equal(requests[1].has('since'), false);
  assert.deepEqual(shown, [8, 9]);
}));

test('a resumed connection delivers what came since, without repeating what was seen', withScript([({ welcome, tell, socket }) => {
  welcome({ seq: 0 });
  tell({ type: 'users_update', content: [] });
  for (const seq of [1, 2, 3]) tell({ type: 'message', seq });
  socket.close(4000);
}, ({ welcome, tell }) => {
  welcome({ seq: 5, recovered: true });
  for (const seq of [3, 4, 5, 5, 6]) tell({ type: 'message', seq });
}], async (hub, requests) => {
  const seen = [];
  let resets = 0;
  hub.on('message', ({ seq }) => seen.push(seq));
  hub.onReset(() => { resets += 1; });
  await heard(hub, 'message', ({ seq }) => seq === 6);
  assert.equal(requests[1].get('since'), '3');
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  assert.equal(resets, 0);
}));

test('an own message is not shown twice when a new greeting brings it and the answer does again', withScript([({ welcome, tell, socket, onMessage }) => {
  welcome();
  tell({ type: 'users_update', content: [] });
  onMessage(() => socket.terminate());
}, ({ welcome, tell, onMessage }) => {
  onMessage(({ type, content, ref }) => {
    const logged = { type, content, ref, id: 'me', seq: 4 };
    tell({ type: 'message', seq: 3, content: 'older', id: 'other' });
    tell(logged);
    tell(logged);
    tell({ type: 'users_update', content: [] });
    tell({ type: 'message', seq: 5, content: 'newer', id: 'other' });
  });
  welcome({ seq: 4, epoch: 'another' });
}], async (hub) => {
  let shown = [];
  let resets = 0;
  hub.on('message', ({ content }) => shown.push(content));
  hub.onReset(() => { resets += 1; shown = []; });
  await became(hub, 'online');
  const newest = heard(hub, 'message', ({ seq }) => seq === 5);
  const message = await within(hub.send('message', 'mine'), 'the acknowledgement');
  await newest;
  assert.equal(message.seq, 4);
  assert.equal(resets, 1);
  assert.deepEqual(shown, ['older', 'mine', 'newer']);
}));

test('a message with my ref and another id is not my acknowledgement', withScript([({ welcome, tell, onMessage }) => {
  welcome();
  onMessage(({ type, content, ref }) => {
    tell({ type, content: 'not mine', ref, id: 'other', seq: 1 });
    tell({ type, content, ref, id: 'me', seq: 2 });
  });
}], async (hub) => {
  assert.equal((await within(hub.send('message', 'mine'), 'the acknowledgement')).seq, 2);
}));

test('what is sent while the connection is closing goes with the next one, and no closing socket is written to', withScript([({ welcome, socket }) => {
  welcome();
  socket.close(4000);
}, ({ welcome, onMessage, tell }) => {
  onMessage(({ type, content, ref }) => tell({ type, content, ref, id: 'me', seq: 1 }));
  welcome();
}], async (hub) => {
  await became(hub, 'online');
  await within((async () => { while (Strict.newest.readyState === WebSocket.OPEN) await new Promise(setImmediate); })(), 'the socket to close');
  assert.equal(hub.status.state, 'online', 'it has not been told yet');
  const message = hub.send('message', 'mine');
  assert.equal(hub.cast('typing', true), false);
  assert.equal((await within(message, 'the acknowledgement')).content, 'mine');
}, { WebSocket: Strict }));

test('a message that is too big is refused, the others are sent again', withScript([({ welcome, socket, onMessage }) => {
  onMessage(({ content }) => { if (content.length > 100) socket.close(1009); });
  welcome();
}, ({ welcome, tell, onMessage }) => {
  let seq = 0;
  onMessage(({ type, content, ref }) => tell({ type, content, ref, id: 'me', seq: (seq += 1) }));
  welcome();
}], async (hub) => {
  const codes = ['small', 'x'.repeat(1000), 'small, too'].map((content) => code(hub.send('message', content)));
  assert.deepEqual(await Promise.all(codes), ['resolved', 'too_big', 'resolved']);
}));

test('who is too fast learns when to try again', withScript([({ welcome, tell, onMessage }) => {
  onMessage(({ ref }) => tell({ type: 'error', content: 'too fast', code: 'rate_limited', retry_after_ms: 250, ref }));
  welcome();
}], async (hub) => {
  const error = await within(hub.send('message', '!').catch((reason) => reason), 'the refusal');
  assert.deepEqual([error.name, error.code, error.message, error.retryAfterMs], ['HubError', 'rate_limited', 'too fast', 250]);
}));

test('an error that answers no send is delivered to who listens for errors', withScript([({ welcome, tell, onMessage }) => {
  onMessage(() => tell({ type: 'error', content: 'no', code: 'forbidden' }));
  welcome();
}], async (hub) => {
  await became(hub, 'online');
  const error = heard(hub, 'error');
  hub.cast('typing', true);
  assert.equal((await error).code, 'forbidden');
}));

test('the types of a server that is given other plugins are those of now', withScript([({ welcome, tell }) => {
  welcome({ types: ['message'] });
  tell({ type: 'types', content: ['draw', 'message'] });
}], async (hub) => {
  assert.deepEqual((await heard(hub, 'types')).content, ['draw', 'message']);
  assert.deepEqual(hub.types, ['draw', 'message']);
}));

test('the key that the welcome gave goes along when the hub comes back, never in the address', async () => {
  const listener = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'hubbub.v1' });
  await once(listener, 'listening');
  const hub = connect({ url: `http://127.0.0.1:${listener.address().port}/api/ws`, retryFirst: 1 });
  const [socket, first] = await within(once(listener, 'connection'), 'a connection');
  assert.equal(first.headers['sec-websocket-protocol'], 'hubbub.v1');
  const content = { id: 'me', nickname: 'Guest', epoch: 'e', seq: 0, recovered: false, key: 'secret', types: [] };
  const again = once(listener, 'connection');
  socket.send(JSON.stringify({ type: 'welcome', room: 'general', content }), () => socket.close());
  const [, second] = await within(again, 'another connection');
  assert.equal(second.headers['sec-websocket-protocol'], 'hubbub.v1,key.secret');
  assert.equal(second.url.includes('secret'), false);
  hub.close();
  listener.close();
});

test('a ref does not tell what the next one will be', withScript([({ tell, welcome, onMessage }) => {
  onMessage(({ type, content, ref }) => tell({ type, content, ref, id: 'me', room: 'garden' }));
  welcome();
}], async (hub) => {
  const refs = (await Promise.all(Array.from({ length: 50 }, (_, i) => hub.send('message', i)))).map(({ ref }) => ref);
  assert.equal(new Set(refs).size, 50);
  assert.ok(refs.every((ref) => ref.length <= 64));
  const parts = refs.map((ref) => ref.split('-').slice(1));
  for (const part of [0, 1]) assert.ok(new Set(parts.map((its) => its[part])).size > 45, `${refs.slice(0, 3)}`);
}));

test('a token goes along as a subprotocol, never in the address', async () => {
  const listener = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'hubbub.v1' });
  await once(listener, 'listening');
  let asked = 0;
  const hub = connect({ url: `http://127.0.0.1:${listener.address().port}/api/ws`, token: () => `secret.${(asked += 1)}` });
  const [, request] = await within(once(listener, 'connection'), 'a connection');
  assert.equal(request.headers['sec-websocket-protocol'], 'hubbub.v1,bearer.secret.1');
  assert.equal(request.url.includes('secret'), false);
  hub.close();
  listener.close();
});
