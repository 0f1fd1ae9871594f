#include "protocol/envelope.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "protocol/fast_json.hpp"
#include "protocol/limits.hpp"
#include "protocol/repetition.hpp"
#include "protocol/sip_hash.hpp"
#include "protocol/text.hpp"

namespace hubbub {
namespace {

// Floating-point numbers from 2^53 on stand for several whole numbers each: another message would be taken for a repetition.
constexpr double first_inexact = 0x1p53;
constexpr auto bad_ref = "ref: must be a string of at most 64 characters, a whole number of 64 bits, or a fraction below 2^53";

bool is_ref(const Json& ref) {
  if (ref.is_number_float()) return std::abs(ref.get_ref<const double&>()) < first_inexact;
  return ref.is_number() ||
         (ref.is_string() && characters(ref.get_ref<const std::string&>()).value_or(longest_ref + 1) <= longest_ref);
}

// The fast path. Returns nothing if anything is unusual; the slow path below then parses the text again.
std::optional<Envelope> read_ordinary(std::string_view text, std::size_t max_depth) {
  Envelope envelope;
  bool has_type = false;
  const auto take = [&](std::string_view name, simdjson::dom::element value) {
    std::string_view string;
    std::uint64_t number = 0;
    if (name == "content") return convert(value, max_depth - 1, envelope.content);
    if (name == "type") {
      has_type = !value.get(string) && string.size() <= longest_type;
      envelope.type = string;
      return has_type;
    }
    if (name != "ref") return !value.is_array() && !value.is_object();
    envelope.ref.clear();
    if (!value.get(number)) return envelope.ref.append(std::to_string(number)), true;
    if (value.get(string) || characters(string) > longest_ref) return false;
    append_json_text(envelope.ref, string);
    return true;
  };
  const bool ordinary = max_depth != 0 && read_fast(text, [&](simdjson::dom::element root) {
    simdjson::dom::object object;
    if (root.get(object)) return false;
    for (const auto [name, value] : object) {
      if (!take(name, value)) return false;
    }
    return has_type;
  });
  return ordinary ? std::optional{std::move(envelope)} : std::nullopt;
}

std::variant<Envelope, BadEnvelope> read(std::string_view text, std::size_t max_depth) {
  if (auto envelope = read_ordinary(text, max_depth)) return *std::move(envelope);
  const auto bad = [](std::string why, std::string ref = {}, ErrorCode code = ErrorCode::bad_json) {
    return BadEnvelope{{code, std::move(why), {}}, std::move(ref)};
  };
  const auto json = parse_json(text, max_depth);
  if (!json) return bad("the message must be JSON, at most " + std::to_string(max_depth) + " levels deep");
  if (!json->is_object()) return bad("the message must be a JSON object with a type");

  Envelope envelope;
  if (const auto ref = json->find("ref"); ref != json->end() && !ref->is_null()) {
    if (!is_ref(*ref)) return bad(bad_ref, {}, ErrorCode::invalid);
    append_json(envelope.ref, *ref);
  }
  const auto type = json->find("type");
  if (type == json->end() || !type->is_string()) return bad("the message must have a type that is a string", std::move(envelope.ref));
  envelope.type = type->get_ref<const std::string&>();
  if (envelope.type.size() > longest_type) {
    return bad("type: must be at most 64 bytes long", std::move(envelope.ref), ErrorCode::unknown_type);
  }
  if (const auto content = json->find("content"); content != json->end()) envelope.content = *content;
  return envelope;
}

}  // namespace

std::variant<Envelope, BadEnvelope> parse_envelope(std::string_view text, std::size_t max_depth) {
  auto parsed = read(text, max_depth);
  auto* envelope = std::get_if<Envelope>(&parsed);
  if (!envelope) return parsed;
  // Hashing the raw text costs about 20 ns; hashing the content costs up to a quarter of parsing it.
  envelope->asked = envelope->ref.empty() ? SipHash{0, 0}.add(text).result() : asked_number(envelope->type, envelope->content);
  return parsed;
}

std::string ref_of(std::string_view text) {
  Json ref;
  const bool read = read_root(text, [&](simdjson::dom::element root) {
    simdjson::dom::object object;
    if (root.get(object)) return false;
    for (const auto [name, value] : object) {
      if (name == "ref" && !convert(value, 0, ref)) ref = nullptr;  // if there are several, the last counts
    }
    return true;
  });
  std::string json;
  if (read && is_ref(ref)) append_json(json, ref);
  return json;
}

}  // namespace hubbub
