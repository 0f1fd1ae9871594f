#include "rooms/state_sizes.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <utility>

#include "config/quantity.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

using config::size_text;
using std::chrono::milliseconds;

constexpr milliseconds shortest_wait{1000};             // after a message that did not fit
constexpr milliseconds longest_wait = std::chrono::minutes{10};

}  // namespace

StateSizes::StateSizes(const runtime::Shard& shard, const plugins::Registry& registry, const std::string& room)
    : shard_(shard), registry_(registry), room_(room) {}

const StateSizes::Large* StateSizes::find(std::size_t plugin) const {
  const auto found = std::ranges::find(large_, plugin, &Large::plugin);
  return found == large_.end() ? nullptr : &*found;
}

void StateSizes::measured(std::size_t plugin, std::size_t bytes) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto* before = find(plugin);
  const bool was_large = before, was_full = is_full(plugin);
  if (bytes > limit() && !was_full) {
    log::error("room={} plugin={} keeps {} bytes here, more than the {} of plugins.limits.state: messages that would add to them are refused",
               shown_name(room_), name(plugin), bytes, size_text(limit()));
  } else if (bytes <= limit() && was_full) {
    log::info("room={} plugin={} keeps {} bytes here, and takes every message again", shown_name(room_), name(plugin), bytes);
  }
  if (bytes <= limit() / 5 * 4) {
    std::erase_if(large_, [&](const Large& large) { return large.plugin == plugin; });
    return;
  }
  if (bytes <= limit() && !was_large) {
    log::warn("room={} plugin={} keeps {} bytes here; beyond the {} of plugins.limits.state, messages that would add to them are refused",
              shown_name(room_), name(plugin), bytes, size_text(limit()));
  }
  if (!was_large) large_.push_back({plugin, bytes, {}});
  auto& large = *std::ranges::find(large_, plugin, &Large::plugin);
  large.bytes = bytes;
  if (bytes <= limit()) large.trials.clear();
}

bool StateSizes::is_full(std::size_t plugin) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto* large = find(plugin);
  return large && large->bytes > limit();
}

std::size_t StateSizes::size(std::size_t plugin) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  return find(plugin)->bytes;
}

milliseconds StateSizes::wait(std::size_t plugin, const std::string& type) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto& trials = find(plugin)->trials;
  const auto trial = std::ranges::find(trials, type, &Trial::type);
  if (trial == trials.end()) return {};
  return std::max(std::chrono::ceil<milliseconds>(trial->next - shard_.now()), milliseconds{0});
}

void StateSizes::tried(std::size_t plugin, const std::string& type, std::chrono::nanoseconds took, bool fits) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  auto& trials = std::ranges::find(large_, plugin, &Large::plugin)->trials;
  auto trial = std::ranges::find(trials, type, &Trial::type);
  if (trial == trials.end()) trial = trials.insert(trial, {type, {}, {}});
  const auto usual = std::chrono::ceil<milliseconds>(10 * took);
  trial->wait = fits ? usual : std::min(std::max({usual, shortest_wait, 2 * trial->wait}), longest_wait);
  trial->next = shard_.now() + trial->wait;
}

Refusal StateSizes::refusal(std::size_t plugin, const std::string& type) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  return {ErrorCode::unavailable,
          name(plugin) + " keeps as much in this room as it may, " + size_text(limit()) + ": it refuses to keep more until something is removed",
          wait(plugin, type)};
}

}  // namespace hubbub::rooms
