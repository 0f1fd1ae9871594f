// A plugin's object apart from the room, brought to a state as a room would bring it there, to hear what it throws on the way.
// Lives on one thread.
#pragma once

#include <optional>
#include <string>

#include "plugins/registry.hpp"
#include "replay/still_room.hpp"
#include "rooms/plugin_room.hpp"
#include "store/log.hpp"

namespace hubbub::replay {

class Trial {
 public:
  // A new object, as in an empty room. Throws std::runtime_error where the plugin's constructor throws.
  explicit Trial(const plugins::LoadedPlugin& plugin, StillRoom room = StillRoom{})
      : services_(std::move(room)), instance_(plugin.instantiate()) {
    instance_.set_room(room_);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  StillRoom& room() { return services_; }
  plugins::Instance& plugin() { return instance_; }

 private:
  StillRoom services_;
  rooms::PluginRoom room_{services_, 0};
  plugins::Instance instance_;
};

// The state of one plugin in a snapshot, or nothing where it has none there.
std::optional<Json> state_of(const std::string& plugin, const store::Snapshot& snapshot);

}  // namespace hubbub::replay
