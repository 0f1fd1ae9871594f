#include "protocol/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/text.hpp"

namespace hubbub {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kept_capacity = 1 << 20;  // bytes of text: for larger ones a parser's memory is not kept

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

// Makes `json` the value of `element`; false where it is nested too deep.
bool convert(dom::element element, std::size_t max_depth, Json& json) {
  switch (element.type()) {
    case dom::element_type::ARRAY: {
      if (max_depth == 0) return false;
      const dom::array array{element};
      json = Json::array();
      auto& values = json.get_ref<Json::array_t&>();
      values.reserve(array.size());
      for (const auto value : array) {
        if (!convert(value, max_depth - 1, values.emplace_back())) return false;
      }
      return true;
    }
    case dom::element_type::OBJECT: {
      if (max_depth == 0) return false;
      json = Json::object();
      auto& members = json.get_ref<Json::object_t&>();
      for (const auto [key, value] : dom::object{element}) {
        if (!convert(value, max_depth - 1, members[std::string{key}])) return false;
      }
      return true;
    }
    case dom::element_type::STRING: json = std::string_view{element}; return true;
    case dom::element_type::UINT64: json = std::uint64_t{element}; return true;
    case dom::element_type::DOUBLE: json = double{element}; return true;
    case dom::element_type::BOOL: json = bool{element}; return true;
    case dom::element_type::NULL_VALUE: json = nullptr; return true;
    case dom::element_type::INT64: {
      // As the other parser has it: what is not negative is unsigned.
      const std::int64_t number = element;
      number < 0 ? json = number : json = static_cast<std::uint64_t>(number);
      return true;
    }
  }
  return false;
}

// What nearly all messages are made of, read ten times as fast: `use` gets the root, and says whether all went well. What
// this parser refuses, or is known to take though it should not (halves of surrogate pairs), is for the other one to judge.
template <class Use>
bool read_fast(std::string_view text, Use use) {
  if (text.find("\\u") != text.npos) return false;
  thread_local dom::parser parser;
  dom::element root;
  const bool whole = !parser.parse(text.data(), text.size()).get(root) && use(root);
  if (parser.capacity() > kept_capacity) parser = dom::parser{};
  return whole;
}

std::optional<Json> read_slowly(std::string_view text, std::size_t max_depth) {
  // The parser takes U+0000, which has no place in JSON, for the end of the text.
  if (text.find('\0') != text.npos || deeper_than(text, max_depth)) return {};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {};
  return json;
}

// Of each byte of `word`, the highest bit: whether it is zero. (Mycroft 1987; exact up to the lowest byte that is.)
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - 0x0101'0101'0101'0101U) & ~word & 0x8080'8080'8080'8080U; }

// Whether a JSON string may hold `text` just as it is. Eight bytes at a time, because every message passes here.
bool is_plain(std::string_view text) {
  bool ascii = true;
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); i += sizeof word) {
    word = 0x2020'2020'2020'2020U;  // behind the end
    std::memcpy(&word, text.data() + i, std::min(sizeof word, text.size() - i));
    const auto below_space = zero_bytes(word & 0xE0E0'E0E0'E0E0'E0E0U);
    const auto quote = zero_bytes(word ^ 0x2222'2222'2222'2222U);
    const auto backslash = zero_bytes(word ^ 0x5C5C'5C5C'5C5C'5C5CU);
    if ((below_space | quote | backslash) != 0) return false;
    ascii = ascii && (word & 0x8080'8080'8080'8080U) == 0;
  }
  return ascii || characters(text);
}

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::size_t max_depth) {
  Json json;
  if (read_fast(text, [&](dom::element root) { return convert(root, max_depth, json); })) return json;
  return read_slowly(text, max_depth);
}

ObjectRead parse_object(std::string_view text, std::size_t max_depth, const OnMember& member) {
  const bool whole = max_depth != 0 && read_fast(text, [&](dom::element root) {
    dom::object object;
    if (root.get(object)) return false;
    for (const auto [name, element] : object) {
      Json value;
      if (!convert(element, max_depth - 1, value)) return false;
      member(name, std::move(value));
    }
    return true;
  });
  if (whole) return ObjectRead::whole;
  auto json = read_slowly(text, max_depth);
  if (!json) return ObjectRead::not_json;
  if (!json->is_object()) return ObjectRead::not_an_object;
  for (auto& [name, value] : json->get_ref<Json::object_t&>()) member(name, std::move(value));
  return ObjectRead::whole;
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
