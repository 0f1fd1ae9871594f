// The life of a message in its room, and all that goes out.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "plugins/calls.hpp"
#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

// Under what number an outbox keeps only the newest of a sender's messages of one type. Presence has those below 65536.
std::uint64_t newest_of(MemberId sender, std::uint16_t type) { return (sender + 1) << 16 | type; }

// About what a value takes in memory, in bytes.
std::size_t memory_of(const Json& value) {
  std::size_t sum = sizeof(Json);
  if (value.is_string()) return sum + value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return sum;
  for (const auto& [key, item] : value.items()) sum += key.size() + (value.is_object() ? 96U : 0U) + memory_of(item);
  return sum;
}

const Refusal replaced{ErrorCode::rate_limited, "too many messages of this type: a newer one of yours has taken the place of this one", {}};
const Refusal ref_taken{ErrorCode::invalid, "ref: is that of another message of yours; give each its own", {}};
const Refusal plugin_failed{ErrorCode::internal, "the plugin failed; try again", {}};

constexpr auto out_here = " is out of order in this room: it cannot use what is stored of it, which is kept; the server's log says why";
const Refusal ended_the_server{
    ErrorCode::internal, "the server ended while it was working on this message; it is not tried again for now, so change it", {}};

Refusal switched_off(const std::string& plugin, std::chrono::milliseconds time) {
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
  return {ErrorCode::unavailable,
          plugin + " failed too often and is off here for another " + seconds + " s; send it again then", time};
}

// Whether a client whose connection ends like this may be back in a moment: a page that is reloaded says 1001, one that takes
// another nickname no code (1005), one whose network has gone nothing at all (0), and one that has sent too much at once is told so.
bool may_return(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number == 0 || number == 1001 || number == 1005 || code == CloseCode::too_big;
}

}  // namespace

void Room::receive(Resident& sender, plugins::RouteKey key, Envelope&& envelope) {
  turn_([&] {
    const auto* route = can_hear(sender) ? registry().find(key) : nullptr;
    route ? judge(sender, *route, std::move(envelope)) : judge_later(sender, std::move(envelope));
  });
}

// Has somebody's words heard now or later, or tells that they cannot be: if the room cannot be opened, or too much waits already.
// `weight` is about what they take, in bytes.
void Room::once_heard(Resident& resident, std::size_t weight, Said::Hear hear) {
  if (can_hear(resident)) return hear(resident, true);
  weight += Frame::overhead;
  auto& voice = resident.voice();
  const bool at_door = phase_ == Phase::open && !resident.admitted && !resident.left;
  const bool full = at_door ? voice.weight_at_door + weight > world_.config.websocket.outbox
                            : waiting_ >= most_waiting || waiting_bytes_ + weight > most_waiting_bytes;
  if (phase_ == Phase::unavailable || full) return hear(resident, false);
  (at_door ? voice.weight_at_door : waiting_bytes_) += weight;
  if (!at_door) ++waiting_;
  const bool is_first = heard_ == resident.member;  // these words were being heard, and those that wait come behind them
  voice.said.insert(is_first ? voice.said.begin() : voice.said.end(), {std::move(hear), weight, at_door});
  if (phase_ != Phase::open && !std::exchange(voice.is_listed, true)) shut().speakers.push_back(resident.member);
}

// Hears as much of what somebody has said as can be heard now. Whoever has left is gone afterwards.
void Room::hear(MemberId member) {
  while (auto* resident = residents_.find(member)) {
    if (!resident->is_waiting()) return resident->left ? leave(*resident) : void();
    auto& voice = resident->voice();
    const bool heard = can_hear(*resident);
    if (!heard && phase_ != Phase::unavailable) {
      if (phase_ != Phase::open && !std::exchange(voice.is_listed, true)) shut().speakers.push_back(member);
      return;
    }
    const auto said = std::move(voice.said.front());
    voice.said.pop_front();
    (said.at_door ? voice.weight_at_door : waiting_bytes_) -= said.weight;
    if (!said.at_door) --waiting_;
    const auto before = std::exchange(heard_, member);
    turn_.guard([&] { said.hear(*resident, heard); });
    heard_ = before;
  }
}

void Room::hear_listed() {
  const auto member = shut_->speakers.front();
  shut_->speakers.pop_front();
  if (auto* resident = residents_.find(member)) resident->voice().is_listed = false;
  hear(member);
}

void Room::judge_later(Resident& sender, Envelope&& envelope) {
  const auto weight = memory_of(envelope.content);
  once_heard(sender, weight, [this, envelope = std::move(envelope)](Resident& from, bool heard) mutable {
    heard ? judge_anew(from, std::move(envelope)) : refuse_unavailable({from.member, envelope.ref});
  });
}

void Room::judge_anew(Resident& sender, Envelope&& envelope) {
  const auto* route = registry().find(envelope.type);
  if (!route || route->type.is_from_server()) {
    return refuse(sender.member, {ErrorCode::unknown_type, "no plugin here handles the type " + json_text(envelope.type) + " any more", {}},
                  envelope.ref);
  }
  if (auto why = route->schema.check(envelope.content)) {
    return refuse(sender.member, {ErrorCode::invalid, std::move(*why), {}}, envelope.ref);
  }
  judge(sender, *route, std::move(envelope));
}

void Room::answer(Resident& resident, const Refusal& refusal, const std::string& ref) {
  answer(resident, encode_error(refusal, json_name_, ref));
}

void Room::answer(Resident& resident, const Frame& frame) {
  turn_([&] {
    once_heard(resident, frame.weight(), [this, frame](Resident& in, bool) {
      journal_.then([this, to = in.member, frame](bool) { send_to(to, frame); });
    });
  });
}

void Room::expel(Resident& resident, CloseCode code, const std::string& reason) {
  turn_([&] {
    resident.may_return = may_return(code);
    // Whoever takes long to be brought up to date is not waited for.
    const auto* arrival = door_.find(resident.member);
    if (arrival && (!resident.is_waiting() || arrival->takes_pages())) {
      return audiences_.close(resident.place, resident.member, code, reason);
    }
    once_heard(resident, 0, [=, this](Resident& in, bool) {
      journal_.then([=, this, member = in.member](bool) {
        if (const auto* expelled = residents_.find(member)) audiences_.close(expelled->place, member, code, reason);
      });
    });
  });
}

void Room::judge(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  const auto from = sender.member;
  if (journal_.size() >= most_waiting || journal_.weight() >= most_waiting_bytes) return refuse_unavailable({from, envelope.ref});
  if (route.type.is_ephemeral()) {
    if (auto ready = pacer().pass(from, route, std::move(envelope))) decide(sender, route, std::move(*ready));
    return;
  }
  if (!envelope.ref.empty()) {
    const auto past = sender.voice().past;
    if (past == Resident::Voice::Past::unread) return recall(sender, std::move(envelope));
    if (past == Resident::Voice::Past::unreadable) return refuse_unavailable({from, envelope.ref});
    const auto ref = ref_number(client_of(sender), envelope.ref);
    if (answers_with_its_commit(from, ref, envelope)) return;
    if (const auto seq = journal_.log().find(ref)) return acknowledge_again(from, *seq, ref, std::move(envelope));
  }
  if (const auto wait = pacer().wait(from, route); wait.count() > 0) {
    return refuse(from, {ErrorCode::rate_limited, "too many messages of this type; slow down", wait}, envelope.ref);
  }
  const auto began = std::chrono::steady_clock::now();
  decide(sender, route, std::move(envelope));
  if (route.type.is_question()) pacer().answered(route, std::chrono::steady_clock::now() - began);
}

// If a message with this ref is being committed, this one is answered: by that one, which comes to everybody once it is committed.
bool Room::answers_with_its_commit(MemberId from, std::uint64_t number, const Envelope& envelope) {
  const auto asked = journal_.committing(number);
  if (!asked) return false;
  if (*asked != envelope.asked) {
    refuse(from, ref_taken, envelope.ref);
  } else {
    journal_.then([this, from, ref = envelope.ref](bool holds) {
      if (!holds) refuse_unavailable({from, ref});
    });
  }
  return true;
}

Pacer& Room::pacer() {
  const auto release = [this](MemberId from, plugins::RouteKey key, Envelope envelope) {
    turn_([&] {
      auto* sender = residents_.find(from);
      if (!sender) return;
      const auto* route = registry().find(key);
      route ? decide(*sender, *route, std::move(envelope)) : judge_later(*sender, std::move(envelope));
    });
  };
  const auto skip = [this](MemberId from, const Envelope& envelope) {
    if (!envelope.ref.empty()) refuse(from, replaced, envelope.ref);
  };
  if (!pacer_) pacer_ = std::make_unique<Pacer>(shard_, home_.feed.answers, release, skip);
  return *pacer_;
}

std::uint64_t Room::client_of(Resident& sender) const {
  auto& client = sender.voice().client;
  if (client == 0) client = client_number(new_client_key(world_.secret, sender.member), sender.id());
  return client;
}

// The first message with a ref of somebody who has come back may be one that is logged already. What was said before is read
// now, for others come back and have nothing to say; whatever else the sender says waits for that.
void Room::recall(Resident& sender, Envelope&& envelope) {
  using Past = Resident::Voice::Past;
  auto& voice = sender.voice();
  voice.past = Past::being_read;
  judge_later(sender, std::move(envelope));
  if (!sender.is_waiting()) {  // it is refused already, and nobody has to wait
    voice.past = Past::unread;
    return;
  }
  const auto recalled = [this, member = sender.member](bool could) {
    turn_([&] {
      if (auto* its = residents_.find(member)) its->voice().past = could ? Past::read : Past::unreadable;
      hear(member);
      auto* still = residents_.find(member);
      if (still && !could) still->voice().past = Past::unread;
    });
  };
  try {
    journal_.log().recall(voice.client, recalled);
  } catch (...) {
    recalled(false);
    throw;
  }
}

// What its sender did not see acknowledged, and sends again, is answered with what was logged.
void Room::acknowledge_again(MemberId from, std::uint64_t seq, std::uint64_t ref, Envelope&& envelope) {
  const auto weight = memory_of(envelope.content) + Frame::overhead;
  journal_.then_read(seq - 1, seq, [this, from, ref, envelope = std::move(envelope)](const store::Reading& logged, bool) mutable {
    switch (logged.result) {
      case store::Reading::Result::whole: {
        const auto& record = logged.records.front();
        const bool same = record.repetition.asked == envelope.asked;
        return send_to(from, same ? record.frame : encode_error(ref_taken, json_name_, envelope.ref));
      }
      case store::Reading::Result::trimmed:  // since forgotten: a new message, unless another copy of it was the first
        if (answers_with_its_commit(from, ref, envelope)) return;
        if (auto* sender = residents_.find(from)) {
          const auto* route = registry().find(envelope.type);
          route ? decide(*sender, *route, std::move(envelope)) : judge_later(*sender, std::move(envelope));
        }
        return;
      case store::Reading::Result::unavailable: return refuse_unavailable({from, envelope.ref});
    }
  }, weight);
}

void Room::decide(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  if (phase_ != Phase::open) return judge_later(sender, std::move(envelope));
  const auto from = sender.member;
  if (!fold_->has(route.plugin)) {
    return refuse(from, {ErrorCode::unavailable, registry().plugins()[route.plugin].name() + out_here, {}}, envelope.ref);
  }
  if (const auto off = conduct_->off_for(route.plugin); off.count() > 0) {
    return refuse(from, switched_off(registry().plugins()[route.plugin].name(), off), envelope.ref);
  }
  const auto& who = sender.voice().who;
  const auto& type_name = route.type.name();
  if (!world_.suspects.empty() && world_.suspects.hold(registry().plugins()[route.plugin].build(), name_, who.id, envelope.ref,
                                                       type_name, envelope.asked, shard_.unix_ms() / 1000)) {
    return refuse(from, ended_the_server, envelope.ref);
  }
  const plugins::InHand in_hand{who.id, envelope.ref, type_name, envelope.asked};
  Verdict verdict;
  Message message{std::move(envelope.type), std::move(envelope.content)};
  if (const auto fault = fold_->on_message(route.plugin, who, std::move(message), verdict)) {
    if (!fault->unfit) return refuse(from, plugin_failed, envelope.ref);
    const auto after_tag = fault->text.find("] ");  // "[json.exception.type_error.302] type must be …"
    const auto text = after_tag == std::string::npos ? fault->text : fault->text.substr(after_tag + 2);
    return refuse(from, {ErrorCode::invalid, "content: " + text, {}}, envelope.ref);
  }
  switch (verdict.kind) {
    case Verdict::Kind::reject:
      return refuse(from, {ErrorCode::invalid, std::move(verdict.reason), {}}, envelope.ref);
    case Verdict::Kind::broadcast:
      return publish(verdict.message.type == route.type.name() ? &route : registry().find(verdict.message.type), route.plugin,
                     std::move(verdict.message), &sender, envelope.ref, envelope.asked);
    case Verdict::Kind::reply: {
      const auto answer = made_by(route.plugin, from, envelope.ref, [&] {
        const auto type = json_text(verdict.message.type);
        return encode({type, verdict.message.content, json_name_, system_sender, 0, 0, envelope.ref}, Delivery::must());
      });
      if (answer) reply(from, *answer, envelope.ref);
      return;
    }
  }
  blame(route.plugin, "its verdict is none of those that there are", from, envelope.ref);
}

// All that can be wrong with what the plugin made shows before anything has changed.
void Room::publish(const plugins::Route* route, std::size_t plugin, Message&& message, Resident* sender, const std::string& ref,
                   std::uint64_t asked) {
  const auto from = sender ? sender->member : 0;
  const bool logged = route && route->type.is_logged();
  Entry entry{logged ? journal_.next() : 0, shard_.unix_ms(), {}, "System", std::move(message.type), std::move(message.content)};
  auto frame = made_by(plugin, from, ref, [&] {
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + entry.type);
    if (route->type.is_question()) throw std::runtime_error("nobody but the plugin gets the question " + entry.type);
    const auto delivery = logged ? Delivery::must() : Delivery::may_drop(route->type.keeps_newest() ? newest_of(from, route->key.number) : 0);
    const std::string_view fields = sender ? sender->voice().fields : system_sender;
    return encode({route->json_type, entry.content, json_name_, fields, entry.seq, entry.ts, ref}, delivery);
  });
  if (!frame) return;
  if (logged) {
    if (sender) entry.id = sender->voice().who.id, entry.nickname = sender->voice().who.nickname;
    return append(plugin, std::move(entry), *std::move(frame), sender, ref, asked);
  }
  const auto weight = frame->weight();
  journal_.then([this, frame = *std::move(frame), from, ref](bool holds) {
    if (holds) return let_out(frame);
    if (!ref.empty()) refuse_unavailable({from, ref});
  }, weight);
}

void Room::append(std::size_t plugin, Entry&& entry, Frame&& frame, Resident* sender, const std::string& ref, std::uint64_t asked) {
  const auto from = sender ? sender->member : 0;
  const bool full = sizes_ && sizes_->is_full(plugin);
  const auto refuse_full = [&] {
    if (from != 0) refuse(from, sizes_->refusal(plugin, entry.type), ref);
  };
  if (full && sizes_->wait(plugin, entry.type).count() > 0) return refuse_full();
  const auto began = full ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
  const auto tried = [&](bool fits) { sizes_->tried(plugin, entry.type, std::chrono::steady_clock::now() - began, fits); };
  as_read(entry.content);  // so that it is what a replay of the log gives
  if (!fold_->apply(plugin, entry, &frame)) {
    if (from != 0) refuse(from, plugin_failed, ref);
    return reopen();  // it may have changed half of its state
  }
  if (full && !fits(plugin)) {
    tried(false);
    refuse_full();
    return reopen();
  }
  const auto& its = registry().plugins()[plugin];
  Repetition repetition;
  if (sender && !ref.empty()) repetition = {client_of(*sender), ref_number(client_of(*sender), ref), asked};
  store::Record record{entry.seq, entry.ts, its.name(), std::string{its.version()}, repetition, std::move(frame)};
  // With a snapshot, if the plugin is full: then its size is known when the state is read again.
  journal_.append(std::move(record), {from, ref}, registry().limits().state / 4, full);
  if (full && sizes_->is_full(plugin)) tried(true);
}

// Whether a message that has been applied leaves the state of a plugin that is full no larger than it was.
bool Room::fits(std::size_t plugin) {
  const auto size = fold_->size(plugin);
  const bool fits = size && *size <= sizes_->size(plugin);
  if (fits) sizes_->measured(plugin, *size);
  return fits;
}

void Room::blame(std::size_t plugin, const char* why, MemberId from, const std::string& ref) {
  spdlog::error("room={} plugin={} made a message that cannot be sent: {}", shown_name(name_), registry().plugins()[plugin].name(), escaped(why));
  conduct_->failed(plugin);
  if (from != 0) refuse(from, plugin_failed, ref);
}

// Out

void Room::reply(MemberId to, Frame frame, const std::string& ref) {
  const auto weight = frame.weight();
  journal_.then([this, to, frame = std::move(frame), ref](bool holds) {
    holds ? send_to(to, frame) : refuse_unavailable({to, ref});
  }, weight);
}

void Room::refuse(MemberId to, const Refusal& refusal, const std::string& ref) {
  reply(to, encode_error(refusal, json_name_, ref), ref);
}

void Room::refuse_unavailable(const Asker& asker) {
  send_to(asker.member, encode_error({ErrorCode::unavailable, "this could not be stored now; send it again", {}}, json_name_, asker.ref));
}

void Room::let_out(Frame frame) {
  figures_.messages.add(1);
  broadcast(std::move(frame));
}

void Room::broadcast(Frame frame) {
  figures_.deliveries.add(admitted_);
  audiences_.deliver(std::move(frame));
}

void Room::send_to(MemberId to, const Frame& frame) {
  if (const auto* resident = residents_.find(to)) audiences_.send(resident->place, to, frame);
}

}  // namespace hubbub::rooms
