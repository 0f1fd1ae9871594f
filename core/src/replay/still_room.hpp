// A room that ignores all requests of its plugins, for replaying a plugin without a real room. Ignoring posts is right: what a
// plugin posts is not part of its state, and is in the log if it was accepted.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "rooms/plugin_room.hpp"

namespace hubbub::replay {

class StillRoom final : public rooms::PluginOwner {
 public:
  // Each call of time() returns a time `tick` ms later than the previous call's.
  explicit StillRoom(std::string name = "general", std::int64_t tick = 1) : name_(std::move(name)), tick_(tick) {}

  void set_time(std::int64_t unix_ms) { now_ = unix_ms; }

  const std::string& room_name() const override { return name_; }
  std::size_t member_count() const override { return 3; }
  std::int64_t time() const override { return now_ += tick_; }
  std::chrono::steady_clock::time_point now() const override { return {}; }
  ServerFigures server_figures() const override { return {}; }
  ServerRooms fullest_rooms(std::size_t, std::size_t) const override { return {}; }
  void post(std::size_t, Message) override {}
  void send(std::size_t, const Member&, Message) override {}
  void wake_after(std::size_t, std::chrono::milliseconds) override {}
  bool is_off(std::size_t) const override { return false; }
  void called(std::size_t, const char*, std::chrono::nanoseconds, const plugins::Fault*) override {}
  void put_out(std::size_t, const std::string&) override {}
  void measured(std::size_t, std::size_t) override {}

 private:
  std::string name_;
  std::int64_t tick_;
  mutable std::int64_t now_ = 1'700'000'000'000;
};

}  // namespace hubbub::replay
