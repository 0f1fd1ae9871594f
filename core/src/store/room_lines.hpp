// Reads rooms from lines of JSON as `hubbub export` writes them (see transfer.hpp). It accepts only what a server could have
// stored, because messages go to clients exactly as they are in these lines, and an invalid room could not be opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "store/log.hpp"

namespace hubbub::store {

// Receives the content of the lines, in their order. If it throws, the error is reported with the line's number.
class RoomReader {
 public:
  virtual void begin(const std::string& room, const std::string& epoch, std::uint64_t first) = 0;
  virtual void append(Record record) = 0;          // its seq is `first`, or the previous record's plus 1
  virtual void put(const Snapshot& snapshot) = 0;  // its seq is that of a record, or `first` - 1

 protected:
  ~RoomReader() = default;
};

class RoomLines {
 public:
  explicit RoomLines(RoomReader& to) : to_(to) {}

  // Call take() for each line and end() after the last. Both throw std::exception if something is wrong.
  void take(std::string_view line);
  void end();

  // After an exception, the line that it is about, from 1.
  std::size_t number() const { return number_; }

 private:
  using Line = nlohmann::ordered_json;  // writes back the bytes it has read, except white space

  void begin(const std::string& room, const Line& line);
  void append(const Line& line);
  void put(const Line& line);

  RoomReader& to_;
  std::size_t number_ = 0;
  std::set<std::string> rooms_;

  // The current room.
  std::string room_;
  std::size_t began_ = 0;  // the line at which it began
  std::uint64_t first_ = 1, last_ = 0;
  bool has_snapshot_ = false;
};

}  // namespace hubbub::store
