// What is said in a room until it is judged: it may have to wait.
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/admission.hpp"
#include "rooms/memory_of.hpp"
#include "rooms/room.hpp"

namespace hubbub::rooms {
namespace {

// Whether a client whose connection ends like this may be back in a moment: a page that is reloaded says 1001, one that takes
// another nickname no code (1005), one whose network has gone nothing at all (0), and one that has sent too much at once is told so.
bool may_return(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number == 0 || number == 1001 || number == 1005 || code == CloseCode::too_big;
}

}  // namespace

void Room::receive(RoomMember& from, plugins::RouteKey key, Envelope&& envelope) {
  turn_([&] {
    const Asker asker{{from.member_id}, envelope.ref};
    const auto* route = can_hear(from) ? registry().find(key) : nullptr;
    route ? judge(from.sender(), *route, std::move(envelope), asker) : judge_later(std::move(envelope), asker);
  });
}

void Room::say(const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) {
  turn_([&] {
    judge_later(std::move(message), {{guest->who.connection, guest}, message.ref, std::make_shared<const Tell>(std::move(tell))});
    if (here_ == 0) rest();
  });
}

void Room::forget(const Sender& guest) {
  if (pacer_) pacer_->forget(guest.who.connection);
}

Sender* Room::find(const SenderRef& by) {
  if (by.guest) return by.guest.get();
  auto* member = members_.find(by.member_id);
  return member ? &member->sender() : nullptr;
}

// Has somebody's words heard now or later, or tells that they cannot be: if the room cannot be opened, or too much waits already.
// `weight` is about what they take, in bytes.
void Room::once_heard(const SenderRef& by, std::size_t weight, Said::Hear hear) {
  auto& sender = *find(by);
  if (can_hear(sender)) return hear(sender, true);
  weight += Frame::overhead;
  const auto* member = sender.member;
  const bool at_door = phase_ == Phase::open && member && !member->admitted && !member->left;
  const bool full = at_door ? sender.weight_at_door + weight > world_.config.websocket.outbox
                            : waiting_ >= most_waiting || waiting_bytes_ + weight > most_waiting_bytes;
  if (phase_ == Phase::unavailable || full) return hear(sender, false);
  (at_door ? sender.weight_at_door : waiting_bytes_) += weight;
  if (!at_door) ++waiting_;
  const bool is_first = heard_ == by.member_id;  // these words were being heard, and those that wait come behind them
  sender.said.insert(is_first ? sender.said.begin() : sender.said.end(), {std::move(hear), weight, at_door});
  if (phase_ != Phase::open) list(by, sender, is_first);
}

// Notes that somebody is to be heard when the room is open: behind the others, or before them, if the room closed on what this
// one was saying.
void Room::list(const SenderRef& by, Sender& sender, bool first) {
  if (std::exchange(sender.is_listed, true)) return;
  auto& speakers = shut().speakers;
  speakers.insert(first ? speakers.begin() : speakers.end(), by);
}

// Hears as much of what somebody has said as can be heard now. A member who has left is gone afterwards.
void Room::hear(const SenderRef& by) {
  for (;;) {
    auto* member = by.guest ? nullptr : members_.find(by.member_id);
    if (member && !member->is_waiting()) return member->left ? leave(*member) : void();
    auto* sender = member ? &member->sender() : by.guest.get();
    if (!sender || sender->said.empty()) return;
    const bool heard = can_hear(*sender);
    if (!heard && phase_ != Phase::unavailable) return phase_ == Phase::open ? void() : list(by, *sender, true);
    const auto said = std::move(sender->said.front());
    sender->said.pop_front();
    (said.at_door ? sender->weight_at_door : waiting_bytes_) -= said.weight;
    if (!said.at_door) --waiting_;
    const auto before = std::exchange(heard_, by.member_id);
    turn_.guard([&] { said.hear(*sender, heard); });
    heard_ = before;
  }
}

void Room::hear_listed() {
  const auto by = std::move(shut_->speakers.front());
  shut_->speakers.pop_front();
  if (auto* sender = find(by)) sender->is_listed = false;
  hear(by);
}

void Room::judge_later(Envelope&& envelope, const Asker& asker) {
  const auto weight = memory_of(envelope.content);
  once_heard(asker.by, weight, [this, envelope = std::move(envelope), asker](Sender& sender, bool heard) mutable {
    heard ? judge_anew(sender, std::move(envelope), asker) : refuse_unavailable(asker);
  });
}

void Room::judge_anew(Sender& sender, Envelope&& envelope, const Asker& asker) {
  const auto admitted = admission(registry(), envelope);
  if (const auto* why_not = std::get_if<Refusal>(&admitted)) return refuse(asker, *why_not);
  judge(sender, *std::get<const plugins::Route*>(admitted), std::move(envelope), asker);
}

void Room::answer(RoomMember& member, const Refusal& refusal, const std::string& ref) {
  answer(member, encode_error(refusal, json_name_, ref));
}

void Room::answer(RoomMember& member, const Frame& frame) {
  turn_([&] {
    once_heard({member.member_id}, frame.weight(), [this, frame](Sender& in, bool) {
      journal_.then([this, to = in.who.connection, frame](bool) { send_to(to, frame); });
    });
  });
}

void Room::expel(RoomMember& member, CloseCode code, const std::string& reason) {
  turn_([&] {
    member.may_return = may_return(code);
    // Whoever takes long to be brought up to date is not waited for.
    const auto* joining = door_.find(member.member_id);
    if (joining && (!member.is_waiting() || joining->takes_pages())) {
      return audiences_.at(member.place).close(member.member_id, code, reason);
    }
    once_heard({member.member_id}, 0, [=, this](Sender& in, bool) {
      journal_.then([=, this, id = in.who.connection](bool) {
        if (const auto* expelled = members_.find(id)) audiences_.at(expelled->place).close(id, code, reason);
      });
    });
  });
}

}  // namespace hubbub::rooms
