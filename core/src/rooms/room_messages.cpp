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

// What tells a message with a ref from all others. Neither part can hold a line feed.
std::string key_of(std::string_view sender_id, std::string_view ref) {
  return std::string{sender_id}.append("\n").append(ref);
}

// Under what number an outbox keeps only the newest of a sender's messages of one type. Presence has those below 65536.
std::uint64_t newest_of(MemberId sender, std::uint16_t type) { return (sender + 1) << 16 | type; }

const Refusal plugin_failed{ErrorCode::internal, "the plugin failed; try again", {}};

Refusal switched_off(const std::string& plugin, std::chrono::milliseconds time) {
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
  return {ErrorCode::unavailable,
          plugin + " failed too often and is off here for another " + seconds + " s; send it again then", time};
}

}  // namespace

void Room::receive(Resident& sender, const plugins::Route& route, Envelope&& envelope) {
  const Turn turn{*this};
  const bool now = phase_ == Phase::open && sender.admitted;
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
    const auto id = sender.id();
    if (!committing_.empty() && committing_.contains(key_of(id, envelope.ref))) {  // then it comes with the others' as soon as it is committed
      return order_.then([this, from, ref = envelope.ref](bool holds) {
        if (!holds) refuse_unavailable(from, ref);
      });
    }
    if (const auto seq = log_->find(id, envelope.ref)) return acknowledge_again(from, *seq, std::move(envelope));
  }
  if (const auto wait = pacer_.wait(from, route); wait.count() > 0) {
    return refuse(from, {ErrorCode::rate_limited, "too many messages of this type; slow down", wait}, envelope.ref);
  }
  decide(sender, route, std::move(envelope));
}

// What its sender did not see acknowledged, and sends again, is answered with what was logged.
void Room::acknowledge_again(MemberId from, std::uint64_t seq, Envelope&& envelope) {
  const auto logged = std::make_shared<store::Reading>();
  const auto ticket = order_.hold([this, from, logged, envelope = std::move(envelope)](bool) mutable {
    switch (logged->result) {
      case store::Reading::Result::whole: return send_to(from, logged->records.front().frame);
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
                     std::move(verdict.message), &sender, envelope.ref);
    case Verdict::Kind::reply:
      return reply(from, encode({json_text(verdict.message.type), verdict.message.content, json_name_, system_sender, 0, 0, envelope.ref},
                                Delivery::must()), envelope.ref);
  }
}

void Room::publish(const plugins::Route* route, std::size_t plugin, Message&& message, Resident* sender, const std::string& ref) {
  try {
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + message.type);
    if (route->type.is_question()) throw std::runtime_error("nobody but the plugin gets the question " + message.type);
    if (route->type.is_logged()) return append(*route, std::move(message), sender, ref);
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

void Room::append(const plugins::Route& route, Message&& message, Resident* sender, const std::string& ref) {
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
  store::Record record{entry.seq, entry.ts, plugin.name(), std::string{plugin.version()}, std::move(entry.id), ref,
                       std::move(frame)};
  if (log_->answers_at_once() && order_.empty()) {
    auto result = store::Append::unavailable;
    log_->append(record, [&result](store::Append answer) { result = answer; });
    if (result == store::Append::committed) return let_out(std::move(record.frame), std::move(snapshot));
    refuse_unavailable(from, ref);
    return reopen();
  }
  auto key = ref.empty() ? std::string{} : key_of(record.sender, ref);
  if (!ref.empty()) committing_.insert(key);
  const auto ticket = order_.hold([this, frame = record.frame, from, ref, key = std::move(key),
                                   snapshot = std::move(snapshot)](bool holds) mutable {
    committing_.erase(key);
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
