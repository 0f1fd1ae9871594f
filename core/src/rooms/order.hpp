// What a room has decided but not let out yet, as steps in the order of the decisions: messages that are being committed, and behind
// them what depends on the state that they have made (answers, newcomers, messages that are not logged).
//
// A step runs once all earlier steps have run and it does not wait itself. If the store fails a step, the state that this step and all
// later ones depend on is void, and each of them runs with `holds` false. A step may add steps. If a step throws, the others run
// all the same; the call that ran them throws the first exception at its end. Lives on the room's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "rooms/fifo.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Order {
 public:
  // `holds` says whether the state that the step was decided on still holds.
  using Step = std::function<void(bool holds)>;
  using Ticket = std::uint64_t;

  // Adds a step, which runs at once if it is the first. `weight` is about how many bytes it holds.
  void then(Step step, std::size_t weight = 0);

  // Adds a step that waits. The caller must then call release() or fail(), once.
  Ticket hold(Step step, std::size_t weight = 0);
  void release(Ticket ticket);
  void fail(Ticket ticket);

  // Whether the step has not run yet.
  bool has(Ticket ticket) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return ticket >= first_;
  }

  bool empty() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return entries_.empty();
  }
  std::size_t size() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return entries_.size();
  }
  std::size_t weight() const {  // of all steps
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return weight_;
  }

 private:
  struct Entry {
    Step step;
    std::size_t weight;
    bool waits;
    bool holds = true;
  };

  Entry& at(Ticket ticket) { return entries_[static_cast<std::size_t>(ticket - first_)]; }
  Ticket next() const { return first_ + entries_.size(); }
  void run();

  Fifo<Entry> entries_;
  Ticket first_ = 0;  // of the first entry
  std::size_t weight_ = 0;
  bool running_ = false;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
