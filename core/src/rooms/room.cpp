// How a room opens, and who comes and goes. Its messages: room_messages.cpp; what it does for its plugins: room_plugins.cpp.
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
constexpr std::size_t most_looked_at = 1000;               // members, each time that somebody comes back

}  // namespace

Room::Room(std::string name, Home& home)
    : shard_(home.shard),
      world_(home.world),
      figures_(world_.figures_of(shard_)),
      residents_(home.residents),
      audiences_(world_, shard_),
      journal_(world_.store.log(name, [&shard = shard_](runtime::Task task) { shard.post(std::move(task)); }),
               world_.config.store.snapshot_every, turn_, *this),
      door_(name_, json_name_, home, turn_, journal_, audiences_, *this),
      roster_(home.roster),
      name_(std::move(name)),
      json_name_(json_text(name_)),
      home_(home),
      presence_(shard_, world_.config.rooms.presence, json_name_, *this) {
  figures_.rooms.add(1);
  world_.directory->add(presence_, name_);
  turn_([this] { open(); });
}

Room::~Room() {
  fold_.reset();  // while there is the room for its plugins
  world_.directory->remove(presence_);
  figures_.rooms.subtract(1);
}

void Room::close() {
  turn_.guard([this] {
    journal_.then([this](bool) {
      if (phase_ == Phase::open) journal_.keep_state();
    });
  });
}

// The one way in which state comes about, once more: a snapshot by the previous plugins, restored by the current ones. If the
// room is not open, it takes the current ones when it is.
void Room::reload() {
  turn_([this] {
    if (phase_ != Phase::open) return;
    if (pacer_) pacer_->release_all();
    publish_posts();
    if (phase_ != Phase::open) return;
    reopen();
    journal_.then([this](bool holds) {
      if (holds) journal_.keep_state();
    });
  });
}

bool Room::is_idle() const {
  const bool settled = phase_ == Phase::open || phase_ == Phase::unavailable;
  return settled && here_ == 0 && journal_.is_empty() && !door_.is_reading();
}

void Room::doubt(const char* why) {
  spdlog::error("room={} a call on it failed{}: {}", shown_name(name_), phase_ == Phase::open ? ", and its state is read again" : "", escaped(why));
  if (phase_ == Phase::open) retry_later(why);
}

void Room::end_turn() {
  do {
    publish_posts();
    if (door_.has_to_begin_anew()) door_.begin_anew();
    if (phase_ == Phase::reopening && journal_.is_empty()) open();
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
    journal_.log().open([this](const std::optional<store::Opening>& opening) {
      turn_([&] { opening ? restore(*opening, true) : retry_later("its log cannot be read now"); });
    });
  } catch (const std::exception& error) {
    retry_later(error.what());
  }
}

// What is read while the room is being opened. What goes wrong is tried again later.
void Room::read(std::uint64_t after, std::uint64_t through, std::function<void(const store::Reading&)> take) {
  try {
    journal_.log().read(after, through, [this, take = std::move(take)](const store::Reading& reading) {
      turn_([&] {
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
  journal_.begin(opening, covered);
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    if (const auto* why = fold_->why_out(i)) conduct_->is_out(i, *why);
  }
  if (shut_ && std::exchange(shut_->failing, false)) spdlog::info("room={} is open again", shown_name(name_));
  phase_ = Phase::open;
  fold_->on_open();
  for (const auto* resident : presence_.members()) fold_->on_join(resident->who());
  introduce_plugins();
  door_.open();
  while (phase_ == Phase::open && shut_ && !shut_->speakers.empty()) hear_listed();
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
  door_.drop_greetings();
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
    door_.introduce(resident, std::move(greeting), presence_.lists());
  }
}

void Room::retry_later(const char* why) {
  spdlog::log(std::exchange(shut().failing, true) ? spdlog::level::debug : spdlog::level::err,
              "room={} cannot be opened, trying again each {} ms: {}", shown_name(name_), retry_interval.count(), escaped(why));
  phase_ = Phase::unavailable;
  if (!shut().retry) {
    shut().retry = shard_.make_timer([this] {
      turn_([this] {
        if (phase_ == Phase::unavailable) reopen();
      });
    });
  }
  shut().retry->arm(retry_interval);
  while (!shut().speakers.empty()) hear_listed();
  for (const auto member : door_.members()) hear({member});
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
  turn_([&] {
    const auto id = request.member.connection;
    if (grace_) grace_->cancel();
    audiences_.enter(request.place);
    if (here_ >= world_.config.rooms.members) {
      audiences_.at(request.place).close(id, CloseCode::overloaded, "the room is full");
      return audiences_.leave(request.place);
    }
    const auto client = request.key ? client_number(*request.key, request.member.id) : 0;
    if (request.key) probe_others(*request.key, request.member);
    if (here_ == 0) home_.keeper.on_lived_in(*this);
    residents_.add(Resident::make(*this, request.member, request.place, client));
    ++here_;
    world_.crowds->add(name_);
    door_.come(*residents_.find(id), std::move(request.since), request.welcome, request.key ? *request.key : new_client_key(world_.secret, id));
  });
}

// A client that comes back may have lost its connection on a path that went silent, of which nobody here has heard yet.
void Room::probe_others(const ClientKey& key, const Member& newcomer) {
  if (presence_.size() > most_looked_at) return;
  const auto client = client_number(key, newcomer.id);
  for (const auto* one : presence_.members()) {
    if (one->id() != newcomer.id) continue;
    if (client_of(residents_.find(one->member)->sender()) == client) audiences_.at(one->place).probe(one->member);
  }
}

// Its connection has room for more.
void Room::feed(Resident& resident) {
  turn_([&] { door_.feed(resident); });
}

void Room::on_admitted(Resident& resident, const Arrival& arrival) {
  if (!resident.present) {
    resident.present = true;
    ++admitted_;
    if (phase_ == Phase::open) fold_->on_join(resident.who());  // else when the room is open again
    figures_.members.add(1);
    presence_.add(resident, arrival.since.has_value());
  } else if (presence_.lists() != arrival.lists) {
    presence_.tell(resident);  // who has come and gone meanwhile
  }
  hear({resident.member});
}

void Room::leave(Resident& resident) {
  turn_([&] {
    if (resident.is_waiting()) {
      resident.left = true;
      return hear({resident.member});
    }
    auto gone = residents_.remove(resident);
    --here_;
    world_.crowds->remove(name_);
    if (pacer_) pacer_->forget(gone->member);
    audiences_.leave(gone->place);
    door_.leave(gone->member);
    if (gone->present) {
      const auto who = gone->who();
      --admitted_;
      figures_.members.subtract(1);
      presence_.remove(std::move(gone));
      if (phase_ == Phase::open) fold_->on_leave(who);
    }
    if (here_ == 0) rest();
  });
}

// Nobody is in the room: it closes after a while if nobody comes.
void Room::rest() {
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
  const bool untouched = phase_ == Phase::open && journal_.last() == 0;  // it would be the same when it is made again
  grace_->arm(untouched ? std::chrono::milliseconds{0} : world_.config.rooms.grace);
}

}  // namespace hubbub::rooms
