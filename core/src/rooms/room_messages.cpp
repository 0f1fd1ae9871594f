// Messages once they can be heard: judged, decided on, published. And all that the room sends.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "plugins/calls.hpp"
#include "protocol/encode.hpp"
#include "rooms/memory_of.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

// The number under which an outbox keeps only the newest of a sender's messages of one type. Presence uses numbers below 65536.
std::uint64_t newest_of(MemberId sender, std::uint16_t type) { return (sender + 1) << 16 | type; }

const Refusal replaced{ErrorCode::rate_limited, "too many messages of this type: a newer message of yours has replaced this one", {}};
const Refusal ref_taken{ErrorCode::invalid, "ref: another message of yours has this ref; give each message its own", {}};
const Refusal plugin_failed{ErrorCode::internal, "the plugin failed; try again", {}};

constexpr auto out_here = " is out of order in this room: it cannot use its stored state, which is kept; the server's log says why";
const Refusal ended_the_server{
    ErrorCode::internal, "the server ended while it was working on this message; the message is refused for now, so change it", {}};

Refusal switched_off(const std::string& plugin, std::chrono::milliseconds time) {
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
  return {ErrorCode::unavailable,
          plugin + " failed too often and is off here for another " + seconds + " s; send it again then", time};
}

}  // namespace

void Room::judge(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker) {
  if (is_behind()) return refuse_unavailable(asker);
  if (route.type.is_ephemeral() && !asker.tell) {  // a guest learns the outcome of each message, so it is refused below if too fast
    if (auto ready = pacer().pass(sender, route, std::move(envelope))) decide(sender, route, std::move(*ready), asker);
    return;
  }
  if (!envelope.ref.empty()) {
    if (sender.past == Sender::Past::unread) return recall(sender, std::move(envelope), asker);
    if (sender.past == Sender::Past::unreadable) return refuse_unavailable(asker);
    const auto ref = ref_number(client_of(sender), envelope.ref);
    if (is_answered_by_commit(asker, ref, envelope.asked)) return;
    if (const auto seq = journal_.log().find(ref)) return acknowledge_again(sender, asker, *seq, ref, route.key, std::move(envelope));
  }
  if (const auto wait = pacer().wait(sender, route); wait.count() > 0) {
    return refuse(asker, {ErrorCode::rate_limited, "too many messages of this type; slow down", wait});
  }
  const auto began = shard_.now();
  decide(sender, route, std::move(envelope), asker);
  if (route.type.is_question()) pacer().answered(route, shard_.now() - began);
}

// If a message with this ref is being committed, returns true. Its sender then gets that message as everybody does, or is refused.
bool Room::is_answered_by_commit(const Asker& asker, std::uint64_t ref, std::uint64_t asked) {
  const auto committing = journal_.committing(ref);
  if (!committing) return false;
  if (*committing != asked) {
    refuse(asker, ref_taken);
  } else {
    journal_.then([this, asker, ref](bool holds) {
      if (!holds) return refuse_unavailable(asker);
      if (asker.tell) (*asker.tell)({.seq = journal_.log().find(ref).value_or(0)});
    });
  }
  return true;
}

Pacer& Room::pacer() {
  if (!pacer_) pacer_ = std::make_unique<Pacer>(shard_, home_.feed.answers, static_cast<Pacer::Owner&>(*this));
  return *pacer_;
}

void Room::release(Sender& sender, plugins::RouteKey key, Envelope&& envelope) {
  turn_([&] {
    const Asker asker{{sender.who.connection}, envelope.ref};
    const auto* route = registry().find(key);
    route ? decide(sender, *route, std::move(envelope), asker) : admit_once_heard(std::move(envelope), asker);
  });
}

void Room::skip(Sender& sender, const Envelope& envelope) {
  if (!envelope.ref.empty()) refuse({{sender.who.connection}, envelope.ref}, replaced);
}

std::uint64_t Room::client_of(Sender& sender) const {
  auto& client = sender.client;
  if (client == 0) client = client_number(new_client_key(world_.secret, sender.who.connection), sender.who.id);
  return client;
}

// Asks the log, with `ask`, for what a message depends on. When the log has answered, the message is heard, as by once_heard(). `ask` gets a
// function, and calls that when it has the answer.
template <class Ask>
void Room::once_read(Sender& sender, const SenderRef& by, std::size_t weight, Said::Hear callback, Ask ask) {
  auto read = turn_.answer([this, by] {
    if (auto* found = find(by)) found->awaits_log = false;
    hear(by);
  });
  sender.awaits_log = true;
  try {
    once_heard(by, weight, std::move(callback));
    sender.said.empty() ? read() : ask(read);  // empty: the message was refused at once
  } catch (...) {
    read();
    throw;
  }
}

// A client that has come back may send a message that is logged already. So what it said earlier is read before its first message
// with a ref is judged. This is not done earlier, for many clients come back and say nothing.
void Room::recall(Sender& sender, Envelope&& envelope, const Asker& asker) {
  const auto could = std::make_shared<bool>(false);
  const auto weight = memory_of(envelope.content);
  auto hear = [this, could, envelope = std::move(envelope), asker](Sender& by, bool heard) mutable {
    if (!heard) return refuse_unavailable(asker);
    by.past = *could ? Sender::Past::read : Sender::Past::unreadable;
    admit(by, std::move(envelope), asker);
  };
  once_read(sender, asker.by, weight, std::move(hear), [&](auto read) {
    journal_.log().recall(sender.client, [could, read](bool recalled) mutable {
      *could = recalled;
      read();
    });
  });
}

// The sender has sent a message again: answers with the message that was logged.
void Room::acknowledge_again(Sender& sender, const Asker& asker, std::uint64_t seq, std::uint64_t ref, plugins::RouteKey key,
                             Envelope&& envelope) {
  const auto logged = std::make_shared<store::Reading>();
  const auto weight = memory_of(envelope.content);
  auto hear = [this, logged, asker, seq, ref, key, envelope = std::move(envelope)](Sender& by, bool heard) mutable {
    if (!heard || logged->result == store::Reading::Result::unavailable) return refuse_unavailable(asker);
    if (logged->result == store::Reading::Result::whole) {
      auto& record = logged->records.front();
      if (record.repetition.asked != envelope.asked) return refuse(asker, ref_taken);
      const auto frame_weight = record.frame.weight();
      return journal_.then([this, asker, seq, frame = std::move(record.frame)](bool) {
        asker.tell ? (*asker.tell)({.seq = seq}) : send_to(asker.by.member_id, frame);
      }, frame_weight);
    }
    // It is no longer in the log: this is a new message, unless the client has sent it at another connection meanwhile.
    if (is_answered_by_commit(asker, ref, envelope.asked)) return;
    if (const auto newer = journal_.log().find(ref); newer && *newer != seq) {
      return acknowledge_again(by, asker, *newer, ref, key, std::move(envelope));
    }
    const auto* route = registry().find(key);
    route ? decide(by, *route, std::move(envelope), asker) : admit(by, std::move(envelope), asker);
  };
  once_read(sender, asker.by, weight, std::move(hear), [&](auto read) {
    journal_.log().read(seq - 1, seq, [logged, read](store::Reading reading) mutable {
      *logged = std::move(reading);
      read();
    });
  });
}

void Room::decide(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker) {
  if (phase_ != Phase::open) return admit_once_heard(std::move(envelope), asker);
  if (!fold_->has(route.plugin)) {
    return refuse(asker, {ErrorCode::unavailable, registry().plugins()[route.plugin].name() + out_here, {}});
  }
  if (const auto off = conduct_->off_for(route.plugin); off.count() > 0) {
    return refuse(asker, switched_off(registry().plugins()[route.plugin].name(), off));
  }
  const auto& who = sender.who;
  const auto& type_name = route.type.name();
  if (!world_.suspects.empty() && world_.suspects.hold(registry().plugins()[route.plugin].build(), name_, who.id, envelope.ref,
                                                       type_name, envelope.asked, shard_.unix_ms() / 1000)) {
    return refuse(asker, ended_the_server);
  }
  const plugins::InHand in_hand{who.id, envelope.ref, type_name, envelope.asked};
  Verdict verdict;
  Message message{std::move(envelope.type), std::move(envelope.content)};
  if (const auto fault = fold_->on_message(route.plugin, who, std::move(message), verdict)) {
    if (!fault->unfit) return refuse(asker, plugin_failed);
    const auto after_tag = fault->text.find("] ");  // "[json.exception.type_error.302] type must be …"
    const auto text = after_tag == std::string::npos ? fault->text : fault->text.substr(after_tag + 2);
    return refuse(asker, {ErrorCode::invalid, "content: " + text, {}});
  }
  switch (verdict.kind) {
    case Verdict::Kind::reject:
      return refuse(asker, {ErrorCode::invalid, std::move(verdict.reason), {}});
    case Verdict::Kind::broadcast:
      return publish(verdict.message.type == route.type.name() ? &route : registry().find(verdict.message.type), route.plugin,
                     std::move(verdict.message), sender, asker, envelope.asked);
    case Verdict::Kind::reply: {
      const auto answer = try_encode(route.plugin, asker, [&] {
        const auto type = json_text(verdict.message.type);
        return encode({type, verdict.message.content, json_name_, system_sender, 0, 0, envelope.ref}, Delivery::must());
      });
      if (answer) reply(asker, *answer);
      return;
    }
  }
  blame(route.plugin, "its verdict is of an unknown kind", asker);
}

// The message is encoded first, so that whatever is wrong with it shows before anything has changed.
void Room::publish(const plugins::Route* route, std::size_t plugin, Message&& message, Sender& sender, const Asker& asker,
                   std::uint64_t asked) {
  const bool logged = route && route->type.is_logged();
  Entry entry{logged ? journal_.next() : 0, shard_.unix_ms(), {}, {}, std::move(message.type), std::move(message.content)};
  auto frame = try_encode(plugin, asker, [&] {
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + entry.type);
    if (route->type.is_question()) throw std::runtime_error("only the plugin itself may get the question " + entry.type);
    const auto delivery = logged ? Delivery::must()
                                 : Delivery::may_drop(route->type.keeps_newest() ? newest_of(asker.by.member_id, route->key.number) : 0);
    return encode({route->json_type, entry.content, json_name_, sender.fields, entry.seq, entry.ts, asker.ref}, delivery);
  });
  if (!frame) return;
  if (logged) {
    entry.id = sender.who.id;
    entry.nickname = sender.who.nickname;
    return append(plugin, std::move(entry), *std::move(frame), sender, asker, asked);
  }
  const auto weight = frame->weight();
  journal_.then([this, frame = *std::move(frame), asker](bool holds) {
    if (holds) return let_out(frame, asker, 0);
    if (asker.tell || !asker.ref.empty()) refuse_unavailable(asker);
  }, weight);
}

void Room::append(std::size_t plugin, Entry&& entry, Frame&& frame, Sender& sender, const Asker& asker, std::uint64_t asked) {
  const bool full = sizes_ && sizes_->is_full(plugin);
  const auto refuse_full = [&] { refuse(asker, sizes_->refusal(plugin, entry.type)); };
  if (full && sizes_->wait(plugin, entry.type).count() > 0) return refuse_full();
  const auto began = full ? shard_.now() : std::chrono::steady_clock::time_point{};
  const auto tried = [&](bool fits) { sizes_->tried(plugin, entry.type, shard_.now() - began, fits); };
  as_read(entry.content);  // as it will be when it is read from the log
  if (!fold_->apply(plugin, entry, &frame)) {
    refuse(asker, plugin_failed);
    return reopen();  // the plugin may have changed half of its state
  }
  if (full && !fits(plugin)) {
    tried(false);
    refuse_full();
    return reopen();
  }
  const auto& loaded = registry().plugins()[plugin];
  Repetition repetition;
  if (!asker.ref.empty()) repetition = {client_of(sender), ref_number(client_of(sender), asker.ref), asked};
  store::Record record{entry.seq, entry.ts, loaded.name(), std::string{loaded.version()}, repetition, std::move(frame)};
  // With a snapshot if the plugin is full, so that its size is known when the state is read again.
  journal_.append(std::move(record), asker, registry().limits().state / 4, full);
  if (full && sizes_->is_full(plugin)) tried(true);
}

// Whether the state of a full plugin is no larger than it was before the message that has just been applied.
bool Room::fits(std::size_t plugin) {
  const auto size = fold_->size(plugin);
  const bool fits = size && *size <= sizes_->size(plugin);
  if (fits) sizes_->measured(plugin, *size);
  return fits;
}

void Room::blame(std::size_t plugin, const char* why, const Asker& asker) {
  log::error("room={} plugin={} made a message that cannot be sent: {}", shown_name(name_), registry().plugins()[plugin].name(), escaped(why));
  conduct_->failed(plugin);
  if (asker.by.member_id != 0) refuse(asker, plugin_failed);
}

// Sending

void Room::reply(const Asker& asker, Frame frame) {
  const auto weight = frame.weight();
  journal_.then([this, asker, frame = std::move(frame)](bool holds) {
    if (!holds) return refuse_unavailable(asker);
    asker.tell ? (*asker.tell)({.answer = frame}) : send_to(asker.by.member_id, frame);
  }, weight);
}

void Room::refuse(const Asker& asker, const Refusal& refusal) {
  if (!asker.tell) return reply(asker, encode_error(refusal, json_name_, asker.ref));
  journal_.then([this, asker, refusal](bool holds) { holds ? tell(asker, refusal) : refuse_unavailable(asker); });
}

void Room::refuse_unavailable(const Asker& asker) {
  tell(asker, {ErrorCode::unavailable, "this could not be stored now; send it again", {}});
}

void Room::tell(const Asker& asker, const Refusal& refusal) {
  asker.tell ? (*asker.tell)({.refused = refusal}) : send_to(asker.by.member_id, encode_error(refusal, json_name_, asker.ref));
}

void Room::let_out(Frame frame, const Asker& asker, std::uint64_t seq) {
  figures_.messages.add(1);
  broadcast(std::move(frame));
  if (asker.tell) (*asker.tell)({.seq = seq});
}

void Room::broadcast(Frame frame) {
  presence_.send_lines();
  deliver(std::move(frame));
}

void Room::deliver(Frame frame) {
  figures_.deliveries.add(admitted_);
  audiences_.deliver(std::move(frame));
}

void Room::send_to(MemberId to, const Frame& frame) {
  if (const auto* member = members_.find(to)) audiences_.at(member->place).send(to, frame);
}

}  // namespace hubbub::rooms
