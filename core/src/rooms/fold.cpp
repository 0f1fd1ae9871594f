#include "rooms/fold.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "protocol/json.hpp"
#include "rooms/frame_greeting.hpp"

namespace hubbub::rooms {

using Clock = std::chrono::steady_clock;

constexpr auto cheap_object = std::chrono::microseconds{100};  // an object that greets within this time is made again rather than kept

Entry entry_of(const store::Record& record) {
  auto json = Json::parse(record.frame.payload());
  Entry entry;
  entry.seq = record.seq;
  entry.ts = json.value("ts", std::int64_t{0});
  entry.id = json.value("id", std::string{});
  entry.nickname = json.value("nickname", std::string{});
  entry.type = json.at("type").get<std::string>();
  entry.content = std::move(json.at("content"));
  return entry;
}

Fold::Object::Object(const Fold& fold, std::size_t number)
    : room(fold.owner_, number), plugin(fold.registry_.plugins()[number].instantiate(&fold.owner_.room_name())) {
  plugin.set_room(room);
}

Fold::Fold(const plugins::Registry& registry, PluginOwner& owner)
    : registry_(registry), owner_(owner), objects_(registry.plugins().size()) {}

// Throws what the plugin's constructor throws.
std::unique_ptr<Fold::Object> Fold::make(std::size_t plugin) {
  std::unique_ptr<Object> made;
  std::exception_ptr error;
  run(plugin, "its constructor", [&]() -> std::optional<plugins::Fault> {
    try {
      made = std::make_unique<Object>(*this, plugin);
    } catch (const std::exception&) {
      error = std::current_exception();
    }
    return {};
  });
  if (error) std::rethrow_exception(error);
  return made;
}

bool Fold::has(std::size_t plugin) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (objects_[plugin]) return true;
  if (why_out(plugin)) return false;
  try {
    objects_[plugin] = make(plugin);
    return true;
  } catch (const std::exception& error) {
    put_out(plugin, error.what(), false);
    return false;
  }
}

// Whether the plugin is told what happens in the room. Makes its object if it minds the room.
bool Fold::takes_part(std::size_t plugin) {
  return objects_[plugin] || (registry_.plugins()[plugin].minds_room(owner_.room_name()) && has(plugin));
}

void Fold::put_out(std::size_t plugin, std::string why, bool by_restore) {
  objects_[plugin].reset();
  owner_.put_out(plugin, why);
  out_.push_back({plugin, std::move(why), by_restore});
}

const std::string* Fold::why_out(std::size_t plugin) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto found = std::ranges::find(out_, plugin, &Out::plugin);
  return found == out_.end() ? nullptr : &found->why;
}

std::vector<std::size_t> Fold::unrestored() const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::vector<std::size_t> all;
  for (const auto& out : out_) {
    if (out.by_restore) all.push_back(out.plugin);
  }
  return all;
}

template <class Call>
bool Fold::run(std::size_t plugin, const char* name, Call call) const {
  const auto began = Clock::now();
  const std::optional<plugins::Fault> fault = call();
  owner_.called(plugin, name, Clock::now() - began, fault ? &*fault : nullptr);
  return !fault;
}

bool Fold::restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (snapshot) {
    auto states = Json::parse(snapshot->state, nullptr, /*allow_exceptions=*/false);
    if (!states.is_object()) return false;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      const auto state = states.find(name(i));
      if (state == states.end() || !has(i)) continue;
      auto& object = *objects_[i];
      object.is_new = false;
      std::optional<plugins::Fault> fault;
      run(i, "restore", [&] { fault = object.plugin.restore(*state); return std::optional<plugins::Fault>{}; });
      if (fault) {
        put_out(i, std::move(fault->text), true);
        continue;
      }
      if (snapshot->state.size() > registry_.limits().state / 5 * 4) owner_.measured(i, state->dump().size());
      states.erase(state);
    }
    absent_ = std::move(states);
  }
  const auto& plugins = registry_.plugins();
  for (const auto& record : records) {
    const auto found = std::ranges::find(plugins, record.plugin, &plugins::LoadedPlugin::name);
    const auto plugin = static_cast<std::size_t>(found - plugins.begin());
    if (found != plugins.end() && has(plugin)) {
      apply(plugin, entry_of(record));
    } else if (std::ranges::find(behind_, record.plugin) == behind_.end()) {
      behind_.push_back(record.plugin);
    }
  }
  return true;
}

void Fold::replay(std::size_t plugin, std::span<const store::Record> records) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  try {
    objects_[plugin] = make(plugin);
  } catch (const std::exception& error) {
    std::ranges::find(out_, plugin, &Out::plugin)->why = error.what();
    return;
  }
  std::erase_if(out_, [&](const Out& out) { return out.plugin == plugin; });
  if (absent_.is_object()) absent_.erase(name(plugin));
  std::erase(behind_, name(plugin));
  for (const auto& record : records) {
    if (record.plugin == name(plugin)) apply(plugin, entry_of(record));
  }
}

std::optional<plugins::Fault> Fold::on_message(std::size_t plugin, const Member& sender, Message&& message,
                                               Verdict& verdict) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto began = Clock::now();
  auto fault = objects_[plugin]->plugin.on_message(sender, std::move(message), verdict);
  const bool plugin_failed = fault && !fault->unfit;
  owner_.called(plugin, "on_message", Clock::now() - began, plugin_failed ? &*fault : nullptr);
  return fault;
}

bool Fold::apply(std::size_t plugin, const Entry& entry, const Frame* sent) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!has(plugin)) return false;
  auto& object = *objects_[plugin];
  sent ? object.greeting.follow_with(*sent) : object.greeting.forget();
  object.is_new = false;
  return run(plugin, "apply", [&] { return object.plugin.apply(entry); });
}

// Makes a call other than apply() that may change the plugin's state.
template <class Call>
bool Fold::change(std::size_t plugin, const char* name, Call call) {
  objects_[plugin]->greeting.forget();
  objects_[plugin]->is_new = false;
  return run(plugin, name, std::move(call));
}

Parts Fold::greeting(std::size_t plugin, const Member& newcomer) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!registry_.plugins()[plugin].minds_newcomers()) return {};
  if (objects_[plugin] && objects_[plugin]->greeting.is_there()) return objects_[plugin]->greeting.greeting();
  const auto began = owner_.now();
  const bool makes_object = !objects_[plugin];
  if (!takes_part(plugin)) return {};
  auto& object = *objects_[plugin];
  auto frames = std::make_shared<std::vector<Frame>>();
  const auto room = json_text(owner_.room_name());
  FrameGreeting greeting{*frames, room};
  const bool whole = run(plugin, "greet", [&] { return object.plugin.greet(newcomer, greeting); });
  object.greeting_took = owner_.now() - began;
  Parts parts{{frames}, weight_of(*frames)};
  if (whole && greeting.is_for_everybody()) object.greeting.keep(parts, greeting.is_followed());
  const bool is_first = owner_.member_count() == 0;  // and so, in most rooms, the only member
  if (makes_object && is_first && object.greeting_took < cheap_object) objects_[plugin].reset();
  return parts;
}

std::chrono::nanoseconds Fold::greeting_cost() const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::chrono::nanoseconds all{};
  for (const auto& object : objects_) {
    if (object && !object->greeting.is_there()) all += object->greeting_took;
  }
  return all;
}

void Fold::forget_greetings() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  for (auto& object : objects_) {
    if (object) object->greeting.forget();
  }
}

// Most plugins do not mind who comes and goes: they get no call, and their greetings stay kept.
template <class Call>
void Fold::each(bool (plugins::LoadedPlugin::*minds)() const, const char* name, Call call) {
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    if (!(registry_.plugins()[i].*minds)() || owner_.is_off(i) || !takes_part(i)) continue;
    change(i, name, [&] { return call(objects_[i]->plugin); });
  }
}

void Fold::on_open() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  each(&plugins::LoadedPlugin::minds_opening, "on_open", [](auto& plugin) { return plugin.on_open(); });
}

void Fold::on_join(const Member& member) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  each(&plugins::LoadedPlugin::minds_joining, "on_join", [&](auto& plugin) { return plugin.on_join(member); });
}

void Fold::on_leave(const Member& member) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  each(&plugins::LoadedPlugin::minds_leaving, "on_leave", [&](auto& plugin) { return plugin.on_leave(member); });
}

void Fold::on_timer(std::size_t plugin) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (owner_.is_off(plugin) || !has(plugin)) return;
  change(plugin, "on_timer", [&] { return objects_[plugin]->plugin.on_timer(); });
}

bool Fold::renew(std::size_t plugin, std::span<const Member> members) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  auto& object = objects_[plugin];
  if (!object) return true;  // the plugin is out, or the next call makes its object
  std::string state;
  if (!run(plugin, "snapshot", [&] { return object->plugin.snapshot(state); })) return false;
  std::unique_ptr<Object> made;
  const auto make_another = [&]() -> std::optional<plugins::Fault> {
    try {
      made = std::make_unique<Object>(*this, plugin);
      return {};
    } catch (const std::exception& error) {
      return plugins::Fault{false, error.what()};
    }
  };
  if (!run(plugin, "its constructor", make_another)) return false;
  if (!run(plugin, "restore", [&] { return made->plugin.restore(Json::parse(state)); })) return false;
  made->is_new = object->is_new;
  object = std::move(made);
  run(plugin, "on_open", [&] { return object->plugin.on_open(); });
  for (const auto& member : members) run(plugin, "on_join", [&] { return object->plugin.on_join(member); });
  return true;
}

std::optional<std::size_t> Fold::size(std::size_t plugin) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::string state;
  if (!run(plugin, "snapshot", [&] { return objects_[plugin]->plugin.snapshot(state); })) return {};
  return state.size();
}

std::optional<std::string> Fold::snapshot() const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!behind_.empty()) return {};
  std::string states = "{";
  const auto begin = [&](const std::string& name) {
    if (states.size() > 1) states += ',';
    append_json_text(states, name);
    states += ':';
  };
  for (const auto& [name, state] : absent_.items()) {
    begin(name);
    states += state.dump();  // as it was read
  }
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    if (!objects_[i] || objects_[i]->is_new) continue;
    begin(name(i));
    const auto before = states.size();
    if (!run(i, "snapshot", [&] { return objects_[i]->plugin.snapshot(states); })) return {};
    owner_.measured(i, states.size() - before);
  }
  return states += '}';
}

}  // namespace hubbub::rooms
