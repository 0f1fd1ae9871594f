// One plugin without a room around it: what a room's own code would call, and nothing else.
#pragma once

#include <string>

#include "config/config.hpp"
#include "rooms/fold.hpp"

namespace hubbub::testing {

// The registry of one plugin with these options. Throws config::Error as a server does that cannot start with it.
inline plugins::Registry load_plugin(const std::string& directory, const std::string& name, const Json& options = Json::object()) {
  std::string variable = "HUBBUB_PLUGINS__";
  for (const char c : name) variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return plugins::Registry{config::load({}, {{"HUBBUB_PLUGINS__DIRECTORY", directory}, {variable, options.dump()}}).plugins};
}

// A room that does nothing for its plugins: what they post at the same moment is no part of the fold.
class StillRoom final : public rooms::RoomServices {
 public:
  const std::string& room_name() const override { return name_; }
  std::size_t member_count() const override { return 3; }
  std::int64_t time() const override { return ++now_; }
  ServerFigures server_figures() const override { return {}; }
  ServerRooms fullest_rooms(std::size_t, std::size_t) const override { return {}; }
  void post(std::size_t, Message) override {}
  void send(std::size_t, const Member&, Message) override {}
  void wake_after(std::size_t, std::chrono::milliseconds) override {}

 private:
  std::string name_ = "general";
  mutable std::int64_t now_ = 1'700'000'000'000;
};

}  // namespace hubbub::testing
