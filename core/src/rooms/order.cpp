#include "rooms/order.hpp"

#include <utility>

namespace hubbub::rooms {

void Order::then(Step step) {
  entries_.push_back({std::move(step), false});
  run();
}

Order::Ticket Order::hold(Step step) {
  entries_.push_back({std::move(step), true});
  return first_ + entries_.size() - 1;
}

void Order::release(Ticket ticket) {
  at(ticket).waits = false;
  run();
}

void Order::fail(Ticket ticket) {
  for (auto at = ticket; at < first_ + entries_.size(); ++at) this->at(at).holds = false;
  release(ticket);
}

void Order::run() {
  if (running_) return;
  struct Running {
    explicit Running(bool& its_flag) : flag(its_flag) { flag = true; }
    ~Running() { flag = false; }
    bool& flag;
  } running{running_};
  while (!entries_.empty() && !entries_.front().waits) {
    const auto entry = std::move(entries_.front());
    entries_.pop_front();
    ++first_;
    entry.step(entry.holds);
  }
}

}  // namespace hubbub::rooms
