// Reads rooms out of lines of JSON as `hubbub export` writes them (see transfer.hpp). It takes only what a server itself could
// have stored: messages go to clients as they stand here, and a room that nobody could open or come back to is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "store/log.hpp"

namespace hubbub::store {

// Takes what such lines hold, in their order. What it throws while lines are read is told with the line.
class RoomReader {
 public:
  virtual void begin(const std::string& room, const std::string& epoch, std::uint64_t first) = 0;
  virtual void append(Record record) = 0;      // its seq follows the one before, or is `first`
  virtual void put(const Snapshot& snapshot) = 0;  // of one of those records, or of what was before them

 protected:
  ~RoomReader() = default;
};

class RoomLines {
 public:
  explicit RoomLines(RoomReader& to) : to_(to) {}

  // Takes the next line, or learns that there are no more. Both throw std::exception with what is wrong.
  void take(std::string_view line);
  void end();

  // The line that what was thrown is about, from 1.
  std::size_t number() const { return number_; }

 private:
  using Line = nlohmann::ordered_json;  // keeps the bytes of what it reads, but for white space

  void begin(const std::string& room, const Line& line);
  void append(const Line& line);
  void put(const Line& line);

  RoomReader& to_;
  std::size_t number_ = 0;
  std::set<std::string> rooms_;

  // The room at hand.
  std::string room_;
  std::size_t began_ = 0;  // at this line
  std::uint64_t first_ = 1, last_ = 0;
  bool has_snapshot_ = false;
};

}  // namespace hubbub::store
