// A shard with a thread and an event loop, which serves connections, or clients of other services.
//
// Created and destroyed by the server, on a thread that is not the shard's. Any thread may call start(), stop() and join(). If a
// task throws, that is logged and nothing else happens. The thread blocks signals: they are for the main thread.
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
  explicit IoShard(std::string name = "shard");  // `name` is the thread's
  ~IoShard() override;                            // stops and joins

  // Starts the thread, once. Tasks posted before it run first, in their order.
  void start();

  // Ends the loop after the tasks that were posted before. Tasks posted later never run; they are destroyed with the shard.
  void stop();
  void join();

  // Tasks that another shard posts during a turn arrive together, at the end of that turn.
  void post(Task task) override;
  void at_end_of_turn(std::shared_ptr<TurnEnd> writer) override;
  bool is_current() const override;
  std::string name() const override { return name_; }
  bool hangs() const override;
  std::unique_ptr<Timer> make_timer(Task task) override;
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::now(); }
  std::int64_t unix_ms() const override;

  Loop& loop() { return *loop_; }  // for code that does I/O on the shard's thread; only there

 private:
  class Outgoing;

  const std::string name_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Outgoing> outgoing_;  // to other shards
  std::atomic<const Thread*> record_ = nullptr;  // set while the loop runs
  std::thread thread_;
};

}  // namespace hubbub::runtime
