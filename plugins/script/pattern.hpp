// Lua's patterns, with a bound on the steps that a match may take: Lua's own matcher can take longer than anybody lives,
// and does not stop when a script is to be stopped.
//
// What a pattern means is in Lua's manual, 6.4.1. Any thread.
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
    bool is_position = false;  // `()`: stands for where it is
  };
  struct Match {
    std::size_t begin = 0, end = 0;
    std::vector<Capture> captures;  // in the order of their opening parentheses
  };

  // Throws std::runtime_error where it is no pattern, or longer than 1000 bytes. With `may_anchor`, `^` at the beginning
  // holds the match to where the search begins.
  explicit Pattern(std::string_view text, bool may_anchor = true);

  bool is_anchored() const { return anchored_; }

  // Whether it matches `subject` at `at` or, unless anchored, anywhere behind. Each step takes one from `steps`; where they
  // go below 0 it gives up, and there is no match.
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
