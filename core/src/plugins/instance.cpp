#include "plugins/instance.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

#include "plugins/calls.hpp"
#include "protocol/json.hpp"

namespace hubbub::plugins {
namespace {

// Runs one function of the table. Its last parameter takes the text of a fault.
template <class... Parameters, class... Arguments>
std::optional<Fault> run(abi::Ending (*function)(Parameters...) noexcept, Arguments&&... arguments) {
  std::string text;
  const auto outcome = function(std::forward<Arguments>(arguments)..., text);
  if (outcome == abi::Ending::done) return {};
  return Fault{outcome == abi::Ending::unfit, std::move(text)};
}

}  // namespace

Instance::Instance(const abi::RoomPlugin& table, Options& options, const char* build, const std::string* room)
    : plugin_(nullptr, Owner{&table, build, room}) {
  const Call call{table.name, build, room, "its constructor"};
  Plugin* made = nullptr;
  if (const auto fault = run(table.create, options, made)) {
    throw std::runtime_error("its constructor failed: " + fault->text);
  }
  plugin_.reset(made);
}

void Instance::Owner::operator()(Plugin* plugin) const noexcept {
  const Call call{table->name, build, room, "its destructor"};
  table->destroy(plugin);
}

void Instance::set_room(Room& room) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  plugin_.get_deleter().room = &room.name();
  table().set_room(*plugin_, room);
}

template <class... Parameters, class... Arguments>
std::optional<Fault> Instance::ask(const char* name, abi::Ending (*function)(Parameters...) noexcept, Arguments&&... arguments) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto& owner = plugin_.get_deleter();
  const Call call{owner.table->name, owner.build, owner.room, name};
  return run(function, *plugin_, std::forward<Arguments>(arguments)...);
}

std::optional<Fault> Instance::on_message(const Member& sender, Message&& message, Verdict& verdict) const {
  return ask("on_message", table().on_message, sender, std::move(message), verdict);
}

std::optional<Fault> Instance::apply(const Entry& entry) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto& owner = plugin_.get_deleter();
  const Call call{owner.table->name, owner.build, owner.room, "apply", entry.type};
  return run(table().apply, *plugin_, entry);
}

std::optional<Fault> Instance::snapshot(std::string& text) const {
  Json state;
  if (auto fault = ask("snapshot", table().snapshot, state)) return fault;
  try {
    append_json(text, state);
    return {};
  } catch (const std::exception& error) {
    return Fault{false, std::string{"its state "} + error.what()};
  }
}

std::optional<Fault> Instance::restore(const Json& state) { return ask("restore", table().restore, state); }
std::optional<Fault> Instance::greet(const Member& newcomer, Greeting& greeting) const {
  return ask("greet", table().greet, newcomer, greeting);
}
std::optional<Fault> Instance::on_open() { return ask("on_open", table().on_open); }
std::optional<Fault> Instance::on_join(const Member& member) { return ask("on_join", table().on_join, member); }
std::optional<Fault> Instance::on_leave(const Member& member) { return ask("on_leave", table().on_leave, member); }
std::optional<Fault> Instance::on_timer() { return ask("on_timer", table().on_timer); }

}  // namespace hubbub::plugins
