// What a page may rely on when nothing comes any more: how soon that is noticed, what is asked, and what the browser's page has to
// do with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone } from '../lib/alone.mjs';

// Online, and with a silence of so many ms behind it.
const quiet = (ms) => ({ home, clock }) => {
  home();
  clock.pass(ms);
};

for (const [options, patience] of [[{}, 20_000], [{ patience: 500 }, 500]]) {
  test(`an attempt that nobody answers for ${patience} ms has failed`, alone(({ hub, line, clock }) => {
    clock.pass(patience - 1);
    assert.equal(hub.status.state, 'connecting');
    clock.pass(1);
    const { state, failures, error } = hub.status;
    assert.deepEqual([state, failures, error], ['offline', 1, { code: 1006, reason: 'no answer' }]);
    assert.deepEqual(line().closedWith, { code: undefined }, 'not for good');
    clock.pass(500);
    assert.equal(hub.status.state, 'connecting');
  }, options));

  test(`a message that nobody answers for ${patience} ms has lost its connection, whatever else is said meanwhile`, alone(({ hub, home, line, say, clock }) => {
    home();
    clock.pass(100);
    say('one');
    clock.pass(patience - 1);
    say('two');
    assert.equal(hub.status.state, 'online');
    clock.pass(1);
    assert.deepEqual([hub.status.state, hub.status.failures], ['offline', 0]);
    clock.pass(500);
    line().welcome({ recovered: true });
    assert.deepEqual(line().contents, ['one', 'two']);
  }, { ...options, probeAfter: 1_000_000 }));

  test(`anything that comes within ${patience} ms is an answer`, alone(({ hub, home, line, say, clock }) => {
    home();
    say('one');
    clock.pass(patience - 1);
    line().tell({ type: 'typing', id: 'other' });
    clock.pass(10 * patience);
    assert.equal(hub.status.state, 'online');
    say('two');
    clock.pass(patience);
    assert.equal(hub.status.state, 'offline');
  }, { ...options, probeAfter: 1_000_000 }));
}

test('what goes out at the welcome has to be answered, too', alone(({ hub, line, say, clock }) => {
  say('waited');
  line().welcome();
  clock.pass(20_000);
  assert.equal(hub.status.state, 'offline');
}, { probeAfter: 1_000_000 }));

test('what is said while a socket is closing does not wait for ever to hear that it has closed', alone(({ hub, home, line, say, clock }) => {
  home();
  line().readyState = 2;
  say('one');
  clock.pass(20_000);
  assert.equal(hub.status.state, 'offline');
}, { probeAfter: 1_000_000 }));

test('what was owed by one connection is not asked of the next', alone(({ hub, home, line, say, clock, roll }) => {
  roll(0.5);
  home();
  say('one');
  line().lose();
  clock.pass(250 + 19_999);
  assert.equal(hub.status.state, 'connecting');
  clock.pass(1);
  assert.equal(hub.status.state, 'offline');
}));

for (const [options, after] of [[{}, 20_000], [{ probeAfter: 300 }, 300], [{ probeAfter: 7000 }, 7000]]) {
  test(`after a silence of ${after} ms the server is asked, and each time after as long again`, alone(({ hub, home, line, clock }) => {
    home();
    clock.pass(after / 2);
    line().tell({ type: 'typing', id: 'other' });
    for (let asked = 1; asked < 4; asked += 1) {
      clock.pass(after - 1);
      assert.equal(line().pings, asked - 1);
      clock.pass(1);
      assert.equal(line().pings, asked);
      const { ref } = line().sent.at(-1);
      assert.deepEqual(line().sent.at(-1), { type: 'ping', ref });
      assert.match(ref, /^[\w-]{1,64}$/);
      line().tell({ type: 'pong', content: null, ref });
    }
    assert.deepEqual([hub.pending, hub.status.state], [0, 'online']);
  }, options));
}

test('the answer to that, whatever it is, is nobody’s but the library’s; what somebody makes look like it is a message', alone(({ line, home, heard, clock }) => {
  home();
  clock.pass(20_000);
  const { ref } = line().sent[0];
  const before = heard.length;
  line().tell({ type: 'pong', content: null, ref });
  line().refuse({ ref }, 'unknown_type');
  assert.equal(heard.length, before);
  line().logged(1, { ref });
  assert.equal(heard.at(-1), 'message 1');
}));

for (const [options, patience] of [[{}, 5000], [{ patience: 400 }, 100]]) {
  test(`an answer to that takes ${patience} ms at most, or the connection is dead`, alone(({ hub, home, clock }) => {
    home();
    clock.pass(20_000 + patience - 1);
    assert.equal(hub.status.state, 'online');
    clock.pass(1);
    assert.deepEqual([hub.status.state, hub.status.error.reason], ['offline', 'no answer']);
  }, options));
}

test('a message whose answer is due sooner than that of the question keeps its time', alone(({ hub, home, say, clock }) => {
  home();
  clock.pass(2000);
  say('one');
  clock.pass(18_000); // the question, with 5 s
  clock.pass(1999);
  assert.equal(hub.status.state, 'online');
  clock.pass(1);
  assert.equal(hub.status.state, 'offline');
}));

test('a page that nobody looks at asks nothing, and does when it is looked at again', alone(({ hub, home, line, page, clock }) => {
  home();
  clock.pass(10_000);
  page.look(true);
  assert.equal(clock.timers, 0);
  clock.pass(1_000_000);
  assert.deepEqual([line().pings, hub.status.state], [0, 'online']);
  page.look(false);
  assert.equal(line().pings, 1);
  line().tell({ type: 'pong', content: null, ref: line().sent[0].ref });
  clock.pass(20_000);
  assert.equal(line().pings, 2);
}));

test('a page that is not looked at when it comes online asks nothing', alone(({ home, line, page, clock }) => {
  page.look(true);
  home();
  clock.pass(1_000_000);
  assert.equal(line().pings, 0);
}, { patience: 2_000_000 }));

// What makes a hub that is online ask at once, if it has heard nothing for more than a second.
const occasions = {
  'the network is back': ({ page }) => page.tell('online'),
  'the window has the focus': ({ page }) => page.tell('focus'),
  'the page is looked at': ({ page }) => page.look(false),
  'the page is shown again': ({ page }) => page.tell('pageshow', { persisted: true }),
  'the page is shown': ({ page }) => page.tell('pageshow', { persisted: false }),
  'the computer has slept': ({ clock }) => { clock.doze(5001); clock.pass(4999); },
  'the clock was set back': ({ clock }) => { clock.doze(-10_001); clock.pass(5000); },
};
for (const [what, happens] of Object.entries(occasions)) {
  test(`when ${what}, the server is asked at once, and once`, alone((all) => {
    const { hub, line, lines, clock } = all;
    quiet(1001)(all);
    happens(all);
    assert.equal(line().pings, 1);
    clock.pass(999);
    assert.equal(line().pings, 1);
    line().tell({ type: 'pong', content: null, ref: line().sent[0].ref });
    clock.pass(19_999);
    assert.equal(line().pings, 1);
    clock.pass(1);
    assert.deepEqual([line().pings, lines.length, hub.status.state], [2, 1, 'online']);
  }));
}
test('whoever was heard within the last second is not asked, however often there is an occasion', alone((all) => {
  quiet(1000)(all);
  for (let i = 0; i < 3; i += 1) for (const event of ['online', 'focus', 'visibilitychange']) all.page.tell(event);
  assert.equal(all.line().pings, 0);
  all.clock.pass(1);
  for (let i = 0; i < 3; i += 1) for (const event of ['online', 'focus', 'visibilitychange']) all.page.tell(event);
  assert.equal(all.line().pings, 1);
}));

test('a pause that is no sleep asks nothing', alone(({ home, line, clock }) => {
  home();
  clock.doze(4999);
  clock.pass(5000);
  clock.doze(5000);
  clock.pass(5000);
  assert.equal(line().pings, 0);
}));

// An offline hub at each occasion: `after` ms from its last attempt, it tries `wait` ms later.
for (const event of ['online', 'focus', 'visibilitychange', 'pageshow']) {
  for (const [after, wait] of [[0, 1000], [300, 700], [1000, 0], [5000, 0]]) {
    test(`at ${event}, ${after} ms after an attempt, an offline hub tries again ${wait} ms later`, alone(({ line, lines, page, clock, roll }) => {
      roll(0.5);
      line().lose();
      clock.pass(after);
      page.tell(event, {});
      if (wait) {
        clock.pass(wait - 1);
        assert.equal(lines.length, 1);
        clock.pass(1);
      }
      assert.equal(lines.length, 2);
    }, { retryFirst: 20_000, retryMost: 20_000 }));
  }

  test(`at ${event} an attempt that hangs is begun anew`, alone(({ lines, page, clock }) => {
    clock.pass(1000);
    page.tell(event, { persisted: true });
    clock.pass(0);
    assert.equal(lines.length, 2);
  }));
}

test('a page that is still loading, and so is shown, begins nothing anew', alone(({ lines, page, clock }) => {
  page.tell('pageshow', { persisted: false });
  clock.pass(19_000);
  assert.equal(lines.length, 1);
}));

test('with the network back it waits as if for the first time; with the focus it does not', async () => {
  for (const [event, wait] of [['online', 500], ['focus', 4000]]) {
    await alone(({ hub, line, page, clock, roll }) => {
      roll(0.998);
      for (let i = 0; i < 3; i += 1) {
        line().lose();
        clock.pass(4000);
      }
      page.tell(event);
      line().lose();
      assert.equal(hub.status.retryAt - Date.now(), 0.998 * wait);
    })();
  }
});

// Without a network.
for (const [state, enter, failures, told] of [
  ['connecting', () => {}, 1, true], ['online', ({ home }) => home(), 0, true],
  ['offline', ({ line }) => line().lose(1001, 'bye'), 1, false], ['left', ({ page }) => page.tell('pagehide'), 0, false],
]) {
  test(`without a network a hub that is ${state} is offline at once`, alone((all) => {
    const { hub, page, heard } = all;
    enter(all);
    const before = [heard.length, hub.status];
    page.tell('offline');
    assert.deepEqual([hub.status.state, hub.status.failures], ['offline', failures]);
    if (told) assert.deepEqual([hub.status.error, hub.status.retryAt !== null], [{ code: 1006, reason: 'there is no network' }, true]);
    else assert.deepEqual([heard.length, hub.status], before);
  }));
}

// Time passes for the computer's clock alone while it sleeps; its timers come late.
test('who slept while an answer was due asks once more, before it gives up', async () => {
  for (const answered of [true, false]) {
    await alone(({ hub, home, line, lines, say, clock, page }) => {
      page.hidden = true;
      home();
      say('one');
      clock.pass(1000);
      clock.doze(5001);
      clock.pass(19_000);
      assert.deepEqual([hub.status.state, line().pings], ['online', 1]);
      clock.pass(4999);
      if (answered) line().tell({ type: 'pong', content: null, ref: line().sent.at(-1).ref });
      clock.pass(1);
      assert.equal(hub.status.state, answered ? 'online' : 'offline');
      assert.equal(lines.length, 1);
    })();
  }
});

test('who had asked before it slept asks once more', alone((all) => {
  const { hub, line, clock, page } = all;
  quiet(2000)(all);
  page.tell('focus');
  page.hidden = true;
  page.tell('visibilitychange');
  clock.doze(60_000);
  clock.pass(5000);
  assert.deepEqual([hub.status.state, line().pings], ['online', 2]);
}));

test('where there is no page, as in Node, the server is asked after a silence, too', alone(({ home, line, clock }) => {
  delete globalThis.document;
  home();
  clock.pass(20_000);
  assert.equal(line().pings, 1);
}));

test('who asked because it slept, and sleeps again, gives up', alone(({ hub, home, say, clock, page }) => {
  page.hidden = true;
  home();
  say('one');
  clock.doze(60_000);
  clock.pass(20_000);
  assert.equal(hub.status.state, 'online');
  clock.doze(60_000);
  clock.pass(5000);
  assert.equal(hub.status.state, 'offline');
}));

test('who was only slow, or slept before it was online, gives up at once', async () => {
  await alone(({ hub, home, line, say, clock, page }) => {
    page.hidden = true;
    home();
    say('one');
    clock.doze(5000);
    clock.pass(20_000);
    assert.deepEqual([hub.status.state, line().pings], ['offline', 0]);
  })();
  await alone(({ hub, clock }) => {
    clock.doze(60_000);
    clock.pass(20_000);
    assert.equal(hub.status.state, 'offline');
  })();
});

test('a socket that is closing is not asked, and is dead if nothing else comes of it', alone((all) => {
  const { hub, line, page, clock } = all;
  quiet(2000)(all);
  line().readyState = 2;
  page.tell('focus');
  assert.deepEqual(line().frames, []);
  clock.pass(5000);
  assert.equal(hub.status.state, 'offline');
}));

// A page that is left, and may be kept by the browser.
for (const [name, enter] of [['online', ({ home }) => home()], ['connecting', () => {}], ['offline', ({ line }) => line().lose(1001, 'bye')]]) {
  test(`who leaves the page while ${name} leaves the room, and comes back with the page at once`, alone((all) => {
    const { hub, line, lines, page, clock, say } = all;
    enter(all);
    const resumes = name === 'online';
    page.tell('pagehide');
    assert.deepEqual(hub.status, { state: 'offline', failures: name === 'offline' ? 1 : 0, retryAt: null, error: null });
    assert.equal(clock.timers, 0);
    if (name !== 'offline') assert.deepEqual(line().closedWith, { code: undefined }, 'and may be back');
    say('meanwhile');
    clock.pass(10);
    page.tell('pageshow', { persisted: true });
    assert.deepEqual([lines.length, hub.status.state, line().query.since], [2, 'connecting', resumes ? '0' : undefined]);
    line().welcome({ recovered: resumes });
    assert.deepEqual(line().contents, ['meanwhile']);
  }));
}
