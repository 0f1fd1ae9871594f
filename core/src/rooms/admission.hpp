// Whether somebody may say a message at all, wherever that is asked and whoever says it: its type has a plugin and is one that people
// send, and its content fits the type's schema. A pure function.
#pragma once

#include <variant>

#include "plugins/registry.hpp"
#include "protocol/envelope.hpp"
#include "protocol/error.hpp"

namespace hubbub::rooms {

// The route of the message; or why there is none for it.
std::variant<const plugins::Route*, Refusal> admission(const plugins::Registry& registry, const Envelope& message);

}  // namespace hubbub::rooms
