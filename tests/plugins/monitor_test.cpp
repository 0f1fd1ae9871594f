#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <hubbub/testing.hpp>

namespace {

using namespace std::chrono_literals;
using hubbub::testing::Json;
using hubbub::testing::Room;

const std::string monitor = HUBBUB_PLUGIN_DIR "/monitor.so";

std::vector<Json> of_type(const std::vector<Json>& messages, const std::string& type) {
  std::vector<Json> found;
  for (const auto& message : messages) {
    if (message["type"] == type) found.push_back(message);
  }
  return found;
}

TEST(Monitor, the_first_member_of_a_room_soon_gets_figures_and_then_more_at_each_interval) {
  Room room{monitor, {{"interval", "10s"}, {"history", "0s"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  const auto greeting = john.take();
  EXPECT_TRUE(of_type(greeting, "system_metrics").empty()) << "there is nothing yet to compare with";
  EXPECT_TRUE(of_type(greeting, "metrics_history").empty()) << "and so no history";
  room.advance(1s);
  EXPECT_EQ(of_type(john.take(), "system_metrics").size(), 1U);
  room.advance(9s);
  EXPECT_TRUE(john.take().empty());
  room.advance(21s);
  EXPECT_EQ(of_type(john.take(), "system_metrics").size(), 3U);
}

TEST(Monitor, the_figures_are_those_of_this_machine_and_of_the_server) {
  Room room{monitor, {{"interval", "2s"}, {"disk", "/tmp"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  room.join("Jane");
  room.advance(3s);
  const auto message = john.next("system_metrics");
  EXPECT_EQ(message["nickname"], "System");
  EXPECT_FALSE(message.contains("seq"));
  const auto& figures = message["content"];
  for (const auto* percent : {"cpu", "memory", "disk"}) {
    EXPECT_GE(figures[percent], 0) << percent;
    EXPECT_LE(figures[percent], 100) << percent;
  }
  EXPECT_GT(figures["memory"], 0);
  EXPECT_GT(figures["server_memory"], 1'000'000);
  EXPECT_GT(figures["uptime"], 0);
  for (const auto* number : {"load1", "load5", "load15", "network", "received", "sent"}) EXPECT_GE(figures[number], 0) << number;
  EXPECT_EQ(figures["connections"], 2);
  EXPECT_EQ(figures["rooms"], 1);
  EXPECT_TRUE(figures["plugins"].contains("monitor"));
  const auto next = (room.advance(2s), john.take());
  EXPECT_EQ(of_type(next, "system_metrics").at(0)["content"]["deliveries"], 1) << "two members got one message, in two seconds";
}

void work_for(double seconds) {
  for (const auto until = std::clock() + static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC); std::clock() < until;) {
  }
}

TEST(Monitor, a_missing_disk_is_left_out) {
  Room room{monitor, {{"interval", "1s"}, {"disk", "/no/such/place"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  room.advance(1s);
  EXPECT_EQ(john.next("system_metrics")["content"]["disk"], 0);
  EXPECT_THROW(Room(monitor, {{"disk", std::string(4097, '/')}}), std::runtime_error);
  EXPECT_NO_THROW(Room(monitor, {{"disk", std::string(4096, '/')}}));
}

TEST(Monitor, rates_are_since_the_previous_measurement) {
  work_for(0.3);
  Room room{monitor, {{"interval", "1s"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  for (int i = 0; i < 3; ++i) {
    room.advance(1s);
    EXPECT_LT(john.next("system_metrics")["content"]["server_cpu"], 20) << i;
  }
  work_for(0.3);
  room.advance(1s);
  EXPECT_GE(john.next("system_metrics")["content"]["server_cpu"], 20);
}

TEST(Monitor, a_nearly_idle_server_is_distinguished_from_an_idle_one) {
  Room room{monitor, {{"interval", "1s"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  bool is_fine = false;  // finer than steps of ten percent
  for (int i = 0; i < 4; ++i) {
    work_for(0.023);
    room.advance(1s);
    const auto cpu = john.next("system_metrics")["content"]["server_cpu"].get<double>();
    EXPECT_GT(cpu, 0);
    is_fine |= std::fmod(cpu, 10) != 0;
  }
  EXPECT_TRUE(is_fine);
}

TEST(Monitor, a_newcomer_gets_the_last_minutes_at_once) {
  Room room{monitor, {{"interval", "2s"}, {"history", "10s"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  room.advance(60s);
  auto& jane = room.join("Jane");
  const auto history = jane.next("metrics_history")["content"];
  const auto seen = of_type(john.take(), "system_metrics");
  for (const auto& [name, list] : history.items()) ASSERT_EQ(list.size(), 5U) << name;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& figures = seen.at(seen.size() - 5 + i)["content"];
    EXPECT_EQ(history["ts"][i], figures["ts"]);
    EXPECT_EQ(history["cpu"][i], figures["cpu"]);
  }
}

TEST(Monitor, a_returning_member_can_ask_for_the_last_minutes) {
  Room room{monitor, {{"interval", "2s"}, {"history", "10s"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  john.take();
  john.send("request_metrics", nullptr, 7);
  EXPECT_EQ(john.next("metrics_history")["content"]["cpu"], Json::array()) << "nothing has been measured yet";
  room.advance(60s);
  john.send("request_metrics", nullptr, 8);
  const auto answer = john.next("metrics_history");
  EXPECT_EQ(answer["ref"], 8);
  EXPECT_EQ(answer["content"]["ts"].size(), 5U);
  auto& bob = room.join("Bob");
  bob.take();
  bob.send("request_metrics");
  const auto answers = bob.take();
  ASSERT_EQ(answers.size(), 1U) << "the figures come to everybody here, asked for or not";
  EXPECT_EQ(answers[0]["type"], "metrics_history");

  Room other{monitor, {{"rooms", {"garden"}}}};
  auto& jane = other.join("Jane");
  jane.send("request_metrics");
  EXPECT_EQ(jane.next("error")["code"], "invalid");
}

TEST(Monitor, measurements_continue_while_nobody_is_there) {
  Room room{monitor, {{"interval", "2s"}, {"history", "1m"}, {"rooms", {"general"}}}};
  room.advance(40s);
  auto& john = room.join("John");
  const auto history = john.next("metrics_history")["content"]["ts"];
  EXPECT_EQ(john.next("system_metrics")["content"]["ts"], history.back()) << "nobody waits for the first figures";
  ASSERT_GT(history.size(), 15U);
  john.leave();
  room.reopen();
  room.advance(300s);
  const auto later = room.join("Jane").next("metrics_history")["content"]["ts"];
  EXPECT_EQ(later.size(), 30U) << "and kept no longer than the option says";
  for (const auto& times : {history, later}) {
    for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i].get<std::int64_t>() - times[i - 1].get<std::int64_t>(), 2000);
  }
}

bool tells_figures(const std::vector<Json>& messages) {
  return !of_type(messages, "system_metrics").empty() || !of_type(messages, "metrics_history").empty() || !of_type(messages, "connected").empty();
}

TEST(Monitor, a_member_who_does_not_ask_gets_nothing) {
  for (const Json& options : {Json{{"interval", "2s"}}, Json{{"interval", "2s"}, {"people", true}}}) {
    Room room{monitor, options};
    auto& john = room.join("John");
    auto& jane = room.join("Jane");
    john.send("request_metrics");
    john.next("metrics_history");
    jane.take();
    room.advance(10s);
    EXPECT_FALSE(tells_figures(jane.take())) << "somebody else in this room has asked";
    EXPECT_EQ(of_type(john.take(), "system_metrics").size(), 5U);
    john.leave();
    room.advance(10s);
    EXPECT_FALSE(tells_figures(jane.take()));
  }
}

TEST(Monitor, an_asker_gets_figures_after_earlier_askers_have_left) {
  Room room{monitor, {{"interval", "2s"}}};
  room.join("Eve");  // so the room stays
  room.advance(10s);
  for (const auto* name : {"John", "Jane", "Bob"}) {
    auto& somebody = room.join(name);
    somebody.send("request_metrics");
    room.advance(10s);
    EXPECT_EQ(of_type(somebody.take(), "system_metrics").size(), 6U) << name << ": at once, and at each interval";
    somebody.leave();
    room.advance(10s);
  }
}

TEST(Monitor, an_asker_gets_figures_until_leaving_even_if_the_room_is_restored) {
  Room room{monitor, {{"interval", "2s"}}};
  room.advance(10s);
  auto& john = room.join("John");
  john.send("request_metrics");
  const auto ts = john.next("system_metrics")["content"]["ts"].get<std::int64_t>();
  room.advance(500ms);  // the least time between two questions
  john.take();
  john.send("request_metrics");
  const auto again_asked = john.take();
  EXPECT_EQ(of_type(again_asked, "metrics_history").size(), 1U);
  EXPECT_TRUE(of_type(again_asked, "system_metrics").empty()) << "he has had these";
  room.advance(4s);
  const auto seen = of_type(john.take(), "system_metrics");
  ASSERT_EQ(seen.size(), 2U) << "asking twice makes it no more";
  EXPECT_EQ(seen[1]["content"]["ts"], ts + 4000);
  auto& again = room.join("John");
  room.advance(4s);
  EXPECT_TRUE(again.take("system_metrics").empty()) << "another connection of his asks for itself";
}

TEST(Monitor, each_newcomer_gets_the_figures_of_that_moment) {
  Room room{monitor, {{"interval", "2s"}, {"history", "1m"}, {"people", true}, {"rooms", {"general"}}}};
  room.advance(10s);
  std::vector<std::int64_t> newest, last;
  for (const auto* name : {"John", "Jane", "Bob"}) {
    const auto greeting = room.join(name).take();
    newest.push_back(of_type(greeting, "system_metrics").at(0)["content"]["ts"]);
    last.push_back(of_type(greeting, "metrics_history").at(0)["content"]["ts"].back());
    EXPECT_EQ(of_type(greeting, "connected").size(), 1U);
    room.advance(10s);
  }
  EXPECT_EQ(newest, (std::vector<std::int64_t>{newest[0], newest[0] + 10'000, newest[0] + 20'000}));
  EXPECT_EQ(last, newest);
}

TEST(Monitor, keeps_a_history_of_every_figure_but_two) {
  Room room{monitor, {{"interval", "2s"}, {"rooms", {"general"}}}};
  room.advance(10s);
  auto& john = room.join("John");
  const auto history = john.next("metrics_history")["content"];
  auto figures = john.next("system_metrics")["content"];
  EXPECT_EQ(figures.erase("uptime"), 1U);
  EXPECT_EQ(figures.erase("plugins"), 1U);
  for (const auto& [name, value] : figures.items()) EXPECT_EQ(history[name].back(), value) << name;
  EXPECT_EQ(history.size(), figures.size());
  EXPECT_EQ(history.size(), 16U);
}

TEST(Monitor, only_the_named_rooms_get_figures) {
  for (const auto* name : {"general", "garden"}) {
    Room room{monitor, {{"rooms", {name}}, {"history", "0s"}}};
    auto& john = room.join("John");
    room.advance(10s);
    EXPECT_EQ(of_type(john.take(), "system_metrics").empty(), std::string{name} == "garden");
  }
}

TEST(Monitor, the_list_of_rooms_is_sent_on_joining_and_with_each_measurement_if_enabled) {
  Room room{monitor, {{"interval", "2s"}, {"people", true}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  room.join("Jane");
  room.advance(4s);
  const auto updates = of_type(john.take(), "connected");
  const Json here = {{"rooms", {{{"name", "general"}, {"members", 2}, {"people", {"John", "Jane"}}}}}, {"more", 0}};
  EXPECT_EQ(updates.back()["content"], here);
  EXPECT_EQ(updates.back()["nickname"], "System");
  EXPECT_FALSE(updates.back().contains("seq"));
  EXPECT_EQ(room.join("Bob").next("connected")["content"], here) << "before Bob himself is in";
  for (int i = 0; i < 30; ++i) room.join("Guest");
  room.advance(2s);
  const auto crowd = of_type(john.take(), "connected").back()["content"]["rooms"][0];
  EXPECT_EQ(crowd["members"], 33);
  EXPECT_EQ(crowd["people"].size(), 20U);
}

TEST(Monitor, the_list_of_rooms_is_read_at_most_twice_an_interval) {
  Room room{monitor, {{"interval", "10s"}, {"people", true}}};
  room.advance(1h + 1s);  // a measurement has just been made
  const auto told = [&](const char* name) {
    auto& somebody = room.join(name);
    somebody.send("request_metrics");
    return somebody.next("connected")["content"]["rooms"][0]["members"].get<int>();
  };
  EXPECT_EQ(told("John"), 1);
  room.advance(4'999ms);
  EXPECT_EQ(told("Jane"), 1);
  room.advance(1ms);
  EXPECT_EQ(told("Bob"), 3);
}

TEST(Monitor, does_not_send_the_list_of_rooms_unless_enabled) {
  for (const Json& options : {Json::object(), Json{{"people", true}, {"rooms", {"garden"}}}}) {
    Room room{monitor, options};
    auto& john = room.join("John");
    john.send("request_metrics");
    room.advance(10s);
    EXPECT_TRUE(of_type(john.take(), "connected").empty()) << options;
  }
}

TEST(Monitor, accepts_no_other_question) {
  Room room{monitor};
  auto& john = room.join("John");
  for (const Json& content : {Json("all"), Json(0), Json::object(), Json::array()}) {
    room.advance(1s);
    john.send("request_metrics", content);
    EXPECT_EQ(john.next("error")["code"], "invalid") << content;
  }
}

TEST(Monitor, clients_cannot_send_figures) {
  Room room{monitor};
  auto& john = room.join("John");
  for (const auto* type : {"system_metrics", "metrics_history", "connected"}) {
    john.send(type, {{"cpu", 1}});
    EXPECT_EQ(john.next("error")["code"], "forbidden");
  }
}

TEST(Monitor, a_newcomer_after_a_restart_of_the_room_gets_the_earlier_figures) {
  Room room{monitor, {{"interval", "2s"}, {"history", "10m"}, {"rooms", {"general"}}}};
  auto& john = room.join("John");
  room.advance(10s);
  const auto before = of_type(john.take(), "system_metrics").back()["content"]["ts"];
  room.reopen();
  auto& jane = room.join("Jane");
  const auto known = jane.next("metrics_history")["content"]["ts"];
  EXPECT_NE(std::ranges::find(known, before), known.end());
  EXPECT_GT(known.back(), before) << "and what was measured meanwhile";
  room.advance(2s);
  jane.next("system_metrics");
}

TEST(Monitor, reports_mistakes_in_its_options) {
  for (const Json& rooms : {Json{"monitor", 5}, Json{"monitor"}[0]}) {
    try {
      Room room{monitor, {{"rooms", rooms}}};
      FAIL() << rooms << " was taken";
    } catch (const std::runtime_error& error) {
      const auto* words = rooms.is_array() ? "rooms[1]: must be the name of a room" : "rooms: must be a list of names of rooms";
      EXPECT_NE(std::string{error.what()}.find(words), std::string::npos) << error.what();
    }
  }
}

}  // namespace
