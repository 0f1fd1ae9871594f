// The rooms whose home is one shard. The hub makes a room when somebody first joins it or says something in it, and destroys the
// room when it has been empty for a while. The room's log stays in the store.
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

  runtime::Shard& shard() { return shard_; }  // any thread

  // The current plugins. The reference is valid until the shard's next task. (The thread is not asserted: in some tests, several shards
  // share one hub.)
  const plugins::Registry& registry() const { return home_.roster->registry(); }

  // Replaces the plugins: for new messages at once, for each room as soon as everything under way in it is done.
  void use(std::shared_ptr<const plugins::Registry> registry);

  // RoomHome, for connections and guests on this shard. Those on other shards use FarHome.
  void join(JoinRequest request) override;
  void receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) override;
  void answer(MemberId to, const Refusal& refusal, const std::string& ref) override;
  void answer(MemberId to, const Frame& frame) override;
  void expel(MemberId id, CloseCode code, const std::string& reason) override;
  void leave(MemberId id) override;
  void say(const std::string& room, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) override;
  bool hangs() const override { return shard_.hangs(); }  // any thread

  // Stores a snapshot of every room. Call it when the server stops.
  void close();

 private:
  struct Kept {
    std::unique_ptr<Room> room;
    std::optional<std::list<Room*>::iterator> empty = {};  // its place in `empty_`, if it is there
  };

  void on_lived_in(Room& room) override;
  void on_empty(Room& room) override;
  void on_idle(Room& room) override;

  // The room, which is made if there is none. Returns null if it cannot be made; `why_not` is then what clients are told.
  Room* room(const std::string& name, const char*& why_not);
  bool make_way();
  bool close_an_empty_room();
  void forget(const std::string& name);
  void turn_away(const JoinRequest& request, const char* why);
  void feed(MemberId id);

  runtime::Shard& shard_;
  World& world_;
  RoomMembers members_;
  Feed feed_{shard_, [this](MemberId id) { feed(id); }};
  Home home_;
  std::list<Room*> empty_;  // rooms with nobody in them, in the order in which they became empty
  std::unordered_map<std::string, Kept, KeyedHash> rooms_;
};

}  // namespace hubbub::rooms
