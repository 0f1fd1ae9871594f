#include "store/recording.hpp"

#include <stdexcept>
#include <utility>

#include "protocol/json.hpp"
#include "store/transfer.hpp"

namespace hubbub::store {
namespace {

class Rooms final : public RoomReader {
 public:
  void begin(const std::string& room, const std::string& epoch, std::uint64_t first) override {
    read.push_back({room, {epoch, first}});
  }
  void append(Record record) override { read.back().log.records.push_back(std::move(record)); }
  void put(const Snapshot& snapshot) override { read.back().log.snapshot = snapshot; }

  std::vector<RecordedRoom> read;
};

}  // namespace

RecordedRoom read_recorded(std::istream& from, const std::string& name, const std::string& room) {
  Rooms rooms;
  read_rooms(from, name, rooms);
  std::string names;
  for (auto& found : rooms.read) {
    if (found.name == room || (room.empty() && rooms.read.size() == 1)) return std::move(found);
    names += (names.empty() ? "" : ", ") + json_text(found.name);
  }
  if (names.empty()) throw std::runtime_error(name + " holds no room");
  throw std::runtime_error(name + (room.empty() ? " holds several rooms" : " has no room " + json_text(room)) +
                           "; name one of " + names);
}

RecordedRoom read_stored(const std::filesystem::path& database, const std::string& room) {
  Rooms rooms;
  read_room(database, room, rooms);
  return std::move(rooms.read.front());
}

}  // namespace hubbub::store
