// One plugin's object in one room. It passes calls on and turns what went wrong in the plugin into a Fault; it decides
// nothing. Lives on its room's thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <memory>
#include <optional>
#include <string>

namespace hubbub::plugins {

struct Fault {
  bool unfit = false;  // the JSON at hand had another form than the plugin expected; otherwise the plugin failed
  std::string text;
};

class Instance {
 public:
  // Makes the object. Throws std::runtime_error with what the plugin's constructor threw.
  Instance(const abi::Table& table, Options& options);

  void set_room(Room& room) { table_->set_room(*plugin_, room); }

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
  const abi::Table* table_;
  std::unique_ptr<Plugin, void (*)(Plugin*) noexcept> plugin_;
};

}  // namespace hubbub::plugins
