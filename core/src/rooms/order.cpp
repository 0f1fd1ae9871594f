#include "rooms/order.hpp"

#include <exception>
#include <utility>

namespace hubbub::rooms {

void Order::then(Step step, std::size_t weight) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  entries_.emplace(std::move(step), weight, false);
  weight_ += weight;
  run();
}

Order::Ticket Order::hold(Step step, std::size_t weight) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  entries_.emplace(std::move(step), weight, true);
  weight_ += weight;
  return next() - 1;
}

void Order::release(Ticket ticket) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  at(ticket).waits = false;
  run();
}

void Order::fail(Ticket ticket) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  for (auto at = ticket; at < next(); ++at) this->at(at).holds = false;
  release(ticket);
}

void Order::run() {
  if (running_) return;
  struct Running {
    explicit Running(bool& running_flag) : flag(running_flag) { flag = true; }
    ~Running() { flag = false; }
    bool& flag;
  } running{running_};
  std::exception_ptr thrown;
  while (!empty() && !entries_[0].waits) {
    const auto step = std::move(entries_.front().step);
    const bool holds = entries_.front().holds;
    weight_ -= entries_.front().weight;
    entries_.pop();
    ++first_;
    try {
      step(holds);
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace hubbub::rooms
