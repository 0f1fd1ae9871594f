// A plugin's object outside a real room, for bringing it to a state call by call and seeing which calls fail. Used on one thread.
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
  // A new object, as in an empty room. Throws std::runtime_error if the plugin's constructor throws.
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

// The state of one plugin in a snapshot; nothing if the snapshot has none for it.
std::optional<Json> state_of(const std::string& plugin, const store::Snapshot& snapshot);

}  // namespace hubbub::replay
