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
  // Loads the library with these options, as they would stand in config.yaml. If a server with this plugin would refuse to start, throws
  // std::runtime_error with the server's message.
  explicit Room(const std::filesystem::path& library, const Json& options = Json::object());
  ~Room();

  // Lets a client in, which lives as long as the room. The default id is the nickname in lower case. If a client with this id
  // has left, the new one counts as the same client coming back: a message that it sends again with the same ref is recognized.
  Client& join(const std::string& nickname, const std::string& id = {});

  // The same, but resumes after the position that an earlier client's `epoch` and `seq` gave.
  Client& resume(const std::string& nickname, const std::string& id, const std::string& epoch, std::uint64_t seq);

  // Moves the clock forward; timers fire on the way, each at its time.
  void advance(std::chrono::milliseconds time);

  // Restarts the server: everybody leaves, the room stores a snapshot, and the next client to join finds the room restored from
  // the snapshot and the log. No time passes.
  void reopen();

  // Ends the server as kill -9 does, and starts another: all connections are lost, no plugin is called, no last snapshot is stored,
  // and the next client to join finds the room restored from what was stored before.
  void kill();

  // The plugin's snapshot(), as it is stored when the room closes. Throws std::runtime_error if the plugin fails, or if the state differs
  // after a restart. It differs if something other than apply() changes the state, or if apply() does not always do the same.
  Json snapshot();

  // Like reopen(), but the next client to join finds a room that begins with this state, which an earlier version of the plugin
  // may have stored. Throws std::runtime_error with the plugin's own words if the plugin cannot use it.
  void restore(const Json& state);

  // Like reopen(), but the next client to join finds a recorded room, at the time of its last message. `hubbub export` wrote the file; if
  // it holds several rooms, `room` names one. The plugin applies all its messages, from the first one. If the file no longer has the room's
  // first messages, the plugin begins with the recorded snapshot instead. Throws std::runtime_error with the recorded message that the
  // plugin cannot apply.
  void replay(const std::filesystem::path& file, const std::string& room = {});

 private:
  friend class Client;
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

class Client {
 public:
  ~Client();

  // Sends a message. If `ref` is given, it comes back with the result.
  void send(const std::string& type, const Json& content = nullptr, const Json& ref = nullptr);

  // Sends any text, as it is.
  void send_text(std::string_view text);

  // take() removes and returns all messages that have arrived, oldest first. With a type, it still removes all, but returns only
  // those of that type. next() removes the messages up to the first of that type and returns that one; if there is none, it
  // throws std::runtime_error with the messages that did arrive.
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
