// One connection's place in a room, on the connection's own shard: it is in the room from its construction to its
// destruction. It reads what the client sends, answers what cannot be taken, and passes the rest to the room's home.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/sink.hpp"
#include "rooms/hub.hpp"
#include "rooms/rate_limit.hpp"

namespace hubbub::rooms {

// The number of the shard that is the home of a room: where it lives, by its place in the world.
std::size_t home_of(const std::string& room, const World& world);

class Participant {
 public:
  // `sink` and `world` outlive it. Made on the shard that `request` calls its place.
  Participant(Sink& sink, JoinRequest request, World& world);
  ~Participant();
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  // A complete text message, which is valid UTF-8.
  void receive(std::string_view text);

  // Closes the connection after the answers that are on their way. What comes meanwhile is not looked at any more.
  void expel(CloseCode code, std::string reason);

 private:
  std::chrono::milliseconds take(std::size_t bytes);
  void refuse(Refusal refusal, std::string ref);
  void pong(const std::string& ref);
  RoomHome& home() const;

  const Place& place() const { return world_.places[place_]; }

  Seat seat_;
  World& world_;
  RateLimit message_rate_, size_rate_;
  const std::uint16_t place_, home_;
  std::uint32_t strikes_ : 31 = 0;  // messages in a row that came too fast
  std::uint32_t expelled_ : 1 = 0;
};

static_assert(sizeof(Participant) <= 64);  // there may be a great many

}  // namespace hubbub::rooms
