#include "rooms/admission.hpp"

#include <utility>

namespace hubbub::rooms {

std::variant<const plugins::Route*, Refusal> admission(const plugins::Registry& registry, const Envelope& message) {
  const auto* route = registry.find(message.type);
  if (!route) return Refusal{ErrorCode::unknown_type, "no plugin here handles the type " + json_text(message.type), {}};
  if (route->type.is_from_server()) return Refusal{ErrorCode::forbidden, "only the server sends " + message.type, {}};
  if (auto why = route->schema.check(message.content)) return Refusal{ErrorCode::invalid, std::move(*why), {}};
  return route;
}

}  // namespace hubbub::rooms
