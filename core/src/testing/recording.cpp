#include "testing/recording.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "protocol/json.hpp"
#include "store/transfer.hpp"

namespace hubbub::testing {
namespace {

class Rooms final : public store::RoomReader {
 public:
  void begin(const std::string& room, const std::string& epoch, std::uint64_t first) override {
    read.push_back({room, {epoch, first}});
  }
  void append(store::Record record) override { read.back().log.records.push_back(std::move(record)); }
  void put(const store::Snapshot& snapshot) override { read.back().log.snapshot = snapshot; }

  std::vector<RecordedRoom> read;
};

}  // namespace

RecordedRoom read_recorded(const std::filesystem::path& file, const std::string& name) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  Rooms rooms;
  store::read_rooms(stream, file.string(), rooms);
  std::string names;
  for (auto& room : rooms.read) {
    if (room.name == name || (name.empty() && rooms.read.size() == 1)) return std::move(room);
    names += (names.empty() ? "" : ", ") + json_text(room.name);
  }
  if (names.empty()) throw std::runtime_error(file.string() + " holds no room");
  throw std::runtime_error(file.string() + (name.empty() ? " holds several rooms" : " has no room " + json_text(name)) +
                           "; name one of " + names);
}

}  // namespace hubbub::testing
