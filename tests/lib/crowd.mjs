// Many people in a room, without a browser. Each sends the messages that murmur(i, n) returns, and ignores what it receives.
//
//   const crowd = await gather(server, 'garden', { count: 200, murmur: (i, n) => ['typing', n % 2 === 0] });
//   … crowd.said …
//   crowd.leave();

import { WebSocket } from 'ws';
import { within } from './deadline.mjs';

export async function gather(server, room, { count, murmur, every = 2000 }) {
  const sockets = await Promise.all(Array.from({ length: count }, async (_, i) => {
    const socket = new WebSocket(`${server.ws}?${new URLSearchParams({ room, nickname: `Person ${i}`, id: `person-${i}` })}`, ['hubbub.v1']);
    await within(new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)), 'a WebSocket');
    return socket;
  }));
  const crowd = { said: 0, leave: () => {} };
  const timer = setInterval(() => { // the pace of the crowd, not a wait
    const i = crowd.said % count;
    const [type, content] = murmur(i, crowd.said);
    sockets[i].send(JSON.stringify({ type, content }));
    crowd.said += 1;
  }, every / count);
  crowd.leave = () => {
    clearInterval(timer);
    for (const socket of sockets) socket.terminate();
  };
  return crowd;
}

// The durations of the page's next frames in ms, shortest first.
export const frames = (page, count) => page.evaluate((most) => new Promise((resolve) => {
  const times = [];
  let last = performance.now();
  const next = (now) => {
    times.push(now - last);
    last = now;
    if (times.length < most) requestAnimationFrame(next);
    else resolve(times.sort((a, b) => a - b));
  };
  requestAnimationFrame(next);
}), count);
