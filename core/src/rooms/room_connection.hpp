// A connection to a room. It joins the room when it is made, and leaves the room when it is destroyed. It reads the client's messages,
// refuses those that are too fast or cannot be accepted, and passes the others to the room's home.
//
// Made, used and destroyed on its own shard's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/message_handler.hpp"
#include "protocol/sink.hpp"
#include "rooms/hub.hpp"
#include "rooms/rate_limit.hpp"

namespace hubbub::rooms {

class RoomConnection final : public MessageHandler {
 public:
  // `sink` and `world` must outlive it. The caller must be on the shard that `request.place` names.
  RoomConnection(Sink& sink, JoinRequest request, World& world);
  ~RoomConnection() override;
  RoomConnection(const RoomConnection&) = delete;
  RoomConnection& operator=(const RoomConnection&) = delete;

  // MessageHandler. Texts that come after the connection was told to close are ignored.
  void on_message(std::string_view payload, Opcode opcode) override;
  bool on_last(CloseCode code) override;
  void on_close() override {}

 private:
  void receive(std::string_view text);
  std::chrono::milliseconds take(std::size_t bytes);
  void refuse(Refusal refusal, std::string ref);
  void pong(const std::string& ref);
  void expel(CloseCode code, std::string reason);
  RoomHome& home() const;

  const ShardPlace& here() const { return world_.shards[place_]; }

  Subscription subscription_;
  World& world_;
  RateLimit message_rate_, size_rate_;
  const std::uint16_t place_, home_;
  std::uint32_t strikes_ : 31 = 0;  // messages in a row that came too fast
  std::uint32_t expelled_ : 1 = 0;
};

static_assert(sizeof(RoomConnection) <= 72);  // there may be a great many

}  // namespace hubbub::rooms
