// What a log's find() answers from without asking the file: which refs stand where, of all that was appended since the log was
// opened, and of the clients that were recalled. Lives on the room's thread.
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

// The numbers of refs, each with a seq.
using Refs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

class Known {
 public:
  // The log reaches from `first` to `last`. Later calls, after the same log was opened again, change nothing.
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

  // Whether everything that is kept of this client is known.
  bool has_all_of(std::uint64_t client) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return !before_ || before_->last < first_ || before_->recalled.contains(client);
  }

  // Has `done` told once the client was read, of whom not all is known; true where that is not under way yet.
  bool wait_for(std::uint64_t client, std::function<void(bool)> done) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    auto& waiting = before_->waiting[client];
    waiting.push_back(std::move(done));
    return waiting.size() == 1;
  }

  // What was read of a client, and whether that is all. One of whom nothing was found can be read again for little, and
  // strangers could fill memory with numbers of clients that do not exist.
  void recall(std::uint64_t client, bool could, const Refs& refs) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    for (const auto& [ref, seq] : refs) seqs_.try_emplace(ref, seq);
    if (could && !refs.empty()) before_->recalled.insert(client);
    const auto waiting = std::exchange(before_->waiting[client], {});
    before_->waiting.erase(client);
    for (const auto& done : waiting) done(could);
  }

  // The log now begins with `first`.
  void forget(std::uint64_t first) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    first_ = first;
    if (seqs_.size() < worth_a_look_) return;  // so that looking costs each ref twice in all, not at every trim
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

  // What was there when the log was opened: of that, only what was recalled is known.
  struct Before {
    explicit Before(std::uint64_t its_last) : last(its_last) {}

    const std::uint64_t last;  // seq
    boost::unordered_flat_set<std::uint64_t> recalled;  // clients of whom something was found
    std::unordered_map<std::uint64_t, std::vector<std::function<void(bool)>>> waiting;
  };

  [[no_unique_address]] runtime::OwnThread thread_;
  bool opened_ = false;
  std::uint64_t first_ = 1;  // the oldest seq that is kept
  std::size_t worth_a_look_ = smallest_worth_a_look;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> seqs_;
  std::unique_ptr<Before> before_;  // null if there was nothing
};

}  // namespace hubbub::store
