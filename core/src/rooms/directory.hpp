// The rooms that are in memory and who is in them, for a view of the whole server.
//
// Any thread may use it. A room is listed from its construction to its destruction. Joining and leaving a room cost nothing here: the
// directory asks the rooms who is in them whenever somebody wants to know.
#pragma once

#include <hubbub/server_view.hpp>

#include <mutex>
#include <string>
#include <unordered_map>

namespace hubbub::rooms {

class Presence;

class Directory {
 public:
  // `presence` and `room` must live until remove().
  void add(const Presence& presence, const std::string& room);
  void remove(const Presence& presence);

  // The `most` rooms with the most members, each with the names of up to `people` members. Making and destroying a room waits meanwhile.
  ServerRooms fullest(std::size_t most, std::size_t people) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<const Presence*, const std::string*> rooms_;
};

}  // namespace hubbub::rooms
