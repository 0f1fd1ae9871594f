// The rooms whose home is one shard. A room is made when somebody first comes and forgotten when it has been empty for a
// while; its log stays in the store.
//
// Used on its shard's thread alone.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "plugins/registry.hpp"
#include "protocol/close_code.hpp"
#include "protocol/envelope.hpp"
#include "protocol/keyed_hash.hpp"
#include "rooms/home.hpp"
#include "rooms/join_request.hpp"
#include "rooms/outcome.hpp"
#include "rooms/room_home.hpp"
#include "rooms/sender.hpp"

namespace hubbub::rooms {

class Hub final : public RoomHome, private RoomKeeper {
 public:
  Hub(runtime::Shard& shard, World& world);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  runtime::Shard& shard() { return shard_; }

  // The current plugins: good until the shard's next task.
  const plugins::Registry& registry() const { return home_.roster->registry(); }

  // Takes other plugins, for new messages at once and for each room as soon as what it has under way is done.
  void use(std::shared_ptr<const plugins::Registry> registry);

  // RoomHome, for those who live on this shard; others get here by way of FarHome.
  void join(JoinRequest request) override;
  void receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) override;
  void answer(MemberId to, const Refusal& refusal, const std::string& ref) override;
  void answer(MemberId to, const Frame& frame) override;
  void expel(MemberId id, CloseCode code, const std::string& reason) override;
  void leave(MemberId id) override;
  bool hangs() const override { return shard_.hangs(); }

  // What somebody says who is no member, in a room that is opened if need be. `tell` is called once, now or later. See Guest.
  void say(const std::string& room, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell);
  void leave(const std::string& room, const Sender& guest);

  // Keeps a snapshot of every room: the server is going.
  void close();

 private:
  struct Kept {
    std::unique_ptr<Room> room;
    std::optional<std::list<Room*>::iterator> empty = {};  // its place among the empty ones
  };

  void on_lived_in(Room& room) override;
  void on_empty(Room& room) override;
  void on_idle(Room& room) override;

  // Null, with the reason for people in `why_not`, if it cannot be had.
  Room* room(const std::string& name, const char*& why_not);
  bool make_way();
  bool close_an_empty_one();
  void forget(const std::string& name);
  void turn_away(const JoinRequest& request, const char* why);
  void feed(MemberId id);

  runtime::Shard& shard_;
  World& world_;
  RoomMembers members_;
  Feed feed_{shard_, [this](MemberId id) { feed(id); }};
  Home home_;
  std::list<Room*> empty_;  // the longest first
  std::unordered_map<std::string, Kept, KeyedHash> rooms_;
};

}  // namespace hubbub::rooms
