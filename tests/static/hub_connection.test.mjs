// What a page may rely on of a hub's connections: where they lead, when the next one is tried, how they end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../static/lib/hubbub.js';
import { alone, Line, PAGE_EVENTS, settled } from '../lib/alone.mjs';

const library = new URL('../../static/lib/hubbub.js', import.meta.url);
const offline = (hub) => ({ wait: hub.status.retryAt === null ? null : hub.status.retryAt - Date.now(), ...hub.status });

for (const [url, wanted] of [
  ['ws://a:8100/api/ws', 'ws://a:8100/api/ws'], ['wss://http.a/api/ws', 'wss://http.a/api/ws'], ['http://http.a/http/api/ws', 'ws://http.a/http/api/ws'],
  ['https://a/api/ws', 'wss://a/api/ws'], [new URL('https://a/api/ws'), 'wss://a/api/ws'], [undefined, new URL('../../api/ws', library).href],
]) {
  test(`the server at ${url} is looked for at ${new URL(wanted).protocol}, with who comes into which room`, alone(({ line }) => {
    assert.equal(line().url.split('?')[0], wanted);
    assert.deepEqual(line().query, { nickname: 'Jane & Co', room: ' a=b ', id: 'jane' });
    assert.deepEqual(line().protocols, ['hubbub.v1']);
  }, { url, nickname: 'Jane & Co', room: ' a=b ', id: 'jane' }));
}

test('without options it is a guest in the general room, over the socket that there is', () => {
  const { WebSocket } = globalThis;
  const dialled = [];
  globalThis.WebSocket = class extends Line {
    constructor(...values) {
      super(...values);
      dialled.push(this);
    }
  };
  try {
    for (const options of [undefined, {}]) connect(options).close();
  } finally {
    globalThis.WebSocket = WebSocket;
  }
  for (const { query } of dialled) assert.deepEqual(query, { nickname: 'Guest', room: 'general' });
  assert.equal(dialled.length, 2);
});

test('where there is no WebSocket, the page is told to pass one', () => {
  assert.throws(() => connect({ WebSocket: undefined }), /^TypeError: there is no WebSocket here: pass one as connect\(\{ WebSocket, … \}\)/);
});

test('tokens and keys go along beside the address, a fresh token for each connection', async () => {
  let asked = 0;
  for (const [token, bearers] of [
    ['secret', ['bearer.secret', 'bearer.secret']], [() => `secret${asked += 1}`, ['bearer.secret1', 'bearer.secret2']],
    [undefined, []], ['', []], [() => undefined, []],
  ]) {
    await alone(({ home, line, lines, clock }) => {
      home({ key: 'mine' });
      line().lose();
      clock.pass(500);
      const [first = [], second = []] = bearers;
      assert.deepEqual(lines.map(({ protocols }) => protocols), [['hubbub.v1', ...[first].flat()], ['hubbub.v1', ...[second].flat(), 'key.mine']]);
      assert.ok(lines.every(({ url }) => !/secret|mine|bearer|token/.test(url)));
    }, { token })();
  }
});

test('who comes back is who it was, with the id, nickname and key that the server gave last', alone(({ home, line, clock }) => {
  assert.deepEqual(line().query, { nickname: 'Jane', room: 'garden' });
  for (const [i, name] of ['first', 'second'].entries()) {
    home({ id: name, nickname: `Jane ${name}`, key: name, seq: 3, epoch: name, recovered: i > 0 });
    line().lose();
    clock.pass(1000);
    assert.deepEqual(line().query, { id: name, nickname: `Jane ${name}`, room: 'garden', since: '3', epoch: name });
    assert.deepEqual(line().protocols, ['hubbub.v1', `key.${name}`]);
  }
}));

// How long it waits at most, attempt by attempt.
for (const [options, waits] of [
  [{}, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
  [{ retryFirst: 10, retryMost: 35 }, [10, 20, 35, 35]],
]) {
  test(`it waits ${waits} ms at most, twice as long from one attempt to the next, and any time below`, async () => {
    for (const chance of [0.999999, 0.5, 0]) {
      await alone(({ hub, line, lines, clock, roll }) => {
        roll(chance);
        for (const [i, most] of waits.entries()) {
          line().lose(1006, 'refused');
          const { wait, failures, state, error } = offline(hub);
          assert.deepEqual([state, failures, error], ['offline', i + 1, { code: 1006, reason: 'refused' }]);
          assert.ok(Math.abs(wait - chance * most) < 0.1, `${wait} of ${most}`);
          clock.pass(Math.max(0, wait - 0.5));
          if (wait) assert.equal(lines.length, i + 1);
          clock.pass(1);
          assert.equal(lines.length, i + 2);
          assert.deepEqual(hub.status, { state: 'connecting', failures: i + 1, retryAt: null, error: { code: 1006, reason: 'refused' } });
        }
      }, options)();
    }
  });
}

for (const online of [0, 9_999, 10_000]) {
  test(`after ${online} ms online, too, it waits twice as long from one attempt to the next, however long that goes on`, alone(({ hub, home, line, clock, roll }) => {
    roll(0.999999);
    home();
    clock.pass(online);
    for (const most of [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]) {
      line().lose();
      const { wait } = offline(hub);
      assert.ok(Math.abs(wait - most) < 0.1, `${wait} of ${most}`);
      clock.pass(most);
    }
  }));
}

test('failures count the attempts since we were online: none after a success, and none after its loss', alone(({ hub, line, clock }) => {
  const told = [];
  hub.onStatus(({ state, failures, retryAt, error }) => told.push([state, failures, retryAt !== null, error?.code]));
  for (let i = 0; i < 2; i += 1) {
    line().lose(1006);
    clock.pass(15_000);
  }
  line().welcome();
  line().lose(1001);
  clock.pass(15_000);
  line().lose(1006);
  assert.deepEqual(told, [
    ['connecting', 0, false, undefined], ['offline', 1, true, 1006], ['connecting', 1, false, 1006], ['offline', 2, true, 1006], ['connecting', 2, false, 1006],
    ['online', 0, false, undefined], ['offline', 0, true, 1001], ['connecting', 0, false, 1001], ['offline', 1, true, 1006],
  ]);
}));

// Who is online for so long waits so long at most when it is lost for the third time.
for (const [options, online, most] of [[{}, 9999, 2000], [{}, 10_000, 500], [{ stableAfter: 50 }, 49, 2000], [{ stableAfter: 50 }, 50, 500]]) {
  test(`after ${online} ms online the next wait is ${most} ms at most (${JSON.stringify(options)})`, alone(({ hub, line, clock, roll }) => {
    roll(0.999999);
    for (let i = 0; i < 2; i += 1) {
      line().lose();
      clock.pass(1000);
    }
    clock.pass(3000); // connecting is not online
    line().welcome();
    clock.pass(online);
    line().lose();
    assert.equal(Math.round(offline(hub).wait), most);
  }, options));
}

test('time spent connecting or offline makes no connection stable', alone(({ hub, line, clock, roll }) => {
  roll(0.999999);
  line().lose();
  clock.pass(500);
  clock.pass(15_000);
  line().lose();
  assert.equal(Math.round(offline(hub).wait), 1000);
}));

for (const [code, state] of [[1000, 'offline'], [1012, 'offline'], [1013, 'offline'], [4000, 'offline'], [4499, 'offline'], [4500, 'closed'], [4501, 'closed'], [4999, 'closed'], [5000, 'offline']]) {
  test(`after ${code} it is ${state}`, alone(async ({ hub, home, line, say, heard, clock, page, lines }) => {
    home();
    say('one');
    line().lose(code, 'because');
    await settled();
    assert.deepEqual([hub.status.state, hub.status.error, hub.status.retryAt === null], [state, { code, reason: 'because' }, state === 'closed']);
    assert.equal(heard.includes('closed: one'), state === 'closed');
    assert.deepEqual(page.listened, state === 'closed' ? [] : PAGE_EVENTS);
    clock.pass(60_000);
    assert.equal(lines.length > 1, state === 'offline');
    if (state === 'offline') return;
    hub.close();
    assert.deepEqual(hub.status.error, { code, reason: 'because' }, 'it says why for good');
    assert.equal(heard.filter((what) => what === 'closed').length, 1);
  }));
}

// In each state: how it comes about.
const STATES = {
  connecting() {},
  online: ({ home }) => home(),
  offline: ({ line }) => line().lose(),
  'offline, having been online': ({ home, line }) => { home(); line().lose(); },
  left: ({ home, page }) => { home(); page.tell('pagehide'); },
};

for (const [name, enter] of Object.entries(STATES)) {
  test(`closed while ${name}, it leaves for good: its socket, its timers and the page’s events are let go`, alone((all) => {
    const { hub, line, lines, heard, clock, page } = all;
    assert.deepEqual(page.listened, PAGE_EVENTS);
    enter(all);
    const { readyState } = line();
    hub.close();
    if (readyState < 2) assert.deepEqual(line().closedWith, { code: 1000 });
    assert.deepEqual([clock.timers, page.listened, hub.status], [0, [], { state: 'closed', failures: hub.status.failures, retryAt: null, error: null }]);
    const before = [...heard];
    if (readyState < 2) line().lose(1000);
    hub.rename('Janet');
    hub.reconnect();
    hub.close();
    for (const event of PAGE_EVENTS) page.tell(event, { persisted: true });
    clock.pass(60_000);
    assert.deepEqual([lines.length, heard, hub.nickname], [1, before, 'Janet']);
  }));

  test(`renamed while ${name}, it is the other one from the next connection on, which is made at once and alone`, alone((all) => {
    const { hub, line, lines, clock } = all;
    enter(all);
    const { readyState } = line();
    const resumes = hub.epoch !== undefined;
    clock.pass(10);
    hub.rename('Janet');
    assert.equal(hub.nickname, 'Janet');
    assert.deepEqual([lines.length, hub.status.state, hub.status.retryAt], [2, 'connecting', null]);
    assert.deepEqual(line().query, { nickname: 'Janet', room: 'garden', ...(resumes && { id: 'me', since: '0', epoch: 'e' }) });
    // Not for good: nobody is to hear that we left.
    if (readyState < 2) assert.deepEqual(lines[0].closedWith, { code: undefined });
    clock.pass(19_000);
    assert.equal(lines.length, 2);
    line().welcome({ nickname: 'Janet', recovered: resumes });
    clock.pass(10_000);
    assert.deepEqual([lines.length, hub.status.state], [2, 'online']);
  }));
}

test('whoever is renamed misses nothing: what waits goes along, what came is not told again', alone(async ({ hub, home, line, say, heard }) => {
  home({ seq: 1 });
  say('mine');
  const [mine] = line().sent;
  hub.rename('Janet');
  line().welcome({ nickname: 'Janet', recovered: true, seq: 3 });
  assert.deepEqual(line().sent, [mine]);
  line().logged(2);
  line().back(mine, 3);
  await settled();
  assert.deepEqual(heard.slice(4), ['connecting', 'online', 'welcome', 'message 2', 'message 3', 'said mine']);
}));

test('who is renamed in a greeting is greeted anew', alone(({ hub, line }) => {
  line().welcome({ seq: 9 });
  hub.rename('Janet');
  assert.deepEqual(line().query, { id: 'me', nickname: 'Janet', room: 'garden' });
}));

// reconnect(), `after` ms into a state: when the next attempt is, from then on.
for (const [state, after, next] of [
  ['connecting', 0, 1000], ['connecting', 400, 600], ['connecting', 1000, 0], ['connecting', 5000, 0],
  ['offline', 0, 1000], ['offline', 400, 600], ['offline', 1000, 0], ['offline', 5000, 0],
  ['online', 0, null], ['online', 5000, null],
]) {
  test(`asked to reconnect ${after} ms after an attempt began, while ${state}, it makes ${next === null ? 'none' : `one, ${next} ms later`}`, async () => {
    for (const times of [1, 3]) {
      await alone((all) => {
        const { hub, lines, heard, clock, roll } = all;
        roll(0.5);
        STATES[state](all);
        clock.pass(after);
        const before = heard.length;
        for (let i = 0; i < times; i += 1) hub.reconnect();
        if (next) {
          if (state === 'offline') assert.equal(offline(hub).wait, next);
          clock.pass(next - 1);
          assert.equal(lines.length, 1);
        }
        clock.pass(next ? 1 : 0);
        assert.equal(lines.length, next === null ? 1 : 2);
        clock.pass(times === 1 ? 15_000 : 999);
        assert.equal(lines.length, next === null ? 1 : 2, 'and no other');
        if (next === null) assert.equal(heard.length, before);
      }, { retryFirst: 20_000, retryMost: 20_000, probeAfter: 100_000 })();
    }
  });
}

test('an attempt that succeeds after somebody asked for another is the only one', alone(({ hub, line, lines, clock }) => {
  hub.reconnect();
  clock.pass(500);
  line().welcome();
  clock.pass(5000);
  assert.deepEqual([lines.length, hub.status.state], [1, 'online']);
}));

test('what is to be tried sooner than that is not put off', alone(({ hub, line, clock, roll }) => {
  roll(0.5);
  line().lose();
  assert.equal(offline(hub).wait, 250);
  clock.pass(100);
  hub.reconnect();
  assert.equal(offline(hub).wait, 150);
}));

test('who asked to reconnect waits as if for the first time, should that fail', alone(({ hub, line, clock, roll }) => {
  roll(0.999999);
  for (let i = 0; i < 5; i += 1) {
    line().lose();
    clock.pass(15_000);
  }
  line().lose();
  clock.pass(2000);
  hub.reconnect();
  line().lose();
  assert.equal(Math.round(offline(hub).wait), 500);
}));

test('a clock that is set back holds up no attempt', alone(({ hub, line, lines, clock, roll }) => {
  roll(0.999999);
  line().lose();
  clock.doze(-3_600_000);
  hub.reconnect();
  assert.equal(lines.length, 2);
}, { retryFirst: 15_000 }));

test('who comes back to a server with a plugin more comes as a newcomer, for that greets nobody else', alone(({ hub, home, line, lines, heard, say, clock }) => {
  home({ seq: 3, types: ['message', 'typing'] });
  line().lose();
  say('meanwhile');
  clock.pass(1000);
  heard.length = 0;
  line().welcome({ seq: 5, recovered: true, types: ['draw', 'message'] });
  assert.equal(lines.length, 3, 'it comes again at once');
  assert.deepEqual(lines[1].sent, []);
  assert.deepEqual([line().query.since, line().query.epoch], [undefined, undefined]);
  line().welcome({ seq: 5, types: ['draw', 'message'] });
  assert.deepEqual(heard, ['connecting', 'reset', 'online', 'welcome']);
  assert.deepEqual(line().contents, ['meanwhile']);
  line().members('Jane');
  line().lose();
  clock.pass(1000);
  line().welcome({ seq: 5, recovered: true, types: ['message'] });
  assert.equal(lines.length, 4, 'with one less it goes on');
  assert.deepEqual([hub.status.state, hub.types], ['online', ['message']]);
}));
