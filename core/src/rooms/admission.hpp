// Whether a message may be sent at all, whoever sends it: a plugin must declare its type, clients must be allowed to send that type, and
// the content must fit the type's schema. A pure function.
#pragma once

#include <variant>

#include "plugins/registry.hpp"
#include "protocol/envelope.hpp"
#include "protocol/error.hpp"

namespace hubbub::rooms {

// The message's route, or why the message is refused.
std::variant<const plugins::Route*, Refusal> admission(const plugins::Registry& registry, const Envelope& message);

}  // namespace hubbub::rooms
