// Members who join and leave. A room opens in room_opening.cpp, handles messages in room_hearing.cpp and room_messages.cpp, and serves
// its plugins in room_plugins.cpp.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

constexpr std::size_t most_searched = 1000;  // members: in a larger room, a client's other connections are not looked for

}  // namespace

Room::Room(std::string name, Home& home)
    : shard_(home.shard),
      world_(home.world),
      figures_(world_.figures_of(shard_)),
      members_(home.members),
      audiences_(world_, shard_),
      journal_(world_.store.log(name, [&shard = shard_](runtime::Task task) { shard.post(std::move(task)); }),
               world_.config.store.snapshot_every, turn_, *this),
      door_(name_, json_name_, home, turn_, journal_, audiences_, *this),
      roster_(home.roster),
      name_(std::move(name)),
      json_name_(json_text(name_)),
      home_(home),
      presence_(shard_, world_.config.rooms.presence, json_name_, *this) {
  figures_.rooms.add(1);
  world_.directory->add(presence_, name_);
  turn_([this] { open(); });
}

Room::~Room() {
  fold_.reset();  // first, for the plugins' destructors may use the room
  world_.directory->remove(presence_);
  figures_.rooms.subtract(1);
}

void Room::close() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([this] {
    journal_.then([this](bool) {
      if (phase_ == Phase::open) journal_.keep_state();
    });
  });
}

// The room opens again in the usual way: the previous plugins make a snapshot, and the current ones restore it. If the room is not
// open, it takes the current plugins when it opens.
void Room::reload() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([this] {
    if (phase_ != Phase::open) return;
    if (pacer_) pacer_->release_all();
    hear_plugins(true);
    if (phase_ != Phase::open) return;
    reopen();
    journal_.then([this](bool holds) {
      if (holds) journal_.keep_state();
    });
  });
}

bool Room::is_idle() const {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  return all_members_ == 0 && journal_.is_empty() && !has_posts() && !turn_.awaits_answers() && !turn_.is_under_way();
}

// The log comes last, for there may be no memory for its line.
void Room::doubt(const char* why) {
  const bool was_open = phase_ == Phase::open;
  if (was_open) retry_later(why);
  log::error("room={} a call on the room failed{}: {}", shown_name(name_), was_open ? ", so its state is read again" : "", escaped(why));
}

void Room::end_turn() {
  do {
    hear_plugins(true);
    if (door_.has_to_begin_anew()) door_.begin_anew();
    if (phase_ == Phase::reopening && journal_.is_empty()) open();
  } while (phase_ == Phase::open && has_posts());
}

void Room::join(JoinRequest request) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    const auto id = request.member.connection;
    audiences_.enter(request.place);
    const bool full = all_members_ >= world_.config.rooms.members;
    if (full || is_behind()) {
      audiences_.at(request.place).close(id, CloseCode::overloaded, full ? "the room is full" : "the store is slow; try again later");
      return audiences_.leave(request.place);
    }
    if (grace_) grace_->cancel();
    const auto client = request.key ? client_number(*request.key, request.member.id) : 0;
    if (request.key) probe_others(*request.key, request.member);
    if (all_members_ == 0) home_.keeper.on_lived_in(*this);
    members_.add(RoomMember::of(*this, request.member, request.place, client));
    ++all_members_;
    world_.crowds->add(name_);
    door_.join(*members_.find(id), std::move(request.since), request.welcome, request.key ? *request.key : new_client_key(world_.secret, id));
  });
}

// A client that comes back may have lost its previous connection. The server may not have noticed that, so it probes that connection.
void Room::probe_others(const ClientKey& key, const Member& newcomer) {
  if (presence_.size() > most_searched) return;
  const auto client = client_number(key, newcomer.id);
  for (const auto* other : presence_.members()) {
    if (other->id() != newcomer.id) continue;
    if (client_of(members_.find(other->member_id)->sender()) == client) audiences_.at(other->place).probe(other->member_id);
  }
}

void Room::feed(RoomMember& member) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] { door_.feed(member); });
}

void Room::on_admitted(RoomMember& member, const Joining& joining) {
  if (!member.present) {
    member.present = true;
    ++admitted_;
    if (phase_ == Phase::open) fold_->on_join(member.who());  // otherwise opened() calls it
    figures_.members.add(1);
    presence_.add(member, joining.since.has_value());
  } else if (presence_.lists() != joining.lists_seen) {
    presence_.tell(member);  // the list has changed meanwhile
  }
  // A listed sender is heard later, by opened(): everybody who was at the door when it spoke comes in first.
  if (member.is_waiting() && !member.sender().is_listed) hear({member.member_id});
}

void Room::leave(RoomMember& member) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    if (member.is_waiting()) {
      member.left = true;
      return hear({member.member_id});
    }
    auto gone = members_.remove(member);
    --all_members_;
    world_.crowds->remove(name_);
    audiences_.leave(gone->place);
    door_.leave(gone->member_id);
    if (gone->present) {
      const auto who = gone->who();
      --admitted_;
      figures_.members.subtract(1);
      presence_.remove(std::move(gone));
      if (phase_ == Phase::open) fold_->on_leave(who);
    }
    if (all_members_ == 0) start_grace();
  });
}

// Nobody is in the room: it closes after the time of grace if nobody comes.
void Room::start_grace() {
  home_.keeper.on_empty(*this);
  if (!grace_) {
    grace_ = shard_.make_timer([this] {
      if (all_members_ != 0) return;
      grace_->arm(std::max(world_.config.rooms.grace, retry_interval));  // tries again if the room is not idle then
      if (!is_idle()) return;
      close();
      home_.keeper.on_idle(*this);
    });
  }
  const bool untouched = phase_ == Phase::open && journal_.last() == 0;  // a new room would be the same
  grace_->arm(untouched ? std::chrono::milliseconds{0} : world_.config.rooms.grace);
}

}  // namespace hubbub::rooms
