#include "store/recovery.hpp"

#include <map>
#include <stdexcept>
#include <utility>

#include "runtime/log.hpp"
#include "store/commit_log.hpp"

namespace hubbub::store {

bool put_record(Tables& tables, const std::string& room, RoomRow& row, const Record& record) {
  if (record.seq <= row.last) return true;
  return record.seq == row.last + 1 && (row.id != 0 || tables.add(room, row)) && tables.append(row, record);
}

void recover(Tables& tables, const std::filesystem::path& database) {
  auto& file = tables.database();
  const Segments segments{database, tables.owner(), tables.segment()};
  if (segments.last() == tables.segment()) {
    remove_segments(database, segments.last());
    return;
  }
  std::map<std::string, RoomRow> rooms;
  std::size_t refused = 0;
  try {
    file.run("PRAGMA synchronous = FULL");  // the segments are removed afterwards
    file.run("BEGIN IMMEDIATE");
    const auto [unread, is_missing] = segments.read([&](const std::string& room, std::string epoch, const Record& record) {
      auto found = rooms.find(room);
      if (found == rooms.end()) {
        auto row = tables.room(room);
        found = rooms.emplace(room, row ? std::move(*row) : RoomRow{.epoch = std::move(epoch)}).first;
      }
      if (!put_record(tables, room, found->second, record)) ++refused;
    });
    const bool fits = unread == 0 && !is_missing && refused == 0;
    if (!fits) copy_segments(database, segments.last());
    tables.set_segment(segments.last());
    file.run("COMMIT");
    file.run("PRAGMA synchronous = NORMAL");
    remove_segments(database, segments.last());
    if (fits) return;
    log::warn(
        "store={} part of what was committed last is not in the file: {} bytes cannot be read, and {} messages do not follow on those that the "
        "file has. This happens after a power cut, and if the file is an older backup. The files beside it that hold this part are kept, "
        "with .unread in their names", database.string(), unread, refused);
  } catch (const std::exception& error) {
    throw std::runtime_error("store.path: " + database.string() + " cannot take what was committed before the last stop: " + error.what() +
                             ". Nothing of that is lost: it is in the files beside it. If the disk is full, make space");
  }
}

}  // namespace hubbub::store
