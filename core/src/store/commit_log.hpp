// Files beside the database in which committed records stand until they are in its tables. There a record has its place among its
// room's records, so each commit would change a page for each room; here a commit of any rooms' records is one write at the end of
// one file.
//
// The files, called segments, are named after the database with "-commits-" and a number; the numbers have no gap. The database says up to
// which segment its tables hold everything. A segment holds groups, in the byte order of the machine.
// What a commit adds is one group, with a checksum: after a crash it is there whole, or not at all. If a write failed, the next group
// begins a new segment, whose header says where the groups of the previous one end.
//
// A group that was written survives the end of the process; if the log syncs, also a power cut. After a power cut of a log that does not
// sync, what can be read is the groups up to some point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "runtime/descriptor.hpp"
#include "runtime/own_thread.hpp"
#include "store/log.hpp"

namespace hubbub::store {

// A record with what its room's row in the tables must have.
struct Commit {
  const std::string& room;
  const std::string& epoch;
  const Record& record;
};

// Writes segments. Used by one thread at a time.
class CommitLog {
 public:
  // `owner` is the database's number (see Tables). Its first segment has the number `first`. Creates no file yet.
  CommitLog(std::filesystem::path database, std::uint64_t owner, std::uint64_t first, bool syncs);

  // Commits all of these or, if it throws, none. (If the disk does not sync, a crash may bring them back.)
  void append(std::span<const Commit> group);

  // What is appended from now on goes to a new segment. Returns the number of the segment before it.
  std::uint64_t end_segment();

  // Of the current segment, in bytes.
  std::uint64_t size() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return file_ ? size_ : 0;
  }

  // The next thread that uses the log is its thread from then on.
  void hand_over() { thread_.hand_over(); }

 private:
  void begin_segment();
  void keep_a_spare();

  [[no_unique_address]] runtime::OwnThread thread_;
  const std::filesystem::path database_;
  const std::uint64_t owner_;
  const bool syncs_;
  std::uint64_t number_;  // of the current segment, or of the next if there is none
  runtime::Descriptor file_;  // of the current segment
  runtime::Descriptor spare_;  // makes way for the next segment, so that a process that has no other descriptor goes on
  std::uint64_t size_ = 0;      // of its header and groups
  std::uint64_t previous_ = 0;  // of the segment before it; 0 if there is none
  std::string group_;
};

// The segments of a database whose records may not be in its tables. Reads them without changing them; a server may be writing to the
// newest.
class Segments {
 public:
  // Opens those with numbers above `after`. `owner` is the database's. Throws std::runtime_error, also if a segment is another
  // database's: its records must not be lost.
  Segments(std::filesystem::path database, std::uint64_t owner, std::uint64_t after);

  // Of the newest; `after` if there is none.
  std::uint64_t last() const { return files_.empty() ? after_ : files_.back().number; }

  // Calls `take` for each record, in the order of the commits, up to the first group that is not whole or segment that is not there.
  struct Outcome {
    std::size_t unread = 0;   // bytes behind that point, without those that a process was writing when it ended
    bool is_missing = false;  // whether a segment is not there
  };
  using Take = std::function<void(std::string room, std::string epoch, Record record)>;
  Outcome read(const Take& take) const;

 private:
  struct File {
    std::uint64_t number;
    std::filesystem::path path;
    runtime::Descriptor descriptor;
  };

  const std::uint64_t after_;
  std::vector<File> files_;  // in the order of their numbers
};

// Removes the segments with numbers up to `last`. Returns whether none of them is left.
bool remove_segments(const std::filesystem::path& database, std::uint64_t last);

// Copies them to files that nobody reads or removes, with ".unread" behind their names. Throws std::filesystem::filesystem_error.
void copy_segments(const std::filesystem::path& database, std::uint64_t last);

}  // namespace hubbub::store
