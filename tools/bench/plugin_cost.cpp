// The cost of a message in each bundled plugin, step by step: parse, schema, handler, fold, encode; in an almost
// empty room and in a full one, to show costs that grow with the room's state. tools/bench/plugins builds and runs it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "plugins/still_room.hpp"
#include "protocol/encode.hpp"
#include "protocol/envelope.hpp"

namespace {

using namespace hubbub;
using Clock = std::chrono::steady_clock;

// For each plugin: the n-th typical message in a room with this many things, and the messages that fill a room with them.
struct Workload {
  const char* plugin;
  const char* type;
  Json options;
  const char* things;
  std::size_t few, many;
  std::function<std::vector<Message>(std::size_t held)> fill;
  std::function<Json(std::size_t n, std::size_t held, std::uint64_t seq)> content;
};

std::vector<Message> each(std::size_t count, const char* type, const std::function<Json(std::size_t n)>& content) {
  std::vector<Message> messages;
  for (std::size_t n = 0; n < count; ++n) messages.push_back({type, content(n)});
  return messages;
}

Json stroke(std::size_t n) {
  Json points = Json::array();
  for (std::size_t i = 0; i < 10; ++i) points.push_back({(n * 7 + i) % 1000, (n * 3 + i * 2) % 1000});
  return {{"points", points}, {"color", "#336699"}, {"size", 4}};
}

std::string cell(std::size_t n) { return std::to_string(n / 100) + "-" + std::to_string(n % 100); }

// Types a letter somewhere into a text of this length.
Json letter(std::size_t at, std::size_t length, std::uint64_t seq) {
  Json changes = Json::array();
  if (at != 0) changes.push_back(at);
  changes.push_back({0, "a"});
  if (at != length) changes.push_back(length - at);
  return {{"version", seq}, {"changes", changes}};
}

std::vector<Workload> workloads() {
  const Json line = std::string(100, 'x');
  return {
      {"chat", "message", {{"history", 1000}}, "messages", 1, 1000,
       [=](auto held) { return each(held, "message", [=](auto) { return line; }); },
       [=](auto, auto, auto) { return line; }},
      {"draw", "draw", {{"max_board", 1'000'000}}, "strokes", 1, 10'000,
       [](auto held) { return each(held, "draw", stroke); },
       [](auto n, auto, auto) { return stroke(n); }},
      {"cursor_move", "cursor_move", Json::object(), "", 0, 0,
       [](auto) { return std::vector<Message>{}; },
       [](auto n, auto, auto) { return Json{{"x", n % 500}, {"y", 7}}; }},
      {"code_update", "code_edit", Json::object(), "letters", 1000, 400'000,
       [](auto held) { return std::vector<Message>{{"code_update", std::string(held, 'x')}}; },
       [](auto n, auto held, auto seq) { return letter(n * 7919 % (held + n + 1), held + n, seq); }},
      {"kanban", "move_task", {{"max_tasks", 100'000}}, "tasks", 10, 10'000,
       [](auto held) {
         return each(held, "add_task", [](auto n) {
           return Json{{"id", n}, {"title", "a task"}, {"column", "column " + std::to_string(n % 5)}};
         });
       },
       [](auto n, auto held, auto) {
         return Json{{"taskId", n % held}, {"newColumn", "column " + std::to_string(n % 5)}, {"position", n % 7}};
       }},
      {"spreadsheet", "cell_update", Json::object(), "cells", 10, 50'000,
       [](auto held) {
         return each(held, "cell_update", [](auto n) { return Json{{"id", cell(n)}, {"value", "text"}}; });
       },
       [](auto n, auto held, auto) { return Json{{"id", cell(n * 31 % held)}, {"value", "=A1+" + std::to_string(n)}}; }},
      {"script", "dice", {{"files", {"plugins/script/examples/dice.lua"}}}, "", 0, 0,
       [](auto) { return std::vector<Message>{}; },
       [](auto, auto, auto) { return Json{{"sides", 6}}; }},
  };
}

enum Step { parse, schema, handler, fold, encode_, steps };
using Times = std::array<std::vector<double>, steps>;

class Bench {
 public:
  Bench(const Workload& workload, const std::string& directory)
      : registry_(testing::load_plugin(directory, workload.plugin, workload.options)) {}

  Times run(const Workload& workload, std::size_t held, std::size_t messages) {
    Times unmeasured, times;
    for (auto& message : workload.fill(held)) say(message, unmeasured);
    for (std::size_t n = 0; n < messages; ++n) say({workload.type, workload.content(n, held, seq_)}, times);
    return times;
  }

 private:
  void say(const Message& message, Times& times) {
    const auto text = Json{{"type", message.type}, {"content", message.content}, {"ref", seq_}}.dump();
    auto last = Clock::now();
    const auto note = [&](Step step) {
      const auto now = Clock::now();
      times[step].push_back(std::chrono::duration<double, std::micro>(now - last).count());
      last = Clock::now();
    };
    auto parsed = parse_envelope(text, 32);
    auto& envelope = std::get<Envelope>(parsed);
    const auto* route = registry_.find(envelope.type);
    note(parse);
    auto wrong = route->schema.check(envelope.content);
    note(schema);
    Verdict verdict;
    if (!wrong && fold_.on_message(0, sender_, {std::move(envelope.type), std::move(envelope.content)}, verdict)) wrong = "it failed";
    note(handler);
    if (!wrong && verdict.kind != Verdict::Kind::broadcast) wrong = verdict.reason;
    if (wrong) {
      std::fprintf(stderr, "%.200s was refused: %s\n", text.c_str(), wrong->c_str());
      std::exit(1);
    }
    route = registry_.find(verdict.message.type);
    const Entry entry{seq_ + 1, room_.time(), sender_.id, sender_.nickname, verdict.message.type, std::move(verdict.message.content)};
    const auto frame = encode({route->json_type, entry.content, "\"general\"", fields_, entry.seq, entry.ts, "1"}, Delivery::must());
    note(encode_);
    if (!route->type.is_logged()) return;
    ++seq_;
    fold_.apply(0, entry);
    note(fold);
  }

  plugins::Registry registry_;
  replay::StillRoom room_;
  rooms::Fold fold_{registry_, room_};
  const Member sender_{"john", "John", 1};
  const std::string fields_ = sender_fields("John", "john");
  std::uint64_t seq_ = 0;
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

}  // namespace

int main(int, char** arguments) {
  std::printf("medians of 5000 messages, in us, in a room that holds little and in one that holds much\n");
  std::printf("%-12s %-12s %15s %8s %8s %8s %8s %8s\n", "plugin", "type", "held", "parse", "schema", "handler", "fold", "encode");
  for (const auto& workload : workloads()) {
    for (const auto held : std::set{workload.few, workload.many}) {
      const auto times = Bench{workload, std::filesystem::absolute(arguments[1])}.run(workload, held, 5000);
      std::printf("%-12s %-12s %15s", workload.plugin, workload.type, (std::to_string(held) + " " + workload.things).c_str());
      for (const auto& step : times) std::printf(" %8.2f", median(step));
      std::printf("\n");
    }
  }
}
