// The event loop of one shard, in turns: run what is ready, then let everybody who has collected output write it. So
// however many messages a turn has for a connection, they cost one system call.
//
// Belongs to IoShard; everything but stop() and what io_context allows is for its own thread.
#pragma once

#include <vector>

#include "net/asio.hpp"

namespace hubbub::net {

class Loop {
 public:
  // Somebody with output to write at the end of the turn.
  class Writer {
   public:
    virtual void write_collected() = 0;

   protected:
    ~Writer() = default;
  };

  asio::io_context& context() { return context_; }

  // Asks for one call at the end of this turn. The writer says so once, and outlives the turn or says forget().
  void at_end_of_turn(Writer& writer) { writers_.push_back(&writer); }
  void forget(const Writer& writer);

  // Turns until stop(). What a task throws is logged, and ends nothing else.
  void run();
  void stop();

 private:
  void run_what_is_ready();
  void write_what_was_collected();

  bool running_ = true;
  std::vector<Writer*> writers_;
  std::vector<Writer*> writing_;
  asio::io_context context_{1};
};

}  // namespace hubbub::net
