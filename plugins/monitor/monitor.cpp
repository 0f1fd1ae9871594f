// Monitor: figures of this machine and of the server, for whoever is in a room.
#include <hubbub/plugin.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "station.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto soon = 1s;  // where there is nothing to compare with yet, so that nobody waits long for the first figures

std::vector<std::string> read_rooms(hubbub::Options& options) {
  std::vector<std::string> rooms;
  const auto list = options.json("rooms", hubbub::Json::array());
  const bool usable = list.is_array() && std::ranges::all_of(list, [](const auto& room) { return room.is_string(); });
  if (!usable) {
    options.refuse("rooms", "a list of names of rooms; empty: all rooms");
    return {};
  }
  return list.get<std::vector<std::string>>();
}

class Monitor final : public hubbub::Plugin {
 public:
  explicit Monitor(hubbub::Options& options)
      : settings_{options.duration("interval", 2s, 250ms, 1h), options.duration("history", 5min, 0s, 1h),
                  options.text("disk", "/")},
        rooms_(read_rooms(options)), tells_people_(options.boolean("people", false)) {}

  hubbub::Verdict on_message(const hubbub::Member&, hubbub::Message) const override {
    if (!is_watched()) return hubbub::reject("nothing is measured for this room; ask in one of the rooms that the server's options name");
    return hubbub::reply({"metrics_history", station().history(settings_, room().unix_ms())});
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    if (!is_watched()) return;
    if (tells_people_) greeting.send({"connected", station().connected(settings_, room())});
    auto history = station().history(settings_, room().unix_ms());
    if (!history["ts"].empty()) greeting.send({"metrics_history", std::move(history)});
  }

  void on_join(const hubbub::Member&) override {
    if (!awake_ && is_watched()) on_timer();
  }

  void on_timer() override {
    awake_ = room().members() != 0;
    if (!awake_) return;
    auto metrics = station().metrics(settings_, room().unix_ms(), room().server());
    room().wake_after(metrics.is_null() ? std::min<std::chrono::milliseconds>(soon, settings_.interval) : settings_.interval);
    if (metrics.is_null()) return;
    if (tells_people_) room().post({"connected", station().connected(settings_, room())});
    room().post({"system_metrics", std::move(metrics)});
  }

 private:
  // One for all rooms, as long as the process.
  static monitor::Station& station() {
    static monitor::Station one;
    return one;
  }

  bool is_watched() const { return rooms_.empty() || std::ranges::find(rooms_, room().name()) != rooms_.end(); }

  const monitor::Settings settings_;
  const std::vector<std::string> rooms_;
  const bool tells_people_;  // who is in all rooms, to whoever is in this one
  bool awake_ = false;  // it has asked to be woken
};

}  // namespace

HUBBUB_PLUGIN(Monitor, hubbub::question("request_metrics").max_rate(5).schema(R"({"type":"null"})"),
              hubbub::ephemeral("system_metrics").from_server().keep_newest(),
              hubbub::ephemeral("metrics_history").from_server(),
              hubbub::ephemeral("connected").from_server().keep_newest())
