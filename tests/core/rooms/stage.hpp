// Rooms without threads and sockets: several shards whose tasks run when the test says so, a store of the test's choice,
// and actors who keep what they are sent. Every room's home is the first shard.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugins/registry.hpp"
#include "rooms/room_connection.hpp"
#include "testing/manual_shard.hpp"

namespace hubbub::rooms {

using testing::ManualShard;

// A connection's outgoing side.
class Inbox final : public Sink {
 public:
  void send(const Frame& frame) override {
    if (closed) return;
    messages.push_back(Json::parse(frame.payload()));
    deliveries.push_back(frame.delivery());
    if (when_sent) when_sent(messages.back());
  }
  void send(const Batch& batch, std::size_t first) override { catch_up(batch.frames(first), {}); }
  void catch_up(std::span<const Frame> frames, std::function<void()> more) override {
    for (const auto& frame : frames) send(frame);
    wanted = std::move(more);
    if (reads) read_on();
  }
  // Takes what has come, and so asks for more.
  void read_on() {
    if (wanted) std::exchange(wanted, {})();
  }
  void probe() override { probed = true; }
  void close(CloseCode code, std::string_view) override {
    if (!closed) closed = code;
  }

  bool reads = true;   // what brings it up to date, as soon as it comes
  runtime::Task wanted;         // called for more of that
  std::function<void(const Json&)> when_sent;
  std::deque<Json> messages;
  std::vector<Delivery> deliveries;  // of all that have come
  std::optional<CloseCode> closed;
  bool probed = false;
};

inline config::Config configured(config::Environment environment = {}) {
  environment.try_emplace("HUBBUB_PLUGINS__DIRECTORY", HUBBUB_FIXTURE_DIR);
  environment.try_emplace("HUBBUB_PLUGINS__PROBE", "{}");
  return config::load({}, environment);
}

class Stage {
 public:
  Stage(store::Store& store, std::size_t places, config::Config its_config = configured())
      : config(std::move(its_config)), registry(std::make_shared<const plugins::Registry>(config.plugins)),
        shards(places), subscriptions(places), world{config, registry, store} {
    for (std::size_t i = 0; i < places; ++i) world.shards.push_back({shards[i], subscriptions[i], hub});
  }

  ManualShard& home() { return shards.front(); }

  // Runs the tasks of all shards until there are none.
  void run() {
    for (bool any = true; any;) {
      any = false;
      for (auto& shard : shards) any = shard.run_one() || any;
    }
  }
  void advance(std::chrono::milliseconds time) {
    for (auto& shard : shards) shard.advance(time);
    run();
  }

  config::Config config;
  std::shared_ptr<const plugins::Registry> registry;
  std::deque<ManualShard> shards;
  std::deque<Subscriptions> subscriptions;
  World world;
  Hub hub{shards.front(), world};
  MemberId last_member = 0;
};

// Somebody at one connection, from construction to leave().
class Actor {
 public:
  Actor(Stage& stage, const std::string& nickname, std::size_t place = 0,
        std::optional<JoinRequest::Position> since = {}, const std::string& room = "general", std::optional<ClientKey> key = {},
        bool reads = true)
      : stage_(stage), place_(place) {
    inbox.reads = reads;
    JoinRequest request{room, {nickname, nickname, ++stage.last_member}, place, true, std::move(since), key};
    shard().enter([&] {
      connection_.emplace(inbox, std::move(request), stage.world);
    });
  }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor() { leave(); }

  void leave() {
    if (connection_) shard().enter([&] { connection_.reset(); });
  }
  bool is_here() const { return connection_.has_value(); }

  void send(const std::string& type, const Json& content, const Json& ref = nullptr) {
    send_text(Json{{"type", type}, {"content", content}, {"ref", ref}}.dump());
  }
  void send_text(std::string_view text) {
    shard().enter([&] { connection_->on_message(text, Opcode::text); });
  }

  void send_binary() {
    shard().enter([&] { connection_->on_message("", Opcode::binary); });
  }

  // Runs `call` on its shard.
  template <class Call>
  void enter(Call&& call) {
    shard().enter(call);
  }

  // The key that it was told.
  ClientKey key() const {
    const auto welcome = std::ranges::find_if(inbox.messages, [](const Json& message) { return message["type"] == "welcome"; });
    return *read_client_key((*welcome)["content"]["key"].get<std::string>());
  }

  // What has arrived of one type since it was last asked for.
  std::vector<Json> take(const std::string& type) {
    std::vector<Json> taken;
    std::erase_if(inbox.messages, [&](const Json& message) {
      if (message["type"] != type) return false;
      taken.push_back(message);
      return true;
    });
    return taken;
  }
  std::size_t count(const std::string& type) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(inbox.messages, [&](const Json& message) { return message["type"] == type; }));
  }

  Inbox inbox;

 private:
  ManualShard& shard() { return stage_.shards[place_]; }

  Stage& stage_;
  std::size_t place_;
  std::optional<RoomConnection> connection_;
};

// The places in the log of what has come to somebody of one type.
using Seqs = std::vector<std::uint64_t>;
inline Seqs seqs(Actor& actor, const std::string& type = "note") {
  Seqs all;
  for (const auto& message : actor.take(type)) all.push_back(message["seq"]);
  return all;
}

}  // namespace hubbub::rooms
