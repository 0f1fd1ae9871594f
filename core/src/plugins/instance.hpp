// One plugin's object in one room. It passes calls on and turns what went wrong in the plugin into a Fault; it decides
// nothing. Every call is told to others while it lasts (see Call). Lives on its room's thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <memory>
#include <optional>
#include <string>

#include "runtime/own_thread.hpp"

namespace hubbub::plugins {

struct Fault {
  bool unfit = false;  // the JSON at hand had another form than the plugin expected; otherwise the plugin failed
  std::string text;
};

class Instance {
 public:
  // Makes the object. `build` tells builds of the plugin apart (see build_of) and `room` is the room's name, or null: both
  // outlive it. Throws std::runtime_error with what the plugin's constructor threw.
  Instance(const abi::RoomPlugin& table, Options& options, const char* build = "", const std::string* room = nullptr);

  void set_room(Room& room);

  std::optional<Fault> on_message(const Member& sender, Message&& message, Verdict& verdict) const;
  std::optional<Fault> apply(const Entry& entry);
  // Adds the state to `text` as JSON text, as it is stored; a fault, too, if it cannot be written as JSON.
  std::optional<Fault> snapshot(std::string& text) const;
  std::optional<Fault> restore(const Json& state);
  std::optional<Fault> greet(const Member& newcomer, Greeting& greeting) const;
  std::optional<Fault> on_open();
  std::optional<Fault> on_join(const Member& member);
  std::optional<Fault> on_leave(const Member& member);
  std::optional<Fault> on_timer();

 private:
  // Whose the object is, and how it is destroyed.
  struct Owner {
    const abi::RoomPlugin* table;
    const char* build;
    const std::string* room;
    void operator()(Plugin* plugin) const noexcept;
  };

  const abi::RoomPlugin& table() const { return *plugin_.get_deleter().table; }
  template <class... Parameters, class... Arguments>
  std::optional<Fault> ask(const char* name, abi::Outcome (*call)(Parameters...) noexcept, Arguments&&... arguments) const;

  [[no_unique_address]] runtime::OwnThread thread_;
  std::unique_ptr<Plugin, Owner> plugin_;
};

}  // namespace hubbub::plugins
