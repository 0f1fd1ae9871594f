// What is found where, and who is let into a room: with a hub whose shards run when the test says so.
#include "api/site.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/plugins/caller.hpp"
#include "core/rooms/stage.hpp"
#include "plugins/watchdog.hpp"
#include "store/memory.hpp"

namespace hubbub::api {
namespace {

using Headers = std::map<std::string, std::string>;

struct SiteTest : ::testing::Test {
  net::Answer ask(std::string_view target, const Headers& headers = {}, bool websocket = false, std::size_t place = 1, std::string_view method = "GET") {
    const auto site = with_rooms(place);
    const auto header = [&](std::string_view name) -> std::string_view {
      const auto found = headers.find(std::string{name});
      return found == headers.end() ? std::string_view{} : found->second;
    };
    return answer(*site, {method, target, header, websocket, ++stage.last_member});
  }
  // What is opened elsewhere is opened as soon as that has its turn.
  net::Answer answer(Site& site, const net::Request& request) {
    std::optional<net::Answer> given;
    site.answer(request, net::Reply{request.connection, [&given](net::Answer its) {
                                      given = std::move(its);
                                      return true;
                                    }});
    if (!given) outside.run_all();
    return std::move(given).value();
  }
  std::unique_ptr<Site> with_rooms(std::size_t place = 1) { return std::make_unique<Site>(files, outside, RoomEndpoint{stage.world, place}); }
  net::Response response(std::string_view target, const Headers& headers = {}, bool websocket = false, std::string_view method = "GET") {
    return std::get<net::Response>(ask(target, headers, websocket, 1, method));
  }
  net::Upgrade upgrade(std::string_view target, const std::string& protocols = {}, std::size_t place = 1) {
    return std::get<net::Upgrade>(ask(target, {{"Sec-WebSocket-Protocol", protocols}}, true, place));
  }
  static std::string of(const net::Response& response, std::string_view name) {
    for (const auto& [its, value] : response.headers) {
      if (its == name) return value;
    }
    return {};
  }
  static std::string error(const net::Response& response) {
    EXPECT_EQ(of(response, "Content-Type"), "application/json");
    EXPECT_EQ(of(response, "Cache-Control"), "no-store");
    EXPECT_EQ(of(response, "X-Content-Type-Options"), "nosniff");
    return Json::parse(std::get<std::string>(response.body)).value("error", "");
  }

  store::MemoryStore store{{}, 10};
  rooms::Stage stage{store, 2};
  testing::ManualShard outside;
  StaticFiles files{HUBBUB_SOURCE_DIR "/static", HUBBUB_SOURCE_DIR "/static", {}};
};

TEST_F(SiteTest, leads_to_the_pages_and_says_that_it_lives_and_what_is_not_there) {
  EXPECT_EQ(response("/static/index.html").status, 200U);
  for (const auto* path : {"/", "/static", "/?x=1"}) {
    EXPECT_EQ(response(path).status, 302U) << path;
    EXPECT_EQ(of(response(path), "Location"), "/static/") << path;
    EXPECT_EQ(of(response(path), "Cache-Control"), "no-cache") << path;
  }
  EXPECT_EQ(response("/healthz").status, 200U);
  EXPECT_EQ(std::get<std::string>(response("/healthz").body), "{\"status\":\"ok\"}\n");
  for (const auto* path : {"/nowhere", "/api", "/api/ws/", "/Static/", "/healthz/", "/favicon.ico"}) {
    EXPECT_EQ(response(path).status, 404U) << path;
    EXPECT_NE(error(response(path)), "") << path;
  }
  EXPECT_EQ(response("/static/%zz").status, 400U);
}

TEST_F(SiteTest, says_which_calls_on_plugins_do_not_return_and_for_how_many_seconds) {
  const auto begin = std::chrono::steady_clock::now();
  const plugins::Watchdog watchdog{std::chrono::milliseconds{50}};
  plugins::Caller caller{"secret"};
  plugins::wait_until([&] { return caller.hangs(); });
  const auto health = response("/healthz");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(health.status, 503U);
  auto said = Json::parse(std::get<std::string>(health.body));
  EXPECT_LE(said["calls"].at(0)["seconds"], seconds);
  said["calls"][0].erase("seconds");
  EXPECT_EQ(said, (Json{{"status", "hanging"}, {"calls", {{{"plugin", "slow"}, {"call", "call 1"}, {"type", "type"}}}}})) << "the room is nobody's business";
  EXPECT_EQ(response("/static/index.html").status, 200U);
  caller.rest();
  plugins::wait_until([&] { return !caller.hangs(); });
  EXPECT_EQ(response("/healthz").status, 200U);
}

TEST_F(SiteTest, can_only_be_read) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    const auto refused = response("/static/index.html", {}, false, method);
    EXPECT_EQ(refused.status, 405U) << method;
    EXPECT_EQ(of(refused, "Allow"), "GET, HEAD") << method;
  }
  EXPECT_EQ(response("/static/index.html", {}, false, "HEAD").status, 200U);
}

TEST_F(SiteTest, refuses_before_the_body_has_come_what_is_refused_in_any_case) {
  const auto rooms = with_rooms();
  auto& site = *rooms;
  const auto header = [](std::string_view) { return std::string_view{}; };
  EXPECT_FALSE(site.refuse({"GET", "/static/index.html", header}));
  EXPECT_FALSE(site.refuse({"GET", "/", header})) << "led elsewhere, not refused";
  EXPECT_EQ(site.refuse({"GET", "/nowhere", header})->status, 404U);
  EXPECT_EQ(site.refuse({"POST", "/", header})->status, 405U);
  EXPECT_EQ(site.refuse({"GET", "/api/ws?room=", header})->status, 400U);
  EXPECT_FALSE(site.refuse({"GET", "/api/ws", header, true}));
}

TEST_F(SiteTest, has_no_rooms_where_they_are_switched_off) {
  Site site{files, outside, {}};
  const auto header = [](std::string_view) { return std::string_view{}; };
  EXPECT_EQ(std::get<net::Response>(answer(site, {"GET", "/api/ws", header, true})).status, 404U);
}

TEST_F(SiteTest, upgrades_who_asks_for_a_room_and_tells_others_how) {
  const auto told = response("/api/ws");
  EXPECT_EQ(told.status, 426U);
  EXPECT_EQ(of(told, "Upgrade"), "websocket");
  EXPECT_EQ(response("/api/ws?nickname=", {}, true).status, 400U) << "before it is upgraded";
  EXPECT_EQ(error(response("/api/ws?id=a%20b")), "id: must be 1 to 64 of the characters A-Z a-z 0-9 . _ : -");
}

TEST_F(SiteTest, chooses_its_protocol_from_among_those_that_are_offered) {
  for (const auto* offered : {"hubbub.v1", "a, hubbub.v1", "bearer.x,\thubbub.v1 , b", "hubbub.v1, hubbub.v2"}) {
    EXPECT_EQ(upgrade("/api/ws", offered).subprotocol, "hubbub.v1") << offered;
  }
  for (const auto* offered : {"", "hubbub.v2", "hubbub.v11", "HUBBUB.V1", "x.hubbub.v1"}) EXPECT_EQ(upgrade("/api/ws", offered).subprotocol, "") << offered;
}

TEST_F(SiteTest, takes_a_key_among_the_protocols_too_if_it_is_one) {
  EXPECT_EQ(upgrade("/api/ws", "hubbub.v1, key.AAAAAAAAAAAAAAAAAAAAAA").subprotocol, "hubbub.v1");
  for (const auto* offered : {"hubbub.v1, key.", "key.short", "hubbub.v1, key.!!!!!!!!!!!!!!!!!!!!!!"}) {
    EXPECT_EQ(error(response("/api/ws", {{"Sec-WebSocket-Protocol", offered}}, true)), "key: must be the one that welcome gave") << offered;
  }
}

// A connection that has been upgraded.
struct Opened {
  Opened(const net::Upgrade& upgrade, rooms::Stage& its_stage) : stage{its_stage}, shard{stage.shards[*upgrade.shard]} {
    enter([&] { handler = upgrade.open(inbox); });
  }
  ~Opened() {
    enter([&] { handler.reset(); });
  }
  void enter(const std::function<void()>& call) {
    shard.enter(call);
    stage.run();
  }
  std::size_t count(const std::string& type) const {
    return static_cast<std::size_t>(std::ranges::count_if(inbox.messages, [&](const Json& message) { return message["type"] == type; }));
  }

  rooms::Stage& stage;
  rooms::ManualShard& shard;
  rooms::Inbox inbox;
  std::unique_ptr<MessageHandler> handler;
};

TEST_F(SiteTest, welcomes_who_speaks_its_protocol_and_hears_what_is_said) {
  Opened jane{upgrade("/api/ws?nickname=Jane&id=j1&room=r", "hubbub.v1"), stage}, plain{upgrade("/api/ws?room=r"), stage};
  EXPECT_EQ(jane.count("welcome"), 1U);
  EXPECT_EQ(jane.inbox.messages.at(0)["content"]["id"], "j1");
  EXPECT_EQ(plain.count("welcome"), 0U);
  jane.enter([&] { jane.handler->on_message(R"({"type":"note","content":"hello"})", Opcode::text); });
  EXPECT_EQ(plain.count("note"), 1U);
  plain.enter([&] { plain.handler->on_message("{}", Opcode::binary); });
  EXPECT_EQ(plain.inbox.closed, CloseCode::unsupported);
  jane.enter([&] { EXPECT_TRUE(jane.handler->on_last(CloseCode::normal)); });
  EXPECT_EQ(jane.inbox.closed, CloseCode::normal);
}

TEST_F(SiteTest, puts_who_comes_to_a_small_room_where_the_room_is_and_to_a_large_one_where_it_came_in) {
  const auto home = stage.world.home_of("r");
  const auto elsewhere = 1 - home;
  for (int i = 0; i < 63; ++i) stage.world.crowds->add("r");
  EXPECT_EQ(upgrade("/api/ws?room=r", {}, elsewhere).shard, home);
  stage.world.crowds->add("r");
  EXPECT_EQ(upgrade("/api/ws?room=r", {}, elsewhere).shard, elsewhere);
  EXPECT_EQ(upgrade("/api/ws?room=r", {}, home).shard, home);
}

}  // namespace
}  // namespace hubbub::api
