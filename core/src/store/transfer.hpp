// Exports a store's rooms as lines of JSON, and imports them. A room is
//
//   {"room":"garden","epoch":"9f2c…","first":1}
//   {"room":"garden","seq":1,"plugin":"chat","version":"0.1.0","message":{…as its members got it…}}      each record
//   {"room":"garden","snapshot":1,"state":{"chat":…}}                                                    if there is one
//
// in this order. A record whose sender gave a ref also has the numbers of its Repetition as text: `"client":"…","asked":"…"`.
// `first` is the seq of the oldest record that is kept. An export that is imported and exported again is the same, byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "store/room_lines.hpp"

namespace hubbub::store {

// Reads one room from a store's file, as it is at one moment. A server may be using the file. Throws std::runtime_error if the
// file cannot be read or does not have the room.
void read_room(const std::filesystem::path& database, const std::string& room, RoomReader& to);

// Reads all rooms from `from`; `name` is what errors call it. Throws std::runtime_error, which names the wrong line.
void read_rooms(std::istream& from, const std::string& name, RoomReader& to);

// Writes one room, or all, to `to`; the file is read as by read_room(). Returns how many rooms it wrote, and whether it could read all that
// was committed last; if not, as after a power cut.
struct Exported {
  std::size_t rooms = 0;
  bool is_whole = true;
};
Exported export_rooms(const std::filesystem::path& database, std::ostream& to, const std::optional<std::string>& room);

// Adds all rooms in `from` to the file, or none of them. Creates a missing file; no server may be using it. `name` is what
// errors call `from`. Returns how many rooms it added. Throws std::runtime_error, which names the wrong line, also if the file
// already has one of the rooms.
std::size_t import_rooms(const std::filesystem::path& database, std::istream& from, const std::string& name);

}  // namespace hubbub::store
