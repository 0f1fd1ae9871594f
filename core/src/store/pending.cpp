#include "store/pending.hpp"

#include <algorithm>
#include <ranges>

#include "store/committer.hpp"

namespace hubbub::store {

void Pending::add(Adds&& adds) noexcept {
  const std::lock_guard lock{mutex_};
  added_.splice(added_.end(), adds);
}

const Pending::Adds& Pending::take() noexcept {
  const std::lock_guard lock{mutex_};
  taken_.splice(taken_.end(), added_);
  return taken_;
}

void Pending::written() noexcept {
  Adds written;  // destroyed without the lock
  const std::lock_guard lock{mutex_};
  written.swap(taken_);
}

std::uint64_t Pending::last() const {
  const std::lock_guard lock{mutex_};
  const auto& newest = added_.empty() ? taken_ : added_;
  return newest.empty() ? 0 : newest.back()->record.seq;
}

// Mostly the newest are wanted, so it begins with them.
std::vector<std::shared_ptr<const Add>> Pending::between(std::uint64_t after, std::uint64_t through) const {
  std::vector<std::shared_ptr<const Add>> found;
  const std::lock_guard lock{mutex_};
  for (const auto* adds : {&added_, &taken_}) {
    if (adds->empty() || adds->front()->record.seq > through) continue;
    for (const auto& add : *adds | std::views::reverse) {
      if (add->record.seq <= after) break;
      if (add->record.seq <= through) found.push_back(add);
    }
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace hubbub::store
