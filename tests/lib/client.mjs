// The client library in Node.

import { WebSocket } from 'ws';
import * as library from '../../static/lib/hubbub.js';

// Reconnects almost at once, so that tests need not wait.
export function connect(options) {
  return library.connect({ WebSocket, retryFirst: 20, retryMost: 50, ...options });
}
