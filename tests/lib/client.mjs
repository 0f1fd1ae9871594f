// The client library as Node takes it.

import { WebSocket } from 'ws';
import * as library from '../../static/lib/hubbub.js';

// Reconnects at once: how long it waits is tested nowhere, and nobody should have to wait for it.
export function connect(options) {
  return library.connect({ WebSocket, retryFirst: 20, retryMost: 50, ...options });
}
