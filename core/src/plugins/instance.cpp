#include "plugins/instance.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

#include "protocol/json.hpp"

namespace hubbub::plugins {
namespace {

// Runs one call of the table, which takes the text of a fault last.
template <class... Parameters, class... Arguments>
std::optional<Fault> ask(abi::Outcome (*call)(Parameters...) noexcept, Arguments&&... arguments) {
  std::string text;
  const auto outcome = call(std::forward<Arguments>(arguments)..., text);
  if (outcome == abi::Outcome::done) return {};
  return Fault{outcome == abi::Outcome::unfit, std::move(text)};
}

Plugin* create(const abi::Table& table, Options& options) {
  Plugin* made = nullptr;
  if (const auto fault = ask(table.create, options, made)) {
    throw std::runtime_error("its constructor failed: " + fault->text);
  }
  return made;
}

}  // namespace

Instance::Instance(const abi::Table& table, Options& options)
    : table_(&table), plugin_(create(table, options), table.destroy) {}

std::optional<Fault> Instance::on_message(const Member& sender, Message&& message, Verdict& verdict) const {
  return ask(table_->on_message, *plugin_, sender, std::move(message), verdict);
}
std::optional<Fault> Instance::apply(const Entry& entry) { return ask(table_->apply, *plugin_, entry); }
std::optional<Fault> Instance::snapshot(std::string& text) const {
  Json state;
  if (auto fault = ask(table_->snapshot, *plugin_, state)) return fault;
  try {
    append_json(text, state);
    return {};
  } catch (const std::exception& error) {
    return Fault{false, std::string{"its state "} + error.what()};
  }
}
std::optional<Fault> Instance::restore(const Json& state) { return ask(table_->restore, *plugin_, state); }
std::optional<Fault> Instance::greet(const Member& newcomer, Greeting& greeting) const {
  return ask(table_->greet, *plugin_, newcomer, greeting);
}
std::optional<Fault> Instance::on_open() { return ask(table_->on_open, *plugin_); }
std::optional<Fault> Instance::on_join(const Member& member) { return ask(table_->on_join, *plugin_, member); }
std::optional<Fault> Instance::on_leave(const Member& member) { return ask(table_->on_leave, *plugin_, member); }
std::optional<Fault> Instance::on_timer() { return ask(table_->on_timer, *plugin_); }

}  // namespace hubbub::plugins
