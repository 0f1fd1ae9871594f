#include "replay/outcome.hpp"

#include <optional>
#include <string>

#include "replay/trial.hpp"
#include "rooms/fold.hpp"
#include "rooms/frame_greeting.hpp"

namespace hubbub::replay {
namespace {

class Play {
 public:
  Play(const plugins::LoadedPlugin& plugin, const store::RecordedRoom& room) : plugin_(plugin), room_(room) { begin(); }

  Outcome run(Way way) {
    std::uint64_t after = 0;
    if (const auto& snapshot = room_.log.snapshot; way == Way::opened && snapshot) {
      if (restore(*snapshot)) {
        after = snapshot->seq;
      } else if (room_.log.first == 1) {
        begin();  // the snapshot is unusable, but the log is complete
      } else {
        fail("it is out of order in the room", "the log does not reach back to the beginning");
        return outcome_;
      }
    }
    for (const auto& record : room_.log.records) {
      if (record.seq > after && record.plugin == plugin_.name()) take(rooms::entry_of(record));
    }
    conclude();
    return outcome_;
  }

 private:
  void begin() { trial_.emplace(plugin_, StillRoom{room_.name, 0}); }
  plugins::Instance& object() { return trial_->plugin(); }

  void fail(const std::string& what, const std::string& why) { outcome_.failures.push_back(what + ": " + why); }
  bool note(const std::string& what, const std::optional<plugins::Fault>& fault) {
    if (fault) fail(what + " failed", fault->text);
    return !fault;
  }

  bool restore(const store::Snapshot& snapshot) {
    const auto state = state_of(plugin_.name(), snapshot);
    return !state || note("restore of the snapshot at " + std::to_string(snapshot.seq), object().restore(*state));
  }

  // If apply fails, goes on with the next message, as a server does when it opens the room.
  void take(const Entry& entry) {
    trial_->room().set_time(entry.ts);
    note("apply of message " + std::to_string(entry.seq), object().apply(entry));
  }

  // Fills in the state and the greeting.
  void conclude() {
    const auto& records = room_.log.records;
    if (!records.empty()) trial_->room().set_time(records.back().ts);
    std::string state;
    if (note("snapshot", object().snapshot(state))) {
      outcome_.state = Json::parse(state);
      check_restores();
    }
    note("on_open", object().on_open());
    std::vector<Frame> frames;
    const auto json_name = json_text(room_.name);
    rooms::FrameGreeting greeting{frames, json_name};
    note("greet", object().greet({"newcomer", "Newcomer"}, greeting));
    for (const auto& frame : frames) outcome_.greeting.push_back(Json::parse(frame.payload()));
  }

  void check_restores() {
    Trial again{plugin_, StillRoom{room_.name, 0}};
    std::string state;
    if (!note("restore of its own snapshot", again.plugin().restore(outcome_.state))) return;
    if (!note("snapshot after a restore", again.plugin().snapshot(state))) return;
    if (Json::parse(state) != outcome_.state) fail("restore of its own snapshot", "the state differs afterwards");
  }

  const plugins::LoadedPlugin& plugin_;
  const store::RecordedRoom& room_;
  std::optional<Trial> trial_;
  Outcome outcome_;
};

}  // namespace

Outcome play(const plugins::LoadedPlugin& plugin, const store::RecordedRoom& room, Way way) {
  return Play{plugin, room}.run(way);
}

}  // namespace hubbub::replay
