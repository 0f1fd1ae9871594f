#include "hubbub/testing.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "protocol/sink.hpp"
#include "rooms/participant.hpp"
#include "store/memory.hpp"
#include "testing/manual_shard.hpp"

namespace hubbub::testing {
namespace {

constexpr auto room_name = "general";

config::Config configure(const std::filesystem::path& library, const Json& options) {
  auto name = library.stem().string();
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  auto config = config::load({}, {{"HUBBUB_PLUGINS__" + name, options.dump()}});
  config.plugins.directories = {std::filesystem::absolute(library).parent_path()};
  return config;
}

// Keeps what it is sent.
class Recorder final : public Sink {
 public:
  void send(const Frame& frame) override {
    if (!code) inbox.push_back(Json::parse(frame.payload()));
  }
  void send(const Batch& batch, std::size_t first) override { catch_up(batch.frames(first)); }
  void catch_up(std::span<const Frame> frames) override {
    for (const auto& frame : frames) send(frame);
  }
  void close(CloseCode with, std::string_view) override {
    if (!code) code = static_cast<int>(with);
  }

  std::deque<Json> inbox;
  std::optional<int> code;
};

}  // namespace

struct Room::Inside {
  Inside(const std::filesystem::path& library, const Json& options)
      : config(configure(library, options)), registry(config.plugins) {
    world.places.push_back({shard, seats, hub});
  }

  Client& join(rooms::JoinRequest request);
  void run() { shard.run_all(); }

  config::Config config;
  plugins::Registry registry;
  store::MemoryStore store{{}, 10};
  ManualShard shard;
  rooms::Seats seats;
  rooms::World world{config, registry, store};
  rooms::Hub hub{shard, world};
  rooms::MemberId last_member = 0;
  std::vector<std::unique_ptr<Client>> clients;
};

struct Client::Inside {
  explicit Inside(Room::Inside& its_room) : room(its_room) {}

  Room::Inside& room;
  Recorder recorder;
  std::optional<rooms::Participant> participant;
};

Client& Room::Inside::join(rooms::JoinRequest request) {
  request.room = room_name;
  request.member.connection = ++last_member;
  request.welcome = true;
  auto inside = std::make_unique<Client::Inside>(*this);
  shard.enter([&] {
    inside->participant.emplace(inside->recorder, std::move(request), world);
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

void Room::reopen() {
  for (auto& client : inside_->clients) client->leave();
  advance(inside_->config.rooms.grace);
}

Client::Client(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Client::~Client() = default;

void Client::send(const std::string& type, const Json& content, const Json& ref) {
  Json message = {{"type", type}, {"content", content}};
  if (!ref.is_null()) message["ref"] = ref;
  send_text(message.dump());
}

void Client::send_text(std::string_view text) {
  if (!inside_->participant) throw std::runtime_error("this client has left");
  auto& shard = inside_->room.shard;
  shard.enter([&] { inside_->participant->receive(text); });
  inside_->room.run();
}

std::vector<Json> Client::take() {
  auto& inbox = inside_->recorder.inbox;
  std::vector<Json> taken{inbox.begin(), inbox.end()};
  inbox.clear();
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
  shard.enter([&] { inside_->participant.reset(); });
  inside_->room.run();
}

}  // namespace hubbub::testing
