// The JSON Schema of one message type, compiled once and checked against every message of that type. valijson stops here.
//
// A Schema is immutable; any number of threads may check against it at once.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/json.hpp"

namespace hubbub::plugins {

class Schema {
 public:
  // Compiles `schema` (JSON Schema draft 7; null allows anything). Throws std::runtime_error if the schema is wrong. A
  // `pattern` must have a `maxLength` of at most 1000 beside it and must not stand under `not`, `oneOf` or `if`: the regular
  // expressions of the standard library recurse once per character, so only bounded text may reach them.
  explicit Schema(const Json& schema);
  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  // Returns nothing if `content` fits, else the text for its sender: "content.sides: must be at most 100". `content` must be
  // of bounded depth. A string with the character U+0000 never fits.
  std::optional<std::string> check(const Json& content) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;  // null if anything is allowed
};

}  // namespace hubbub::plugins
