// One plugin's object in one room. It passes calls on and turns a failure of the plugin into a Fault; it decides nothing. Every call
// is published while it lasts (see Call). Used on its room's thread only.
#pragma once

#include <hubbub/plugin.hpp>

#include <memory>
#include <optional>
#include <string>

#include "runtime/own_thread.hpp"

namespace hubbub::plugins {

struct Fault {
  bool unfit = false;  // a JSON value did not have the form that the plugin expected; if false, the plugin failed
  std::string text;
};

class Instance {
 public:
  // Makes the object. `build` tells builds of the plugin apart (see build_of). `room` is the room's name, or null. Both must outlive
  // the object. Throws std::runtime_error with the text of the exception if the plugin's constructor throws.
  Instance(const abi::RoomPlugin& table, Options& options, const char* build = "", const std::string* room = nullptr);

  void set_room(Room& room);

  std::optional<Fault> on_message(const Member& sender, Message&& message, Verdict& verdict) const;
  std::optional<Fault> apply(const Entry& entry);
  // Appends the state to `text` as JSON text, as it is stored. Returns a fault also if the state cannot be written as JSON.
  std::optional<Fault> snapshot(std::string& text) const;
  std::optional<Fault> restore(const Json& state);
  std::optional<Fault> greet(const Member& newcomer, Greeting& greeting) const;
  std::optional<Fault> on_open();
  std::optional<Fault> on_join(const Member& member);
  std::optional<Fault> on_leave(const Member& member);
  std::optional<Fault> on_timer();

 private:
  // The deleter of the object, which also holds what names it in a Call.
  struct Owner {
    const abi::RoomPlugin* table;
    const char* build;
    const std::string* room;
    void operator()(Plugin* plugin) const noexcept;
  };

  const abi::RoomPlugin& table() const { return *plugin_.get_deleter().table; }
  template <class... Parameters, class... Arguments>
  std::optional<Fault> ask(const char* name, abi::Ending (*call)(Parameters...) noexcept, Arguments&&... arguments) const;

  [[no_unique_address]] runtime::OwnThread thread_;
  std::unique_ptr<Plugin, Owner> plugin_;
};

}  // namespace hubbub::plugins
