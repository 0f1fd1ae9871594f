// The client library as Node takes it. A .js file without a package.json is no module to Node 18, so it comes in as text.

import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';

const source = await readFile(new URL('../../static/lib/hubbub.js', import.meta.url), 'utf8');
const library = await import(`data:text/javascript,${encodeURIComponent(source)}`);

// Reconnects at once: how long it waits is tested nowhere, and nobody should have to wait for it.
export function connect(options) {
  return library.connect({ WebSocket, retryFirst: 20, retryMost: 50, ...options });
}
