// JSON read ten times as fast as by the library that holds it, with simdjson. For the other files of this floor, which leave
// to that one what this one does not take. Any thread.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "protocol/json.hpp"

namespace hubbub {

// Makes `json` the value of `element`; false where it is nested deeper than `max_depth`.
bool convert(simdjson::dom::element element, std::size_t max_depth, Json& json);

// Hands the root of `text` to `use`, and says whether that returned true; false, too, for what this parser refuses. It takes
// halves of surrogate pairs, and makes of them what is not valid UTF-8.
template <class Use>
bool read_root(std::string_view text, Use use) {
  constexpr std::size_t kept_capacity = 1 << 20;  // bytes of text: for larger ones a parser's memory is not kept
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool whole = !parser.parse(text.data(), text.size()).get(root) && use(root);
  if (parser.capacity() > kept_capacity) parser = simdjson::dom::parser{};
  return whole;
}

// The same, and false for what this parser may take though it should not: for the other one to judge.
template <class Use>
bool read_fast(std::string_view text, Use use) {
  return text.find("\\u") == text.npos && read_root(text, use);
}

}  // namespace hubbub
