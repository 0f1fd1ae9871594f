#include "protocol/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "protocol/depth.hpp"
#include "protocol/fast_json.hpp"
#include "protocol/text.hpp"

namespace hubbub {
namespace {

constexpr std::size_t most_levels = 1000;  // writing recurses: each level takes some of the stack

std::optional<Json> read_slowly(std::string_view text, std::size_t max_depth) {
  // nlohmann/json takes U+0000, which JSON does not allow, for the end of the text.
  if (text.find('\0') != text.npos || is_deeper_than(text, max_depth)) return {};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {};
  return json;
}

// Sets the highest bit of each byte of `word` that is zero. (Mycroft 1987; exact up to the lowest zero byte.)
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - 0x0101'0101'0101'0101U) & ~word & 0x8080'8080'8080'8080U; }

// Whether these eight bytes need no escape in a JSON string. ORs them into `seen`.
bool is_plain(std::uint64_t word, std::uint64_t& seen) {
  seen |= word;
  const auto below_space = zero_bytes(word & 0xE0E0'E0E0'E0E0'E0E0U);
  const auto quote = zero_bytes(word ^ 0x2222'2222'2222'2222U);
  const auto backslash = zero_bytes(word ^ 0x5C5C'5C5C'5C5C'5C5CU);
  return (below_space | quote | backslash) == 0;
}

// Whether `text` is valid UTF-8 and needs no escape. On the hot path.
bool is_plain(std::string_view text) {
  constexpr auto size = sizeof(std::uint64_t);
  std::uint64_t word = 0, seen = 0;
  const char* at = text.data();
  for (auto left = text.size(); left >= size; left -= size, at += size) {
    std::memcpy(&word, at, size);
    if (!is_plain(word, seen)) return false;
  }
  word = 0x2020'2020'2020'2020U;  // padding: spaces
  if (const auto left = text.size() % size; left != 0) std::memcpy(&word, at, left);
  if (!is_plain(word, seen)) return false;
  return (seen & 0x8080'8080'8080'8080U) == 0 || characters(text);
}

// Where in a value the writer is; pointer() gives the place as a JSON pointer (RFC 6901).
struct Location {
  const Location* around = nullptr;
  const std::string* key = nullptr;  // null in an array
  std::size_t index = 0;
  std::size_t depth = 0;

  std::string pointer() const {
    if (!around) return {};
    return around->pointer() + "/" + (key ? *key : std::to_string(index));
  }
};

[[noreturn]] void refuse(const char* what, const Location& at) {
  constexpr std::size_t longest_shown = 100;  // bytes
  const auto where = valid_text(at.pointer().substr(0, longest_shown));
  throw std::runtime_error(std::string{"cannot be written as JSON: "} + what + (where.empty() ? "" : " at " + where));
}

// `text` is valid UTF-8.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += R"(\")"; break;
      case '\\': out += R"(\\)"; break;
      case '\b': out += R"(\b)"; break;
      case '\f': out += R"(\f)"; break;
      case '\n': out += R"(\n)"; break;
      case '\r': out += R"(\r)"; break;
      case '\t': out += R"(\t)"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          out.append(R"(\u00)").append(1, digits[static_cast<std::size_t>(c) >> 4]).append(1, digits[c & 0xF]);
        }
    }
  }
  out += '"';
}

void append_string(std::string& out, std::string_view text, const Location& at) {
  if (is_plain(text)) {
    out.append(1, '"').append(text).append(1, '"');
  } else if (characters(text)) {
    append_escaped(out, text);
  } else {
    refuse("text that is not UTF-8", at);
  }
}

void append_whole(std::string& out, auto number) {
  std::array<char, 20> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

// The shortest text that reads back as the same number, always as a floating-point number (1.0, not 1).
void append_fraction(std::string& out, double number) {
  std::array<char, 32> text;
  const auto size = std::abs(number);
  const bool is_short = size == 0 || (size >= 1e-5 && size < 1e15);
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                                 is_short ? std::chars_format::fixed : std::chars_format::scientific).ptr;
  const std::string_view written{text.data(), end};
  out += written;
  if (is_short && written.find('.') == written.npos) out += ".0";
}

void append_value(std::string& out, const Json& json, const Location& at) {
  switch (json.type()) {
    case Json::value_t::null: out += "null"; return;
    case Json::value_t::boolean: out += json.get_ref<const bool&>() ? "true" : "false"; return;
    case Json::value_t::string: return append_string(out, json.get_ref<const std::string&>(), at);
    case Json::value_t::number_unsigned: return append_whole(out, json.get_ref<const std::uint64_t&>());
    case Json::value_t::number_integer: return append_whole(out, json.get_ref<const std::int64_t&>());
    case Json::value_t::number_float: {
      const auto number = json.get_ref<const double&>();
      if (!std::isfinite(number)) refuse("a number that is not finite", at);
      return append_fraction(out, number);
    }
    case Json::value_t::array: {
      if (at.depth == most_levels) refuse("more than 1000 levels", {});
      Location inside{&at, nullptr, 0, at.depth + 1};
      out += '[';
      for (const auto& value : json.get_ref<const Json::array_t&>()) {
        if (inside.index != 0) out += ',';
        append_value(out, value, inside);
        ++inside.index;
      }
      out += ']';
      return;
    }
    case Json::value_t::object: {
      if (at.depth == most_levels) refuse("more than 1000 levels", {});
      Location inside{&at, nullptr, 0, at.depth + 1};
      out += '{';
      for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
        if (inside.key) out += ',';
        inside.key = &key;
        append_string(out, key, inside);
        out += ':';
        append_value(out, value, inside);
      }
      out += '}';
      return;
    }
    case Json::value_t::binary: refuse("binary data", at);
    case Json::value_t::discarded: refuse("a value that was discarded", at);
  }
}

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::size_t max_depth) {
  Json json;
  if (read_fast(text, [&](simdjson::dom::element root) { return convert(root, max_depth, json); })) return json;
  return read_slowly(text, max_depth);
}

void append_json_text(std::string& out, std::string_view text) { append_string(out, text, {}); }

void append_json(std::string& out, const Json& json) { append_value(out, json, {}); }

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

void as_read(Json& json) {
  if (json.is_structured()) {
    for (auto& value : json) as_read(value);
  } else if (json.type() == Json::value_t::number_integer && json.get_ref<const std::int64_t&>() >= 0) {
    json = static_cast<std::uint64_t>(json.get_ref<const std::int64_t&>());
  }
}

}  // namespace hubbub
