// What a room does for its plugins, and how it deals with their failures.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

constexpr auto while_behind = std::chrono::milliseconds{100};  // then a plugin that would have been woken is tried again

}  // namespace

// What a plugin posts waits with the plugins' Sender until the call in which it was posted has ended and the room is open.
void Room::post(std::size_t plugin, Message message) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  turn_([&] {
    if (!plugins_) plugins_ = std::make_unique<Sender>(Member{"", "System", 0}, std::string{system_sender}, 0);
    auto hear = [this, plugin, asker = asker_for(plugin, message.type), message = std::move(message)](Sender& sender, bool heard) mutable {
      if (!heard) return tell(asker, {ErrorCode::unavailable, "its plugin has been replaced"});
      publish(registry().find(message.type), plugin, std::move(message), sender, asker, 0);
    };
    plugins_->said.emplace_back(std::move(hear), 0, false);
  });
}

// For a message that a plugin has posted: if it is refused, the server's log tells so.
Asker Room::asker_for(std::size_t plugin, const std::string& type) {
  auto tell = [this, roster = roster_, plugin, type](const Outcome& outcome) {
    if (!outcome.refused || !roster->account(plugin).remarks->refused.is_due(shard_.now(), std::chrono::minutes{1})) return;
    log::warn("room={} plugin={} posted a message of type={}, which is refused: {}", shown_name(name_),
              roster->registry().plugins()[plugin].name(), shown_name(type), escaped(outcome.refused->text));
  };
  return {{}, {}, std::make_shared<const Tell>(std::move(tell))};
}

void Room::send(std::size_t plugin, const Member& to, Message message) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  const auto frame = try_encode(plugin, {}, [&] {
    const auto* route = registry().find(message.type);
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + message.type);
    return encode({route->json_type, message.content, json_name_, system_sender, 0, shard_.unix_ms(), {}},
                  route->type.is_ephemeral() ? Delivery::may_drop() : Delivery::must());
  });
  if (!frame) return;
  journal_.then([this, id = to.connection, frame = *frame](bool holds) {
    if (holds) send_to(id, frame);
  }, frame->weight());
}

ServerFigures Room::server_figures() const { return world_.server_figures(registry().plugins()); }

ServerRooms Room::fullest_rooms(std::size_t most, std::size_t people) const {
  return world_.directory->fullest(most, people);
}

StateSizes& Room::sizes() {
  if (!sizes_) sizes_ = std::make_unique<StateSizes>(shard_, registry(), name_);
  return *sizes_;
}

void Room::wake_after(std::size_t plugin, std::chrono::milliseconds delay) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin);
  if (alarm == alarms_.end()) {
    auto timer = shard_.make_timer([this, plugin] {
      turn_([&] { wake(plugin); });
    });
    alarm = alarms_.insert(alarm, {plugin, std::move(timer), {}});
  }
  alarm->timer->arm(std::max(delay, hubbub::Room::shortest_wake));
}

// A plugin that asks to be woken again and again gets at most about a tenth of the thread's time in each room.
void Room::wake(std::size_t plugin) {
  const auto began = shard_.now();
  if (const auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin); began < alarm->not_before) {
    return alarm->timer->arm(std::chrono::ceil<std::chrono::milliseconds>(alarm->not_before - began));
  }
  if (phase_ != Phase::open) return;
  // Nobody sends again what a plugin says by itself. So it is not asked to say more while the room has too much to store.
  if (is_behind()) return std::ranges::find(alarms_, plugin, &Alarm::plugin)->timer->arm(while_behind);
  fold_->on_timer(plugin);
  const auto ended = shard_.now();
  if (const auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin); alarm != alarms_.end()) alarm->not_before = ended + 9 * (ended - began);
}

void Room::called(std::size_t plugin, const char* call, std::chrono::nanoseconds took, const plugins::Fault* fault) {
  conduct_->took(plugin, call, took);
  if (!fault) return;
  log::error("room={} plugin={} {} failed: {}", shown_name(name_), registry().plugins()[plugin].name(), call, escaped(fault->text));
  if (phase_ == Phase::open) conduct_->failed(plugin);  // not while the log is read: the same call would fail each time
}

// While the room is being opened, the plugin may still be restored from the whole log.
void Room::put_out(std::size_t plugin, const std::string& why) {
  if (phase_ == Phase::open) conduct_->is_out(plugin, why);
}

// Replaces the plugin's object: a failed call may have damaged it, and it was not told who came and went.
bool Room::renew(std::size_t plugin) {
  if (phase_ != Phase::open) return true;  // opening makes a new object
  bool renewed = false;
  turn_([&] {
    std::erase_if(alarms_, [&](const Alarm& alarm) { return alarm.plugin == plugin; });
    std::vector<Member> members;
    for (const auto* member : presence_.members()) members.push_back(member->who());
    renewed = fold_->renew(plugin, members);
  });
  return renewed;
}

}  // namespace hubbub::rooms
