// The event loop of one shard. Each turn runs the tasks and timers that are due, handles the sockets that are ready, then writes
// the output that was collected. So all messages that a turn has for one connection cost one system call, and the turn itself
// one more.
//
// Owned by IoShard. Used on its shard's thread, except where a function says otherwise.
#pragma once

#include <atomic>
#include <list>
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
  Loop();  // throws std::system_error if there are no descriptors left
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Poller& poller() { return poller_; }
  Timers& timers() { return timers_; }

  // For HUBBUB_ASSERT_OWN_THREAD in the objects that live on this loop: the thread that runs the loop, or any one thread while none does.
  const OwnThread& own_thread() const { return own_thread_; }

  // The buffer of 64 KiB that all connections read into. Its content is valid until the next connection reads.
  std::span<char> buffer() {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    return buffer_;
  }

  // Runs the tasks in one of the next turns. Tasks of one caller run in the order of its calls. Any thread.
  void post(Task task);

  // Likewise, and needs no memory.
  using Batches = std::list<std::vector<Task>>;
  void post(Batches&& batches);

  // Both ask for one call at the end of this turn, see Shard. Batches are written first, so that a connection that also has
  // output of its own writes both in one call. The writer must stay alive until then; connections use dispose().
  void write_batch_at_end_of_turn(std::shared_ptr<TurnEnd> batch) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    batches_.push_back({std::move(batch)});
  }
  template <auto write, class Writer>
  void at_end_of_turn(Writer& writer) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    writers_.push_back({&writer, [](void* its) { (static_cast<Writer*>(its)->*write)(); }});
  }

  // Destroys `ended` at the end of the turn: until then its member functions may still be on the stack.
  void dispose(std::shared_ptr<void> ended) {
    HUBBUB_ASSERT_OWN_THREAD(own_thread_);
    ended_.push_back(std::move(ended));
  }

  // Runs turns until stop(). Tasks posted after the call of stop() never run. If a task, a timer, a watcher or a writer throws, that
  // is logged, and the others are called all the same.
  void run();
  void stop();  // any thread

 private:
  // Watches the alarm. It has nothing to do: waking the loop is enough.
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
  void run_tasks();
  void run_due_timers();
  void look_after_sockets();
  int patience() const;
  void write_what_was_collected();
  void release_what_has_ended();
  template <class Writer>
  void write_all(std::vector<Writer>& writers, std::vector<Writer>& writing);

  bool running_ = true;
  std::vector<char> buffer_;
  Poller poller_;
  Timers timers_;
  Woken woken_;
  const Descriptor alarm_;  // an eventfd; post() writes to it to wake a loop that may be asleep
  std::atomic<std::thread::id> thread_;
  [[no_unique_address]] OwnThread own_thread_;

  std::mutex mutex_;
  Batches posted_;                // guarded by the mutex
  std::atomic<bool> has_posted_ = false;
  Batches tasks_;                 // of this turn

  std::vector<Batch> batches_, writing_batches_;
  std::vector<OwnOutput> writers_, writing_;
  std::vector<std::shared_ptr<void>> ended_, releasing_;
};

}  // namespace hubbub::runtime
