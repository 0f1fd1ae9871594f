// The rooms that are in memory and who is in them, for those who look at a server as a whole.
//
// Any thread may use it. A room is in it from its making to its end; joining and leaving cost it nothing, because who is in
// a room is asked of the room when somebody wants to know.
#pragma once

#include <hubbub/server_view.hpp>

#include <mutex>
#include <string>
#include <unordered_map>

namespace hubbub::rooms {

class Presence;

class Directory {
 public:
  // Both live until the room is removed.
  void add(const Presence& presence, const std::string& room);
  void remove(const Presence& presence);

  // Holds up rooms that come and go meanwhile.
  ServerRooms fullest(std::size_t most, std::size_t people) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<const Presence*, const std::string*> rooms_;
};

}  // namespace hubbub::rooms
