#include "runtime/loop.hpp"

#include <hubbub/shown.hpp>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <system_error>
#include <utility>

#include "runtime/log.hpp"

namespace hubbub::runtime {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;  // bytes read from one connection at once
constexpr std::size_t most_batches = 32;        // waiting to be written; more would push the first out of the processor's cache

template <class Call>
void guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log::error("a task of the event loop failed: {}", escaped(error.what()));
  } catch (...) {
    log::error("a task of the event loop failed");
  }
}

}  // namespace

Loop::Loop() : buffer_(buffer_size), alarm_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!alarm_) throw std::system_error{errno, std::generic_category(), "eventfd"};
  poller_.add_alarm(alarm_.get(), woken_);
}

// Destroying a task may post another one.
Loop::~Loop() {
  while (!posted_.empty()) std::exchange(posted_, {}).clear();
}

void Loop::post(Task task) {
  Batches one(1);
  one.front().push_back(std::move(task));
  post(std::move(one));
}

// The first task wakes the loop, unless it is posted on the loop's own thread: the loop checks for tasks before it sleeps.
void Loop::post(Batches&& batches) {
  const std::lock_guard lock{mutex_};
  posted_.splice(posted_.end(), batches);
  if (!has_posted_.exchange(true) && std::this_thread::get_id() != thread_) ::eventfd_write(alarm_.get(), 1);
}

void Loop::stop() {
  post([this] { running_ = false; });
}

void Loop::run() {
  thread_ = std::this_thread::get_id();
  hand_over();
  while (running_) {
    run_tasks();
    run_due_timers();
    look_after_sockets();
    write_what_was_collected();
    release_what_has_ended();
  }
  write_what_was_collected();  // what was released in the last turn may have posted to other shards
  hand_over();
}

// Before it runs, the loop belongs to the thread that made it; afterwards, to the thread that destroys it.
void Loop::hand_over() {
  own_thread_.hand_over();
  poller_.hand_over();
  timers_.hand_over();
}

void Loop::run_tasks() {
  if (!has_posted_) return;
  {
    const std::lock_guard lock{mutex_};
    has_posted_ = false;
    tasks_.swap(posted_);
  }
  for (auto& batch : tasks_) {
    for (auto& task : batch) {
      if (running_) guarded(task);
    }
  }
  tasks_.clear();
}

void Loop::run_due_timers() {
  const auto now = Timers::Clock::now();  // read once: a timer that arms itself again waits for the next turn
  while (const auto task = timers_.take_due(now)) guarded(*task);
}

void Loop::look_after_sockets() {
  poller_.wait(patience());
  for (bool all_told = false; !all_told;) {
    guarded([&] {  // if a watcher throws, those behind it are still called: it may throw in every turn
      while (poller_.tell_next()) {
        if (batches_.size() >= most_batches) write_what_was_collected();
      }
      all_told = true;
    });
  }
}

// How long the loop may wait for sockets: milliseconds as for epoll_wait, -1 for any time.
int Loop::patience() const {
  if (!running_ || has_posted_ || !batches_.empty() || !writers_.empty() || !ended_.empty()) return 0;
  const auto wait = timers_.wait(Timers::Clock::now());
  return wait ? static_cast<int>(std::min<std::int64_t>(wait->count(), 60'000)) : -1;
}

void Loop::write_what_was_collected() {
  // Writing may find that a member has gone; telling the others then makes new output.
  while (!batches_.empty() || !writers_.empty()) {
    batches_.empty() ? write_all(writers_, writing_) : write_all(batches_, writing_batches_);
  }
}

// A destructor may dispose of something else.
void Loop::release_what_has_ended() {
  while (!ended_.empty()) {
    releasing_.swap(ended_);
    releasing_.clear();
  }
}

template <class Writer>
void Loop::write_all(std::vector<Writer>& writers, std::vector<Writer>& writing) {
  writing.swap(writers);
  for (const auto& writer : writing) guarded([&] { writer.write(); });
  writing.clear();
}

}  // namespace hubbub::runtime
