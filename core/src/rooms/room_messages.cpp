// The life of a message in its room, and all that goes out.
#include "rooms/room.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

// Under what number an outbox keeps only the newest of a sender's messages of one type. Presence has those below 65536.
std::uint64_t newest_of(MemberId sender, std::uint16_t type) { return (sender + 1) << 16 | type; }

const Refusal ref_taken{ErrorCode::invalid, "ref: is that of another message of yours; give each its own", {}};
const Refusal plugin_failed{ErrorCode::internal, "the plugin failed; try again", {}};

Refusal switched_off(const std::string& plugin, std::chrono::milliseconds time) {
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
  return {ErrorCode::unavailable,
          plugin + " failed too often and is off here for another " + seconds + " s; send it again then", time};
}

}  // namespace

void Room::receive(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  const Turn turn{*this};
  const bool now = phase_ == Phase::open && sender.admitted && !sender.is_being_recalled();
  if (now && route.generation == registry_->generation()) return judge(sender, route, std::move(envelope));
  once_in(sender, [this, envelope = std::move(envelope)](Resident& from, bool open) mutable {
    open ? judge_anew(from, std::move(envelope)) : refuse_unavailable(from.member, envelope.ref);
  });
}

void Room::judge_anew(Resident& sender, Envelope&& envelope) {
  const auto* route = registry_->find(envelope.type);
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
  const Turn turn{*this};
  once_in(resident, [this, frame](Resident& in, bool) {
    order_.then([this, to = in.member, frame](bool) { send_to(to, frame); });
  });
}

void Room::expel(Resident& resident, CloseCode code, const std::string& reason) {
  const Turn turn{*this};
  if (!resident.admitted && !resident.is_waiting()) return audiences_.close(resident.place, resident.member, code, reason);
  once_in(resident, [=, this](Resident& in, bool) {
    order_.then([=, this, member = in.member](bool) {
      if (const auto* expelled = residents_.find(member)) audiences_.close(expelled->place, member, code, reason);
    });
  });
}

void Room::judge(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  const auto from = sender.member;
  if (route.type.is_ephemeral()) {
    if (auto ready = pacer_.pass(from, route, std::move(envelope))) decide(sender, route, std::move(*ready));
    return;
  }
  if (order_.size() >= most_waiting) return refuse_unavailable(from, envelope.ref);
  if (!envelope.ref.empty()) {
    const auto past = sender.voice().past;
    if (past == Resident::Voice::Past::unread) return recall(sender, std::move(envelope));
    if (past == Resident::Voice::Past::unreadable) return refuse_unavailable(from, envelope.ref);
    const auto ref = ref_number(client_of(sender), envelope.ref);
    if (const auto its = committing_.find(ref); its != committing_.end()) {
      if (its->second != envelope.asked) return refuse(from, ref_taken, envelope.ref);
      return order_.then([this, from, ref = envelope.ref](bool holds) {  // it comes with the others' as soon as it is committed
        if (!holds) refuse_unavailable(from, ref);
      });
    }
    if (const auto seq = log_->find(ref)) return acknowledge_again(from, *seq, std::move(envelope));
  }
  if (const auto wait = pacer_.wait(from, route); wait.count() > 0) {
    return refuse(from, {ErrorCode::rate_limited, "too many messages of this type; slow down", wait}, envelope.ref);
  }
  decide(sender, route, std::move(envelope));
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
  once_in(sender, [this, envelope = std::move(envelope)](Resident& from, bool open) mutable {
    open ? judge_anew(from, std::move(envelope)) : refuse_unavailable(from.member, envelope.ref);
  });
  log_->recall(voice.client, [this, member = sender.member](bool could) {
    const Turn turn{*this};
    auto& its = residents_.find(member)->voice();  // it does not go before it was heard
    its.past = could ? Past::read : Past::unreadable;
    for (const auto& step : std::exchange(its.behind, {})) step(could);
    auto* still = residents_.find(member);
    if (still && !could) still->voice().past = Past::unread;
  });
}

// What its sender did not see acknowledged, and sends again, is answered with what was logged.
void Room::acknowledge_again(MemberId from, std::uint64_t seq, Envelope&& envelope) {
  const auto logged = std::make_shared<store::Reading>();
  const auto ticket = order_.hold([this, from, logged, envelope = std::move(envelope)](bool) mutable {
    switch (logged->result) {
      case store::Reading::Result::whole: {
        const auto& record = logged->records.front();
        const bool same = record.repetition.asked == envelope.asked;
        return send_to(from, same ? record.frame : encode_error(ref_taken, json_name_, envelope.ref));
      }
      case store::Reading::Result::trimmed:  // since forgotten: a new message
        if (auto* sender = residents_.find(from)) {
          if (const auto* route = registry_->find(envelope.type)) decide(*sender, *route, std::move(envelope));
        }
        return;
      case store::Reading::Result::unavailable: return refuse_unavailable(from, envelope.ref);
    }
  });
  log_->read(seq - 1, seq, [this, ticket, logged](store::Reading reading) {
    const Turn turn{*this};
    *logged = std::move(reading);
    order_.release(ticket);
  });
}

void Room::decide(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  if (phase_ != Phase::open) return;
  const auto from = sender.member;
  if (const auto off = conduct_->off_for(route.plugin); off.count() > 0) {
    return refuse(from, switched_off(registry_->plugins()[route.plugin].name(), off), envelope.ref);
  }
  Verdict verdict;
  Message message{std::move(envelope.type), std::move(envelope.content)};
  if (const auto fault = fold_->on_message(route.plugin, sender.voice().who, std::move(message), verdict)) {
    if (!fault->unfit) return refuse(from, plugin_failed, envelope.ref);
    const auto after_tag = fault->text.find("] ");  // "[json.exception.type_error.302] type must be …"
    const auto text = after_tag == std::string::npos ? fault->text : fault->text.substr(after_tag + 2);
    return refuse(from, {ErrorCode::invalid, "content: " + text, {}}, envelope.ref);
  }
  switch (verdict.kind) {
    case Verdict::Kind::reject:
      return refuse(from, {ErrorCode::invalid, std::move(verdict.reason), {}}, envelope.ref);
    case Verdict::Kind::broadcast:
      return publish(verdict.message.type == route.type.name() ? &route : registry_->find(verdict.message.type), route.plugin,
                     std::move(verdict.message), &sender, envelope.ref, envelope.asked);
    case Verdict::Kind::reply:
      return reply(from, encode({json_text(verdict.message.type), verdict.message.content, json_name_, system_sender, 0, 0, envelope.ref},
                                Delivery::must()), envelope.ref);
  }
}

void Room::publish(const plugins::Route* route, std::size_t plugin, Message&& message, Resident* sender, const std::string& ref,
                   std::uint64_t asked) {
  try {
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + message.type);
    if (route->type.is_question()) throw std::runtime_error("nobody but the plugin gets the question " + message.type);
    if (route->type.is_logged()) return append(*route, std::move(message), sender, ref, asked);
    const auto from = sender ? sender->member : 0;
    const auto delivery = Delivery::may_drop(route->type.keeps_newest() ? newest_of(from, route->number) : 0);
    const auto frame = encode({route->json_type, message.content, json_name_, sender ? sender->voice().fields : system_sender, 0,
                               shard_.unix_ms(), ref},
                              delivery);
    order_.then([this, frame](bool holds) {
      if (holds) broadcast_message(frame);
    });
  } catch (const std::exception& error) {
    spdlog::error("room={} plugin={} made a message that cannot be sent: {}", name_,
                  registry_->plugins()[plugin].name(), error.what());
    conduct_->failed(plugin);
    if (sender) refuse(sender->member, plugin_failed, ref);
  }
}

void Room::append(const plugins::Route& route, Message&& message, Resident* sender, const std::string& ref, std::uint64_t asked) {
  Entry entry{next_seq_, shard_.unix_ms(), {}, "System", std::move(message.type), std::move(message.content)};
  std::string_view fields = system_sender;
  if (sender) {
    const auto& voice = sender->voice();
    entry.id = voice.who.id, entry.nickname = voice.who.nickname;
    fields = voice.fields;
  }
  const auto from = sender ? sender->member : 0;
  auto frame = encode({route.json_type, entry.content, json_name_, fields, entry.seq, entry.ts, ref}, Delivery::must());
  if (!fold_->apply(route.plugin, entry)) {
    if (sender) refuse(from, plugin_failed, ref);
    return reopen();  // it may have changed half of its state
  }
  ++next_seq_;
  std::optional<store::Snapshot> snapshot;
  if (entry.seq % world_.config.store.snapshot_every == 0) {
    if (auto state = fold_->snapshot()) snapshot = {entry.seq, std::move(*state)};
  }
  const auto& plugin = registry_->plugins()[route.plugin];
  Repetition repetition;
  if (sender && !ref.empty()) repetition = {client_of(*sender), ref_number(client_of(*sender), ref), asked};
  store::Record record{entry.seq, entry.ts, plugin.name(), std::string{plugin.version()}, repetition, std::move(frame)};
  if (log_->answers_at_once() && order_.empty()) {
    auto result = store::Append::unavailable;
    log_->append(record, [&result](store::Append answer) { result = answer; });
    if (result == store::Append::committed) return let_out(std::move(record.frame), std::move(snapshot));
    refuse_unavailable(from, ref);
    return reopen();
  }
  if (!ref.empty()) committing_.emplace(repetition.ref, asked);
  const auto ticket = order_.hold([this, frame = record.frame, from, ref, number = repetition.ref,
                                   snapshot = std::move(snapshot)](bool holds) mutable {
    committing_.erase(number);
    holds ? let_out(std::move(frame), std::move(snapshot)) : refuse_unavailable(from, ref);
  });
  log_->append(record, [this, ticket](store::Append result) {
    const Turn turn{*this};
    if (result == store::Append::committed) return order_.release(ticket);
    reopen();
    order_.fail(ticket);
  });
}

void Room::let_out(Frame frame, std::optional<store::Snapshot>&& snapshot) {
  broadcast_message(std::move(frame));
  if (snapshot) put(std::move(*snapshot));
}

// Out

void Room::reply(MemberId to, Frame frame, const std::string& ref) {
  order_.then([this, to, frame = std::move(frame), ref](bool holds) {
    holds ? send_to(to, frame) : refuse_unavailable(to, ref);
  });
}

void Room::refuse(MemberId to, const Refusal& refusal, const std::string& ref) {
  reply(to, encode_error(refusal, json_name_, ref), ref);
}

void Room::refuse_unavailable(MemberId to, const std::string& ref) {
  send_to(to, encode_error({ErrorCode::unavailable, "this could not be stored now; send it again", {}}, json_name_, ref));
}

void Room::broadcast_message(Frame frame) {
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
