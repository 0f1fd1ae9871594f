// The event loop of one shard, in turns: run the tasks and timers that are due, look after the sockets that are ready, then let
// everybody who has collected output write it. So however many messages a turn has for a connection, they cost one system
// call, and a turn itself costs one more.
//
// Belongs to IoShard; for its own thread, but for what says otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "runtime/own_thread.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard.hpp"
#include "runtime/timers.hpp"

namespace hubbub::runtime {

class Loop {
 public:
  Loop();  // throws std::system_error where there are no descriptors left

  Poller& poller() { return poller_; }
  Timers& timers() { return timers_; }

  // Where connections read into. What stands there is good until the next one reads.
  std::span<char> buffer() {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    return buffer_;
  }

  // Runs tasks in one of the next turns, each caller's in the order of its calls. Any thread.
  void post(Task task);
  void post(std::vector<Task> tasks);

  // Both ask for one call at the end of this turn, see Shard. Batches are written first: then a connection that has
  // something of its own besides writes both at once. A writer is there until then, a connection by way of dispose().
  void write_batch_at_end_of_turn(std::shared_ptr<TurnEnd> batch) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    batches_.push_back({std::move(batch)});
  }
  template <auto write, class Writer>
  void at_end_of_turn(Writer& writer) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    writers_.push_back({&writer, [](void* its) { (static_cast<Writer*>(its)->*write)(); }});
  }

  // Lets go of what has ended once the turn is over. Until then whoever calls it may not have returned.
  void dispose(std::shared_ptr<void> ended) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    ended_.push_back(std::move(ended));
  }

  // Turns until stop(), after whose call no task is run that was posted later. What a task throws is logged, and ends
  // nothing else.
  void run();
  void stop();  // any thread

 private:
  // Watches the alarm: that it has gone off is all there is to know.
  struct Woken final : Poller::Watcher {
    void on_ready(bool, bool) override {}
  };
  struct Batch {
    void write() const { its->on_turn_end(); }
    std::shared_ptr<TurnEnd> its;
  };
  struct OwnOutput {
    void write() const { call(writer); }
    void* writer;
    void (*call)(void* writer);
  };

  void hand_over();
  template <class Post>
  void post_with(Post post);
  void run_tasks();
  void run_due_timers();
  void look_after_sockets();
  int patience() const;
  void write_what_was_collected();
  template <class Writer>
  void write_all(std::vector<Writer>& writers, std::vector<Writer>& writing);

  bool running_ = true;
  std::vector<char> buffer_;
  Poller poller_;
  Timers timers_;
  Woken woken_;
  const Descriptor alarm_;  // an eventfd, written to by who has a task for a loop that may be asleep
  std::atomic<std::thread::id> thread_;
  [[no_unique_address]] OwnThread own_thread_;

  std::mutex mutex_;
  std::vector<Task> posted_;      // under the mutex
  std::atomic<bool> has_posted_ = false;
  std::vector<Task> tasks_;       // of this turn

  std::vector<Batch> batches_, writing_batches_;
  std::vector<OwnOutput> writers_, writing_;
  std::vector<std::shared_ptr<void>> ended_;
};

}  // namespace hubbub::runtime
