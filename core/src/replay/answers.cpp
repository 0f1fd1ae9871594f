#include "replay/answers.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "replay/trial.hpp"
#include "rooms/fold.hpp"

namespace hubbub::replay {

namespace {

constexpr int times = 8;  // that each message is sent: dice may show the same number twice, but hardly eight times in a row

// The plugin's answer to a message that it accepted.
Json outcome(const Verdict& verdict) {
  auto message = made(verdict.message.type, verdict.message.content);
  return verdict.kind == Verdict::Kind::reply ? Json{{"reply", std::move(message)}} : message;
}

// Sends a recorded room's messages to a plugin again, each in the state that the room had before that message.
class Asking {
 public:
  Asking(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room)
      : registry_(registry), plugin_(plugin), room_(room), trial_(its(), StillRoom{room.name, 0}) {}

  // Calls `look` with each message of a member.
  template <class Look>
  void each(Look look) {
    std::uint64_t after = 0;
    if (room_.log.first != 1) {
      const auto state = state_of(its().name(), *room_.log.snapshot);
      if (state && trial_.plugin().restore(*state)) return;
      after = room_.log.snapshot->seq;
    }
    for (const auto& record : room_.log.records) {
      if (record.seq <= after || record.plugin != its().name()) continue;
      const auto entry = rooms::entry_of(record);
      trial_.room().set_time(entry.ts);
      if (!entry.id.empty()) look(entry);
      trial_.plugin().apply(entry);
    }
  }

  // Sends `content` in the name of the sender of `entry`. Returns why it is refused; if it is accepted, returns nothing and sets
  // `verdict`.
  std::optional<std::string> why_refused(const Entry& entry, const Json& content, Verdict& verdict) {
    const auto* route = registry_.find(entry.type);
    if (!route || route->plugin != plugin_) return "it has no type " + entry.type;
    if (route->type.is_from_server()) return "only the server sends " + entry.type;
    if (auto unfit = route->schema.check(content)) return unfit;
    const Member sender{entry.id, entry.nickname};
    if (auto fault = trial_.plugin().on_message(sender, {entry.type, content}, verdict)) return fault->text;
    return verdict.kind == Verdict::Kind::reject ? std::optional{verdict.reason} : std::nullopt;
  }

  // Whether the plugin turns `content` into the message in the log.
  bool makes(const Entry& entry, const Json& content) {
    Verdict verdict;
    return !why_refused(entry, content, verdict) && outcome(verdict) == made(entry.type, entry.content);
  }

  Json schema(const std::string& type) const {
    const auto* route = registry_.find(type);
    return route && route->type.schema().is_object() ? route->type.schema() : Json::object();
  }

 private:
  const plugins::LoadedPlugin& its() const { return registry_.plugins()[plugin_]; }

  const plugins::Registry& registry_;
  const std::size_t plugin_;
  const store::RecordedRoom& room_;
  Trial trial_;
};

// Guesses at what the client sent before the plugin added fields to it: the fields of `content` that the schema names, those that
// it requires, and all fields except one.
std::vector<Json> parts(const Json& content, const Json& schema) {
  std::vector<Json> all;
  if (!content.is_object()) return all;
  const auto only = [&](const auto& wanted) {
    Json part = Json::object();
    for (const auto& [name, value] : content.items()) {
      if (wanted(name)) part[name] = value;
    }
    all.push_back(std::move(part));
  };
  const auto properties = schema.value("properties", Json::object());
  only([&](const std::string& name) { return properties.contains(name); });
  const auto required = schema.value("required", Json::array());
  only([&](const std::string& name) { return std::ranges::find(required, Json(name)) != required.end(); });
  constexpr std::size_t most_fields = 32;
  if (content.size() > most_fields) return all;
  for (const auto& [left_out, value] : content.items()) {
    only([&](const std::string& name) { return name != left_out; });
  }
  return all;
}

}  // namespace

Json made(const std::string& type, const Json& content) { return {{"type", type}, {"content", content}}; }

Contents asked(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room) {
  Contents found;
  Asking asking{registry, plugin, room};
  asking.each([&](const Entry& entry) {
    Verdict verdict;
    if (!asking.why_refused(entry, entry.content, verdict)) return;
    for (auto& part : parts(entry.content, asking.schema(entry.type))) {
      if (!asking.makes(entry, part)) continue;
      found.emplace(entry.seq, std::move(part));
      return;
    }
  });
  return found;
}

Answers answers(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room, const Contents& asked) {
  Answers all;
  Asking asking{registry, plugin, room};
  asking.each([&](const Entry& entry) {
    const auto known = asked.find(entry.seq);
    const auto& content = known == asked.end() ? entry.content : known->second;
    Verdict verdict;
    if (auto reason = asking.why_refused(entry, content, verdict)) {
      all.refused.emplace(entry.seq, std::move(*reason));
      return;
    }
    if (auto first = outcome(verdict); first != made(entry.type, entry.content)) all.other.emplace(entry.seq, std::move(first));
    for (int i = 1; i < times && !all.unsteady.contains(entry.type); ++i) {
      const auto before = outcome(verdict);
      if (asking.why_refused(entry, content, verdict) || outcome(verdict) != before) all.unsteady.insert(entry.type);
    }
  });
  return all;
}

}  // namespace hubbub::replay
