#include "rooms/room.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/frame_greeting.hpp"

namespace hubbub::rooms {
namespace {

constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts at what cannot be done now
constexpr std::size_t most_waiting = 10'000;  // steps that wait for the store; what comes beyond is refused

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

class Room::Turn {
 public:
  explicit Turn(Room& room) : room_(room) { ++room_.turns_; }
  ~Turn() {
    if (room_.turns_ == 1) room_.end_turn();
    --room_.turns_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Room& room_;
};

Room::Room(std::string name, Shard& shard, World& world, const std::shared_ptr<const plugins::Registry>& registry,
           Residents& residents, std::function<void()> on_idle)
    : shard_(shard),
      world_(world),
      figures_(world.figures_of(shard)),
      residents_(residents),
      log_(world.store.log(name, [&shard](Task task) { shard.post(std::move(task)); })),
      audiences_(world.places.size()),
      registry_(registry),
      name_(std::move(name)),
      json_name_(json_text(name_)),
      newest_registry_(registry),
      on_idle_(std::move(on_idle)),
      presence_(shard, world.config.rooms.presence, json_name_, [this](const Frame& frame) { broadcast(frame); }),
      pacer_(shard, [this](MemberId from, const plugins::Route& route, Envelope envelope) {
        const Turn turn{*this};
        if (auto* sender = residents_.find(from)) decide(*sender, route, std::move(envelope));
      }) {
  grace_ = shard_.make_timer([this] {
    if (here_ != 0) return;
    grace_->arm(std::max(world_.config.rooms.grace, retry_interval));  // for when something comes in between
    if (!is_idle()) return;
    close();
    on_idle_();
  });
  figures_.rooms.add(1);
  world_.directory->add(presence_, name_);
  const Turn turn{*this};
  open();
}

Room::~Room() {
  world_.directory->remove(presence_);
  figures_.rooms.subtract(1);
}

void Room::close() {
  order_.then([this](bool) {
    if (phase_ == Phase::open) keep_state();
  });
}

// The one way in which state comes about, once more: a snapshot by the plugins of before, restored by those of now.
void Room::reload() {
  const Turn turn{*this};
  if (phase_ != Phase::open) return;  // it will be with those of now
  pacer_.release_all();
  publish_posts();
  if (phase_ != Phase::open) return;
  reopen();
  order_.then([this](bool holds) {
    if (holds) keep_state();
  });
}

void Room::keep_state() {
  if (next_seq_ - 1 == covered_) return;
  if (auto state = fold_->snapshot()) put({next_seq_ - 1, std::move(*state)});
}

void Room::put(store::Snapshot snapshot) {
  covered_ = snapshot.seq;
  log_->put(std::move(snapshot));
}

bool Room::is_idle() const {
  const bool settled = phase_ == Phase::open || phase_ == Phase::unavailable;
  return settled && here_ == 0 && order_.empty();
}

void Room::end_turn() {
  do {
    publish_posts();
    if (phase_ == Phase::reopening && order_.empty()) open();
  } while (phase_ == Phase::open && !posts_.empty());
}

void Room::publish_posts() {
  while (phase_ == Phase::open && !posts_.empty()) {
    auto [plugin, message] = std::move(posts_.front());
    posts_.erase(posts_.begin());
    publish(registry_->find(message.type), plugin, std::move(message), nullptr, {});
  }
}

// Opening

void Room::open() {
  phase_ = Phase::opening;
  log_->open([this](std::optional<store::Opening> opening) {
    const Turn turn{*this};
    if (!opening) return retry_later("its log cannot be read now");
    restore(*opening, true);
  });
}

void Room::restore(const store::Opening& opening, bool from_snapshot) {
  const auto covered = from_snapshot && opening.snapshot ? opening.snapshot->seq : 0;
  log_->read(covered, opening.last, [this, opening, from_snapshot](store::Reading reading) {
    const Turn turn{*this};
    if (reading.result == store::Reading::Result::unavailable) return retry_later("its log cannot be read now");
    if (reading.result == store::Reading::Result::trimmed) {
      return retry_later(from_snapshot ? "its log does not reach back to its snapshot"
                                       : "a plugin cannot use its snapshot, and the log does not reach back to the "
                                         "beginning; bring back the version of the plugin that made it");
    }
    try {
      plugin_timers_.clear();
      fold_.reset();
      if (!conduct_ || registry_ != newest_registry_) take_newest_plugins();
      fold_.emplace(*registry_, static_cast<RoomServices&>(*this));
      if (!fold_->restore(from_snapshot ? opening.snapshot : std::nullopt, reading.records)) {
        return restore(opening, false);  // what a snapshot cannot tell, the whole log can
      }
    } catch (const std::exception& error) {
      return retry_later(error.what());
    }
    epoch_ = opening.epoch;
    covered_ = opening.snapshot ? opening.snapshot->seq : 0;
    opened(opening.last);
  });
}

// With a clean record: another build or another option may be what it took.
void Room::take_newest_plugins() {
  posts_.clear();  // of those before
  registry_ = newest_registry_;
  conduct_.emplace(shard_, *registry_, figures_, *world_.slow, name_, [this](std::size_t plugin) { return renew(plugin); });
}

void Room::opened(std::uint64_t last) {
  if (std::exchange(failing_, false)) spdlog::info("room={} is open again", name_);
  next_seq_ = last + 1;
  phase_ = Phase::open;
  fold_->on_open();
  for (const auto* resident : presence_.members()) fold_->on_join(resident->who());
  std::vector<MemberId> arriving;
  for (const auto& [member, arrival] : arriving_) arriving.push_back(member);
  for (const auto member : arriving) greet(member);
  while (phase_ == Phase::open && !waiting_.empty()) {
    const auto step = std::move(waiting_.front());
    waiting_.pop_front();
    step(true);
  }
}

void Room::retry_later(const char* why) {
  spdlog::log(std::exchange(failing_, true) ? spdlog::level::debug : spdlog::level::err,
              "room={} cannot be opened, trying again each {} ms: {}", name_, retry_interval.count(), why);
  phase_ = Phase::unavailable;
  if (!retry_) {
    retry_ = shard_.make_timer([this] {
      const Turn turn{*this};
      open();
    });
  }
  retry_->arm(retry_interval);
  for (auto& step : std::exchange(waiting_, {})) step(false);
}

void Room::reopen() { phase_ = Phase::reopening; }

// Joining and leaving

void Room::join(JoinRequest request) {
  const Turn turn{*this};
  const auto id = request.member.connection;
  grace_->cancel();
  if (here_ >= world_.config.rooms.members) {
    return on_audience(request.place, &Audience::close, id, CloseCode::overloaded, std::string{"the room is full"});
  }
  residents_.add(Resident::make(*this, request.member, request.place));
  arriving_.try_emplace(id, Arrival{std::move(request.since), request.welcome});
  ++here_;
  world_.crowds->add(name_);
  greet(id);
}

// Where the room is not open, everybody is greeted who is not in it yet as soon as it is.
void Room::greet(MemberId member) {
  const auto* resident = residents_.find(member);
  if (!resident || phase_ != Phase::open) return;
  const auto who = resident->who();
  const auto& [since, welcomed] = arriving_.at(member);
  const auto newcomer = std::make_shared<Newcomer>();
  newcomer->resumes = since && since->epoch == epoch_ && since->seq < next_seq_;
  if (welcomed) newcomer->greeting.push_back(welcome(who, newcomer->resumes));
  if (newcomer->resumes) {
    log_->read(since->seq, next_seq_ - 1,
               [newcomer](store::Reading reading) { newcomer->missed = std::move(reading); });
  } else {
    FrameGreeting plugins{newcomer->greeting, json_name_};
    fold_->greet(who, plugins);
  }
  const auto ticket = order_.hold([this, member, id = who.id, newcomer](bool holds) { let_in(member, id, *newcomer, holds); });
  log_->watch(who.id, [this, ticket, newcomer](bool known) {
    const Turn turn{*this};
    newcomer->known = known;
    if (!known) reopen();  // and greeted then
    order_.release(ticket);
  });
}

void Room::let_in(MemberId member, const std::string& id, Newcomer& newcomer, bool holds) {
  const auto* resident = residents_.find(member);
  const bool whole = newcomer.missed.result == store::Reading::Result::whole;
  if (resident && newcomer.known && (newcomer.resumes ? whole : holds)) {
    for (auto& record : newcomer.missed.records) newcomer.greeting.push_back(std::move(record.frame));
    return admit(member, newcomer.greeting);
  }
  if (newcomer.known) log_->unwatch(id);
  if (!resident) return;
  // Recovery is whole or not at all: who cannot resume is greeted as a newcomer, to the state of now.
  if (newcomer.resumes && newcomer.known) arriving_.at(member).since.reset();
  greet(member);
}

Frame Room::welcome(const Member& newcomer, bool recovered) const {
  return encode_welcome({json_name_, newcomer.id, newcomer.nickname, epoch_, next_seq_ - 1, recovered,
                         registry_->sendable_types()});
}

void Room::admit(MemberId member, const std::vector<Frame>& greeting) {
  auto* resident = residents_.find(member);
  if (!resident) return;
  resident->admitted = true;
  arriving_.erase(member);
  ++admitted_;
  on_audience(resident->place, &Audience::admit, member, greeting);
  if (phase_ == Phase::open) fold_->on_join(resident->who());  // else when the room is open again
  figures_.members.add(1);
  presence_.add(*resident);
}

// Runs `call` with true once the member is in, so that what it says comes after what it is greeted with; with false where
// the room cannot be opened.
template <class Call>
void Room::once_in(Resident& resident, Call call) {
  if (phase_ == Phase::open && resident.admitted) return call(resident, true);
  if (phase_ == Phase::unavailable || waiting_.size() >= most_waiting) return call(resident, false);
  ++resident.voice().waiting;
  auto again = [this, member = resident.member, call = std::move(call)](bool) {
    auto* waiter = residents_.find(member);  // who does not go before this
    --waiter->voice().waiting;
    once_in(*waiter, call);
    if (waiter = residents_.find(member); waiter && waiter->left && !waiter->is_waiting()) leave(*waiter);
  };
  if (phase_ == Phase::open) return order_.then(std::move(again));
  waiting_.push_back(std::move(again));
}

void Room::leave(Resident& resident) {
  const Turn turn{*this};
  if (resident.is_waiting()) {
    resident.left = true;
    return;
  }
  const auto gone = residents_.remove(resident);
  --here_;
  world_.crowds->remove(name_);
  pacer_.forget(gone->member);
  if (gone->admitted) {
    const auto who = gone->who();
    --admitted_;
    log_->unwatch(who.id);
    figures_.members.subtract(1);
    presence_.remove(*gone);
    if (phase_ == Phase::open) fold_->on_leave(who);
  } else {
    arriving_.erase(gone->member);
  }
  if (here_ == 0) grace_->arm(world_.config.rooms.grace);
}

// Messages

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
  const Turn turn{*this};
  once_in(resident, [this, frame = encode_error(refusal, json_name_, ref)](Resident& in, bool) {
    order_.then([this, to = in.member, frame](bool) { send_to(to, frame); });
  });
}

void Room::expel(Resident& resident, CloseCode code, const std::string& reason) {
  const Turn turn{*this};
  once_in(resident, [=, this](Resident& in, bool) {
    order_.then([=, this, member = in.member](bool) {
      const auto* expelled = residents_.find(member);
      if (!expelled) return;
      on_audience(expelled->place, &Audience::close, member, code, reason);
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
  const auto frame = encode({route.json_type, entry.content, json_name_, fields, entry.seq, entry.ts, ref}, Delivery::must());
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
  store::Record record{entry.seq, entry.ts, plugin.name(), std::string{plugin.version()}, entry.id, ref, frame};
  if (log_->answers_at_once() && order_.empty()) {
    auto result = store::Append::unavailable;
    log_->append(std::move(record), [&result](store::Append answer) { result = answer; });
    if (result == store::Append::committed) return let_out(frame, std::move(snapshot));
    refuse_unavailable(from, ref);
    return reopen();
  }
  auto key = ref.empty() ? std::string{} : key_of(entry.id, ref);
  if (!ref.empty()) committing_.insert(key);
  const auto ticket = order_.hold([this, frame, from, ref, key = std::move(key), snapshot = std::move(snapshot)](bool holds) mutable {
    committing_.erase(key);
    holds ? let_out(frame, std::move(snapshot)) : refuse_unavailable(from, ref);
  });
  log_->append(std::move(record), [this, ticket](store::Append result) {
    const Turn turn{*this};
    if (result == store::Append::committed) return order_.release(ticket);
    reopen();
    order_.fail(ticket);
  });
}

void Room::let_out(const Frame& frame, std::optional<store::Snapshot>&& snapshot) {
  broadcast_message(frame);
  if (snapshot) put(std::move(*snapshot));
}

// Plugins

void Room::post(std::size_t plugin, Message message) {
  const Turn turn{*this};
  posts_.emplace_back(plugin, std::move(message));
}

void Room::send(std::size_t plugin, const Member& to, Message message) {
  const auto* route = registry_->find(message.type);
  if (!route || route->plugin != plugin) return;
  const auto frame = encode({route->json_type, message.content, json_name_, system_sender, 0, shard_.unix_ms(), {}},
                            Delivery::must());
  order_.then([this, id = to.connection, frame](bool holds) {
    if (holds) send_to(id, frame);
  });
}

ServerFigures Room::server_figures() const {
  const auto sum = [this](auto count) {
    std::uint64_t all = 0;
    for (const auto& place : world_.places) all += count(*place.figures).value();
    return all;
  };
  ServerFigures now{sum(std::mem_fn(&Figures::members)), sum(std::mem_fn(&Figures::rooms)), sum(std::mem_fn(&Figures::messages)),
                    sum(std::mem_fn(&Figures::deliveries)), {}};
  for (const auto& plugin : registry_->plugins()) {
    const auto ns = sum([&](auto& figures) -> auto& { return figures.ns[plugin.name()]; });
    now.plugins.push_back({plugin.name(), std::chrono::nanoseconds{ns}});
  }
  return now;
}

ServerRooms Room::fullest_rooms(std::size_t most, std::size_t people) const {
  return world_.directory->fullest(most, people);
}

void Room::wake_after(std::size_t plugin, std::chrono::milliseconds delay) {
  auto& timer = plugin_timers_[plugin];
  if (!timer) {
    timer = shard_.make_timer([this, plugin] {
      const Turn turn{*this};
      if (phase_ == Phase::open) fold_->on_timer(plugin);
    });
  }
  timer->arm(delay);
}

void Room::called(std::size_t plugin, const char* call, std::chrono::nanoseconds took, const plugins::Fault* fault) {
  conduct_->took(plugin, call, took);
  if (!fault) return;
  spdlog::error("room={} plugin={} {} failed: {}", name_, registry_->plugins()[plugin].name(), call, fault->text);
  if (phase_ == Phase::open) conduct_->failed(plugin);  // else at what the log has, which is there each time it is read
}

// An object that has failed may be the worse for it, and has missed who came and went.
bool Room::renew(std::size_t plugin) {
  const Turn turn{*this};
  if (phase_ != Phase::open) return true;  // and a new one as soon as it is
  plugin_timers_.erase(plugin);
  std::vector<Member> members;
  for (const auto* resident : presence_.members()) members.push_back(resident->who());
  return fold_->renew(plugin, members);
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

void Room::broadcast_message(const Frame& frame) {
  figures_.messages.add(1);
  broadcast(frame);
}

void Room::broadcast(const Frame& frame) {
  figures_.deliveries.add(admitted_);
  for (std::size_t place = 0; place < audiences_.size(); ++place) {
    if (audiences_[place]) on_audience(place, &Audience::deliver, frame);
  }
}

void Room::send_to(MemberId to, const Frame& frame) {
  const auto* resident = residents_.find(to);
  if (!resident) return;
  on_audience(resident->place, &Audience::send, to, frame);
}

// Calls the audience at `place`, on its shard.
template <class... Arguments>
void Room::on_audience(std::size_t place, auto call, const Arguments&... arguments) {
  auto& audience = audiences_[place];
  auto& [shard, seats, hub, figures] = world_.places[place];
  if (!audience) audience = std::make_shared<Audience>(shard, seats);
  if (shard.is_current()) return std::invoke(call, *audience, arguments...);
  shard.post([audience, call, arguments...] { std::invoke(call, *audience, arguments...); });
}

}  // namespace hubbub::rooms
