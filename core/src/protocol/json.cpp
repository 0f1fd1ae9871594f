#include "protocol/json.hpp"

#include <cstring>
#include <utility>

#include "protocol/depth.hpp"
#include "protocol/fast_json.hpp"
#include "protocol/text.hpp"

namespace hubbub {
namespace {

std::optional<Json> read_slowly(std::string_view text, std::size_t max_depth) {
  // The parser takes U+0000, which has no place in JSON, for the end of the text.
  if (text.find('\0') != text.npos || is_deeper_than(text, max_depth)) return {};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {};
  return json;
}

// Of each byte of `word`, the highest bit: whether it is zero. (Mycroft 1987; exact up to the lowest byte that is.)
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - 0x0101'0101'0101'0101U) & ~word & 0x8080'8080'8080'8080U; }

// Whether a JSON string may hold these eight bytes just as they are; notes in `seen` which bits they have.
bool is_plain(std::uint64_t word, std::uint64_t& seen) {
  seen |= word;
  const auto below_space = zero_bytes(word & 0xE0E0'E0E0'E0E0'E0E0U);
  const auto quote = zero_bytes(word ^ 0x2222'2222'2222'2222U);
  const auto backslash = zero_bytes(word ^ 0x5C5C'5C5C'5C5C'5C5CU);
  return (below_space | quote | backslash) == 0;
}

// Likewise for a text. Every message passes here.
bool is_plain(std::string_view text) {
  constexpr auto size = sizeof(std::uint64_t);
  std::uint64_t word = 0, seen = 0;
  const char* at = text.data();
  for (auto left = text.size(); left >= size; left -= size, at += size) {
    std::memcpy(&word, at, size);
    if (!is_plain(word, seen)) return false;
  }
  word = 0x2020'2020'2020'2020U;  // behind the end
  if (const auto left = text.size() % size; left != 0) std::memcpy(&word, at, left);
  if (!is_plain(word, seen)) return false;
  return (seen & 0x8080'8080'8080'8080U) == 0 || characters(text);
}

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::size_t max_depth) {
  Json json;
  if (read_fast(text, [&](simdjson::dom::element root) { return convert(root, max_depth, json); })) return json;
  return read_slowly(text, max_depth);
}

void append_json_text(std::string& out, std::string_view text) {
  is_plain(text) ? out.append(1, '"').append(text).append(1, '"') : out.append(Json(text).dump());
}

// A serialiser takes longer to make than most values take to write.
void append_json(std::string& out, const Json& json) {
  if (json.is_string()) return append_json_text(out, json.get_ref<const std::string&>());
  out += json.is_number_unsigned() ? std::to_string(json.get<std::uint64_t>()) : json.dump();
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

}  // namespace hubbub
