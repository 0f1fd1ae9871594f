// A shard that is a thread with an event loop, on which connections are served.
//
// Made and destroyed by whoever wires the server, on a thread of theirs; any thread may call start(), stop() and join().
// A task that throws is logged, and ends nothing else. The thread takes no signals: those are for the main thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "runtime/shard.hpp"
#include "runtime/thread.hpp"

namespace hubbub::runtime {

class Loop;

class IoShard final : public Shard {
 public:
  explicit IoShard(std::string name = "shard");  // of the thread
  ~IoShard() override;                            // stops and joins

  // Starts the thread. Tasks posted before it run first, in their order.
  void start();

  // Ends the loop after the tasks that were posted before. Later ones never run, and are destroyed with the shard.
  void stop();
  void join();

  // What another shard posts during one of its turns is handed over at the end of that turn, all at once.
  void post(Task task) override;
  void at_end_of_turn(std::shared_ptr<TurnEnd> writer) override;
  bool is_current() const override;
  std::string name() const override { return name_; }
  bool hangs() const override;
  std::unique_ptr<Timer> make_timer(Task task) override;
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::now(); }
  std::int64_t unix_ms() const override;

  Loop& loop() { return *loop_; }  // on the shard's thread, for whoever does I/O there

 private:
  class Outgoing;

  const std::string name_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Outgoing> outgoing_;  // to other shards
  std::atomic<const Thread*> record_ = nullptr;  // once it runs
  std::thread thread_;
};

}  // namespace hubbub::runtime
