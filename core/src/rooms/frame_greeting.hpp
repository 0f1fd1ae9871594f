// Encodes a plugin's greeting for a newcomer as frames. Lives on the room's thread, for one greeting.
#pragma once

#include <hubbub/plugin.hpp>

#include <string>
#include <utility>
#include <vector>

#include "protocol/encode.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class FrameGreeting final : public Greeting {
 public:
  // Adds to `frames`. `room` is the room's name as JSON text.
  FrameGreeting(std::vector<Frame>& frames, const std::string& room) : frames_(frames), room_(room) {}

  void replay(const Entry& entry) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto sender = entry.id.empty() ? std::string{system_sender} : sender_fields(entry.nickname, entry.id);
    add(entry.type, entry.content, sender, entry.seq, entry.ts);
  }

  void for_everybody() override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    for_everybody_ = true;
  }
  bool is_for_everybody() const { return for_everybody_; }

  void may_be_followed() override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    for_everybody_ = followed_ = true;
  }
  bool is_followed() const { return followed_; }

  void send(Message message) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    add(message.type, message.content, system_sender, 0, 0);
  }

 private:
  void add(const std::string& type, const Json& content, std::string_view sender, std::uint64_t seq, std::int64_t ts) {
    frames_.push_back(encode({json_text(type), content, room_, sender, seq, ts, {}}, Delivery::must()));
  }

  std::vector<Frame>& frames_;
  const std::string& room_;
  bool for_everybody_ = false;
  bool followed_ = false;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
