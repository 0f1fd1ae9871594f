// A store's rooms as lines of JSON, and back. A room is
//
//   {"room":"garden","epoch":"9f2c…","first":1}
//   {"room":"garden","seq":1,"plugin":"chat","version":"0.1.0","message":{…as its members got it…}}      each record
//   {"room":"garden","snapshot":1,"state":{"chat":…}}                                                    where there is one
//
// in this order; a record that its sender may send again has also the numbers of its Repetition, `"client":"…","asked":"…"`, as
// text. `first` is the seq of the oldest record that is kept. What is exported and imported is the same, byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "store/room_lines.hpp"

namespace hubbub::store {

// Reads one room of a store's file, as it is at one moment; a server may be using the file meanwhile. Throws std::runtime_error
// where the file cannot be read or the room is not there.
void read_room(const std::filesystem::path& database, const std::string& room, RoomReader& to);

// Reads `from`, which errors call `name`. Throws std::runtime_error with the line that is wrong.
void read_rooms(std::istream& from, const std::string& name, RoomReader& to);

// Writes one room, or all, likewise. Returns how many rooms.
std::size_t export_rooms(const std::filesystem::path& database, std::ostream& to, const std::optional<std::string>& room);

// Adds what `from` holds, all or nothing, to the file, which is made where there is none; no server may be using it.
// `name` is what to call `from` in errors. Returns how many rooms. Throws std::runtime_error with the line that is wrong, or
// where a room is there already.
std::size_t import_rooms(const std::filesystem::path& database, std::istream& from, const std::string& name);

}  // namespace hubbub::store
