// Monitor: figures of this machine and of the server, measured all the time, for rooms and members that want them.
#include <hubbub/plugin.hpp>
#include <hubbub/server_view.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "station.hpp"

namespace {

using namespace std::chrono_literals;

// In rooms with these names everybody gets figures without asking. Pages that were written for another server, which sends figures
// to all, use these rooms.
constexpr std::array<std::string_view, 2> usual_rooms = {"monitor", "system_monitor"};

monitor::Settings read_settings(hubbub::Options& options) {
  return {options.duration("interval", 2s, 250ms, 1h), options.duration("history", 5min, 0s, 1h), options.text("disk", "/")};
}

std::vector<std::string> read_rooms(hubbub::Options& options) {
  std::vector<std::string> rooms;
  const auto list = options.json("rooms", hubbub::Json::array());
  if (!list.is_array()) {
    options.refuse("rooms", "a list of names of rooms such as [monitor]; empty: any room in which somebody asks");
    return {};
  }
  for (const auto& room : list) {
    if (room.is_string()) {
      rooms.push_back(room);
    } else {
      options.refuse("rooms[" + std::to_string(&room - &list.front()) + "]", "the name of a room; put a number in quotes");
    }
  }
  return rooms;
}

// One station for all rooms, for the life of the process.
monitor::Station& station() {
  static monitor::Station one;
  return one;
}

class Monitor final : public hubbub::Plugin, public hubbub::Needs<hubbub::ServerView> {
 public:
  explicit Monitor(hubbub::Options& options)
      : settings_{read_settings(options)}, rooms_(read_rooms(options)), tells_people_(options.boolean("people", false)) {}

  static std::chrono::milliseconds on_server(const hubbub::ServerFigures& figures, std::int64_t now, hubbub::Options& options) {
    return station().measure(read_settings(options), now, figures);
  }

  static bool minds_room(const std::string& room, hubbub::Options& options) {
    return is_for_all(read_rooms(options), room) || station().has_watchers_in(room);
  }

  // A member who asks once gets all figures from then on.
  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message) const override {
    if (!rooms_.empty() && !is_for_all()) {
      return hubbub::reject("there are no figures in this room; ask in one of the rooms that the server's options name");
    }
    station().add_watcher(room().name(), sender.connection);
    if (!is_for_all() && watchers_.emplace(sender.connection, sender).second) {
      for (auto& message : news()) room().send(sender, std::move(message));
      if (!awake_) sleep();
    }
    return hubbub::reply({"metrics_history", station().history(settings_, room().unix_ms())});
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    if (!is_for_all()) return;
    auto history = station().history(settings_, room().unix_ms());
    if (!history["ts"].empty()) greeting.send({"metrics_history", std::move(history)});
    for (auto& message : news()) greeting.send(std::move(message));
  }

  // Takes over the watchers of this room's previous plugin object. Those who are still here join next.
  void on_open() override { before_ = station().take_watchers(room().name()); }

  void on_join(const hubbub::Member& member) override {
    if (before_.erase(member.connection) != 0) {
      station().add_watcher(room().name(), member.connection);
      watchers_.emplace(member.connection, member);
    }
    if (!awake_ && is_watched()) sleep();
  }

  void on_leave(const hubbub::Member& member) override {
    station().remove_watcher(room().name(), member.connection);
    watchers_.erase(member.connection);
  }

  void on_timer() override {
    awake_ = false;
    if (!is_watched()) return;
    for (auto& message : news()) {
      if (message.type == "system_metrics" && message.content["ts"] == std::exchange(told_, message.content["ts"])) continue;
      tell(std::move(message));
    }
    sleep();
  }

 private:
  // Whether everybody in this room gets figures without asking.
  bool is_for_all() const { return is_for_all(rooms_, room().name()); }
  static bool is_for_all(const std::vector<std::string>& rooms, const std::string& room) {
    if (rooms.empty()) return std::ranges::find(usual_rooms, room) != usual_rooms.end();
    return std::ranges::find(rooms, room) != rooms.end();
  }

  bool is_watched() const { return is_for_all() ? room().members() != 0 : !watchers_.empty(); }

  // Sleeps until the next measurement is due. If that is late, on_timer() finds nothing new and sleeps again.
  void sleep() const {
    awake_ = true;
    room().wake_after(std::max<std::chrono::milliseconds>(station().until_next(settings_, room().unix_ms()), 20ms));
  }

  // The current messages. `connected` comes first: a page that gets figures without it assumes that there will be none.
  std::vector<hubbub::Message> news() const {
    std::vector<hubbub::Message> news;
    auto metrics = station().latest(settings_, room().unix_ms());
    if (tells_people_) news.push_back({"connected", station().connected(settings_, room())});
    if (!metrics.is_null()) news.push_back({"system_metrics", std::move(metrics)});
    return news;
  }

  // Sends to all watchers. If everybody watches, one message is posted, which is encoded once.
  void tell(hubbub::Message message) const {
    if (is_for_all() || watchers_.size() == room().members()) return room().post(std::move(message));
    for (const auto& [connection, watcher] : watchers_) room().send(watcher, message);
  }

  const monitor::Settings settings_;
  const std::vector<std::string> rooms_;
  const bool tells_people_;  // whether to send `connected`
  // The members of this room who have asked, by connection. No entry outlives its connection, so this is not state that apply()
  // must rebuild.
  mutable std::map<std::uint64_t, hubbub::Member> watchers_;
  std::set<std::uint64_t> before_;  // the watching connections of the previous object
  mutable bool awake_ = false;  // whether a timer is set
  hubbub::Json told_;           // the `ts` of the last figures that were sent
};

}  // namespace

HUBBUB_PLUGIN(Monitor, hubbub::question("request_metrics").max_rate(5).schema(R"({"type":"null"})"),
              hubbub::ephemeral("system_metrics").from_server().keep_newest(),
              hubbub::ephemeral("metrics_history").from_server(),
              hubbub::ephemeral("connected").from_server().keep_newest())
