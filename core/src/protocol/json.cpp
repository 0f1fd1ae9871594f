#include "protocol/json.hpp"

namespace hubbub {
namespace {

bool deeper_than(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::size_t max_depth) {
  // The parser takes U+0000, which has no place in JSON, for the end of the text.
  if (text.find('\0') != text.npos || deeper_than(text, max_depth)) return {};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {};
  return json;
}

std::string json_text(std::string_view text) { return Json(text).dump(); }

}  // namespace hubbub
