// Messages before they are judged: they may have to wait.
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/admission.hpp"
#include "rooms/memory_of.hpp"
#include "rooms/room.hpp"

namespace hubbub::rooms {
namespace {

// Whether a client whose connection ended with this code may be back in a moment. A page closes with 1001 when it is reloaded, and without
// a code (1005) to take another nickname. The code is 0 if the network is lost, and too_big if the client sent a message that is too large.
bool may_return(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number == 0 || number == 1001 || number == 1005 || code == CloseCode::too_big;
}

}  // namespace

void Room::receive(RoomMember& from, plugins::RouteKey key, Envelope&& envelope) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    const Asker asker{{from.member_id}, envelope.ref};
    const auto* route = can_hear(from) ? registry().find(key) : nullptr;
    route ? judge(from.sender(), *route, std::move(envelope), asker) : admit_once_heard(std::move(envelope), asker);
  });
}

void Room::say(const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    admit_once_heard(std::move(message), {{guest->who.connection, guest}, message.ref, std::make_shared<const Tell>(std::move(tell))});
    if (all_members_ == 0) start_grace();
  });
}

Sender* Room::find(const SenderRef& by) {
  if (by.guest) return by.guest.get();
  auto* member = members_.find(by.member_id);
  return member ? &member->sender() : nullptr;
}

// Calls `callback` in the order of what the sender says: now, or later when the sender can be heard. If the room cannot be opened, or
// too much waits already, calls it now with `heard` false. `weight` is about how many bytes `callback` holds.
void Room::once_heard(const SenderRef& by, std::size_t weight, Said::Hear callback) {
  auto& sender = *find(by);
  if (can_hear(sender)) return callback(sender, true);
  weight += Frame::overhead;
  const auto* member = sender.member;
  const bool at_door = phase_ == Phase::open && member && !member->admitted && !member->left;
  const bool full = at_door ? sender.weight_at_door + weight > world_.config.websocket.outbox
                            : waiting_ >= most_waiting || waiting_bytes_ + weight > most_waiting_bytes;
  if (phase_ == Phase::unavailable || full) return callback(sender, false);
  const bool is_first = speaker_ == by.member_id;  // this message was being heard already, ahead of those that wait
  sender.said.insert(is_first ? sender.said.begin() : sender.said.end(), {std::move(callback), weight, !at_door});
  (at_door ? sender.weight_at_door : waiting_bytes_) += weight;
  if (!at_door) ++waiting_;
  if (phase_ != Phase::open) list_speaker(by, sender, is_first);
}

// Notes that a sender is to be heard when the room is open: after the other speakers, or before them, if it was being heard when the
// room closed.
void Room::list_speaker(const SenderRef& by, Sender& sender, bool first) {
  if (std::exchange(sender.is_listed, true)) return;
  auto& speakers = shut().speakers;
  speakers.insert(first ? speakers.begin() : speakers.end(), by);
}

// Hears as many of a sender's waiting messages as it can now. If none is left and the sender has left the room, removes the sender. If it
// is called while the sender's oldest message is being heard, the others are heard after that.
void Room::hear(const SenderRef& by) {
  if (speaker_ == by.member_id) return;
  for (;;) {
    auto* member = by.guest ? nullptr : members_.find(by.member_id);
    if (member && !member->is_waiting()) return member->left ? leave(*member) : member->was_heard();
    auto* sender = member ? &member->sender() : by.guest.get();
    if (!sender || sender->said.empty()) return;
    const bool heard = can_hear(*sender);
    if (!heard && phase_ != Phase::unavailable) return phase_ == Phase::open ? void() : list_speaker(by, *sender, true);
    hear_oldest(*sender, heard);
  }
}

// Hears the oldest waiting message of a sender that has one.
void Room::hear_oldest(Sender& sender, bool heard) {
  const auto said = std::move(sender.said.front());
  sender.said.pop_front();
  (said.counts ? waiting_bytes_ : sender.weight_at_door) -= said.weight;
  if (said.counts) --waiting_;
  const auto previous_speaker = std::exchange(speaker_, sender.who.connection);
  turn_.guard([&] { said.hear(sender, heard); });
  speaker_ = previous_speaker;
}

// Hears what plugins have posted, as long as the room is open. If not `heard`, refuses it all.
void Room::hear_plugins(bool heard) {
  while (has_posts() && (phase_ == Phase::open || !heard)) hear_oldest(*plugins_, heard);
}

void Room::hear_next_speaker() {
  const auto by = std::move(shut_->speakers.front());
  shut_->speakers.pop_front();
  if (auto* sender = find(by)) sender->is_listed = false;
  hear(by);
}

void Room::admit_once_heard(Envelope&& envelope, const Asker& asker) {
  const auto weight = memory_of(envelope.content);
  once_heard(asker.by, weight, [this, envelope = std::move(envelope), asker](Sender& sender, bool heard) mutable {
    heard ? admit(sender, std::move(envelope), asker) : refuse_unavailable(asker);
  });
}

void Room::admit(Sender& sender, Envelope&& envelope, const Asker& asker) {
  const auto admitted = admission(registry(), envelope);
  if (const auto* why_not = std::get_if<Refusal>(&admitted)) return is_behind() ? tell(asker, *why_not) : refuse(asker, *why_not);
  judge(sender, *std::get<const plugins::Route*>(admitted), std::move(envelope), asker);
}

void Room::answer(RoomMember& member, const Refusal& refusal, const std::string& ref) {
  answer(member, encode_error(refusal, json_name_, ref));
}

void Room::answer(RoomMember& member, const Frame& frame) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    once_heard({member.member_id}, frame.weight(), [this, frame](Sender& sender, bool) {
      const auto to = sender.who.connection;
      if (is_behind()) return send_to(to, frame);
      journal_.then([this, to, frame](bool) { send_to(to, frame); }, frame.weight());
    });
  });
}

void Room::expel(RoomMember& member, CloseCode code, const std::string& reason) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    member.may_return = may_return(code);
    // A member on its way in is closed now if nothing that it has said waits, or if it is being handed pages, which may take long.
    const auto* joining = door_.find(member.member_id);
    if (joining && (!member.is_waiting() || joining->takes_pages())) {
      return audiences_.at(member.place).close(member.member_id, code, reason);
    }
    once_heard({member.member_id}, 0, [=, this](Sender& sender, bool) {
      journal_.then([=, this, id = sender.who.connection](bool) {
        if (const auto* expelled = members_.find(id)) audiences_.at(expelled->place).close(id, code, reason);
      });
    });
  });
}

}  // namespace hubbub::rooms
