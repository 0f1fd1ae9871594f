// What a room does for its plugins, and makes of what they do.
#include "rooms/room.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "protocol/encode.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {

void Room::post(std::size_t plugin, Message message) {
  turn_([&] { posts_.emplace_back(plugin, std::move(message)); });
}

void Room::send(std::size_t plugin, const Member& to, Message message) {
  const auto frame = made_by(plugin, {}, [&] {
    const auto* route = registry().find(message.type);
    if (!route || route->plugin != plugin) throw std::runtime_error("it does not declare the type " + message.type);
    return encode({route->json_type, message.content, json_name_, system_sender, 0, shard_.unix_ms(), {}},
                  route->type.is_ephemeral() ? Delivery::may_drop() : Delivery::must());
  });
  if (!frame) return;
  journal_.then([this, id = to.connection, frame = *frame](bool holds) {
    if (holds) send_to(id, frame);
  });
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
  auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin);
  if (alarm == alarms_.end()) {
    auto timer = shard_.make_timer([this, plugin] {
      turn_([&] { wake(plugin); });
    });
    alarm = alarms_.insert(alarm, {plugin, std::move(timer), {}});
  }
  alarm->timer->arm(std::max(delay, hubbub::Room::shortest_wake));
}

// A plugin that asks to be woken again and again gets about a tenth of the thread in each room, and no more.
void Room::wake(std::size_t plugin) {
  const auto began = shard_.now();
  if (const auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin); began < alarm->rested) {
    return alarm->timer->arm(std::chrono::ceil<std::chrono::milliseconds>(alarm->rested - began));
  }
  if (phase_ != Phase::open) return;
  fold_->on_timer(plugin);
  const auto ended = shard_.now();
  if (const auto alarm = std::ranges::find(alarms_, plugin, &Alarm::plugin); alarm != alarms_.end()) alarm->rested = ended + 9 * (ended - began);
}

void Room::called(std::size_t plugin, const char* call, std::chrono::nanoseconds took, const plugins::Fault* fault) {
  conduct_->took(plugin, call, took);
  if (!fault) return;
  log::error("room={} plugin={} {} failed: {}", shown_name(name_), registry().plugins()[plugin].name(), call, escaped(fault->text));
  if (phase_ == Phase::open) conduct_->failed(plugin);  // else at what the log has, which is there each time it is read
}

// While the room is being opened, more of the log may bring it back.
void Room::put_out(std::size_t plugin, const std::string& why) {
  if (phase_ == Phase::open) conduct_->is_out(plugin, why);
}

// An object that has failed may be the worse for it, and has missed who came and went.
bool Room::renew(std::size_t plugin) {
  if (phase_ != Phase::open) return true;  // and a new one as soon as it is
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
