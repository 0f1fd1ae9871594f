#include "net/connections.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "net/connection.hpp"
#include "runtime/log.hpp"
#include "runtime/loop.hpp"

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;

std::atomic<std::uint64_t> last_number = 0;

}  // namespace

Connections::Connections(runtime::IoShard& shard, Serve serve, std::chrono::milliseconds shortest)
    : shard_(shard), serve_(std::move(serve)), sweep_interval_(std::clamp<std::chrono::milliseconds>(shortest / 4, 5ms, 1s)) {}

Connections::~Connections() {
  for_each([](Connection& connection) { connection.cut(); });
}

void Connections::adopt(Incoming incoming) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(incoming));
  }
  shard_.run([this] { serve_waiting(); });
}

Connections::Waiting Connections::take_back() {
  const std::lock_guard lock{mutex_};
  return std::exchange(waiting_, {});
}

// If there was no memory for an earlier task, this one serves also the connections of that task.
void Connections::serve_waiting() {
  for (;;) {
    Incoming next;
    {
      const std::lock_guard lock{mutex_};
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (closing_) return;
    const auto number = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
    // The caller may be the listener, which has other clients to accept.
    try {
      serve_(std::move(next), number);
    } catch (const std::exception& error) {
      if (lines_.not_served.is_due()) log::error("connection={} cannot be served: {}", number, escaped(error.what()));
    }
  }
}

void Connections::close_all(CloseCode code, std::string reason) {
  shard_.run([this, code, reason = std::move(reason)] {
    closing_ = true;
    for_each([&](Connection& connection) { connection.dismiss(code, reason); });
  });
}

void Connections::cut_all() {
  shard_.run([this] {
    closing_ = true;
    for_each([](Connection& connection) { connection.cut(); });
    sweeper_.reset();
  });
}

void Connections::add(Connection& connection, ConnectionCount::Slot slot) {
  HUBBUB_ASSERT_OWN_THREAD(loop().own_thread());
  if (!sweeper_) sweeper_ = shard_.make_timer([this] { sweep(); });
  if (rows_.empty()) sweeper_->arm(sweep_interval_);
  rows_.push_back(&connection);  // nothing throws after this
  connection.row_ = static_cast<std::uint32_t>(rows_.size() - 1);
  slots_.put(std::move(slot));
}

ConnectionCount::Slot Connections::remove(Connection& connection) {
  HUBBUB_ASSERT_OWN_THREAD(loop().own_thread());
  const auto row = connection.row_;
  rows_[row] = rows_.back();
  rows_.pop_back();
  if (row < rows_.size()) rows_[row]->row_ = row;
  return slots_.take();
}

// From the back: a connection that ends is replaced by the last one, which has been called already. So none is left out.
template <class Call>
void Connections::for_each(Call call) {
  for (auto row = rows_.size(); row-- > 0;) {
    if (row >= rows_.size()) continue;
    try {
      call(*rows_[row]);
    } catch (const std::exception& error) {
      log::error("checking or closing a connection failed: {}", escaped(error.what()));
    }
  }
}

void Connections::sweep() {
  const auto now = Connection::Clock::now();
  for_each([now](Connection& connection) { connection.sweep(now); });
  if (!rows_.empty()) sweeper_->arm(sweep_interval_);
}

}  // namespace hubbub::net
