// What a log's find() answers from without asking the file: which refs stand where, of all that was appended since the log was
// opened, and of the clients that were recalled. Lives on the room's thread; what is under way may outlive the log.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub::store {

// The numbers of refs, each with a seq.
using Refs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

class Known {
 public:
  // The log reaches from `first` to `last`. Later calls, after the same log was opened again, change nothing.
  void open(std::uint64_t first, std::uint64_t last) {
    if (!std::exchange(opened_, true)) first_ = first, last_unread_ = last;
  }

  void remember(std::uint64_t ref, std::uint64_t seq) {
    if (ref != 0) seqs_[ref] = seq;
  }

  // Whether everything that is kept of this client is known.
  bool has_all_of(std::uint64_t client) const { return last_unread_ < first_ || recalled_.contains(client); }

  // Has `done` told once the client was read; true where that is not under way yet.
  bool wait_for(std::uint64_t client, std::function<void(bool)> done) {
    auto& waiting = waiting_[client];
    waiting.push_back(std::move(done));
    return waiting.size() == 1;
  }

  // What was read of a client, and whether that is all. One of whom nothing was found can be read again for little, and
  // strangers could fill memory with numbers of clients that do not exist.
  void recall(std::uint64_t client, bool could, const Refs& refs) {
    for (const auto& [ref, seq] : refs) seqs_.try_emplace(ref, seq);
    if (could && !refs.empty()) recalled_.insert(client);
    const auto waiting = std::move(waiting_[client]);
    waiting_.erase(client);
    for (const auto& done : waiting) done(could);
  }

  // The log now begins with `first`.
  void forget(std::uint64_t first) {
    first_ = first;
    if (seqs_.size() < worth_a_look_) return;  // so that looking costs each ref twice in all, not at every trim
    erase_if(seqs_, [first](const auto& ref) { return ref.second < first; });
    worth_a_look_ = std::max(2 * seqs_.size(), smallest_worth_a_look);
    if (last_unread_ < first_) recalled_.clear();
  }

  std::optional<std::uint64_t> find(std::uint64_t ref) const {
    const auto found = seqs_.find(ref);
    return found == seqs_.end() || found->second < first_ ? std::nullopt : std::optional{found->second};
  }

 private:
  static constexpr std::size_t smallest_worth_a_look = 1000;

  bool opened_ = false;
  std::uint64_t first_ = 1;        // the oldest seq that is kept
  std::uint64_t last_unread_ = 0;  // up to there only what was recalled is known
  std::size_t worth_a_look_ = smallest_worth_a_look;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> seqs_;
  boost::unordered_flat_set<std::uint64_t> recalled_;  // clients of whom something was found
  std::unordered_map<std::uint64_t, std::vector<std::function<void(bool)>>> waiting_;
};

}  // namespace hubbub::store
