// Each call on a plugin is told to others under its own name, with the room and the entry at hand: by that a plugin that hangs or ends
// the process is known.
#include <gtest/gtest.h>

#include <hubbub/plugin.hpp>
#include <hubbub/server_view.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugins/calls.hpp"
#include "plugins/instance.hpp"
#include "plugins/library.hpp"
#include "plugins/registry.hpp"

namespace hubbub::plugins {
namespace {

std::vector<std::string> told;

void note(const std::string& function) {
  const auto* call = call_of_this_thread();
  told.push_back(function + ": " + (call ? std::string{call->plugin} + "/" + (call->room ? *call->room : "-") + "/" + call->name + "/" + std::string{call->type()} : "nothing"));
}

class Told final : public Plugin {
 public:
  Told() { note("made"); }
  ~Told() override { note("destroyed"); }
  Verdict on_message(const Member&, Message) const override { return note("on_message"), Verdict{}; }
  void apply(const Entry&) override { note("apply"); }
  Json snapshot() const override { return note("snapshot"), 1; }
  void restore(const Json&) override { note("restore"); }
  void greet(const Member&, Greeting&) const override { note("greet"); }
  void on_open() override { note("on_open"); }
  void on_join(const Member&) override { note("on_join"); }
  void on_leave(const Member&) override { note("on_leave"); }
  void on_timer() override { note("on_timer"); }
  static std::chrono::milliseconds on_server(const ServerFigures&, std::int64_t, Options&) { return note("on_server"), std::chrono::milliseconds{7}; }
  static bool minds_room(const std::string&, Options&) { return note("minds_room"), false; }
};

constinit const abi::Offers<Told> offers{"told", [](Options&, std::vector<Type>&, std::string&) noexcept { return note("types"), abi::Ending::done; }};
constinit const auto table = abi::table<Told>("told", "1", offers.list);

struct Unheard final : Greeting {
  void replay(const Entry&) override {}
  void send(Message) override {}
};

TEST(ToldCalls, have_the_name_of_what_is_called) {
  told.clear();
  const config::PluginSection section{"told", {.path = "plugins.told"}};
  const std::string room = "cellar";
  const Member jane{"jane", "Jane", 1};
  auto options = section.reader();
  declared_types(offers.room, options);
  const LoadedPlugin loaded{table, offers.room, section};
  EXPECT_FALSE(loaded.minds_room(room));
  EXPECT_EQ(loaded.on_server({}, 0), std::chrono::milliseconds{7});
  {
    Instance plugin{offers.room, options, "", &room};
    Verdict verdict;
    Unheard greeting;
    std::string text;
    plugin.on_message(jane, {"note", 1}, verdict);
    plugin.apply({1, 0, "jane", "Jane", "noted", 1});
    plugin.snapshot(text);
    plugin.restore(1);
    plugin.greet(jane, greeting);
    plugin.on_open();
    plugin.on_join(jane);
    plugin.on_leave(jane);
    plugin.on_timer();
    const InHand message{"jane", "1", "note", 0};
    plugin.on_leave(jane);
    plugin.apply({1, 0, "jane", "Jane", "noted", 1});
  }
  EXPECT_EQ(told, (std::vector<std::string>{
                      "types: told/-/declaring its types/", "minds_room: told/cellar/minds_room/", "on_server: told/-/on_server/", "made: told/cellar/its constructor/",
                      "on_message: told/cellar/on_message/", "apply: told/cellar/apply/noted", "snapshot: told/cellar/snapshot/", "restore: told/cellar/restore/",
                      "greet: told/cellar/greet/", "on_open: told/cellar/on_open/", "on_join: told/cellar/on_join/", "on_leave: told/cellar/on_leave/",
                      "on_timer: told/cellar/on_timer/", "on_leave: told/cellar/on_leave/note", "apply: told/cellar/apply/noted",
                      "destroyed: told/cellar/its destructor/"}));
  EXPECT_EQ(call_of_this_thread(), nullptr) << "once it is over";
}

}  // namespace
}  // namespace hubbub::plugins
