// The pages of a room's log that were read last, so that members who resume together are handed the same frames. Lives on the
// room's thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rooms/frames.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Pages {
 public:
  struct Page {
    std::uint64_t after, last;  // the first message is the one after `after`
    Frames frames;
    std::size_t weight;
  };

  // The last message that a page after `after` may have. Pages end at the same messages wherever their readers began, so the readers
  // soon share pages.
  static std::uint64_t end(std::uint64_t after) { return (after / most_messages + 1) * most_messages; }

  // Null if there is none. The page may be used until the next call.
  const Page* find(std::uint64_t after) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto found = std::ranges::find(pages_, after, &Page::after);
    return found == pages_.end() ? nullptr : &*found;
  }

  const Page& keep(Page page) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (const auto* same = find(page.after); same && same->last >= page.last) return *same;
    std::erase_if(pages_, [&](const Page& old) { return old.after == page.after; });
    weight_ = page.weight;
    for (const auto& old : pages_) weight_ += old.weight;
    for (; weight_ > most_kept && !pages_.empty(); pages_.erase(pages_.begin())) weight_ -= pages_.front().weight;
    return pages_.emplace_back(std::move(page));
  }

 private:
  static constexpr std::uint64_t most_messages = 256;
  static constexpr std::size_t most_kept = 1 << 20;  // bytes

  std::vector<Page> pages_;
  std::size_t weight_ = 0;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
