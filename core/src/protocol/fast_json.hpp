// Parses JSON with simdjson, ten times as fast as nlohmann/json. Only for the other files of this floor: they fall back to
// nlohmann/json for texts that simdjson refuses. Any thread.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "protocol/json.hpp"

namespace hubbub {

// Sets `json` to the value of `element`. Returns false if the value is nested deeper than `max_depth`.
bool convert(simdjson::dom::element element, std::size_t max_depth, Json& json);

// Parses `text`, calls `use(root)` and returns its result; returns false if simdjson refuses the text. simdjson accepts lone
// surrogates (`\ud800`) and turns them into invalid UTF-8.
template <class Use>
bool read_root(std::string_view text, Use use) {
  constexpr std::size_t kept_capacity = 1 << 20;  // bytes of text; after a larger one the parser's memory is freed
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool whole = !parser.parse(text.data(), text.size()).get(root) && use(root);
  if (parser.capacity() > kept_capacity) parser = simdjson::dom::parser{};
  return whole;
}

// Like read_root(), but also returns false for texts that simdjson may wrongly accept (those with `\u` escapes): nlohmann/json
// must judge these.
template <class Use>
bool read_fast(std::string_view text, Use use) {
  return text.find("\\u") == text.npos && read_root(text, use);
}

}  // namespace hubbub
