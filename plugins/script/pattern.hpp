// Lua's patterns, with a bound on the steps of a match: Lua's own matcher can run practically forever, and cannot be stopped.
//
// Lua's manual, 6.4.1, defines patterns. Any thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace script {

class Pattern {
 public:
  struct Capture {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool is_position = false;  // `()`: captures its position
  };
  struct Match {
    std::size_t begin = 0, end = 0;
    std::vector<Capture> captures;  // in the order of their opening parentheses
  };

  // Throws std::runtime_error if `text` is not a valid pattern or is longer than 1000 bytes. If `may_anchor`, a `^` at the beginning
  // means that the match must begin where the search begins.
  explicit Pattern(std::string_view text, bool may_anchor = true);

  bool is_anchored() const { return anchored_; }

  // Searches `subject` for a match at `at` or, unless the pattern is anchored, anywhere after it. Each step decrements `steps`; below
  // 0 the search gives up and returns false.
  bool search(std::string_view subject, std::size_t at, std::int64_t& steps, Match& match) const;

 private:
  friend class Parser;
  friend class Matcher;
  using Set = std::bitset<256>;
  enum class Kind { one, maybe, most, least, open, position, close, balance, frontier, again, end };
  struct Item {
    Kind kind = Kind::one;
    Set set = {};             // one, maybe, most, least, frontier
    bool needs_one = false;   // most: `+`
    std::size_t number = 0;   // of the capture: open, position, close, again
    char left = 0, right = 0; // balance
  };

  std::vector<Item> items_;
  std::size_t captures_ = 0;
  bool anchored_ = false;
};

}  // namespace script
