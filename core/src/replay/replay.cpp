#include "replay/replay.hpp"

#include <algorithm>
#include <hubbub/shown.hpp>
#include <map>
#include <stdexcept>
#include <utility>

#include "replay/answers.hpp"
#include "replay/difference.hpp"
#include "replay/outcome.hpp"
#include "rooms/fold.hpp"

namespace hubbub::replay {
namespace {

constexpr std::size_t most_shown = 20;  // differences under one heading
constexpr auto whole_log = "from the whole log";

bool is_whole(const store::Recording& log) { return log.first == 1; }
bool has_two_ways(const store::Recording& log) { return is_whole(log) && log.snapshot; }

std::string from_snapshot(const store::Recording& log) {
  return log.snapshot ? "from the snapshot at " + std::to_string(log.snapshot->seq) : whole_log;
}

void require_beginning(const store::RecordedRoom& room) {
  if (is_whole(room.log) || room.log.snapshot) return;
  throw std::runtime_error("the log of " + shown_text(room.name) + " begins with message " + std::to_string(room.log.first) +
                           ", and there is no snapshot of the state before it; export the whole room again");
}

// 'room "garden": messages 8 to 1042, snapshot at 1000', and a second line if the log does not reach back to the beginning.
std::string title(const store::RecordedRoom& room) {
  const auto& log = room.log;
  const auto first = std::to_string(log.first);
  auto text = "room " + shown_text(room.name) + ": ";
  text += log.records.empty() ? "no messages" : "messages " + first + " to " + std::to_string(log.records.back().seq);
  text += log.snapshot ? ", snapshot at " + std::to_string(log.snapshot->seq) : ", no snapshot yet";
  text += "\n";
  if (!is_whole(log)) text += "the log no longer has the messages before " + first + ": the replay begins at the snapshot\n";
  return text;
}

std::string line_of(const plugins::LoadedPlugin& plugin) {
  return plugin.name() + " " + std::string{plugin.version()} + " " + plugin.file().string() + "\n";
}

std::size_t place_of(const std::string& name, const plugins::Registry& registry) {
  const auto plugins = registry.plugins();
  const auto found = std::ranges::find(plugins, name, &plugins::LoadedPlugin::name);
  if (found == plugins.end()) throw std::runtime_error(name + " is a service: it does not use a room's log");
  return static_cast<std::size_t>(found - plugins.begin());
}

// Adds the differences under a heading; nothing if there are none.
void add(Report& report, const std::string& heading, const std::vector<Difference>& found) {
  if (found.empty()) return;
  report.clean = false;
  report.text += "\n" + heading + "\n";
  for (std::size_t i = 0; i < std::min(found.size(), most_shown); ++i) report.text += found[i].path + "\n" + found[i].lines;
  if (found.size() > most_shown) report.text += "… and " + std::to_string(found.size() - most_shown) + " more\n";
}

std::vector<Difference> between(const Outcome& before, const Outcome& after) {
  auto all = differences("state", before.state, after.state);
  for (const auto& more : {differences("greeting", before.greeting, after.greeting),
                           differences("failures", before.failures, after.failures)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

bool same(const Outcome& one, const Outcome& other) { return between(one, other).empty(); }

// The message in the log, compared with what the plugin makes of it when it is sent again.
std::vector<Difference> between(const store::Record& record, const Json& made_now) {
  const auto entry = rooms::entry_of(record);
  return differences("message " + std::to_string(record.seq), made(entry.type, entry.content), made_now);
}

// The messages that only one of the two builds accepts, and those for which the first build gives what the log has and the
// second something else. Leaves out types for which either build's answer varies from call to call.
std::vector<Difference> between(const Answers& before, const Answers& after, const store::Recording& log) {
  std::vector<Difference> found;
  const auto add = [&](std::uint64_t seq, std::string lines) {
    found.push_back({"message " + std::to_string(seq), std::move(lines)});
  };
  for (const auto& record : log.records) {
    const auto seq = record.seq;
    const auto gone = before.refused.find(seq);
    const auto come = after.refused.find(seq);
    const bool was = gone != before.refused.end();
    const bool is = come != after.refused.end();
    if (was && !is) add(seq, "  - refused: " + escaped(shortened(gone->second)) + "\n  + accepted\n");
    if (!was && is) add(seq, "  - accepted\n  + refused: " + escaped(shortened(come->second)) + "\n");
    const auto other = after.other.find(seq);
    if (was || is || other == after.other.end() || before.other.contains(seq)) continue;
    const auto type = rooms::entry_of(record).type;
    if (before.unsteady.contains(type) || after.unsteady.contains(type)) continue;
    const auto more = between(record, other->second);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

// A note about messages that neither build accepts as they are in the log: they cannot be compared.
std::string untold(const std::map<std::uint64_t, std::string>& before, const std::map<std::uint64_t, std::string>& after) {
  std::size_t count = 0;
  std::string first;
  for (const auto& [seq, why] : before) {
    if (!after.contains(seq)) continue;
    if (++count == 1) first = "message " + std::to_string(seq) + ": " + escaped(shortened(why));
  }
  if (count == 0) return {};
  return "\nnot compared: " + std::to_string(count) + (count == 1 ? " message" : " messages") +
         " that neither build accepts as in the log, because the plugin changed what was sent\n(" + first + ")\n";
}

}  // namespace

Report check(const plugins::Registry& registry, const store::RecordedRoom& room) {
  require_beginning(room);
  Report report{title(room)};
  for (const auto& plugin : registry.plugins()) {
    const auto opened = play(plugin, room, Way::opened);
    const auto longest = has_two_ways(room.log) ? play(plugin, room, Way::whole) : opened;
    Report own;
    add(own, is_whole(room.log) ? whole_log : from_snapshot(room.log), differences("failures", Json::array(), longest.failures));
    add(own, "- " + from_snapshot(room.log) + "\n+ " + whole_log, between(opened, longest));
    report.text += "\n" + line_of(plugin) + (own.clean ? "nothing is wrong\n" : own.text);
    report.clean = report.clean && own.clean;
  }
  return report;
}

Report tell(const plugins::Registry& registry, const std::vector<std::string>& names, const store::RecordedRoom& room) {
  require_beginning(room);
  const auto& log = room.log;
  Report report;
  for (const auto& name : names) {
    const auto& plugin = registry.plugins()[place_of(name, registry)];
    const auto outcome = play(plugin, room, Way::opened);
    const nlohmann::ordered_json told = {
        {"room", room.name},
        {"seq", log.first + log.records.size() - 1},
        {"snapshot", log.snapshot ? Json(log.snapshot->seq) : Json()},  // where the replay began
        {"plugin", name},
        {"version", plugin.version()},
        {"state", outcome.state},
        {"greeting", outcome.greeting},
        {"failures", outcome.failures}};
    report.text += told.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    report.clean = report.clean && outcome.failures.empty();
  }
  return report;
}

Report compare(const plugins::Registry& before, const plugins::Registry& after, const std::vector<std::string>& names,
               const store::RecordedRoom& room) {
  require_beginning(room);
  Report report{title(room)};
  for (const auto& name : names) {
    const auto place = place_of(name, before);
    const auto& loaded = before.plugins()[place];
    const auto& another = after.plugins()[place];
    const auto opened = std::pair{play(loaded, room, Way::opened), play(another, room, Way::opened)};
    Report own;
    add(own, from_snapshot(room.log), between(opened.first, opened.second));
    if (has_two_ways(room.log)) {
      const auto whole = std::pair{play(loaded, room, Way::whole), play(another, room, Way::whole)};
      const bool is_news = !same(whole.first, opened.first) || !same(whole.second, opened.second);
      if (is_news) add(own, whole_log, between(whole.first, whole.second));
    }
    const auto requests = asked(before, place, room);
    const auto answered = std::pair{answers(before, place, room, requests), answers(after, place, room, requests)};
    add(own, "if the messages were sent again as they are in the log", between(answered.first, answered.second, room.log));
    report.text += "\n- " + line_of(loaded) + "+ " + line_of(another);
    report.text += own.clean ? "\nnothing differs\n" : own.text;
    report.text += untold(answered.first.refused, answered.second.refused);
    report.clean = report.clean && own.clean;
  }
  return report;
}

}  // namespace hubbub::replay
