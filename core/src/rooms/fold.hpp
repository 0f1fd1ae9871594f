// The state of one room: one object of each plugin, brought to a position of the log by restoring a snapshot and applying
// the entries after it. The one way in which state comes about, at the start as after a fault.
//
// Lives on the room's thread. The room is told of each call on a plugin: what it took, and whether it failed. A plugin that is
// switched off is not asked about what others do, and not woken up.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "rooms/plugin_room.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

// Reads an entry back from the bytes that the room's members got.
Entry entry_of(const store::Record& record);

class Fold {
 public:
  // New objects, as in an empty room. Throws std::runtime_error where a plugin's constructor throws.
  Fold(const plugins::Registry& registry, RoomServices& services);

  // Brings new objects to the end of `records`, which follow `snapshot` (or the log's beginning). False where a plugin
  // cannot use its part of the snapshot.
  bool restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records);

  std::optional<plugins::Fault> on_message(std::size_t plugin, const Member& sender, Message&& message,
                                           Verdict& verdict) const;
  bool apply(std::size_t plugin, const Entry& entry);
  void greet(const Member& newcomer, Greeting& greeting) const;
  void greet(std::size_t plugin, const Member& member, Greeting& greeting) const;
  void on_open();
  void on_join(const Member& member);
  void on_leave(const Member& member);
  void on_timer(std::size_t plugin);

  // A new object in place of a plugin's, with the same state, in a room with these members. False, and the old one stays,
  // where there is none to be had.
  bool renew(std::size_t plugin, std::span<const Member> members);

  // The state as JSON text, with that of plugins which are not there now as it was. Nothing where a plugin failed to tell
  // its own, or where messages of a plugin that is not there could only be found in the log then.
  std::optional<std::string> snapshot() const;

 private:
  // Runs a call and tells the room of it. False where it failed.
  template <class Call>
  bool run(std::size_t plugin, const char* name, Call call) const;
  template <class Call>
  void each(const char* name, Call call);

  const plugins::Registry& registry_;
  RoomServices& services_;
  std::vector<PluginRoom> rooms_;  // outlive the objects that refer to them
  std::vector<plugins::Instance> instances_;
  Json absent_ = Json::object();  // the states of plugins that are not there, by name
  bool behind_ = false;           // such a plugin has messages after its state
};

}  // namespace hubbub::rooms
