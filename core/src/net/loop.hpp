// The event loop of one shard, in turns: run what is ready, then let everybody who has collected output write it. So
// however many messages a turn has for a connection, they cost one system call.
//
// Asio runs HTTP, timers and tasks; the WebSocket connections, of which there are many, have a Poller, which Asio watches
// while there is nothing to do.
//
// Belongs to IoShard; everything but stop() and what io_context allows is for its own thread.
#pragma once

#include "net/asio.hpp"  // first, as it says

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <span>
#include <vector>

#include "net/poller.hpp"
#include "rooms/shard.hpp"

namespace hubbub::net {

class Loop {
 public:
  Loop();

  asio::io_context& context() { return context_; }
  Poller& poller() { return poller_; }

  // Where connections read into. What stands there is good until the next one reads.
  std::span<char> buffer() { return buffer_; }

  // Both ask for one call at the end of this turn, see rooms::Shard. Batches are written first: then a connection that has
  // something of its own besides writes both at once. A writer is there until then, a connection by way of dispose().
  void write_batch_at_end_of_turn(std::shared_ptr<rooms::TurnEnd> batch) { batches_.push_back(std::move(batch)); }
  void at_end_of_turn(rooms::TurnEnd& writer) { writers_.push_back(&writer); }

  // Lets go of what has ended once the turn is over. Until then whoever calls it may not have returned.
  void dispose(std::shared_ptr<void> ended) { ended_.push_back(std::move(ended)); }

  // Runs tasks that another shard has handed over.
  void run_all(std::vector<rooms::Task>& tasks);

  // Turns until stop(). What a task throws is logged, and ends nothing else.
  void run();
  void stop();

 private:
  void run_what_is_ready();
  void watch_poller();
  void write_what_was_collected();
  template <class Writer>
  void write_all(std::vector<Writer>& writers, std::vector<Writer>& writing);

  bool running_ = true;
  bool watching_ = false;      // Asio watches the poller; else it is polled each turn
  std::vector<char> buffer_;
  std::vector<std::shared_ptr<rooms::TurnEnd>> batches_, writing_batches_;
  std::vector<rooms::TurnEnd*> writers_, writing_;
  Poller poller_;
  asio::io_context context_{1};
  asio::posix::basic_stream_descriptor<Executor> poller_descriptor_{context_};
  std::vector<std::shared_ptr<void>> ended_;  // may hold sockets of the context
};

}  // namespace hubbub::net
