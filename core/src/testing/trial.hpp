// A plugin's object apart from the room, brought to a state as a room would bring it there, to hear what it throws on the way.
#pragma once

#include "plugins/registry.hpp"
#include "rooms/plugin_room.hpp"
#include "store/memory.hpp"
#include "testing/still_room.hpp"

namespace hubbub::testing {

class Trial {
 public:
  explicit Trial(const plugins::LoadedPlugin& plugin);

  // Each throws std::runtime_error with the plugin's name and words. Of the records, those of other plugins are passed over.
  void restore(const store::Snapshot& snapshot);
  void apply(const std::vector<store::Record>& records);
  Json snapshot() const;

 private:
  void check(const std::optional<plugins::Fault>& fault, const std::string& what) const;

  const plugins::LoadedPlugin& plugin_;
  StillRoom services_;
  rooms::PluginRoom room_{services_, 0};
  plugins::Instance instance_;
};

}  // namespace hubbub::testing
