// Lets a service say something in rooms (see hubbub/rooms.hpp): by guests, one for each room and speaker, and an answer for each message.
//
// Belongs to one shard and is used and destroyed on its thread.
#pragma once

#include <hubbub/rooms.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "rooms/guest.hpp"
#include "rooms/world.hpp"
#include "runtime/shard.hpp"

namespace hubbub::api {

class ServiceRooms final : public Rooms {
 public:
  // Makes a call of the service, and deals with its failure.
  using Run = std::function<void(const char* name, const std::function<abi::Ending(std::string& fault)>& call)>;

  static constexpr std::size_t most_idle = 256;       // guests that are kept for what they may say next
  static constexpr std::size_t most_awaited = 10'000;  // outcomes

  // The world and the shard outlive it.
  ServiceRooms(rooms::World& world, runtime::Shard& shard, Run run) : world_(world), shard_(shard), run_(std::move(run)) {}

 private:
  struct Spoken {
    Spoken(rooms::World& world, runtime::Shard& shard, std::string_view its_room, Speaker&& its_speaker)
        : room(its_room), speaker(std::move(its_speaker)), guest(world, shard, room, {speaker.id, speaker.nickname, 0}) {}

    const std::string room;
    const Speaker speaker;
    rooms::Guest guest;
    std::size_t awaited = 0;  // outcomes of what it has said
  };
  using Position = std::list<Spoken>::iterator;

  void pass(std::string_view room, Message&& message, Speaker&& speaker, GuardedTell&& tell, std::string_view ref) override;
  Position guest(std::string_view room, Speaker&& speaker);
  void tell(std::uint64_t number, const rooms::Outcome& outcome);
  void refuse(GuardedTell&& tell, const char* code, std::string why);

  rooms::World& world_;
  runtime::Shard& shard_;
  const Run run_;
  std::list<Spoken> spoken_;  // the last to speak is at the front
  struct Awaited {
    Position by;
    GuardedTell tell;
  };
  std::unordered_map<std::uint64_t, Awaited> awaited_;  // by a number of its own
  std::uint64_t last_ = 0;
  const std::shared_ptr<const void> lives_ = std::make_shared<char>();
};

}  // namespace hubbub::api
