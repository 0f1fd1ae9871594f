// Takes the messages that come over one connection, and is told when the connection ends: the counterpart of Sink, which takes
// the frames that leave over it. A connection to a room implements it; the WebSocket connection owns the handler, and sees only this
// interface.
//
// Every call is made on the connection's own thread, and never from within a call on the sink. The handler is destroyed right after
// on_close(). An exception that a call throws is logged, and closes the connection with `internal`.
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

  // The client has closed, or broken the protocol, so no more messages will come. Called at most once. Returns true if the handler
  // will close the sink with `code`, once everything that the client said before has been answered; returns false if everything has
  // been answered, and the connection is to be closed at once.
  virtual bool on_last(CloseCode code) {
    static_cast<void>(code);
    return false;
  }

  // No more messages will come and no more frames are taken, whoever began the closing. Called once. The frames that the sink was
  // given still leave; the sink must not be used after this returns.
  virtual void on_close() = 0;
};

}  // namespace hubbub
