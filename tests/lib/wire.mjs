// A raw TCP connection: a test writes HTTP and WebSocket by hand, to do what no well-behaved client would do.
//
//   const wire = await dial(server);
//   wire.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
//   const { status, headers, body } = await wire.response();
//
//   await wire.upgrade('?room=garden');
//   wire.frame('{"type":"message","content":"Hello!"}');
//   const { opcode, text } = await wire.next();

import { once } from 'node:events';
import { connect } from 'node:net';
import { within } from './deadline.mjs';

export const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;

export const UPGRADE = {
  Host: 'localhost', Connection: 'Upgrade', Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

export async function dial({ port }) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await within(once(socket, 'connect'), 'a connection');
  return new Wire(socket);
}

// The head of a request, from its first line to the empty line.
export function head(line, headers = {}) {
  return [line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}

// A WebSocket frame as a client sends it.
export function encodeFrame(payload, { opcode = TEXT, fin = true, masked = true, reserved = 0, length } = {}) {
  const bytes = Buffer.from(payload);
  const size = length ?? bytes.length;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const flag = masked ? 0x80 : 0;
  const header = size < 126 ? Buffer.from([first, flag | size])
    : size < 65536 ? Buffer.from([first, flag | 126, size >> 8, size & 255])
      : Buffer.concat([Buffer.from([first, flag | 127]), bigEndian(size)]);
  if (!masked) return Buffer.concat([header, bytes]);
  const mask = [0x12, 0x34, 0x56, 0x78];
  return Buffer.concat([header, Buffer.from(mask), bytes.map((byte, i) => byte ^ mask[i & 3])]);
}

// The first frame in `buffer` as { opcode, fin, payload, used }; undefined as long as it is incomplete.
export function decodeFrame(buffer) {
  if (buffer.length < 2) return undefined;
  const short = buffer[1] & 127;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (buffer.length < 2 + extra) return undefined;
  const size = extra === 0 ? short : extra === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  const used = 2 + extra + size;
  if (buffer.length < used) return undefined;
  return { opcode: buffer[0] & 15, fin: buffer[0] >= 128, payload: buffer.subarray(2 + extra, used), used };
}

class Wire {
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(socket) {
    this.socket = socket.setNoDelay(true);
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('data', (bytes) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      this.#wake();
    }).on('end', end).on('error', end).on('close', end);
  }

  write(data) {
    this.socket.write(data);
    return this;
  }

  // The next HTTP response; `bodiless` for the answer to a HEAD.
  response({ bodiless = false } = {}) {
    return this.#take('an HTTP response', (buffer) => {
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      const [first, ...lines] = buffer.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }));
      const status = Number(first.split(' ')[1]);
      const none = bodiless || status === 304 || status === 204 || status === 101;
      const used = end + 4 + (none ? 0 : Number(headers['content-length'] ?? 0));
      if (buffer.length < used) return undefined;
      const body = Buffer.from(buffer.subarray(end + 4, used));
      return { used, value: { status, headers, body, json: () => JSON.parse(body) } };
    });
  }

  // Upgrades to a WebSocket. `query` has the parameters, with the question mark.
  async upgrade(query = '', headers = {}) {
    this.write(head(`GET /api/ws${query} HTTP/1.1`, { ...UPGRADE, ...headers }));
    return this.response();
  }

  frame(payload, options) {
    return this.write(encodeFrame(payload, options));
  }

  // The next WebSocket frame.
  next() {
    return this.#take('a frame', (buffer) => {
      const frame = decodeFrame(buffer);
      return frame && { used: frame.used, value: { ...frame, text: frame.payload.toString() } };
    });
  }

  // The next frame with this opcode; those before it are skipped.
  async until(opcode) {
    for (;;) {
      const frame = await this.next();
      if (frame.opcode === opcode) return frame;
    }
  }

  // The code that the server closes with.
  async closeCode() {
    const { payload } = await this.until(CLOSE);
    return payload.length === 0 ? 1005 : payload.readUInt16BE(0);
  }

  // Everything that arrives until the server closes the connection.
  async rest() {
    while (!this.#ended) await this.#more('the server to close the connection');
    return this.#buffer;
  }

  hangUp() {
    this.socket.destroy();
  }

  async #take(what, parse) {
    for (;;) {
      const found = parse(this.#buffer);
      if (found) {
        this.#buffer = this.#buffer.subarray(found.used);
        return found.value;
      }
      if (this.#ended) throw new Error(`the connection ended before ${what}, after ${JSON.stringify(this.#buffer.toString())}`);
      await this.#more(what);
    }
  }

  #more(what) {
    return within(new Promise((resolve) => { this.#wake = resolve; }), what);
  }
}

function bigEndian(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}
