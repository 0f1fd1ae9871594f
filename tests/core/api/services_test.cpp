// A service in a server: when it starts, wakes and stops, what it says in rooms, which requests it answers, and what happens if it fails.
#include "api/services.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::api {
namespace {

using namespace std::chrono_literals;
using rooms::Actor;
using rooms::configured;
using rooms::Stage;
using testing::ManualShard;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct ServicesTest : ::testing::Test {
  static std::shared_ptr<const plugins::Registry> with(const std::string& options) {
    return std::make_shared<const plugins::Registry>(configured({{"HUBBUB_PLUGINS__CLERK", options}}).plugins);
  }
  void use(const std::string& options) {
    shard.enter([&] { services->use(with(options)); });
  }
  std::vector<std::string> said() { return log.take("plugin=clerk"); }

  ~ServicesTest() override {
    shard.enter([&] { services->stop(); });
    run();
  }

  LogLines log;
  store::MemoryStore store{{}, 10};
  ManualShard shard;  // the outside shard
  Stage stage{store, 1};
  std::vector<Route> routes;
  std::optional<Services> services{std::in_place, shard, stage.world, [this](const std::vector<Route>& all) { routes = all; }};

  // Runs everything that is under way, wherever it is.
  void run() {
    do stage.run();
    while (shard.run_one());
  }

  // The answer to a request, once it has come.
  std::optional<net::Response> ask(const std::string& method, const std::string& target, const std::string& body = {},
                                   const std::string& nickname = {}) {
    run();
    Router router;
    for (const auto& route : routes) router.add(route);
    const auto header = [&](std::string_view name) { return name == "X-Nickname" ? std::string_view{nickname} : std::string_view{}; };
    net::Request request{method, target, header};
    request.body = body;
    auto found = router.find(request);
    if (auto* refused = std::get_if<net::Response>(&found)) return std::move(*refused);
    const auto& [route, parameters] = std::get<Router::Found>(found);
    std::optional<net::Response> given;
    net::Reply reply{1, [&given](net::Answer answer) {
                       given = std::get<net::Response>(std::move(answer));
                       return true;
                     }};
    std::get<AnswersLater>(route->handler)(request, parameters, std::move(reply));
    run();
    return given;
  }
  Json said_in(const std::string& room, const Json& message, const std::string& nickname = {}) {
    const auto answer = ask("POST", "/clerk/" + room, message.dump(), nickname);
    return answer ? Json::parse(std::get<std::string>(answer->body)) : Json{};
  }
};

TEST_F(ServicesTest, start_wake_at_their_times_and_stop) {
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts"));
  shard.advance(999ms);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1ms);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk wakes: nobody is here"));
  {
    const Actor jane{stage, "Jane"}, bob{stage, "Bob"};
    shard.advance(1s);
    EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk wakes: 2 in general"));
  }
  shard.enter([&] { services->stop(); });
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops"));
  shard.advance(1h);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ServicesTest, go_on_after_a_reload_that_changes_nothing_of_them_and_are_made_anew_by_another) {
  use("{}");
  said();
  use("{}");
  EXPECT_THAT(said(), IsEmpty());
  use(R"({"title":"scribe"})");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk scribe starts"));
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk scribe wakes: nobody is here"));
  shard.enter([&] { services->use(stage.registry); });
  EXPECT_THAT(said(), ElementsAre("plugin=clerk scribe stops")) << "the configuration has it no more";
}

TEST_F(ServicesTest, are_made_anew_when_their_library_or_a_file_that_they_name_is_another) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "hubbub-services-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  for (const auto* plugin : {"clerk.so", "probe.so"}) fs::copy(fs::path{HUBBUB_FIXTURE_DIR} / plugin, folder / plugin);
  const auto use_those = [&] {
    const auto options = Json{{"notes", {(folder / "notes").string()}}}.dump();
    const auto config = configured({{"HUBBUB_PLUGINS__CLERK", options}, {"HUBBUB_PLUGINS__DIRECTORY", folder}});
    shard.enter([&] { services->use(std::make_shared<const plugins::Registry>(config.plugins)); });
  };
  std::ofstream{folder / "notes"} << "one";
  use_those();
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts"));
  std::ofstream{folder / "notes"} << "two";
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk clerk starts"));
  std::ofstream{folder / "clerk.so", std::ios::binary | std::ios::app} << folder;  // another build
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk clerk starts"));
  fs::remove_all(folder);
}

TEST_F(ServicesTest, that_fail_to_start_are_tried_again_in_a_minute) {
  use(R"({"in":"start"})");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk start failed: as it was told; it is tried again in a minute"));
  shard.advance(59s);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk start failed: as it was told; it is tried again in a minute"));
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts")) << "what never started is not stopped";
}

TEST_F(ServicesTest, whose_timer_fails_are_woken_again_in_a_minute) {
  use(R"({"in":"on_timer"})");
  said();
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk on_timer failed: as it was told; it is tried again in a minute"));
  shard.advance(59s);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk on_timer failed: as it was told; it is tried again in a minute"));
}

TEST_F(ServicesTest, that_fail_to_stop_are_gone_all_the_same) {
  use(R"({"in":"stop"})");
  said();
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk stop failed: as it was told", "plugin=clerk clerk starts"));
}

TEST_F(ServicesTest, are_woken_every_ten_milliseconds_at_most) {
  use(R"({"every":"0ms"})");
  said();
  shard.advance(100ms);
  EXPECT_EQ(said().size(), 10U);
}

TEST_F(ServicesTest, are_refused_with_what_is_wrong_with_their_options) {
  const auto refusal = [](const std::string& options) -> std::string {
    try {
      with(options);
      return "nothing is wrong";
    } catch (const config::Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal(R"({"titel":"scribe"})"), ::testing::HasSubstr("unknown option; did you mean \"title\"?"));
  EXPECT_THAT(refusal(R"({"in":"its constructor"})"), ::testing::HasSubstr("plugins.clerk: its constructor failed: as it was told"));
}

TEST_F(ServicesTest, say_something_in_rooms_and_learn_what_became_of_it) {
  use("{}");
  Actor john{stage, "john"};
  EXPECT_EQ(said_in("general", {{"type", "note"}, {"content", "hello"}}, "The clerk"), (Json{{"refused", ""}, {"why", ""}, {"seq", 1}}));
  const auto notes = john.take("note");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0]["nickname"], "The clerk");
  EXPECT_EQ(notes[0]["id"], "clerk");
  EXPECT_EQ(said_in("general", {{"type", "note"}, {"content", "hello"}})["seq"], 2);
  EXPECT_EQ(john.take("note")[0]["nickname"], "System");
  EXPECT_EQ(said_in("general", {{"type", "note"}, {"content", "refuse"}})["refused"], "invalid");
  EXPECT_EQ(said_in("general", {{"type", "nobody's"}, {"content", 1}})["refused"], "unknown_type");
  EXPECT_EQ(said_in("general", {{"type", "ask"}, {"content", nullptr}})["answer"], (Json{"hello", "hello"}));
  EXPECT_EQ(said_in("another%20room", {{"type", "note"}, {"content", "first"}})["seq"], 1) << "nobody is there";
  EXPECT_EQ(john.take("users_update").back()["content"], Json{"john"}) << "a service is not in the room";
}

TEST_F(ServicesTest, say_again_what_they_gave_a_ref_and_it_is_logged_once) {
  use("{}");
  for (const auto* content : {"once", "once"}) EXPECT_EQ(said_in("general", {{"type", "note"}, {"content", content}, {"ref", "7"}})["seq"], 1);
  EXPECT_EQ(said_in("general", {{"type", "note"}, {"content", "something else"}, {"ref", "7"}})["refused"], "invalid");
}

TEST_F(ServicesTest, are_held_to_the_rates_of_types_however_many_rooms_they_speak_in) {
  use("{}");
  EXPECT_EQ(said_in("general", {{"type", "slow_note"}, {"content", 1}})["refused"], "");
  EXPECT_EQ(said_in("other", {{"type", "slow_note"}, {"content", 1}})["refused"], "");
  EXPECT_EQ(said_in("general", {{"type", "slow_note"}, {"content", 2}})["refused"], "rate_limited");
  for (int i = 0; i < 300; ++i) said_in("room" + std::to_string(i), {{"type", "note"}, {"content", i}, {"ref", "7"}});
  EXPECT_EQ(said_in("room0", {{"type", "note"}, {"content", 0}, {"ref", "7"}})["seq"], 2) << "the room has forgotten who spoke long ago";
}

TEST_F(ServicesTest, cannot_say_anything_under_a_name_that_nobody_can_have) {
  use("{}");
  said();
  const Json note{{"type", "note"}, {"content", "hello"}};
  for (const auto* room : {"%20", "a%07", "x%20", "a%E2%80%AEb"}) EXPECT_EQ(ask("POST", "/clerk/" + std::string{room}, note.dump())->status, 500U) << room;
  for (const auto* nickname : {" x", "a\u202Eb"}) EXPECT_EQ(ask("POST", "/clerk/general", note.dump(), nickname)->status, 500U) << nickname;
  EXPECT_EQ(ask("POST", "/clerk/general", Json{{"type", "note"}, {"content", 1}, {"ref", std::string(65, 'x')}}.dump())->status, 500U);
  const auto lines = said();
  ASSERT_EQ(lines.size(), 1U) << "strangers may cause this as often as they like";
  EXPECT_THAT(lines[0], ::testing::HasSubstr("a route's handler failed: a room's name must be 1 to 64 characters"));
}

TEST_F(ServicesTest, are_refused_what_no_client_could_send) {
  use(R"({"how":"raw"})");
  Actor john{stage, "john"};
  const auto refused = [&](const std::string& body) {
    const auto answer = ask("POST", "/clerk/general", body);
    const auto told = Json::parse(std::get<std::string>(answer->body));
    return told["refused"].get<std::string>() + ": " + told["why"].get<std::string>();
  };
  EXPECT_THAT(refused("\xFF"), ::testing::StartsWith("invalid: content: "));
  EXPECT_THAT(refused(std::string(stage.config.websocket.max_message, 'x')), ::testing::StartsWith("invalid: content: must be at most"));
  EXPECT_EQ(refused("fits"), ": ");
  EXPECT_EQ(john.take("note").size(), 1U);
  use("{}");
  std::string deep = R"({"type":"note","content":)" + std::string(33, '[') + std::string(33, ']') + "}";
  EXPECT_THAT(refused(deep), ::testing::StartsWith("invalid: content: must not be nested deeper than 32"));
  EXPECT_EQ(ask("POST", "/clerk/general", "no JSON")->status, 400U);
}

TEST_F(ServicesTest, are_told_of_no_outcome_once_they_have_stopped) {
  use(R"({"in":"an outcome"})");
  said();
  const auto* const note = R"({"type":"note","content":1})";
  EXPECT_EQ(ask("POST", "/clerk/general", note)->status, 500U) << "it threw, and the reply was dropped";
  EXPECT_THAT(said(), ElementsAre("plugin=clerk an outcome failed: as it was told"));
  net::Request request{"POST", "/clerk/general", [](auto) { return std::string_view{}; }};
  request.body = note;
  std::vector<unsigned> given;
  Router router;
  for (const auto& route : routes) router.add(route);
  auto found = router.find(request);
  const auto& [route, parameters] = std::get<Router::Found>(found);
  std::get<AnswersLater>(route->handler)(request, parameters, {1, [&](net::Answer answer) {
                                           given.push_back(std::get<net::Response>(answer).status);
                                           return true;
                                         }});
  while (shard.run_one()) {
  }
  EXPECT_THAT(given, IsEmpty()) << "it has been said, and nothing is known yet";
  shard.enter([&] { services->stop(); });
  run();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops"));
  EXPECT_THAT(given, ElementsAre(500U));
}

TEST_F(ServicesTest, answer_requests_until_they_stop) {
  use("{}");
  run();
  const auto before = routes;
  const auto answer = ask("GET", "/clerk");
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(std::get<std::string>(answer->body), "clerk for ");
  EXPECT_EQ(ask("GET", "/clerk/general")->status, 405U);
  use(R"({"title":"scribe"})");
  EXPECT_EQ(std::get<std::string>(ask("GET", "/clerk")->body), "scribe for ");
  shard.enter([&] { services->use(stage.registry); });
  run();
  EXPECT_TRUE(routes.empty());
  routes = before;  // a request that came before
  shard.enter([&] { services->use(stage.registry); });
  EXPECT_EQ(ask("GET", "/clerk")->status, 503U);
}

TEST_F(ServicesTest, that_fail_at_a_request_answer_it_all_the_same) {
  use(R"({"in":"a request"})");
  said();
  EXPECT_EQ(ask("POST", "/clerk/general", R"({"type":"note","content":1})")->status, 500U);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk a route's handler failed: as it was told"));
  for (const auto& [how, why] : {std::pair{"line break", "the header X-Wrong has a character that it must not have"},
                                 std::pair{"length", "the server itself gives the header content-length"}}) {
    use(Json{{"how", how}}.dump());
    said();
    EXPECT_EQ(ask("GET", "/clerk")->status, 500U);
    EXPECT_THAT(said(), ElementsAre("plugin=clerk a route's handler failed: " + std::string{why}));
  }
  use(R"({"how":"no answer"})");
  EXPECT_EQ(ask("GET", "/clerk")->status, 500U);
}

TEST_F(ServicesTest, let_no_more_than_a_thousand_requests_wait) {
  use("{}");
  run();
  std::vector<unsigned> given;
  const auto hurry = [&] {
    net::Request request{"GET", "/clerk", [](auto) { return std::string_view{}; }};
    std::get<AnswersLater>(routes.at(1).handler)(request, {}, {1, [&](net::Answer answer) {
                                                   given.push_back(std::get<net::Response>(answer).status);
                                                   return true;
                                                 }});
  };
  for (int i = 0; i < 1002; ++i) hurry();
  EXPECT_THAT(given, ElementsAre(503U, 503U));
  run();
  EXPECT_EQ(given.size(), 1002U);
  EXPECT_EQ(given.back(), 200U);
  given.clear();
  hurry();
  run();
  EXPECT_THAT(given, ElementsAre(200U));
}

}  // namespace
}  // namespace hubbub::api
