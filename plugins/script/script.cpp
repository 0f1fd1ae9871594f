// Script: message types written in Lua, in files that the options name.
#include <hubbub/plugin.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "library.hpp"
#include "program.hpp"
#include "talk.hpp"

namespace script {
namespace {

using hubbub::Entry;
using hubbub::Member;
using hubbub::Message;
using hubbub::Verdict;

constexpr std::size_t MiB = 1024 * 1024;

Limits limits_in(hubbub::Options& options) {
  return {options.size("memory", 16 * MiB, MiB, 1024 * MiB),
          options.integer("instructions", 1'000'000, 10'000, 1'000'000'000)};
}

// The scripts of one room, in one Lua state.
class Scripts {
 public:
  // Mistakes in a file are noted with the options, and the file is left out.
  explicit Scripts(hubbub::Options& options) {
    const auto limits = limits_in(options);
    const auto files = options.files("files");
    const auto own = options.json("options", Json::object());
    if (!own.is_object()) options.refuse("options", "lines of \"name: value\"");
    if (files.empty()) return;  // without a Lua state, which takes more memory than everything else in a quiet room
    lua_ = std::make_unique<Lua>(limits);
    lua_->call({}, open_library);
    for (const auto& file : files) {
      try {
        add(std::make_unique<Program>(*lua_, file, own));
      } catch (const std::exception& error) {
        options.note(file.option, error.what());
      }
    }
  }

  bool is_spoilt() const { return lua_ && lua_->is_spoilt(); }
  const std::vector<std::unique_ptr<Program>>& all() const { return programs_; }

  // The script that declares a type; null if there is none.
  Program* of(const std::string& type) const {
    const auto found = of_type_.find(type);
    return found == of_type_.end() ? nullptr : found->second;
  }

 private:
  void add(std::unique_ptr<Program> program) {
    const auto refuse = [&](const std::string& why) { throw std::runtime_error(program->file() + ": " + why); };
    for (const auto& other : programs_) {
      if (other->name() != program->name()) continue;
      refuse("there is another " + program->name() + ", whose state would be kept under the same name; rename one");
    }
    for (const auto& type : program->types()) {
      const auto* other = of(type.name());
      if (other) refuse("it declares the type " + type.name() + ", which " + other->file() + " handles; leave out one of the two");
    }
    for (const auto& type : program->types()) of_type_[type.name()] = program.get();
    programs_.push_back(std::move(program));
  }

  std::unique_ptr<Lua> lua_;  // null if there are no scripts
  std::vector<std::unique_ptr<Program>> programs_;
  std::map<std::string, Program*> of_type_;
};

class Script final : public hubbub::Plugin {
 public:
  explicit Script(hubbub::Options& options) : scripts_(options) {}

  static bool minds_room(const std::string&, hubbub::Options& options) { return !options.files("files").empty(); }

  Verdict on_message(const Member& sender, Message message) const override {
    auto* program = scripts_.of(message.type);
    if (!program->defines(Function::on_message)) return broadcast(std::move(message));
    std::optional<Verdict> verdict;
    auto call = live();
    call.verdict = &verdict;
    const auto rejected = program->call(Function::on_message, call, [&](lua_State* state) {
      push_member(state, sender);
      push_message(state, message);
      return 2;
    });
    arm();
    if (rejected) return hubbub::reject(*rejected);
    if (verdict) return *std::move(verdict);
    throw std::runtime_error(program->file() + ": on_message has not decided; end it with broadcast(message), reply(message) "
                                               "or reject(words)");
  }

  void apply(const Entry& entry) override {
    if (scripts_.is_spoilt()) throw std::runtime_error("a stopped call has left too much memory in use; the state is loaded again");
    auto* program = scripts_.of(entry.type);
    if (!program) return waiting_.push_back(entry);
    if (!program->defines(Function::apply)) return;
    program->call(Function::apply, {}, [&](lua_State* state) { return push_entry(state, entry), 1; });
  }

  Json snapshot() const override {
    Json states = absent_;
    for (const auto& program : scripts_.all()) states[program->name()] = program->snapshot();
    return {{"states", std::move(states)}, {"waiting", waiting_}};
  }

  void restore(const Json& json) override {
    absent_ = json.at("states");
    for (const auto& program : scripts_.all()) {
      const auto state = absent_.find(program->name());
      if (state == absent_.end()) continue;
      program->restore(*state);
      absent_.erase(state);
    }
    for (const auto& entry : json.at("waiting")) apply(entry.get<Entry>());
  }

  void greet(const Member& newcomer, hubbub::Greeting& greeting) const override {
    auto call = live();
    call.greeting = &greeting;
    each(Function::greet, call, [&](lua_State* state) {
      push_member(state, newcomer);
      push_greeting(state);
      return 2;
    });
  }

  void on_open() override {
    each(Function::on_open, live(), [](lua_State*) { return 0; });
  }
  void on_join(const Member& member) override { each_with(Function::on_join, member); }
  void on_leave(const Member& member) override { each_with(Function::on_leave, member); }

  void on_timer() override {
    armed_.reset();
    const auto now = room().unix_ms();
    each(Function::on_timer, live(), [](lua_State*) { return 0; }, [now](Program& program) {
      if (!program.due || *program.due > now) return false;
      program.due.reset();
      return true;
    });
  }

 private:
  Call live() const { return {.is_fold = false, .room = &room()}; }

  void each_with(Function function, const Member& member) {
    each(function, live(), [&](lua_State* state) { return push_member(state, member), 1; });
  }

  // Calls `function` of every script that has it and for which `wanted` returns true. Throws the errors of all only after all have been
  // called.
  template <class Wanted = bool (*)(Program&)>
  void each(Function function, const Call& call, const Program::Push& push, Wanted wanted = [](Program&) { return true; }) const {
    std::string failures;
    for (const auto& program : scripts_.all()) {
      if (!wanted(*program) || !program->defines(function)) continue;
      try {
        program->call(function, call, push);
      } catch (const std::runtime_error& error) {
        failures += (failures.empty() ? "" : "; ") + std::string{error.what()};
      }
    }
    arm();
    if (!failures.empty()) throw std::runtime_error(failures);
  }

  // A plugin has one timer per room, but each script has its own: sets the room's timer to the earliest.
  void arm() const {
    std::optional<std::int64_t> next;
    for (const auto& program : scripts_.all()) {
      if (program->due && (!next || *program->due < *next)) next = program->due;
    }
    if (!next || next == armed_) return;
    room().wake_after(std::chrono::milliseconds{std::max<std::int64_t>(*next - room().unix_ms(), 0)});
    armed_ = next;
  }

  Scripts scripts_;
  mutable std::optional<std::int64_t> armed_;  // the time the room's timer is set to, ms since 1970
  Json absent_ = Json::object();               // the states of scripts that are not loaded at the moment, by name
  std::vector<Entry> waiting_;                 // the entries that those scripts have still to apply
};

std::vector<hubbub::Type> types_in(hubbub::Options& options) {
  std::vector<hubbub::Type> types;
  const Scripts scripts{options};
  for (const auto& program : scripts.all()) types.insert(types.end(), program->types().begin(), program->types().end());
  return types;
}

}  // namespace
}  // namespace script

HUBBUB_PLUGIN(script::Script, script::types_in(options))
