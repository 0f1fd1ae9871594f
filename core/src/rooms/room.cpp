// How a room opens, and who comes and goes. Who comes in: room_arrivals.cpp; its messages: room_messages.cpp; what it does for its plugins: room_plugins.cpp.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts at what cannot be done now
constexpr std::size_t most_put_off = 64;  // times the usual distance between two snapshots

}  // namespace

Room::Room(std::string name, Home& home)
    : shard_(home.shard),
      world_(home.world),
      figures_(world_.figures_of(shard_)),
      residents_(home.residents),
      log_(world_.store.log(name, [&shard = shard_](runtime::Task task) { shard.post(std::move(task)); })),
      audiences_(world_),
      roster_(home.roster),
      name_(std::move(name)),
      json_name_(json_text(name_)),
      home_(home),
      presence_(shard_, world_.config.rooms.presence, json_name_, *this) {
  figures_.rooms.add(1);
  world_.directory->add(presence_, name_);
  turn([this] { open(); });
}

Room::~Room() {
  fold_.reset();  // while there is the room for its plugins
  world_.directory->remove(presence_);
  figures_.rooms.subtract(1);
}

void Room::close() {
  guard([this] {
    order_.then([this](bool) {
      if (phase_ == Phase::open) keep_state();
    });
  });
}

// The one way in which state comes about, once more: a snapshot by the previous plugins, restored by the current ones. If the
// room is not open, it takes the current ones when it is.
void Room::reload() {
  turn([this] {
    if (phase_ != Phase::open) return;
    if (pacer_) pacer_->release_all();
    publish_posts();
    if (phase_ != Phase::open) return;
    reopen();
    order_.then([this](bool holds) {
      if (holds) keep_state();
    });
  });
}

void Room::keep_state() {
  if (next_seq_ - 1 == covered_) return;
  if (auto state = fold_->snapshot()) put({next_seq_ - 1, std::move(*state)});
}

// A plugin that fails to tell its state is asked again, each time after twice as many messages.
std::optional<store::Snapshot> Room::snapshot_if_due() {
  const auto last = next_seq_ - 1;
  if (last < snapshot_due_ && logged_bytes_ < registry().limits().state / 4) return {};
  logged_bytes_ = 0;
  auto state = fold_->snapshot();
  const auto usual = world_.config.store.snapshot_every;
  between_snapshots_ = state ? usual : std::min(between_snapshots_ * 2, usual * most_put_off);
  snapshot_due_ = last + between_snapshots_;
  if (!state) return {};
  return store::Snapshot{last, std::move(*state)};
}

void Room::put(store::Snapshot snapshot) {
  covered_ = snapshot.seq;
  log_->put(std::move(snapshot));
}

bool Room::is_idle() const {
  const bool settled = phase_ == Phase::open || phase_ == Phase::unavailable;
  return settled && here_ == 0 && order_.empty() && (!door_ || door_->reading == 0);
}

void Room::doubt(const char* why) {
  spdlog::error("room={} a call on it failed{}: {}", shown_name(name_), phase_ == Phase::open ? ", and its state is read again" : "", escaped(why));
  if (phase_ == Phase::open) retry_later(why);
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
    publish(registry().find(message.type), plugin, std::move(message), nullptr, {}, 0);
  }
}

// Opening

void Room::open() {
  phase_ = Phase::opening;
  try {
    log_->open([this](const std::optional<store::Opening>& opening) {
      turn([&] { opening ? restore(*opening, true) : retry_later("its log cannot be read now"); });
    });
  } catch (const std::exception& error) {
    retry_later(error.what());
  }
}

// What is read while the room is being opened. What goes wrong is tried again later.
void Room::read(std::uint64_t after, std::uint64_t through, std::function<void(const store::Reading&)> take) {
  try {
    log_->read(after, through, [this, take = std::move(take)](const store::Reading& reading) {
      turn([&] {
        if (reading.result == store::Reading::Result::unavailable) return retry_later("its log cannot be read now");
        try {
          take(reading);
        } catch (const std::exception& error) {
          retry_later(error.what());
        }
      });
    });
  } catch (const std::exception& error) {
    retry_later(error.what());
  }
}

// What a snapshot cannot tell, the whole log can, as long as it reaches back to the beginning.
void Room::restore(const store::Opening& opening, bool from_snapshot) {
  const auto snapshot = from_snapshot ? opening.snapshot : std::nullopt;
  const auto covered = snapshot ? snapshot->seq : 0;
  read(covered, opening.last, [this, opening, snapshot, covered](const store::Reading& reading) {
    const bool reaches_back = reading.result == store::Reading::Result::whole;
    if (snapshot && (!reaches_back || !fold_anew(snapshot, reading.records))) return restore(opening, false);
    if (!reaches_back) return retry_later("its snapshot cannot be used, and its log does not reach back to the beginning; bring back a backup");
    if (!snapshot) fold_anew({}, reading.records);
    if (fold_->unrestored().empty()) return opened(opening, covered);
    read(0, opening.last, [this, opening, covered](const store::Reading& log) {
      const bool is_whole = log.result == store::Reading::Result::whole;
      if (is_whole) {
        const auto began = std::chrono::steady_clock::now();
        conduct_->opens();
        for (const auto plugin : fold_->unrestored()) fold_->replay(plugin, log.records);
        conduct_->is_open(std::chrono::steady_clock::now() - began, std::to_string(log.records.size()) + " messages");
      }
      opened(opening, is_whole ? 0 : covered);  // a snapshot that cannot be used is to be replaced
    });
  });
}

// False where the snapshot cannot be used.
bool Room::fold_anew(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records) {
  const auto began = std::chrono::steady_clock::now();
  if (fold_) {
    for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
      if (fold_->why_out(i)) shut().were_out.insert(registry().plugins()[i].name());
    }
  }
  fold_.reset();
  alarms_.clear();
  if (!conduct_ || roster_ != home_.roster) take_newest_plugins();
  conduct_->opens();
  fold_.emplace(registry(), static_cast<RoomServices&>(*this));
  const bool usable = fold_->restore(snapshot, records);
  const auto source = (snapshot ? "a snapshot of " + std::to_string(snapshot->state.size()) + " bytes and " : "") +
                      std::to_string(records.size()) + " messages";
  conduct_->is_open(std::chrono::steady_clock::now() - began, source);
  return usable;
}

// With a clean record: another build or another option may be what it took.
void Room::take_newest_plugins() {
  posts_.clear();  // of those before
  if (roster_ != home_.roster && !shut().before) shut().before = roster_;
  sizes_.reset();
  roster_ = home_.roster;
  if (pacer_) pacer_->release_all();  // to be looked at again
  conduct_.emplace(shard_, *roster_, static_cast<Conduct::Owner&>(*this), name_);
}

void Room::opened(const store::Opening& opening, std::uint64_t covered) {
  epoch_ = opening.epoch;
  next_seq_ = opening.last + 1;
  covered_ = covered;
  logged_bytes_ = 0;
  between_snapshots_ = world_.config.store.snapshot_every;
  snapshot_due_ = covered_ + between_snapshots_;
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    if (const auto* why = fold_->why_out(i)) conduct_->is_out(i, *why);
  }
  if (shut_ && std::exchange(shut_->failing, false)) spdlog::info("room={} is open again", shown_name(name_));
  committed_ = opening.last;
  phase_ = Phase::open;
  fold_->on_open();
  for (const auto* resident : presence_.members()) fold_->on_join(resident->who());
  introduce_plugins();
  for (const auto member : arriving()) {
    auto* arrival = arrival_of(member);
    if (!arrival) continue;
    if (residents_.find(member)->left) {
      greet(member);
    } else if (arrival->stage == Arrival::Stage::stalled) {
      go_on(member, *arrival);
    } else if (arrival->stage == Arrival::Stage::waiting) {
      greet(member);
    }
  }
  while (phase_ == Phase::open && shut_ && !shut_->waiting.empty()) {
    const auto step = std::move(shut_->waiting.front());
    shut_->waiting.pop_front();
    step(true);
  }
  if (phase_ == Phase::open) shut_.reset();
  if (roster_ != home_.roster) reload();  // these came while it was being opened
}

// After a reload: those who are in it learn what there is now, and are greeted by the plugins that were not there or out when they
// came.
void Room::introduce_plugins() {
  if (!shut_) return;
  const auto other = std::exchange(shut_->before, nullptr);
  const auto were_out = std::exchange(shut_->were_out, {});
  if (!other && were_out.empty()) return;
  const auto& before = other ? other->registry() : registry();
  const auto has = [](const plugins::Registry& registry, const std::string& name) {
    return std::ranges::any_of(registry.plugins(), [&](const auto& plugin) { return plugin.name() == name; });
  };
  std::vector<std::size_t> added;
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    const auto& name = registry().plugins()[i].name();
    if (were_out.contains(name) ? fold_->has(i) : !has(before, name)) added.push_back(i);
  }
  if (!other && added.empty()) return;
  // What these are being given rests on the plugins before.
  for (const auto member : arriving()) {
    auto& resident = *residents_.find(member);
    auto& arrival = door().arriving.at(member);
    if (arrival.begun) {
      resident.may_return = true;
      audiences_.close(resident.place, member, CloseCode::too_slow, "there are other plugins now");
    } else if (!arrival.is_greeted() && arrival.stage == Arrival::Stage::reading) {
      arrival.forget_greeting();
      arrival.stage = Arrival::Stage::waiting;
    }
  }
  if (before.sendable_types() != registry().sendable_types()) broadcast(encode_types(registry().sendable_types(), json_name_));
  if (added.empty()) return;
  for (const auto* one : presence_.members()) {
    auto& resident = *residents_.find(one->member);
    if (!resident.admitted) continue;
    Parts greeting;
    for (const auto plugin : added) {
      auto its = fold_->greeting(plugin, resident.who());
      greeting.weight += its.weight;
      greeting.parts.insert(greeting.parts.end(), its.parts.begin(), its.parts.end());
    }
    if (greeting.weight > page()) {
      keep_greetings_for_a_while();
      suspend(resident, std::move(greeting.parts));
      continue;
    }
    for (const auto& frames : greeting.parts) {
      for (const auto& frame : *frames) audiences_.send(resident.place, resident.member, frame);
    }
  }
}

void Room::retry_later(const char* why) {
  spdlog::log(std::exchange(shut().failing, true) ? spdlog::level::debug : spdlog::level::err,
              "room={} cannot be opened, trying again each {} ms: {}", shown_name(name_), retry_interval.count(), escaped(why));
  phase_ = Phase::unavailable;
  if (!shut().retry) {
    shut().retry = shard_.make_timer([this] {
      turn([this] {
        if (phase_ == Phase::unavailable) reopen();
      });
    });
  }
  shut().retry->arm(retry_interval);
  for (auto& step : std::exchange(shut().waiting, {})) guard([&] { step(false); });
  for (const auto member : arriving()) {
    if (auto* arrival = arrival_of(member)) guard([&] { hear(*arrival); });
  }
}

Room::Shut& Room::shut() {
  if (!shut_) shut_ = std::make_unique<Shut>();
  return *shut_;
}

// What is being read already is not read twice at once.
void Room::reopen() {
  if (phase_ != Phase::opening) phase_ = Phase::reopening;
}

// Joining and leaving

void Room::join(JoinRequest request) {
  turn([&] {
    const auto id = request.member.connection;
    if (grace_) grace_->cancel();
    audiences_.enter(request.place);
    if (here_ >= world_.config.rooms.members) {
      audiences_.close(request.place, id, CloseCode::overloaded, "the room is full");
      return audiences_.leave(request.place);
    }
    const auto client = request.key ? client_number(*request.key, request.member.id) : 0;
    if (request.key) probe_others(*request.key, request.member);
    if (here_ == 0) home_.keeper.on_lived_in(*this);
    residents_.add(Resident::make(*this, request.member, request.place, client));
    const auto key = request.key ? *request.key : new_client_key(world_.secret, id);
    door().arriving.try_emplace(id, std::move(request.since), request.welcome, key);
    ++here_;
    world_.crowds->add(name_);
    greet(id);
  });
}

// Runs `call` with true once the member is in, so that what it says comes after what it is greeted with; with false where
// the room cannot be opened, or too much waits already. `weight` is about what waits, in bytes.
void Room::once_in(Resident& resident, std::size_t weight, std::function<void(Resident&, bool)> call) {
  const bool recalled = !resident.is_being_recalled();
  const bool open = phase_ == Phase::open;
  const bool in = resident.admitted || resident.left;
  if (open && in && recalled) return call(resident, true);
  auto& voice = resident.voice();
  auto* arrival = open && !in ? &door().arriving.at(resident.member) : nullptr;
  weight += Frame::overhead;
  const bool full = arrival ? arrival->weight + weight > world_.config.websocket.outbox
                            : std::max(shut_ ? shut_->waiting.size() : 0, voice.behind.size()) >= most_waiting || waiting_bytes_ + weight > most_waiting_bytes;
  if (phase_ == Phase::unavailable || full) return call(resident, false);
  ++voice.waiting;
  if (!arrival) waiting_bytes_ += weight;
  auto again = [this, member = resident.member, weight, of_room = !arrival, call = std::move(call)](bool) {
    if (of_room) waiting_bytes_ -= weight;
    auto* waiter = residents_.find(member);  // who does not go before this
    --waiter->voice().waiting;
    once_in(*waiter, weight, call);
    if (waiter = residents_.find(member); waiter && waiter->left && !waiter->is_waiting()) leave(*waiter);
  };
  if (arrival) {
    arrival->weight += weight;
    return arrival->said.push_back(std::move(again));
  }
  if (!recalled) return voice.behind.push_back(std::move(again));
  shut().waiting.push_back(std::move(again));
}

void Room::leave(Resident& resident) {
  turn([&] {
    if (resident.is_waiting()) {
      resident.left = true;
      const auto* arrival = arrival_of(resident.member);
      if (arrival && arrival->stage != Arrival::Stage::called) greet(resident.member);
      return;
    }
    auto gone = residents_.remove(resident);
    --here_;
    world_.crowds->remove(name_);
    if (pacer_) pacer_->forget(gone->member);
    audiences_.leave(gone->place);
    if (door_) door_->arriving.erase(gone->member);
    close_door();
    if (gone->present) {
      const auto who = gone->who();
      --admitted_;
      figures_.members.subtract(1);
      presence_.remove(std::move(gone));
      if (phase_ == Phase::open) fold_->on_leave(who);
    }
    if (here_ != 0) return;
    home_.keeper.on_empty(*this);
    if (!grace_) {
      grace_ = shard_.make_timer([this] {
        if (here_ != 0) return;
        grace_->arm(std::max(world_.config.rooms.grace, retry_interval));  // for when something comes in between
        if (!is_idle()) return;
        close();
        home_.keeper.on_idle(*this);
      });
    }
    const bool untouched = phase_ == Phase::open && next_seq_ == 1;  // it would be the same when it is made again
    grace_->arm(untouched ? std::chrono::milliseconds{0} : world_.config.rooms.grace);
  });
}

}  // namespace hubbub::rooms
