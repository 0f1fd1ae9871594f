#include "rooms/guest.hpp"

#include <exception>
#include <utility>

#include "protocol/encode.hpp"
#include "protocol/repetition.hpp"

namespace hubbub::rooms {

// Tells the guest, on its thread, the outcome of one message. If a call on the room throws, the message is lost, and this object is destroyed
// before it has told anything: then it tells that the message is refused.
class Guest::TellOnce {
 public:
  TellOnce(runtime::Shard& shard, std::shared_ptr<bool> lives, Tell tell)
      : shard_(shard), lives_(std::move(lives)), tell_(std::move(tell)) {}
  TellOnce(const TellOnce&) = delete;
  TellOnce& operator=(const TellOnce&) = delete;
  ~TellOnce() {
    if (!lives_) return;
    try {
      tell({.refused = Refusal{ErrorCode::unavailable, "the room failed; send it again later"}});
    } catch (const std::exception&) {  // there is no memory for it
    }
  }

  void tell(Outcome outcome) {
    shard_.run([lives = std::exchange(lives_, nullptr), tell = std::move(tell_), outcome = std::move(outcome)] {
      if (*lives) tell(outcome);
    });
  }

 private:
  runtime::Shard& shard_;
  std::shared_ptr<bool> lives_;  // null once it has told
  Tell tell_;
};

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
}

void Guest::say(Envelope message, Tell tell) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (message.asked == 0) message.asked = asked_number(message.type, message.content);
  auto told = [once = std::make_shared<TellOnce>(shard_, lives_, std::move(tell))](Outcome outcome) { once->tell(std::move(outcome)); };
  world_.place(world_.home_of(room_)).rooms().say(room_, sender_, std::move(message), std::move(told));
}

}  // namespace hubbub::rooms
