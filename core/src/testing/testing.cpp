#include "hubbub/testing.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "protocol/random_id.hpp"
#include "protocol/sink.hpp"
#include "replay/trial.hpp"
#include "rooms/fold.hpp"
#include "rooms/room_connection.hpp"
#include "rooms/server_calls.hpp"
#include "store/memory.hpp"
#include "store/recording.hpp"
#include "testing/manual_shard.hpp"

namespace hubbub::testing {
namespace {

const std::string variable_before = "HUBBUB_PLUGINS__";

// Room passes its options on as an environment variable. Errors must name the options instead of that variable.
template <class Make>
auto with_errors_for_tests(Make&& make) {
  try {
    return make();
  } catch (const config::Error& error) {
    auto lines = error.problems();
    for (auto& line : lines) {
      const auto end = line.find(": ");
      if (line.starts_with("environment " + variable_before) && end != line.npos) line.replace(0, end, "the options given to the room");
    }
    throw config::Error{std::move(lines)};
  }
}

config::Config configure(const std::filesystem::path& library, const Json& options) {
  auto name = library.stem().string();
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  auto config = config::load({}, {{variable_before + name, options.dump()}});
  config.plugins.directories = {std::filesystem::absolute(library).parent_path()};
  return config;
}

// The plugin's state after `snapshot` and the `records` that follow it. Throws std::runtime_error with the plugin's own words if a
// call fails.
Json fold(const plugins::LoadedPlugin& plugin, const std::optional<store::Snapshot>& snapshot,
          std::span<const store::Record> records) {
  const auto require = [&](const std::optional<plugins::Fault>& fault, const std::string& what) {
    if (fault) throw std::runtime_error(plugin.name() + " " + what + ": " + fault->text);
  };
  replay::Trial trial{plugin};
  if (const auto state = snapshot ? replay::state_of(plugin.name(), *snapshot) : std::nullopt) {
    require(trial.plugin().restore(*state), "cannot use the state " + state->dump());
  }
  for (const auto& record : records) {
    if (record.plugin != plugin.name()) continue;
    require(trial.plugin().apply(rooms::entry_of(record)), "cannot apply " + std::string{record.frame.payload()});
  }
  std::string state;
  require(trial.plugin().snapshot(state), "cannot return its state");
  return Json::parse(state);
}

// Keeps the frames that it is sent.
class Recorder final : public Sink {
 public:
  void send(const Frame& frame) override {
    if (!code) inbox.push_back(Json::parse(frame.payload()));
  }
  void send(const Batch& batch, std::size_t first) override { catch_up(batch.frames(first), {}); }
  void catch_up(std::span<const Frame> frames, std::function<void()> more) override {
    for (const auto& frame : frames) send(frame);
    if (more) more();
  }
  void probe() override {}
  void close(CloseCode with, std::string_view) override {
    if (!code) code = static_cast<int>(with);
  }

  std::deque<Json> inbox;
  std::optional<int> code;
};

}  // namespace

struct Room::Inside {
  Inside(const std::filesystem::path& library, const Json& options)
      : config(with_errors_for_tests([&] { return configure(library, options); })),
        registry(with_errors_for_tests([&] { return std::make_shared<const plugins::Registry>(config.plugins); })) {
    if (registry->plugins().empty()) throw std::runtime_error(library.string() + " is a service: it is in no room");
    begin_hub();
  }

  Client& join(rooms::JoinRequest request);
  void run() { shard.run_all(); }
  const plugins::LoadedPlugin& plugin() const { return registry->plugins().front(); }
  std::shared_ptr<store::Log> log() { return store.log(name, {}); }
  void begin_hub();
  void drop_hub();
  void reopen();
  void begin(store::RecordedRoom room);

  std::string name = "general";
  config::Config config;
  std::shared_ptr<const plugins::Registry> registry;
  store::MemoryStore store{{}, 10};
  ManualShard shard;
  rooms::Subscriptions subscriptions;
  rooms::World world{config, registry, store};
  std::unique_ptr<rooms::Hub> hub;
  std::unique_ptr<rooms::ServerCalls> server_calls;
  rooms::MemberId last_member = 0;
  std::map<std::string, ClientKey> keys;  // of clients that have left, by id
  std::vector<std::unique_ptr<Client>> clients;
};

struct Client::Inside {
  Inside(Room::Inside& its_room, std::string its_id, const ClientKey& its_key) : room(its_room), id(std::move(its_id)), key(its_key) {}

  Room::Inside& room;
  const std::string id;
  const ClientKey key;
  Recorder recorder;
  std::optional<rooms::RoomConnection> connection;
};

Client& Room::Inside::join(rooms::JoinRequest request) {
  request.room = name;
  request.member.connection = ++last_member;
  request.welcome = true;
  const auto back = keys.extract(request.member.id);
  if (back) request.key = back.mapped();
  auto inside = std::make_unique<Client::Inside>(*this, request.member.id, back ? back.mapped() : new_client_key(world.secret, last_member));
  shard.enter([&] {
    inside->connection.emplace(inside->recorder, std::move(request), world);
  });
  run();
  clients.push_back(std::unique_ptr<Client>(new Client{std::move(inside)}));
  return *clients.back();
}

Room::Room(const std::filesystem::path& library, const Json& options)
    : inside_(std::make_unique<Inside>(library, options)) {}

Room::~Room() {
  for (auto& client : inside_->clients) client->leave();
}

Client& Room::join(const std::string& nickname, const std::string& id) {
  rooms::JoinRequest request;
  request.member.nickname = nickname;
  request.member.id = id;
  if (id.empty()) {
    for (const char c : nickname) request.member.id += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return inside_->join(std::move(request));
}

Client& Room::resume(const std::string& nickname, const std::string& id, const std::string& epoch, std::uint64_t seq) {
  rooms::JoinRequest request;
  request.member.nickname = nickname;
  request.member.id = id;
  request.since = {epoch, seq};
  return inside_->join(std::move(request));
}

void Room::advance(std::chrono::milliseconds time) { inside_->shard.advance(time); }

void Room::Inside::begin_hub() {
  hub = std::make_unique<rooms::Hub>(shard, world);
  world.shards.push_back({shard, subscriptions, *hub});
  server_calls = std::make_unique<rooms::ServerCalls>(shard, world);
  shard.enter([this] { server_calls->use(registry); });
}

// Replaces the hub by a new one, with all its rooms and members. The old hub does not see the members leave.
void Room::Inside::drop_hub() {
  const auto shards = std::exchange(world.shards, {});
  const auto dropped = std::move(hub);
  server_calls.reset();
  world.crowds = std::make_unique<rooms::Crowds>();
  begin_hub();
  for (auto& client : clients) client->leave();
}

void Room::Inside::reopen() {
  for (auto& client : clients) client->leave();
  shard.enter([&] { hub->close(); });
  run();
  drop_hub();
}

// Replaces the room's log, once fold() has shown that the plugin accepts the new one.
void Room::Inside::begin(store::RecordedRoom room) {
  fold(plugin(), room.log.snapshot, room.log.records);
  store.begin(room.name, std::move(room.log));
  name = std::move(room.name);
}

void Room::reopen() { inside_->reopen(); }
void Room::kill() { inside_->drop_hub(); }

Json Room::snapshot() {
  const auto log = inside_->log();
  auto& shard = inside_->shard;
  std::optional<store::Opening> opening;
  const auto open = [&] { log->open([&](auto opened) { opening = std::move(opened); }); };
  shard.enter(open);
  const auto covered = opening->snapshot ? opening->snapshot->seq : 0;
  Json state;
  shard.enter([&] {
    log->read(covered, opening->last, [&](auto reading) { state = fold(inside_->plugin(), opening->snapshot, reading.records); });
  });

  const auto expect = [&](const Json& other, const char* where) {
    if (other != state) throw std::runtime_error("the state is " + state.dump() + " from the log, but " + other.dump() + where);
  };
  shard.enter([&] { inside_->hub->close(); });
  inside_->run();
  shard.enter(open);
  if (!opening->snapshot || opening->snapshot->seq != opening->last) return state;  // nothing is logged, or the snapshot is older
  expect(Json::parse(opening->snapshot->state)[inside_->plugin().name()], " in the room");
  expect(fold(inside_->plugin(), opening->snapshot, {}), " after a restore");
  return state;
}

void Room::restore(const Json& state) {
  inside_->reopen();
  const Json states = {{inside_->plugin().name(), state}};
  inside_->begin({inside_->name, {.epoch = random_id(), .snapshot = store::Snapshot{0, states.dump()}}});
}

void Room::replay(const std::filesystem::path& file, const std::string& room) {
  inside_->reopen();
  std::ifstream stream{file, std::ios::binary};
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  auto recorded = store::read_recorded(stream, file.string(), room);
  if (recorded.log.first == 1) recorded.log.snapshot.reset();
  const auto then = recorded.log.records.empty() ? 0 : recorded.log.records.back().ts;
  inside_->begin(std::move(recorded));
  advance(std::chrono::milliseconds{std::max<std::int64_t>(then - inside_->shard.unix_ms(), 0)});
}

Client::Client(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Client::~Client() = default;

void Client::send(const std::string& type, const Json& content, const Json& ref) {
  Json message = {{"type", type}, {"content", content}};
  if (!ref.is_null()) message["ref"] = ref;
  send_text(message.dump());
}

void Client::send_text(std::string_view text) {
  if (!inside_->connection) throw std::runtime_error("this client has left");
  auto& shard = inside_->room.shard;
  shard.enter([&] { inside_->connection->on_message(text, Opcode::text); });
  inside_->room.run();
}

std::vector<Json> Client::take() {
  auto& inbox = inside_->recorder.inbox;
  std::vector<Json> taken{inbox.begin(), inbox.end()};
  inbox.clear();
  return taken;
}

std::vector<Json> Client::take(std::string_view type) {
  auto taken = take();
  std::erase_if(taken, [&](const Json& message) { return message["type"] != type; });
  return taken;
}

Json Client::next(std::string_view type) {
  std::string passed;
  for (auto& inbox = inside_->recorder.inbox; !inbox.empty();) {
    const Json message = std::move(inbox.front());
    inbox.pop_front();
    if (message["type"] == type) return message;
    passed += "\n  " + message.dump();
  }
  throw std::runtime_error("no message of type " + std::string{type} + " has arrived, only:" + passed);
}

std::optional<int> Client::closed() const { return inside_->recorder.code; }

void Client::leave() {
  auto& shard = inside_->room.shard;
  if (inside_->connection) inside_->room.keys[inside_->id] = inside_->key;
  shard.enter([&] { inside_->connection.reset(); });
  inside_->room.run();
}

}  // namespace hubbub::testing
