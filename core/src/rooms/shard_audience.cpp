#include "rooms/shard_audience.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::rooms {
namespace {

constexpr std::size_t most_collected = 256 * 1024;  // bytes: about what a socket takes at once
constexpr std::size_t most_batches = 512;           // that are kept for later turns
constexpr std::size_t ahead = 4;                    // connections to prefetch: memory is slower than the call that writes to one

}  // namespace

void Subscriptions::remove(Subscription& subscription) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (subscription.audience) subscription.audience->remove(subscription.row);
  all_.remove(subscription);
}

std::unique_ptr<Batch> Subscriptions::take_batch() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (batches_.empty()) return std::make_unique<Batch>();
  auto batch = std::move(batches_.back());
  batches_.pop_back();
  return batch;
}

void Subscriptions::give_back(std::unique_ptr<Batch> batch) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (batches_.size() >= most_batches) return;
  batch->clear();
  batches_.push_back(std::move(batch));
}

void ShardAudience::catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* subscription = subscriptions_.find(member)) subscription->sink->catch_up(page, more);
}

void ShardAudience::suspend(MemberId member) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  auto* subscription = up_to_date(member);
  if (!subscription || subscription->audience != this) return;
  remove(subscription->row);
  subscription->audience = nullptr;
  subscription->first = 0;
}

void ShardAudience::admit(MemberId member, const std::vector<Frame>& greeting) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  auto* subscription = subscriptions_.find(member);
  if (!subscription) return;
  subscription->sink->catch_up(greeting, {});
  subscription->audience = this;
  subscription->row = static_cast<std::uint32_t>(rows_.size());
  skip_batch(*subscription);
  rows_.push_back(subscription);
  sinks_.push_back(subscription->sink);
}

void ShardAudience::deliver(Frame frame) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (!batch_) batch_ = subscriptions_.take_batch();
  batch_->add(std::move(frame));
  if (!std::exchange(collecting_, true)) {
    shard_.at_end_of_turn(shared_from_this());
    for (std::size_t i = 0; i < std::min(ahead, sinks_.size()); ++i) __builtin_prefetch(sinks_[i]);
  }
  if (batch_->bytes() >= most_collected) flush();
}

void ShardAudience::send(MemberId member, const Frame& frame) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* subscription = up_to_date(member)) subscription->sink->send(frame);
}

void ShardAudience::close(MemberId member, CloseCode code, const std::string& reason) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* subscription = up_to_date(member)) subscription->sink->close(code, reason);
}

void ShardAudience::probe(MemberId member) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (const auto* subscription = subscriptions_.find(member)) subscription->sink->probe();
}

void ShardAudience::on_turn_end() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  collecting_ = false;
  flush();
}

void ShardAudience::flush() {
  if (!batch_) return;
  if (std::exchange(uneven_, false)) {
    for (auto* subscription : rows_) {
      const auto first = std::exchange(subscription->first, 0);
      if (first != batch_->size()) subscription->sink->send(*batch_, first);
    }
  } else {
    for (std::size_t i = 0; i < sinks_.size(); ++i) {
      __builtin_prefetch(sinks_[std::min(i + ahead, sinks_.size() - 1)]);
      sinks_[i]->send(*batch_, 0);
    }
  }
  subscriptions_.give_back(std::move(batch_));
}

// The member's subscription, once the member has been given what was delivered before. Null if the connection has gone.
Subscription* ShardAudience::up_to_date(MemberId member) {
  auto* subscription = subscriptions_.find(member);
  if (subscription && subscription->audience == this && batch_) {
    for (const auto& frame : batch_->frames(subscription->first)) subscription->sink->send(frame);
    skip_batch(*subscription);
  }
  return subscription;
}

// The frames that the batch has now are not for this member, or it has them already.
void ShardAudience::skip_batch(Subscription& subscription) {
  subscription.first = static_cast<std::uint32_t>(batch_ ? batch_->size() : 0);
  uneven_ = uneven_ || subscription.first != 0;
}

void ShardAudience::remove(std::size_t row) {
  rows_[row] = rows_.back();
  rows_[row]->row = static_cast<std::uint32_t>(row);
  rows_.pop_back();
  sinks_[row] = sinks_.back();
  sinks_.pop_back();
}

}  // namespace hubbub::rooms
