// ws.mjs [PORT]: rooms with ws. Each message is serialised once and sent to each member as it comes.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen, Rooms } from './room.mjs';

const server = createServer();
const sockets = new Map(); // by room
const rooms = new Rooms((name, message) => {
  const data = Buffer.from(JSON.stringify(message));
  for (const socket of sockets.get(name) ?? []) socket.send(data, { binary: false });
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, { url }) => {
  const { room, nickname, id } = Object.fromEntries(new URL(url, 'http://localhost').searchParams);
  if (!sockets.has(room)) sockets.set(room, new Set());
  sockets.get(room).add(socket);
  rooms.at(room).join(socket, nickname);
  socket.on('message', (data) => rooms.at(room).say(JSON.parse(data), { id, nickname }));
  socket.on('error', () => {}); // a close event follows
  socket.on('close', () => {
    sockets.get(room).delete(socket);
    if (sockets.get(room).size === 0) sockets.delete(room);
    rooms.leave(room, socket);
  });
});
listen(server);
