// How a room opens, and who comes and goes. Its messages: room_messages.cpp; what it does for its plugins: room_plugins.cpp.
#include "rooms/room.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/frame_greeting.hpp"

namespace hubbub::rooms {
namespace {

constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts at what cannot be done now

}  // namespace

Room::Room(std::string name, Shard& shard, World& world, const std::shared_ptr<const plugins::Registry>& registry,
           Residents& residents, std::function<void()> on_idle)
    : shard_(shard),
      world_(world),
      figures_(world.figures_of(shard)),
      residents_(residents),
      log_(world.store.log(name, [&shard](Task task) { shard.post(std::move(task)); })),
      audiences_(world),
      registry_(registry),
      name_(std::move(name)),
      json_name_(json_text(name_)),
      newest_registry_(registry),
      introduced_(registry),
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
    publish(registry_->find(message.type), plugin, std::move(message), nullptr, {}, 0);
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
  log_->read(covered, opening.last, [this, opening, from_snapshot, covered](store::Reading reading) {
    const Turn turn{*this};
    if (reading.result == store::Reading::Result::unavailable) return retry_later("its log cannot be read now");
    if (reading.result == store::Reading::Result::trimmed) {
      if (from_snapshot && opening.snapshot) return restore(opening, false);  // the two do not go together
      return retry_later("its snapshot cannot be used, and the log does not reach back to the beginning; bring back the "
                         "version of the plugin that made it, or a backup");
    }
    try {
      alarms_.clear();
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
    covered_ = covered;  // one that cannot be used is to be replaced
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
  introduce_plugins();
  std::vector<MemberId> arriving;
  for (const auto& [member, arrival] : arriving_) arriving.push_back(member);
  for (const auto member : arriving) greet(member);
  while (phase_ == Phase::open && !waiting_.empty()) {
    const auto step = std::move(waiting_.front());
    waiting_.pop_front();
    step(true);
  }
}

// After a reload: those who are in it learn what there is now, and are greeted by the plugins that were not there when they came.
void Room::introduce_plugins() {
  const auto before = std::exchange(introduced_, registry_);
  if (before == registry_) return;
  if (before->sendable_types() != registry_->sendable_types()) broadcast(encode_types(registry_->sendable_types(), json_name_));
  for (std::size_t i = 0; i < registry_->plugins().size(); ++i) {
    const auto& name = registry_->plugins()[i].name();
    if (std::ranges::any_of(before->plugins(), [&](const auto& plugin) { return plugin.name() == name; })) continue;
    for (const auto* resident : presence_.members()) {
      std::vector<Frame> frames;
      FrameGreeting greeting{frames, json_name_};
      fold_->greet(i, resident->who(), greeting);
      for (const auto& frame : frames) audiences_.send(resident->place, resident->member, frame);
    }
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
    return audiences_.close(request.place, id, CloseCode::overloaded, "the room is full");
  }
  const auto client = request.key ? client_number(*request.key, request.member.id) : 0;
  residents_.add(Resident::make(*this, request.member, request.place, client));
  const auto key = request.key ? *request.key : new_client_key(world_.secret, id);
  arriving_.try_emplace(id, Arrival{std::move(request.since), request.welcome, key});
  ++here_;
  world_.crowds->add(name_);
  greet(id);
}

// Where the room is not open, everybody is greeted who is not in it yet as soon as it is.
void Room::greet(MemberId member) {
  const auto* resident = residents_.find(member);
  if (!resident || phase_ != Phase::open) return;
  const auto who = resident->who();
  auto& arrival = arriving_.at(member);
  const auto& since = arrival.since;
  const auto newcomer = std::make_shared<Newcomer>();
  newcomer->resumes = since && since->epoch == epoch_ && since->seq < next_seq_;
  if (arrival.welcome) newcomer->greeting.push_back(welcome(who, arrival.key, newcomer->resumes));
  const auto enter = [this, member, newcomer](bool holds) { let_in(member, *newcomer, holds); };
  if (!newcomer->resumes) {
    FrameGreeting plugins{newcomer->greeting, json_name_};
    fold_->greet(who, plugins);
    return order_.then(enter);
  }
  arrival.resumes = std::make_shared<char>();
  const auto ticket = order_.hold(enter);
  const auto take = [this, ticket, newcomer](store::Reading missed) {
    const Turn turn{*this};
    newcomer->missed = std::move(missed);
    order_.release(ticket);
  };
  log_->read(since->seq, next_seq_ - 1, take, arrival.resumes);
}

void Room::let_in(MemberId member, Newcomer& newcomer, bool holds) {
  if (!residents_.find(member)) return;
  const bool whole = newcomer.missed.result == store::Reading::Result::whole;
  if (newcomer.resumes ? whole : holds) {
    for (auto& record : newcomer.missed.records) newcomer.greeting.push_back(std::move(record.frame));
    return admit(member, newcomer.greeting);
  }
  // Recovery is whole or not at all: who cannot resume is greeted as a newcomer, to the state of now.
  if (newcomer.resumes) arriving_.at(member).since.reset();
  greet(member);
}

Frame Room::welcome(const Member& newcomer, const ClientKey& key, bool recovered) const {
  return encode_welcome({json_name_, newcomer.id, newcomer.nickname, epoch_, next_seq_ - 1, recovered, text_of(key),
                         registry_->sendable_types()});
}

void Room::admit(MemberId member, const std::vector<Frame>& greeting) {
  auto* resident = residents_.find(member);
  if (!resident) return;
  resident->admitted = true;
  arriving_.erase(member);
  ++admitted_;
  audiences_.admit(resident->place, member, greeting);
  if (phase_ == Phase::open) fold_->on_join(resident->who());  // else when the room is open again
  figures_.members.add(1);
  presence_.add(*resident);
}

// Runs `call` with true once the member is in, so that what it says comes after what it is greeted with; with false where
// the room cannot be opened.
void Room::once_in(Resident& resident, std::function<void(Resident&, bool)> call) {
  const bool recalled = !resident.is_being_recalled();
  if (phase_ == Phase::open && resident.admitted && recalled) return call(resident, true);
  auto& voice = resident.voice();
  if (phase_ == Phase::unavailable || std::max(waiting_.size(), voice.behind.size()) >= most_waiting) return call(resident, false);
  ++voice.waiting;
  auto again = [this, member = resident.member, call = std::move(call)](bool) {
    auto* waiter = residents_.find(member);  // who does not go before this
    --waiter->voice().waiting;
    once_in(*waiter, call);
    if (waiter = residents_.find(member); waiter && waiter->left && !waiter->is_waiting()) leave(*waiter);
  };
  if (!recalled) return voice.behind.push_back(std::move(again));
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
    figures_.members.subtract(1);
    presence_.remove(*gone);
    if (phase_ == Phase::open) fold_->on_leave(who);
  } else {
    arriving_.erase(gone->member);
  }
  if (here_ == 0) grace_->arm(world_.config.rooms.grace);
}

}  // namespace hubbub::rooms
