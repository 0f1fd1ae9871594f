#include "rooms/journal.hpp"

#include <algorithm>

namespace hubbub::rooms {
namespace {

constexpr std::size_t most_put_off = 64;  // times snapshot_every: the longest gap between two attempts, however often a plugin fails

}  // namespace

void Journal::begin(const store::Opening& opening, std::uint64_t snapshot_seq) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  epoch_ = opening.epoch;
  next_ = opening.last + 1;
  committed_ = opening.last;
  snapshot_seq_ = snapshot_seq;
  logged_bytes_ = 0;
  between_snapshots_ = snapshot_every_;
  snapshot_due_ = snapshot_seq_ + between_snapshots_;
}

// Asks the log, with `call`, for something that the step of `ticket` waits for. If the log throws, the step fails.
template <class Call>
void Journal::ask(Order::Ticket ticket, Call call) {
  try {
    call();
  } catch (...) {
    owner_.reopen();
    order_.fail(ticket);
    throw;
  }
}

void Journal::append(store::Record&& record, const Asker& asker, std::size_t snapshot_bytes, bool snapshot_now) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  ++next_;
  logged_bytes_ += record.frame.payload().size();
  const bool due = snapshot_now || record.seq >= snapshot_due_ || logged_bytes_ >= snapshot_bytes;
  const auto weight = record.frame.weight();
  const auto repetition = record.repetition;
  auto& commit = commits_.emplace(std::move(record), asker, due ? snapshot() : nullptr);
  const auto ticket = order_.hold([this](bool holds) { end_oldest(holds); }, weight);
  ask(ticket, [&] {
    log_->append(commit.record, [this, ticket](store::Append result) {
      turn_([&] {
        if (result == store::Append::committed) return order_.release(ticket);
        owner_.reopen();
        order_.fail(ticket);
      });
    });
  });
  if (repetition.ref != 0 && order_.has(ticket)) committing_.emplace(repetition.ref, repetition.asked);
}

// The oldest message that is being committed is in the log if `holds`, and otherwise never will be.
void Journal::end_oldest(bool holds) {
  auto& oldest = commits_.front();
  if (!committing_.empty()) committing_.erase(oldest.record.repetition.ref);
  if (holds) committed_ = oldest.record.seq;
  auto frame = std::move(oldest.record.frame);
  const auto asker = std::move(oldest.asker);
  const auto snapshot = std::move(oldest.snapshot);
  commits_.pop();
  if (!holds) return owner_.refuse_unavailable(asker);
  owner_.let_out(std::move(frame), asker, committed_);
  if (snapshot) put(std::move(*snapshot));
}

std::optional<std::uint64_t> Journal::committing(std::uint64_t ref) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto found = committing_.find(ref);
  return found == committing_.end() ? std::nullopt : std::optional{found->second};
}

void Journal::then_read(std::uint64_t after, std::uint64_t through, Step step, std::size_t most) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (after == through) return then([step = std::move(step)](bool holds) { step({store::Reading::Result::whole, {}}, holds); });
  const auto reading = std::make_shared<store::Reading>();
  const auto ticket = order_.hold([reading, step = std::move(step)](bool holds) { step(std::move(*reading), holds); });
  const auto take = [this, ticket, reading](store::Reading result) {
    turn_([&] {
      *reading = std::move(result);
      order_.release(ticket);
    });
  };
  ask(ticket, [&] { log_->read(after, through, take, {}, most); });
}

// If a plugin fails to tell its state, the next attempt comes after twice as many messages.
std::unique_ptr<store::Snapshot> Journal::snapshot() {
  logged_bytes_ = 0;
  auto state = owner_.state();
  between_snapshots_ = state ? snapshot_every_ : std::min(between_snapshots_ * 2, snapshot_every_ * most_put_off);
  snapshot_due_ = last() + between_snapshots_;
  return state ? std::make_unique<store::Snapshot>(last(), std::move(*state)) : nullptr;
}

void Journal::keep_state() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (last() == snapshot_seq_) return;
  if (auto state = owner_.state()) put({last(), std::move(*state)});
}

void Journal::put(store::Snapshot snapshot) {
  snapshot_seq_ = snapshot.seq;
  log_->put(std::move(snapshot));
}

}  // namespace hubbub::rooms
