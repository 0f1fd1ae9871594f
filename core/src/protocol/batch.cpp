#include "protocol/batch.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

void Batch::add(Frame frame) {
  starts_.push_back(bytes_.size());
  bytes_ += frame.bytes();
  frames_.push_back(std::move(frame));
}

void Batch::clear() {
  constexpr std::size_t kept = 4096;  // bytes: enough for a usual turn
  if (bytes_.capacity() > kept) {
    *this = {};
    return;
  }
  frames_.clear();
  starts_.clear();
  bytes_.clear();
  conversions_.clear();
}

Batch& Batch::conversion(int key) const {
  const auto found = std::ranges::find(conversions_, key, [](const auto& pair) { return pair.first; });
  if (found != conversions_.end()) return *found->second;
  return *conversions_.emplace_back(key, std::make_unique<Batch>()).second;
}

}  // namespace hubbub
