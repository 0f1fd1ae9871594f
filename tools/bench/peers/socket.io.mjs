// socket.io.mjs [PORT]: rooms with Socket.IO, over WebSocket only. Everything is an event `message`.

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listen, Rooms } from './room.mjs';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false });
const rooms = new Rooms((name, message) => io.to(name).emit('message', message));

io.on('connection', (socket) => {
  const { room, nickname, id } = socket.handshake.query;
  socket.join(room);
  rooms.at(room).join(socket, nickname);
  socket.on('message', (message) => rooms.at(room).say(message, { id, nickname }));
  socket.on('disconnect', () => rooms.leave(room, socket));
});
listen(server);
