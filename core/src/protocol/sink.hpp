// Receives the frames for one connection. The WebSocket connection implements it; rooms, and anything else that talks to a
// connection, see only this interface. All calls on the connection's own thread.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "protocol/batch.hpp"
#include "protocol/close_code.hpp"
#include "protocol/frame.hpp"

namespace hubbub {

class Sink {
 public:
  // Queues a frame; it is written at the end of the turn. Frames leave in the order of the calls. A reader that falls too far
  // behind is closed with `too_slow`. Never calls back into the caller, whatever happens to the connection.
  virtual void send(const Frame& frame) = 0;

  // Writes the frames of `batch` from number `first` on, at once. Used by an audience, which collects the frames of a turn, and writes
  // earlier if the batch is full.
  virtual void send(const Batch& batch, std::size_t first) = 0;

  // Queues one page of a greeting or of missed messages; it counts towards the outbox like any frame. `more`, if not empty, is
  // called on the connection's own thread once the socket has taken all that was queued, at any time from now on; it is never
  // called if the connection ends first. A reader that takes next to nothing for too long is closed with `too_slow`.
  virtual void catch_up(std::span<const Frame> frames, std::function<void()> more) = 0;

  // Pings the client within a second. If the client shows no sign of life within websocket.pong_timeout or websocket.close_timeout,
  // whichever is shorter, the connection is closed with `no_pong`.
  virtual void probe() = 0;

  // Starts the closing handshake behind what is already queued; later frames are ignored. `reason` has at most 123 bytes.
  virtual void close(CloseCode code, std::string_view reason) = 0;

 protected:
  ~Sink() = default;
};

}  // namespace hubbub
