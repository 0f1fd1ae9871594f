// An extension of the server: figures of the whole server, and its rooms. A plugin gets it by room().extension<hubbub::ServerView>(),
// a service by host().extension<hubbub::ServerView>().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

// Figures of the whole server. `connections` and `rooms` are current; the others count from its start.
struct ServerFigures {
  std::uint64_t connections = 0;  // in all rooms
  std::uint64_t rooms = 0;        // that have members, or have just lost the last one
  std::uint64_t messages = 0;     // accepted
  std::uint64_t deliveries = 0;   // one for each member that a message went to
  struct PluginTime {
    std::string name;
    std::chrono::nanoseconds time{};  // spent in the plugin
  };
  std::vector<PluginTime> plugins;
};

// The rooms of the whole server that have members.
struct ServerRooms {
  struct Occupied {
    std::string name;
    std::size_t members = 0;          // at least 1
    std::vector<std::string> people;  // nicknames of the members who came first, in order of arrival
  };
  std::vector<Occupied> fullest;  // those with most members first; by name if the numbers are equal
  std::size_t more = 0;           // other rooms with members
};

// Must be called on the thread that asked for the extension. The results may be a moment old.
class ServerView {
 public:
  static constexpr std::string_view extension_name = "server view 1";  // raise the number if any layout above or below changes

  virtual ServerFigures figures() const = 0;

  // At most `most` rooms, with at most `people` nicknames each. Looks at every room of the server, so call it rarely. Names of rooms
  // and people may be nobody's business in another room, so pass them on only if the options say so.
  virtual ServerRooms fullest_rooms(std::size_t most, std::size_t people) const = 0;

 protected:
  ~ServerView() = default;
};

}  // namespace hubbub
