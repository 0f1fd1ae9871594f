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

Fold::Fold(const plugins::Registry& registry, RoomServices& services)
    : registry_(registry), services_(services), made_(registry.plugins().size()), json_name_(json_text(services.room_name())) {
  const auto count = registry.plugins().size();
  rooms_.reserve(count);  // for they stay where they are
  instances_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    rooms_.emplace_back(services, i);
    if (const auto fault = make(i)) put_out(i, fault->text, false);
  }
}

// Makes a new object, or says why there is none.
std::optional<plugins::Fault> Fold::make(std::size_t plugin) {
  auto& instance = instances_[plugin];
  try {
    instance.emplace(registry_.plugins()[plugin].instantiate(&services_.room_name()));
    instance->set_room(rooms_[plugin]);
    made_[plugin].greeting = nullptr;
    return {};
  } catch (const std::exception& error) {
    instance.reset();
    return plugins::Fault{false, error.what()};
  }
}

void Fold::put_out(std::size_t plugin, std::string why, bool by_restore) {
  instances_[plugin].reset();
  out_.push_back({plugin, std::move(why), by_restore});
}

const std::string* Fold::why_out(std::size_t plugin) const {
  const auto found = std::ranges::find(out_, plugin, &Out::plugin);
  return found == out_.end() ? nullptr : &found->why;
}

std::vector<std::size_t> Fold::unrestored() const {
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
  services_.called(plugin, name, Clock::now() - began, fault ? &*fault : nullptr);
  return !fault;
}

bool Fold::restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records) {
  if (snapshot) {
    auto states = Json::parse(snapshot->state, nullptr, /*allow_exceptions=*/false);
    if (!states.is_object()) return false;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const auto own = states.find(name(i));
      if (own == states.end() || !instances_[i]) continue;
      std::optional<plugins::Fault> fault;
      run(i, "restore", [&] { fault = instances_[i]->restore(*own); return std::optional<plugins::Fault>{}; });
      if (fault) {
        put_out(i, std::move(fault->text), true);
        continue;
      }
      if (snapshot->state.size() > registry_.limits().state / 5 * 4) services_.measured(i, own->dump().size());
      states.erase(own);
    }
    absent_ = std::move(states);
  }
  const auto& plugins = registry_.plugins();
  for (const auto& record : records) {
    const auto found = std::ranges::find(plugins, record.plugin, &plugins::LoadedPlugin::name);
    const auto plugin = static_cast<std::size_t>(found - plugins.begin());
    if (found != plugins.end() && instances_[plugin]) {
      apply(plugin, entry_of(record));
    } else if (std::ranges::find(behind_, record.plugin) == behind_.end()) {
      behind_.push_back(record.plugin);
    }
  }
  return true;
}

void Fold::replay(std::size_t plugin, std::span<const store::Record> records) {
  if (const auto fault = make(plugin)) {
    std::ranges::find(out_, plugin, &Out::plugin)->why = fault->text;
    return;
  }
  std::erase_if(out_, [&](const Out& out) { return out.plugin == plugin; });
  absent_.erase(name(plugin));
  std::erase(behind_, name(plugin));
  for (const auto& record : records) {
    if (record.plugin == name(plugin)) apply(plugin, entry_of(record));
  }
}

std::optional<plugins::Fault> Fold::on_message(std::size_t plugin, const Member& sender, Message&& message,
                                               Verdict& verdict) const {
  const auto began = Clock::now();
  auto fault = instances_[plugin]->on_message(sender, std::move(message), verdict);
  const bool is_the_plugins = fault && !fault->unfit;
  services_.called(plugin, "on_message", Clock::now() - began, is_the_plugins ? &*fault : nullptr);
  return fault;
}

bool Fold::apply(std::size_t plugin, const Entry& entry) {
  return change(plugin, "apply", [&] { return instances_[plugin]->apply(entry); });
}

// A call that may change a plugin's state.
template <class Call>
bool Fold::change(std::size_t plugin, const char* name, Call call) {
  made_[plugin].greeting = nullptr;
  return run(plugin, name, std::move(call));
}

Frames Fold::greeting(std::size_t plugin, const Member& newcomer) const {
  auto& made = made_[plugin];
  if (made.greeting) return made.greeting;
  auto frames = std::make_shared<std::vector<Frame>>();
  if (!instances_[plugin]) return frames;
  FrameGreeting greeting{*frames, json_name_};
  const auto began = Clock::now();
  const bool whole = run(plugin, "greet", [&] { return instances_[plugin]->greet(newcomer, greeting); });
  made.took = Clock::now() - began;
  if (whole && greeting.is_for_everybody()) made.greeting = frames;
  return frames;
}

std::chrono::nanoseconds Fold::greeting_cost() const {
  std::chrono::nanoseconds all{};
  for (const auto& made : made_) {
    if (!made.greeting) all += made.took;
  }
  return all;
}

void Fold::forget_greetings() {
  for (auto& made : made_) made.greeting = nullptr;
}

template <class Call>
void Fold::each(const char* name, Call call) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (instances_[i] && !services_.is_off(i)) change(i, name, [&] { return call(*instances_[i]); });
  }
}

// Most plugins do not mind who comes and goes, and what they greet with stays what it was.
template <class Call>
void Fold::each_that_minds(const char* name, Call call) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const bool minds = instances_[i] && instances_[i]->minds_members();
    if (minds && !services_.is_off(i)) change(i, name, [&] { return call(*instances_[i]); });
  }
}

void Fold::on_open() {
  each("on_open", [](auto& plugin) { return plugin.on_open(); });
}

void Fold::on_join(const Member& member) {
  each_that_minds("on_join", [&](auto& plugin) { return plugin.on_join(member); });
}

void Fold::on_leave(const Member& member) {
  each_that_minds("on_leave", [&](auto& plugin) { return plugin.on_leave(member); });
}

void Fold::on_timer(std::size_t plugin) {
  if (instances_[plugin] && !services_.is_off(plugin)) change(plugin, "on_timer", [&] { return instances_[plugin]->on_timer(); });
}

bool Fold::renew(std::size_t plugin, std::span<const Member> members) {
  if (!instances_[plugin]) return true;  // it is out, which another object would be, too
  auto& instance = *instances_[plugin];
  std::string state;
  std::optional<plugins::Instance> made;
  const auto make = [&]() -> std::optional<plugins::Fault> {
    try {
      made = registry_.plugins()[plugin].instantiate(&services_.room_name());
      return {};
    } catch (const std::exception& error) {
      return plugins::Fault{false, error.what()};
    }
  };
  if (!run(plugin, "snapshot", [&] { return instance.snapshot(state); })) return false;
  if (!run(plugin, "its constructor", make)) return false;
  made->set_room(rooms_[plugin]);
  if (!run(plugin, "restore", [&] { return made->restore(Json::parse(state)); })) return false;
  instance = std::move(*made);
  made_[plugin].greeting = nullptr;
  run(plugin, "on_open", [&] { return instance.on_open(); });
  for (const auto& member : members) run(plugin, "on_join", [&] { return instance.on_join(member); });
  return true;
}

std::optional<std::size_t> Fold::size(std::size_t plugin) const {
  std::string state;
  if (!run(plugin, "snapshot", [&] { return instances_[plugin]->snapshot(state); })) return {};
  return state.size();
}

std::optional<std::string> Fold::snapshot() const {
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
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (!instances_[i]) continue;
    begin(name(i));
    const auto before = states.size();
    if (!run(i, "snapshot", [&] { return instances_[i]->snapshot(states); })) return {};
    services_.measured(i, states.size() - before);
  }
  return states += '}';
}

}  // namespace hubbub::rooms
