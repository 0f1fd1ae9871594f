// Where a value of the configuration was written, and what is wrong with it.
//
// Plain values, free to copy between threads. A problem is one line for the person who wrote the configuration. All problems
// are reported together, in the order of the file, in one Error.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::config {

// A place in a file, or an environment variable. Empty if the value was not written anywhere.
struct Location {
  std::string file = {};      // as the user named it
  int line = 0;               // from 1; 0 for the file as a whole
  int column = 0;             // from 1; only syntax errors have it
  std::string variable = {};  // the name of an environment variable, instead of a file

  bool operator==(const Location&) const = default;
};

struct Problem {
  Location where;
  std::string text;
};

// `config.yaml:12`, `environment HUBBUB_SERVER__PORT`, or empty.
std::string to_string(const Location& where);

// One line per problem: first the file's, by line, then the environment's.
std::vector<std::string> in_file_order(std::vector<Problem> problems);

// `text` in quotes on one line, with odd bytes escaped and shortened if long.
std::string shown_text(std::string_view text);

// Like shown_text(), but without quotes if `text` is a plain name or path.
std::string shown_name(std::string_view text);

// The configuration cannot be used. what() lists the first twenty problems, one a line, and how many more there are.
class Error : public std::runtime_error {
 public:
  explicit Error(std::vector<std::string> problems);

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

}  // namespace hubbub::config
