// The state of one room: one object of each plugin. The state is always made in the same way, at the start as after a fault: each
// object restores its part of a snapshot, and the log's entries after the snapshot are applied.
//
// A plugin's object is made for the first call that the plugin minds (see minds_room in hubbub/plugin.hpp). Until then the plugin's
// state is that of any new object: it takes no memory here and no place in a snapshot, and newcomers are greeted by an object that
// is made for the greeting alone.
//
// A plugin is *out* if its state cannot be made. It has no object and gets no calls, and its part of the snapshot and of the log stays
// as it is until the plugin can use it. Other plugins do not notice.
//
// Lives on the room's thread. Tells the room of each call on a plugin: how long it took, and whether it failed. A plugin that is
// switched off (see Conduct) is not told who comes and goes, and is not woken.
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
#include "runtime/own_thread.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

// Reads an entry back from the bytes that the room's members got.
Entry entry_of(const store::Record& record);

class Fold {
 public:
  // Has the state of a room without messages. `registry` and `owner` outlive the fold.
  Fold(const plugins::Registry& registry, PluginOwner& owner);

  // Brings a new fold to the end of `records`, which follow `snapshot` (or the log's beginning). A plugin that cannot use its
  // part of the snapshot is out. If the snapshot is no JSON object, returns false and does nothing.
  bool restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records);

  // The plugins that restore() has put out. If the whole log still exists, replay() can make their state.
  std::vector<std::size_t> unrestored() const;

  // Brings a plugin that is out to the end of `records`, which are the whole log.
  void replay(std::size_t plugin, std::span<const store::Record> records);

  // Why a plugin is out; null if it is not.
  const std::string* why_out(std::size_t plugin) const;

  // Makes the plugin's object if there is none. Returns false if the plugin is out; it also goes out if its
  // constructor throws.
  bool has(std::size_t plugin);

  // Only if has(plugin).
  std::optional<plugins::Fault> on_message(std::size_t plugin, const Member& sender, Message&& message,
                                           Verdict& verdict) const;

  // Returns false if the plugin is out or its call fails. `sent` is the frame that members get; null while the log is read, and then the
  // plugin's greeting is not kept.
  bool apply(std::size_t plugin, const Entry& entry, const Frame* sent = nullptr);

  // The frames with which a plugin brings a newcomer up to date. They are kept and shared if the plugin says that they are the same for
  // everybody (see KeptGreeting). A plugin that is switched off greets, too, for its state is still right.
  Parts greeting(std::size_t plugin, const Member& newcomer);

  // About how long it takes to make the greetings that are not kept: as long as it did the last time.
  std::chrono::nanoseconds greeting_cost() const;
  void forget_greetings();

  void on_open();
  void on_join(const Member& member);
  void on_leave(const Member& member);
  void on_timer(std::size_t plugin);

  // Replaces a plugin's object by a new one with the same state, in a room with these members. If that fails, returns false and keeps
  // the old one.
  bool renew(std::size_t plugin, std::span<const Member> members);

  // The size of a plugin's state as JSON text, in bytes; nothing if the plugin fails to tell its state. Only if has(plugin).
  std::optional<std::size_t> size(std::size_t plugin) const;

  // The state as JSON text; plugins that are absent or out keep the part that they have in the previous snapshot. Returns nothing if a
  // plugin fails to tell its state or tells what JSON cannot hold. Returns nothing, too, if the log has messages, after the previous
  // snapshot, of a plugin that is absent or out: a new snapshot would cover them.
  std::optional<std::string> snapshot() const;

 private:
  struct Object {
    Object(const Fold& fold, std::size_t plugin);
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object() { room.turn_deaf(); }

    PluginRoom room;  // first, for the plugin refers to it
    plugins::Instance plugin;
    KeptGreeting greeting;
    std::chrono::nanoseconds greeting_took{};  // to make the last one
    bool is_new = true;  // no call has changed its state
  };
  struct Out {
    std::size_t plugin;
    std::string why;
    bool by_restore;
  };

  // Makes a call and tells the room of it. Returns false if it failed.
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
  PluginOwner& owner_;
  std::vector<std::unique_ptr<Object>> objects_;  // by plugin; null if none has been needed, or the plugin is out
  std::vector<Out> out_;
  Json absent_;                       // the states of plugins that are absent or out, by name; null if there are none
  std::vector<std::string> behind_;   // such plugins whose messages are in the log after their state
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
