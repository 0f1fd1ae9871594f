// Test a plugin as its users meet it: the built library, in a real room, driven with JSON.
//
//   hubbub::testing::Room room{"build/release/plugins/dice.so"};
//   auto& john = room.join("John");
//   john.send("dice", {{"sides", 6}});
//   EXPECT_LE(john.next("dice")["content"]["roll"], 6);
//
// Everything happens within the calls, on the calling thread; time stands still until advance() moves it. Link
// hubbub::testing, as add_hubbub_plugin_test() does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::testing {

using Json = nlohmann::json;

class Client;

class Room {
 public:
  // Loads the library with these options, as they would stand in config.yaml. Throws std::runtime_error with what the
  // server would refuse to start with.
  explicit Room(const std::filesystem::path& library, const Json& options = Json::object());
  ~Room();

  // Somebody comes in. The client lives as long as the room. Without an id, the nickname in lower case is it. If a client with
  // that id has left, it is the same one coming back: what it sends again with its ref is known.
  Client& join(const std::string& nickname, const std::string& id = {});

  // The same, resuming after a position that an earlier client's `epoch` and `seq` gave.
  Client& resume(const std::string& nickname, const std::string& id, const std::string& epoch, std::uint64_t seq);

  // Moves the time on; timers fire on the way, each at its time.
  void advance(std::chrono::milliseconds time);

  // Restarts the server: everybody leaves, the room keeps a snapshot, and the next one to join finds it restored from that and
  // its log. The time stands still meanwhile.
  void reopen();

  // Ends the server as kill -9 does, and starts another: everybody's connection is gone, no plugin is called any more, there is no
  // last snapshot, and the next one to join finds the room restored from what was stored until then.
  void kill();

  // The state as it is stored when the room closes: snapshot() of the plugin. Throws std::runtime_error where the plugin fails,
  // or where its log makes another state after a restart: something else than apply() changes it then, or apply() does not
  // always do the same.
  Json snapshot();

  // Like reopen(), but the next one to join finds a room that begins with this state, as an earlier version of the plugin may
  // have stored it. Throws std::runtime_error with the plugin's own words where it cannot use it.
  void restore(const Json& state);

  // Like reopen(), but the next one to join finds a room as it was recorded, at that time: the file is one that `hubbub export`
  // wrote, and where it holds several rooms, `room` names one. The plugin applies every message of its own, after the recorded
  // snapshot only where the file no longer has the first ones. Throws std::runtime_error with the message where it cannot.
  void replay(const std::filesystem::path& file, const std::string& room = {});

 private:
  friend class Client;
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

class Client {
 public:
  ~Client();

  // Sends a message; `ref`, where given, comes back with what becomes of it.
  void send(const std::string& type, const Json& content = nullptr, const Json& ref = nullptr);

  // Sends any text, as it is.
  void send_text(std::string_view text);

  // What has arrived and has not been taken yet, oldest first; takes it. With a type, only messages of that are returned, and
  // those before and between them are gone, too. next() takes all up to the first of that type and throws std::runtime_error,
  // with what did arrive, where there is none.
  std::vector<Json> take();
  std::vector<Json> take(std::string_view type);
  Json next(std::string_view type);

  // The code with which the server closed the connection, if it did.
  std::optional<int> closed() const;

  void leave();

 private:
  friend class Room;
  struct Inside;
  explicit Client(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace hubbub::testing
