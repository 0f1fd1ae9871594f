// How a room opens: its state is computed from the log, at the start, after a fault, and for other plugins.
#include <hubbub/shown.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/room.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {

// Makes one step of opening the room. If the step fails, the room is opened again later.
template <class Step>
void Room::attempt(Step step) {
  try {
    step();
  } catch (const std::exception& error) {
    retry_later(error.what());
  }
}

void Room::open() {
  phase_ = Phase::opening;
  attempt([this] {
    journal_.log().open(turn_.answer([this](const std::optional<store::Opening>& opening) {
      attempt([&] { opening ? restore(*opening, true) : retry_later("its log cannot be read now"); });
    }));
  });
}

// Reads from the log while the room is being opened.
void Room::read(std::uint64_t after, std::uint64_t through, std::function<void(const store::Reading&)> take) {
  attempt([&] {
    journal_.log().read(after, through, turn_.answer([this, take = std::move(take)](const store::Reading& reading) {
      attempt([&] { reading.result == store::Reading::Result::unavailable ? retry_later("its log cannot be read now") : take(reading); });
    }));
  });
}

// If the snapshot, or a plugin's part of it, cannot be used, the whole log is read instead, if it still reaches back to the beginning.
void Room::restore(const store::Opening& opening, bool from_snapshot) {
  const auto snapshot = from_snapshot ? opening.snapshot : std::nullopt;
  const auto covered = snapshot ? snapshot->seq : 0;
  read(covered, opening.last, [this, opening, snapshot, covered](const store::Reading& reading) {
    const bool reaches_back = reading.result == store::Reading::Result::whole;
    if (snapshot && (!reaches_back || !fold_anew(snapshot, reading.records))) return restore(opening, false);
    if (!reaches_back) return retry_later("its snapshot cannot be used, and its log does not reach back to the beginning; restore a backup");
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
      opened(opening, is_whole ? 0 : covered);  // 0: a snapshot that cannot be used is replaced
    });
  });
}

// Returns false if the snapshot cannot be used.
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
  fold_.emplace(registry(), static_cast<PluginOwner&>(*this));
  const bool usable = fold_->restore(snapshot, records);
  const auto source = (snapshot ? "a snapshot of " + std::to_string(snapshot->state.size()) + " bytes and " : "") +
                      std::to_string(records.size()) + " messages";
  conduct_->is_open(std::chrono::steady_clock::now() - began, source);
  return usable;
}

// Takes the current plugins, with a clean record: a fault may be gone with another build or other options.
void Room::take_newest_plugins() {
  hear_plugins(false);  // which were posted by the previous plugins
  if (roster_ != home_.roster && !shut().previous_roster) shut().previous_roster = roster_;
  sizes_.reset();
  roster_ = home_.roster;
  if (pacer_) pacer_->release_all();  // their messages are checked again
  conduct_.emplace(shard_, *roster_, static_cast<Conduct::Owner&>(*this), name_);
}

void Room::opened(const store::Opening& opening, std::uint64_t covered) {
  journal_.begin(opening, covered);
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    if (const auto* why = fold_->why_out(i)) conduct_->is_out(i, *why);
  }
  if (shut_ && std::exchange(shut_->failing, false)) log::info("room={} is open again", shown_name(name_));
  phase_ = Phase::open;
  fold_->on_open();
  for (const auto* member : presence_.members()) fold_->on_join(member->who());
  introduce_plugins();
  door_.open();
  while (phase_ == Phase::open && shut_ && !shut_->speakers.empty()) hear_next_speaker();
  if (phase_ == Phase::open) shut_.reset();
  if (roster_ != home_.roster) reload();  // the plugins changed while the room was being opened
}

// After a reload: members are told which types they can send now, and are greeted by each plugin that was absent, or out, when they
// came.
void Room::introduce_plugins() {
  if (!shut_) return;
  const auto previous_roster = std::exchange(shut_->previous_roster, nullptr);
  const auto were_out = std::exchange(shut_->were_out, {});
  if (!previous_roster && were_out.empty()) return;
  const auto& previous = previous_roster ? previous_roster->registry() : registry();
  const auto has = [](const plugins::Registry& registry, const std::string& name) {
    return std::ranges::any_of(registry.plugins(), [&](const auto& plugin) { return plugin.name() == name; });
  };
  std::vector<std::size_t> added;
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    const auto& name = registry().plugins()[i].name();
    if (were_out.contains(name) ? fold_->has(i) : !has(previous, name)) added.push_back(i);
  }
  if (!previous_roster && added.empty()) return;
  door_.drop_greetings();
  if (previous.sendable_types() != registry().sendable_types()) broadcast(encode_types(registry().sendable_types(), json_name_));
  if (added.empty()) return;
  for (const auto* present : presence_.members()) {
    auto& member = *members_.find(present->member_id);
    if (!member.admitted) continue;
    Parts greeting;
    for (const auto plugin : added) {
      const auto more = fold_->greeting(plugin, member.who());
      greeting.weight += more.weight;
      greeting.parts.insert(greeting.parts.end(), more.parts.begin(), more.parts.end());
    }
    door_.introduce(member, std::move(greeting), presence_.lists());
  }
}

void Room::retry_later(const char* why) {
  phase_ = Phase::unavailable;
  if (!shut().retry) {
    shut().retry = shard_.make_timer([this] {
      turn_([this] {
        if (phase_ == Phase::unavailable) reopen();
      });
    });
  }
  shut().retry->arm(retry_interval);
  log::write(std::exchange(shut().failing, true) ? log::Level::debug : log::Level::error,
             "room={} cannot be opened, trying again each {} ms: {}", shown_name(name_), retry_interval.count(), escaped(why));
  while (!shut().speakers.empty()) hear_next_speaker();
  for (const auto id : door_.joining_members()) hear({id});
}

Room::Shut& Room::shut() {
  if (!shut_) shut_ = std::make_unique<Shut>();
  return *shut_;
}

// If the log is being read already, that goes on.
void Room::reopen() {
  if (phase_ != Phase::opening) phase_ = Phase::reopening;
}

}  // namespace hubbub::rooms
