// Takes the messages that come over one connection, and is told when the connection ends: the counterpart of Sink, which takes
// the frames that leave over it. A connection to a room implements it; the WebSocket connection owns the handler, and sees only this
// interface.
//
// Every call is made on the connection's own thread, and never from within a call on the sink. The handler is destroyed right after
// on_close(). An exception that a call throws is logged, and closes the connection with `internal` if it is still open.
#pragma once

#include <string_view>

#include "protocol/close_code.hpp"
#include "protocol/frame.hpp"

namespace hubbub {

class MessageHandler {
 public:
  virtual ~MessageHandler() = default;

  // A complete message. If `opcode` is text, `payload` is valid UTF-8.
  virtual void on_message(std::string_view payload, Opcode opcode) = 0;

  // No more messages will come: the client has closed or broken the protocol, or the stream has ended. `code` says how: the client's
  // close code, the code of its mistake, or 0 if there was no close frame. Called at most once, and not after Sink::close(). Sink takes
  // frames until it is closed. Returns true if the handler will close the sink with `code` once all earlier messages are answered; the
  // connection waits for that no longer than websocket.close_timeout. Returns false if the connection is to close the sink now.
  virtual bool on_last(CloseCode code) {
    static_cast<void>(code);
    return false;
  }

  // The connection takes no more frames and has no more messages, whoever began the closing. Called once. Frames that the sink was given
  // may still leave. The sink must not be used after this returns.
  virtual void on_close() = 0;
};

}  // namespace hubbub
