#include "rooms/guest.hpp"

#include <utility>

#include "protocol/encode.hpp"
#include "protocol/repetition.hpp"
#include "rooms/hub.hpp"
#include "rooms/room_connection.hpp"

namespace hubbub::rooms {

Guest::Guest(World& world, runtime::Shard& shard, std::string room, Member who)
    : world_(world), shard_(shard), room_(std::move(room)), sender_(std::make_shared<Sender>()) {
  who.connection = world.next_guest->fetch_add(1);
  sender_->fields = sender_fields(who.nickname, who.id);
  sender_->client = client_number(new_client_key(world.secret, who.connection), who.id);
  sender_->who = std::move(who);
}

Guest::~Guest() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  *lives_ = false;
  auto& hub = world_.places[home_of(room_, world_)].hub;
  hub.shard().run([&hub, room = room_, sender = std::move(sender_)] { hub.leave(room, *sender); });
}

void Guest::say(Envelope message, Tell tell) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (message.asked == 0) message.asked = asked_number(message.type, message.content);
  auto told = [&shard = shard_, lives = lives_, tell = std::move(tell)](Outcome outcome) {
    shard.run([lives, tell, outcome = std::move(outcome)] {
      if (*lives) tell(outcome);
    });
  };
  auto& hub = world_.places[home_of(room_, world_)].hub;
  hub.shard().run([&hub, room = room_, sender = sender_, message = std::move(message), told = std::move(told)]() mutable {
    hub.say(room, sender, std::move(message), std::move(told));
  });
}

}  // namespace hubbub::rooms
