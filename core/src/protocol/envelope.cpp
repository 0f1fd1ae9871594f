#include "protocol/envelope.hpp"

#include "protocol/text.hpp"

namespace hubbub {
namespace {

constexpr std::size_t longest_ref = 64;   // characters
constexpr std::size_t longest_type = 64;  // bytes; what is longer is no type of ours, and need not be quoted back

bool is_ref(const Json& ref) {
  return ref.is_number() || (ref.is_string() && characters(ref.get_ref<const std::string&>()) <= longest_ref);
}

}  // namespace

std::variant<Envelope, BadEnvelope> parse_envelope(std::string_view text, std::size_t max_depth) {
  const auto bad = [](std::string why, std::string ref = {}, ErrorCode code = ErrorCode::bad_json) {
    return BadEnvelope{{code, std::move(why), {}}, std::move(ref)};
  };
  Json type, content, ref;
  const auto read = parse_object(text, max_depth, [&](std::string_view name, Json&& value) {
    if (name == "type") type = std::move(value);
    if (name == "content") content = std::move(value);
    if (name == "ref") ref = std::move(value);
  });
  if (read == ObjectRead::not_json) {
    return bad("the message must be JSON, at most " + std::to_string(max_depth) + " levels deep");
  }
  if (read == ObjectRead::not_an_object) return bad("the message must be a JSON object with a type");

  Envelope envelope;
  if (!ref.is_null()) {
    if (!is_ref(ref)) return bad("ref: must be a number or a string of at most 64 characters", {}, ErrorCode::invalid);
    append_json(envelope.ref, ref);
  }
  if (!type.is_string()) return bad("the message must have a type that is a string", std::move(envelope.ref));
  envelope.type = std::move(type.get_ref<std::string&>());
  if (envelope.type.size() > longest_type) {
    return bad("type: must be at most 64 bytes long", std::move(envelope.ref), ErrorCode::unknown_type);
  }
  envelope.content = std::move(content);
  return envelope;
}

}  // namespace hubbub
