// A proxy between clients and a server, whose connections a test can cut. Its port stays the same; the server behind it may change.
//
//   const proxy = await startProxy(server.port);
//   proxy.cut();       // all connections are cut, and new ones are refused …
//   proxy.restore();   // … until now
//   proxy.deafen();    // the server still receives, but its answers no longer arrive

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { within } from './deadline.mjs';

export async function startProxy(target) {
  const pairs = new Set();
  let whole = true;
  let deaf = false;
  let refused = 0;
  let waiting = [];

  const listener = createServer((client) => {
    if (!whole) {
      refused += 1;
      waiting = waiting.filter(({ count, resolve }) => (refused < count ? true : resolve()));
      client.destroy();
      return;
    }
    const server = connect(target, '127.0.0.1');
    const pair = [client, server];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    client.pipe(server);
    // Not piped: a pipe would read ahead of deafen().
    server.on('data', (bytes) => {
      if (!deaf) client.write(bytes);
    });
  });
  listener.listen(0, '127.0.0.1');
  await within(once(listener, 'listening'), 'the proxy to listen');
  const destroyAll = () => [...pairs].flat().forEach((socket) => socket.destroy());

  return {
    port: listener.address().port,
    url: `http://127.0.0.1:${listener.address().port}`,
    ws: `ws://127.0.0.1:${listener.address().port}/api/ws`,
    cut() {
      whole = false;
      refused = 0;
      destroyAll();
    },
    restore(port = target) {
      target = port;
      whole = true;
      deaf = false;
    },
    deafen() {
      deaf = true;
    },
    // Resolves once this many connections have been refused since the cut.
    attempts(count) {
      const enough = refused >= count ? undefined : new Promise((resolve) => waiting.push({ count, resolve }));
      return within(Promise.resolve(enough), `${count} attempts to connect`);
    },
    async stop() {
      destroyAll();
      listener.close();
      await within(once(listener, 'close'), 'the proxy to close');
    },
  };
}
