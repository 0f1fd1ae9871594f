// One connection's place in a room, on the connection's own shard: it is in the room from its construction to its
// destruction. It reads what the client sends, answers what cannot be taken, and passes the rest to the room's home.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "protocol/sink.hpp"
#include "rooms/hub.hpp"
#include "rooms/rate_limit.hpp"

namespace hubbub::rooms {

// Where a room lives.
struct Home {
  Shard& shard;
  Hub& hub;
};

class Participant {
 public:
  // `sink` outlives it. `place` is the shard it is made on.
  Participant(Sink& sink, JoinRequest request, Place place, Home home, const plugins::Registry& registry,
              const config::Websocket& settings);
  ~Participant();
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  // A complete text message, which is valid UTF-8.
  void receive(std::string_view text);

  // Closes the connection after the answers that are on their way. What comes meanwhile is not looked at any more.
  void expel(CloseCode code, std::string reason);

 private:
  void refuse(const Refusal& refusal, std::string_view ref);
  const MemberId id_;
  const std::string json_room_;
  Place place_;
  Home home_;
  const plugins::Registry& registry_;
  const config::Websocket& settings_;
  RateLimit rate_;
  std::int64_t strikes_ = 0;  // messages in a row that came too fast
  bool expelled_ = false;
};

}  // namespace hubbub::rooms
