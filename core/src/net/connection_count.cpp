#include "net/connection_count.hpp"

namespace hubbub::net {

std::optional<ConnectionCount::Slot> ConnectionCount::take() {
  if (live_.fetch_add(1, std::memory_order_relaxed) < limit_) return Slot{*this};
  release();
  return std::nullopt;
}

bool ConnectionCount::wait_until_none(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return none_.wait_until(lock, deadline, [this] { return live() == 0; });
}

void ConnectionCount::release() {
  if (live_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Under the lock: otherwise a waiter that has looked at the number, and does not sleep yet, would miss this.
  const std::lock_guard lock{mutex_};
  none_.notify_all();
}

}  // namespace hubbub::net
