// The options of one section of config.yaml: the server's own sections and every plugin's are read through this.
//
// Each call names an option, its default and what is allowed, and returns the value to use. A missing option gives the
// default; a wrong one gives the default too and is noted, so that one start reports every mistake, each with file and
// line. An option that no call named is reported as unknown, so read every option each time, whatever the values of the
// others. Used on one thread, only while the section is being read.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

using Json = nlohmann::json;

class Options {
 public:
  static constexpr auto unbounded = std::numeric_limits<std::int64_t>::max();

  virtual ~Options() = default;

  // `true` or `false`.
  virtual bool boolean(std::string_view name, bool fallback) = 0;

  // A whole number from `least` to `most`, both included.
  virtual std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                               std::int64_t most = unbounded) = 0;

  // A finite number from `least` to `most`, both included.
  virtual double number(std::string_view name, double fallback, double least, double most) = 0;

  // Text of at most `longest` bytes.
  virtual std::string text(std::string_view name, std::string_view fallback, std::size_t longest = 4096) = 0;

  // One of `allowed`.
  virtual std::string choice(std::string_view name, std::string_view fallback,
                             std::initializer_list<std::string_view> allowed) = 0;

  // A time with its unit: `250ms`, `25s`, `5m`, `24h`, `30d`.
  virtual std::chrono::milliseconds duration(std::string_view name, std::chrono::milliseconds fallback,
                                             std::chrono::milliseconds least, std::chrono::milliseconds most) = 0;

  // A number of bytes with its unit: `512B`, `64KiB`, `1MiB`, `2GiB`.
  virtual std::size_t size(std::string_view name, std::size_t fallback, std::size_t least, std::size_t most) = 0;

  // A list or map. The caller must check its content, and call refuse() or note() if it is wrong.
  virtual Json json(std::string_view name, Json fallback) = 0;

  struct TextFile {
    std::string option;  // the entry of the list, such as `files[2]`, for a note() on it
    std::string name;    // as written in the list
    std::string text;    // UTF-8 without control characters, except tabs and line ends
  };

  // A list of names of text files, of at most 1MiB each. A name that does not begin with / is relative to config.yaml's
  // directory. A file is read once each time the server reads its configuration, so every room gets the same text. A file
  // that cannot be read is left out, and noted.
  virtual std::vector<TextFile> files(std::string_view name) = 0;

  // A section inside this one. It lives as long as this object.
  virtual Options& section(std::string_view name) = 0;

  // Notes that option `name` cannot be used. `allowed` completes the sentence "NAME: must be …".
  virtual void refuse(std::string_view name, std::string_view allowed) = 0;

  // The same in the caller's own words: "NAME: TEXT". `name` may be an entry of a list, such as `files[2]`. Only the first
  // note on each option is reported.
  virtual void note(std::string_view name, std::string_view text) = 0;
};

}  // namespace hubbub
