// What a room has decided and not let out yet, in the order in which it was decided: messages that are being committed,
// and behind them whatever rests on their being committed (answers, newcomers, messages that are not logged).
//
// A step runs when all before it have run and it waits for nothing itself. If the store fails one, the state that it and those behind
// it were decided against is void, and each is told so. A step may add others. If a step throws, the others run all the same, and
// the call that ran them throws it in the end. Lives on the room's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "rooms/fifo.hpp"

namespace hubbub::rooms {

class Order {
 public:
  // What is to happen; `holds` says whether the state that it was decided against does.
  using Step = std::function<void(bool holds)>;
  using Ticket = std::uint64_t;

  // Adds a step, which runs at once if none is before it. `weight` is about what it holds, in bytes.
  void then(Step step, std::size_t weight = 0);

  // Adds a step that waits for release() or fail(), one of which follows.
  Ticket hold(Step step, std::size_t weight = 0);
  void release(Ticket ticket);
  void fail(Ticket ticket);

  // Whether the step has not run yet.
  bool holds(Ticket ticket) const { return ticket >= first_; }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t weight() const { return weight_; }  // of all of them

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
};

}  // namespace hubbub::rooms
