// Where frames for one connection go. The WebSocket connection implements it; rooms, and anything else that talks to a
// connection, know no more of it than this.
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
  // Queues a frame, to be written at the end of the turn; frames leave in the order of the calls. A reader that falls too far
  // behind is closed with `too_slow`. Called on the connection's own thread; never calls back into the caller, whatever
  // happens to the connection.
  virtual void send(const Frame& frame) = 0;

  // Likewise for all frames of `batch` from number `first` on, which are written at once: called at the end of the turn.
  virtual void send(const Batch& batch, std::size_t first) = 0;

  // Queues a page of what brings a connection up to date, which counts like everything else. `more`, where there is any, is
  // called on the connection's own thread once the socket has taken all that was queued: it may be at any time from now on,
  // and never where the connection goes before. A reader that takes nothing for too long meanwhile is closed with `too_slow`.
  virtual void catch_up(std::span<const Frame> frames, std::function<void()> more) = 0;

  // Asks the other side at once whether it is still there. One that gives no sign of life within websocket.close_timeout is closed
  // with `no_pong`.
  virtual void probe() = 0;

  // Starts the closing handshake after what is queued already; later frames are ignored. `reason` has at most 123 bytes.
  virtual void close(CloseCode code, std::string_view reason) = 0;

 protected:
  ~Sink() = default;
};

}  // namespace hubbub
