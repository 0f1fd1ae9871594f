// The index behind a log's find(), which answers without reading the file. It maps refs to seqs: the refs of all messages that were
// appended since the log was opened, and those of all messages of the clients that were recalled. Used on the room's thread.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/own_thread.hpp"

namespace hubbub::store {

// Pairs of a ref's number (see Repetition) and its seq.
using Refs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

class Known {
 public:
  // Call it when the log is opened: it holds the seqs `first` to `last`. Later calls, when the same log is opened again, do
  // nothing.
  void open(std::uint64_t first, std::uint64_t last) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (std::exchange(opened_, true)) return;
    first_ = first;
    if (last >= first) before_ = std::make_unique<Before>(last);
  }

  void remember(std::uint64_t ref, std::uint64_t seq) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (ref != 0) seqs_[ref] = seq;
  }

  // Whether the index has all messages of this client that the log still holds.
  bool has_all_of(std::uint64_t client) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return !before_ || before_->last < first_ || before_->recalled.contains(client);
  }

  // Calls `done` when recall() is called for this client; only if !has_all_of(client). Returns true if nobody waits for this client
  // yet: then the caller must start the reading.
  bool wait_for(std::uint64_t client, std::function<void(bool)> done) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    auto& waiting = before_->waiting[client];
    waiting.push_back(std::move(done));
    return waiting.size() == 1;
  }

  // Takes what was read of a client; `could` is false if the reading failed. A client of whom nothing was found is not
  // remembered: reading it again is cheap, and strangers could otherwise fill memory with clients that do not exist.
  void recall(std::uint64_t client, bool could, const Refs& refs) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    for (const auto& [ref, seq] : refs) seqs_.try_emplace(ref, seq);
    if (could && !refs.empty()) before_->recalled.insert(client);
    const auto waiting = std::exchange(before_->waiting[client], {});
    before_->waiting.erase(client);
    for (const auto& done : waiting) done(could);
  }

  // The log now begins with the seq `first`.
  void forget(std::uint64_t first) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    first_ = first;
    if (seqs_.size() < worth_a_look_) return;  // so that a ref is looked at about twice in its life, not at every trim
    erase_if(seqs_, [first](const auto& ref) { return ref.second < first; });
    worth_a_look_ = std::max(2 * seqs_.size(), smallest_worth_a_look);
    if (before_ && before_->last < first_) before_->recalled.clear();
  }

  std::optional<std::uint64_t> find(std::uint64_t ref) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto found = seqs_.find(ref);
    return found == seqs_.end() || found->second < first_ ? std::nullopt : std::optional{found->second};
  }

 private:
  static constexpr std::size_t smallest_worth_a_look = 1000;

  // The messages that the log held when it was opened. Of these, the index has only those of recalled clients.
  struct Before {
    explicit Before(std::uint64_t its_last) : last(its_last) {}

    const std::uint64_t last;  // seq
    boost::unordered_flat_set<std::uint64_t> recalled;  // clients with at least one message
    std::unordered_map<std::uint64_t, std::vector<std::function<void(bool)>>> waiting;
  };

  [[no_unique_address]] runtime::OwnThread thread_;
  bool opened_ = false;
  std::uint64_t first_ = 1;  // the oldest seq that is kept
  std::size_t worth_a_look_ = smallest_worth_a_look;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> seqs_;
  std::unique_ptr<Before> before_;  // null if the log was empty
};

}  // namespace hubbub::store
