#include "rooms/room.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts to open a room whose log cannot be read

// The frames that bring a newcomer up to date, as its plugins make them.
class FrameGreeting final : public Greeting {
 public:
  FrameGreeting(std::vector<Frame>& frames, const std::string& room) : frames_(frames), room_(room) {}

  void replay(const Entry& entry) override {
    const auto sender = entry.id.empty() ? std::string{system_sender} : sender_fields(entry.nickname, entry.id);
    frames_.push_back(
        encode({json_text(entry.type), entry.content, room_, sender, entry.seq, entry.ts, {}}, Delivery::must()));
  }

  void send(Message message) override {
    frames_.push_back(
        encode({json_text(message.type), message.content, room_, system_sender, 0, 0, {}}, Delivery::must()));
  }

 private:
  std::vector<Frame>& frames_;
  const std::string& room_;
};

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

Room::Room(std::string name, Shard& shard, World& world, std::function<void()> on_empty)
    : name_(std::move(name)),
      json_name_(json_text(name_)),
      shard_(shard),
      world_(world),
      on_empty_(std::move(on_empty)),
      log_(world.store.log(name_)),
      audiences_(world.places.size()),
      presence_(shard, world.settings.presence, json_name_, [this](const Frame& frame) { broadcast(frame); }),
      pacer_(shard, [this](MemberId from, const plugins::Route& route, Envelope envelope) {
        const Turn turn{*this};
        decide(from, route, std::move(envelope));
      }) {
  grace_ = shard_.make_timer([this] {
    if (!residents_.empty()) return;
    if (phase_ != Phase::open || !pending_.empty()) return grace_->arm(world_.settings.grace);
    if (auto state = fold_->snapshot()) log_->put({next_seq_ - 1, std::move(*state)});
    on_empty_();
  });
  open();
}

Room::~Room() = default;

// Opening

void Room::open() {
  reopening_ = false;
  phase_ = Phase::opening;
  log_->open([this](std::optional<store::Opening> opening) {
    if (!opening) return retry_later("its log cannot be read now");
    restore(*opening);
  });
}

void Room::restore(const store::Opening& opening) {
  const auto covered = opening.snapshot ? opening.snapshot->seq : 0;
  log_->read(covered, opening.last, [this, opening](store::Reading reading) {
    if (reading.result != store::Reading::Result::whole) return retry_later("its log cannot be read back far enough");
    try {
      plugin_timers_.clear();
      fold_.emplace(world_.registry, static_cast<RoomServices&>(*this));
      if (!fold_->restore(opening.snapshot, reading.records)) return retry_later("a plugin cannot use its snapshot");
    } catch (const std::exception& error) {
      return retry_later(error.what());
    }
    epoch_ = opening.epoch;
    opened(opening.last);
  });
}

void Room::opened(std::uint64_t last) {
  const Turn turn{*this};
  next_seq_ = last + 1;
  phase_ = Phase::open;
  fold_->on_open();
  for (const auto& [id, resident] : residents_) {
    if (resident.admitted) fold_->on_join(resident.request.member);
  }
  for (auto& task : std::exchange(waiting_, {})) task();
}

void Room::retry_later(const char* why) {
  spdlog::error("room={} cannot be opened, trying again in {} ms: {}", name_, retry_interval.count(), why);
  phase_ = Phase::unavailable;
  if (!retry_) retry_ = shard_.make_timer([this] { open(); });
  retry_->arm(retry_interval);
}

void Room::when_open(Task task) {
  if (phase_ == Phase::open) {
    task();
  } else {
    waiting_.push_back(std::move(task));
  }
}

// The state may no longer be the log's: fetch it from there as soon as all that is under way has come to its end.
void Room::reopen() {
  phase_ = Phase::opening;
  reopening_ = true;
}

// Joining and leaving

void Room::join(JoinRequest request) {
  const Turn turn{*this};
  const auto id = request.member.connection;
  grace_->cancel();
  if (residents_.size() >= world_.settings.members) {
    return on_audience(request.place, [id](Audience& audience) {
      audience.close(id, CloseCode::overloaded, "the room is full");
    });
  }
  auto fields = sender_fields(request.member.nickname, request.member.id);
  residents_.emplace(id, Resident{std::move(request), std::move(fields)});
  when_open([this, id] { greet(id); });
}

void Room::greet(MemberId member) {
  const auto* resident = find(member);
  if (!resident) return;
  const auto& since = resident->request.since;
  if (since && since->epoch == epoch_ && since->seq < next_seq_) return recover(member, since->seq);

  Pending newcomer;
  newcomer.state = Pending::State::ready;
  newcomer.member = member;
  if (resident->request.welcome) newcomer.frames.push_back(welcome(*resident, false));
  FrameGreeting greeting{newcomer.frames, json_name_};
  fold_->greet(resident->request.member, greeting);
  pending_.push_back(std::move(newcomer));
  settle();
}

void Room::recover(MemberId member, std::uint64_t since) {
  Pending newcomer;
  newcomer.member = member;
  newcomer.frames.push_back(welcome(*find(member), true));
  pending_.push_back(std::move(newcomer));
  log_->read(since, next_seq_ - 1, [this, member](store::Reading reading) {
    const auto place = std::ranges::find_if(pending_, [&](const Pending& p) { return p.seq == 0 && p.member == member; });
    if (reading.result == store::Reading::Result::whole) {
      if (auto* resident = find(member); resident && !resident->request.welcome) place->frames.clear();
      for (auto& record : reading.records) place->frames.push_back(std::move(record.frame));
      place->state = Pending::State::ready;
    } else {  // whole or not at all: greeted as a newcomer, against the state of now
      pending_.erase(place);
      if (auto* resident = find(member)) resident->request.since.reset();
      when_open([this, member] { greet(member); });
    }
    settle();
  });
}

Frame Room::welcome(const Resident& resident, bool recovered) const {
  const auto& member = resident.request.member;
  return encode_welcome({json_name_, member.id, member.nickname, epoch_, next_seq_ - 1, recovered,
                         world_.registry.sendable_types()});
}

void Room::admit(const Pending& newcomer) {
  auto* resident = find(newcomer.member);
  if (!resident) return;
  resident->admitted = true;
  on_audience(resident->request.place, [id = newcomer.member, frames = newcomer.frames](Audience& audience) {
    audience.admit(id, frames);
  });
  fold_->on_join(resident->request.member);
  presence_.add(newcomer.member, resident->request.member.nickname);
}

void Room::leave(MemberId member) {
  const Turn turn{*this};
  const auto found = residents_.find(member);
  if (found == residents_.end()) return;
  const auto resident = std::move(found->second);
  residents_.erase(found);
  pacer_.forget(member);
  if (resident.admitted) {
    presence_.remove(member);
    if (fold_) fold_->on_leave(resident.request.member);
  }
  if (residents_.empty()) grace_->arm(world_.settings.grace);
}

// Messages

void Room::receive(MemberId from, const plugins::Route& route, Envelope envelope) {
  const Turn turn{*this};
  const auto* sender = find(from);
  if (!sender) return;
  if (phase_ == Phase::unavailable) {
    return refuse(*sender, {ErrorCode::unavailable, "the room cannot be stored now; try again", {}}, envelope.ref);
  }
  if (phase_ == Phase::opening) {
    return waiting_.push_back([this, from, &route, held = std::move(envelope)] { receive(from, route, held); });
  }
  if (!route.type.is_logged()) {
    if (auto ready = pacer_.pass(from, route, std::move(envelope))) decide(from, route, std::move(*ready));
    return;
  }
  if (is_repeated(*sender, envelope.ref)) return;
  if (const auto wait = pacer_.wait(from, route); wait.count() > 0) {
    return refuse(*sender, {ErrorCode::rate_limited, "too many messages of this type; slow down", wait}, envelope.ref);
  }
  decide(from, route, std::move(envelope));
}

// A message that its sender did not see acknowledged and sends again is answered with the logged one.
bool Room::is_repeated(const Resident& sender, const std::string& ref) {
  if (ref.empty()) return false;
  const auto& id = sender.request.member.id;
  const auto same = [&](const Pending& p) { return p.seq != 0 && p.ref == ref && p.sender_id == id; };
  if (std::ranges::any_of(pending_, same)) return true;  // everyone gets it as soon as it is committed
  const auto record = log_->find(id, ref);
  if (record) send_to(sender, record->frame);
  return record.has_value();
}

void Room::decide(MemberId from, const plugins::Route& route, Envelope envelope) {
  auto* sender = find(from);
  if (!sender || phase_ != Phase::open) return;
  Verdict verdict;
  Message message{std::move(envelope.type), std::move(envelope.content)};
  if (const auto fault = fold_->on_message(route.plugin, sender->request.member, std::move(message), verdict)) {
    if (!fault->unfit) return refuse(*sender, {ErrorCode::internal, "the plugin failed; try again", {}}, envelope.ref);
    const auto after_tag = fault->text.find("] ");  // "[json.exception.type_error.302] type must be …"
    const auto text = after_tag == std::string::npos ? fault->text : fault->text.substr(after_tag + 2);
    return refuse(*sender, {ErrorCode::invalid, "content: " + text, {}}, envelope.ref);
  }
  switch (verdict.kind) {
    case Verdict::Kind::reject:
      return refuse(*sender, {ErrorCode::invalid, std::move(verdict.reason), {}}, envelope.ref);
    case Verdict::Kind::broadcast:
      return publish(route.plugin, std::move(verdict.message), sender, std::move(envelope.ref));
    case Verdict::Kind::reply:
      const auto& [type, content] = verdict.message;
      return send_to(*sender, encode({json_text(type), content, json_name_, system_sender, 0, 0, envelope.ref},
                                     Delivery::must()));
  }
}

void Room::publish(std::size_t plugin, Message message, const Resident* sender, std::string ref) {
  const auto* route = world_.registry.find(message.type);
  try {
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + message.type);
    if (route->type.is_logged()) return append(*route, std::move(message), sender, std::move(ref));
    const auto from = sender ? sender->request.member.connection : 0;
    const auto newest_of = route->type.keeps_newest() ? (from + 1) << 16 | route->number : 0;
    broadcast(encode({route->json_type, message.content, json_name_, sender ? sender->fields : system_sender, 0,
                      shard_.unix_ms(), ref},
                     Delivery::may_drop(newest_of)));
  } catch (const std::exception& error) {
    spdlog::error("room={} plugin={} made a message that cannot be sent: {}", name_,
                  world_.registry.plugins()[plugin].name(), error.what());
    if (sender) refuse(*sender, {ErrorCode::internal, "the plugin failed; try again", {}}, ref);
  }
}

void Room::append(const plugins::Route& route, Message message, const Resident* sender, std::string ref) {
  Entry entry{next_seq_, shard_.unix_ms(), {}, "System", std::move(message.type), std::move(message.content)};
  if (sender) entry.id = sender->request.member.id, entry.nickname = sender->request.member.nickname;
  const auto frame = encode({route.json_type, entry.content, json_name_, sender ? sender->fields : system_sender,
                             entry.seq, entry.ts, ref},
                            Delivery::must());
  if (!fold_->apply(route.plugin, entry)) {
    if (sender) refuse(*sender, {ErrorCode::internal, "the plugin failed; try again", {}}, ref);
    reopen();  // it may have changed half of its state
    return settle();
  }
  ++next_seq_;
  Pending pending;
  pending.seq = entry.seq;
  pending.member = sender ? sender->request.member.connection : 0;
  pending.sender_id = entry.id;
  pending.ref = ref;
  pending.frames.push_back(frame);
  if (entry.seq % world_.snapshot_every == 0) {
    if (auto state = fold_->snapshot()) pending.snapshot = {entry.seq, std::move(*state)};
  }
  pending_.push_back(std::move(pending));
  const auto& plugin = world_.registry.plugins()[route.plugin];
  log_->append({entry.seq, plugin.name(), std::string{plugin.version()}, entry.id, std::move(ref), frame},
               [this, seq = entry.seq](store::Append result) { committed(seq, result); });
}

void Room::committed(std::uint64_t seq, store::Append result) {
  const Turn turn{*this};
  const auto message = std::ranges::find(pending_, seq, &Pending::seq);
  if (result == store::Append::committed) {
    message->state = Pending::State::ready;
  } else {
    message->state = Pending::State::failed;
    reopen();
  }
  settle();
}

// Lets go, in order, of all at the front of the queue that waits for nothing any more.
void Room::settle() {
  while (!pending_.empty() && pending_.front().state != Pending::State::waiting) {
    const auto item = std::move(pending_.front());
    pending_.pop_front();
    if (item.seq == 0 && reopening_) {  // its greeting may tell of what has failed
      when_open([this, member = item.member] { greet(member); });
    } else if (item.seq == 0) {
      admit(item);
    } else if (item.state == Pending::State::ready) {
      broadcast(item.frames.front());
      if (item.snapshot) log_->put(*item.snapshot);
    } else if (const auto* sender = find(item.member)) {
      refuse(*sender, {ErrorCode::unavailable, "the message could not be stored now; try again", {}}, item.ref);
    }
  }
  if (reopening_ && pending_.empty()) open();
}

// Plugins

void Room::post(std::size_t plugin, Message message) {
  const Turn turn{*this};
  posts_.emplace_back(plugin, std::move(message));
}

void Room::end_turn() {
  while (!posts_.empty() && phase_ == Phase::open) {
    auto [plugin, message] = std::move(posts_.front());
    posts_.pop_front();
    publish(plugin, std::move(message), nullptr, {});
  }
}

void Room::send(std::size_t plugin, const Member& to, Message message) {
  const auto* resident = find(to.connection);
  const auto* route = world_.registry.find(message.type);
  if (!resident || !route || route->plugin != plugin) return;
  send_to(*resident, encode({route->json_type, message.content, json_name_, system_sender, 0, shard_.unix_ms(), {}},
                            Delivery::must()));
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

// Out

void Room::broadcast(const Frame& frame) {
  for (std::size_t place = 0; place < audiences_.size(); ++place) {
    if (audiences_[place]) on_audience(place, [frame](Audience& audience) { audience.deliver(frame); });
  }
}

void Room::send_to(const Resident& resident, const Frame& frame) {
  on_audience(resident.request.place, [id = resident.request.member.connection, frame](Audience& audience) {
    audience.send(id, frame);
  });
}

void Room::refuse(const Resident& resident, Refusal refusal, std::string_view ref) {
  send_to(resident, encode_error(refusal, json_name_, ref));
}

// Runs `call` with the audience at `place`, on its shard.
template <class Call>
void Room::on_audience(std::size_t place, Call call) {
  auto& audience = audiences_[place];
  if (!audience) audience = std::make_shared<Audience>(world_.places[place].seats);
  world_.places[place].shard.run([audience, call = std::move(call)] { call(*audience); });
}

Room::Resident* Room::find(MemberId member) {
  const auto found = residents_.find(member);
  return found == residents_.end() ? nullptr : &found->second;
}

}  // namespace hubbub::rooms
