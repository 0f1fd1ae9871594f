// An extension of the server for services: says something in a room without being in it. A service gets it by
// host().extension<hubbub::Rooms>().
#pragma once

#include <hubbub/plugin.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

// In whose name something is said. It is not among the people in the room.
struct Speaker {
  std::string nickname = "System";  // 1–64 characters, as a member's
  std::string id = "system";        // 1–64 of A–Z a–z 0–9 . _ : -
};

// Must be called on the service's thread.
class Rooms {
 public:
  static constexpr std::string_view extension_name = "rooms 1";

  // What became of a message.
  struct Outcome {
    std::string refused;  // the error code, as a client gets it, such as "invalid"; empty if the message was not refused
    std::string why;      // in words
    std::chrono::milliseconds retry_after{0};  // 0 if unknown
    std::uint64_t seq = 0;                     // the message's position in the room's log; 0 if it is not logged, or was refused
    std::optional<Message> answer = {};        // the plugin's, for the sender alone
  };
  using Tell = std::function<void(const Outcome& outcome)>;

  // Says something in a room, which is opened if it is not. The message may have what a client's may have (websocket.max_message and
  // max_depth), and passes the schema, the plugin and the type's rate. If there is a `tell`, it is called once, later, on the service's
  // thread, unless the service has been stopped; if it throws, that is logged.
  // If the service says the message again with the same `ref` (1–64 characters), it is logged once, and the service is told of the first
  // one. That holds until the service stops, or has spoken in 256 other rooms or under as many names.
  // If 10,000 outcomes are awaited, because the store does not answer, the message is refused as `unavailable`. What is said while the
  // server stops may be lost. Throws std::invalid_argument if a name, an id or a ref is not as described.
  void say(std::string_view room, Message message, Speaker speaker = {}, Tell tell = {}, std::string_view ref = {}) {
    GuardedTell guarded;
    if (tell) {
      guarded = [tell = std::move(tell)](const Outcome& outcome, std::string& fault) {
        return abi::guard(fault, [&] { tell(outcome); });
      };
    }
    pass(room, std::move(message), std::move(speaker), std::move(guarded), ref);
  }

 protected:
  using GuardedTell = std::function<abi::Ending(const Outcome& outcome, std::string& fault)>;

  ~Rooms() = default;
  virtual void pass(std::string_view room, Message&& message, Speaker&& speaker, GuardedTell&& tell, std::string_view ref) = 0;
};

}  // namespace hubbub
