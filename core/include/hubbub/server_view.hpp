// An extension of the server: figures of the whole server, and its rooms. A plugin gets it by room().extension<hubbub::ServerView>(),
// a service from its host.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

// What the whole server holds now, and has done since it started.
struct ServerFigures {
  std::uint64_t connections = 0;  // now, in all rooms
  std::uint64_t rooms = 0;        // now, with somebody in them or just left
  std::uint64_t messages = 0;     // accepted
  std::uint64_t deliveries = 0;   // one for each member that a message went to
  struct PluginTime {
    std::string name;
    std::chrono::nanoseconds time{};  // spent in the plugin
  };
  std::vector<PluginTime> plugins;
};

// Who is where on the whole server.
struct ServerRooms {
  struct Occupied {
    std::string name;
    std::size_t members = 0;          // at least 1
    std::vector<std::string> people;  // their nicknames, those who came first, in order of arrival
  };
  std::vector<Occupied> fullest;  // by members, and by name where these are equal
  std::size_t more = 0;           // other rooms with somebody in them
};

// May be called on the thread on which the extension was asked for. What it returns may be a moment old.
class ServerView {
 public:
  static constexpr std::string_view extension_name = "server view 1";  // another number for another layout of anything above or below

  virtual ServerFigures figures() const = 0;

  // At most `most` rooms, with at most `people` of each. Looks at every room of the server: for now and then. Names of rooms
  // and people may be nobody's business in another room, so pass them on only if the options say so.
  virtual ServerRooms fullest_rooms(std::size_t most, std::size_t people) const = 0;

 protected:
  ~ServerView() = default;
};

}  // namespace hubbub
