#include "net/websocket/deflated.hpp"

#include "net/websocket/frame_writer.hpp"

namespace hubbub::net {

Frame Deflated::of(const Frame& frame, Deflater& deflater, int window_bits) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const Key key{frame.bytes().data(), window_bits};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second.deflated;
  Kept made{frame, deflated(frame, deflater, window_bits)};
  const auto result = made.deflated;
  weight_ += made.weight();
  kept_.emplace(key, std::move(made));
  order_.push_back(key);
  for (; weight_ > most_kept; order_.pop_front()) {
    const auto oldest = kept_.find(order_.front());
    weight_ -= oldest->second.weight();
    kept_.erase(oldest);
  }
  return result;
}

}  // namespace hubbub::net
