// The state of one room: one object of each plugin, brought to a position of the log by restoring a snapshot and applying
// the entries after it. The one way in which state comes about, at the start as after a fault.
//
// An object is made when the room first has something for it. Until then its state is that of any new object: it takes no memory
// here and no place in a snapshot, and who comes is greeted by an object made for that alone. What a plugin does not mind (see
// minds_room in hubbub/plugin.hpp) is nothing for it.
//
// A plugin is *out* if it cannot be brought there: there is no object of it, no call reaches it, and whatever it has in the
// snapshot and in the log stays as it is until it can be. The others do not notice.
//
// Lives on the room's thread. The room is told of each call on a plugin: what it took, and whether it failed. A plugin that is
// switched off is not asked about what others do, and not woken up.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "rooms/frames.hpp"
#include "rooms/kept_greeting.hpp"
#include "rooms/plugin_room.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

// Reads an entry back from the bytes that the room's members got.
Entry entry_of(const store::Record& record);

class Fold {
 public:
  // As in an empty room. `registry` outlives the fold.
  Fold(const plugins::Registry& registry, RoomServices& services);

  // Brings a new fold to the end of `records`, which follow `snapshot` (or the log's beginning). A plugin that cannot use its
  // part of the snapshot is out. False, with nothing done, where the snapshot is no JSON object.
  bool restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records);

  // The plugins that restore() has put out: the whole log, where there still is one, can tell their state, too.
  std::vector<std::size_t> unrestored() const;

  // Brings a plugin that is out to the end of `records`, which are the whole log.
  void replay(std::size_t plugin, std::span<const store::Record> records);

  // Why a plugin is out; null where it is not.
  const std::string* why_out(std::size_t plugin) const;

  // Makes the plugin's object if there is none. One whose constructor throws is out, and false is returned.
  bool has(std::size_t plugin);

  // Of a plugin that this fold has.
  std::optional<plugins::Fault> on_message(std::size_t plugin, const Member& sender, Message&& message,
                                           Verdict& verdict) const;

  // `sent` is what the room's members get; null while the log is read, and then no greeting is kept.
  bool apply(std::size_t plugin, const Entry& entry, const Frame* sent = nullptr);

  // What a plugin brings a newcomer up to date with. It is kept and shared if the plugin says that it is the same for everybody
  // (see KeptGreeting). A plugin that is off greets, too: its state is what it was.
  Parts greeting(std::size_t plugin, const Member& newcomer);

  // About how long it takes to make those that are not there, as it did the last time.
  std::chrono::nanoseconds greeting_cost() const;
  void forget_greetings();

  void on_open();
  void on_join(const Member& member);
  void on_leave(const Member& member);
  void on_timer(std::size_t plugin);

  // A new object in place of a plugin's, with the same state, in a room with these members. False, and the old one stays,
  // where there is none to be had.
  bool renew(std::size_t plugin, std::span<const Member> members);

  // How many bytes the state of a plugin that this fold has takes as JSON text, or nothing where it failed to tell it.
  std::optional<std::size_t> size(std::size_t plugin) const;

  // The state as JSON text, with that of plugins which are not there now or out as it was. Nothing where a plugin failed to tell
  // its own or told what JSON cannot hold, or where messages of a plugin that is not there could only be found in the log then.
  std::optional<std::string> snapshot() const;

 private:
  struct Object {
    Object(const Fold& fold, std::size_t plugin);
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object() { room.turn_deaf(); }

    PluginRoom room;  // outlives what refers to it
    plugins::Instance plugin;
    KeptGreeting greeting;
    std::chrono::nanoseconds took{};  // to make the last one
    bool is_new = true;  // nothing has changed it
  };
  struct Out {
    std::size_t plugin;
    std::string why;
    bool by_restore;
  };

  // Runs a call and tells the room of it. False where it failed.
  template <class Call>
  bool run(std::size_t plugin, const char* name, Call call) const;
  template <class Call>
  bool change(std::size_t plugin, const char* name, Call call);
  template <class Call>
  void each(bool (plugins::LoadedPlugin::*minds)() const, const char* name, Call call);

  const std::string& name(std::size_t plugin) const { return registry_.plugins()[plugin].name(); }
  bool takes_part(std::size_t plugin);
  std::unique_ptr<Object> make(std::size_t plugin);
  void put_out(std::size_t plugin, std::string why, bool by_restore);

  const plugins::Registry& registry_;
  RoomServices& services_;
  std::vector<std::unique_ptr<Object>> objects_;  // of each plugin; null where none has been needed, or it is out
  std::vector<Out> out_;
  Json absent_;                       // the states of plugins that are not there or out, by name; null where there are none
  std::vector<std::string> behind_;   // such plugins that have messages after their state
};

}  // namespace hubbub::rooms
