// Why a message was refused, as its sender is told. A refusal changes nothing for anybody else.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hubbub {

enum class ErrorCode {
  bad_json,      // not JSON, not an object, deeper than the limit, or no string `type`
  unknown_type,  // no enabled plugin handles this type
  invalid,       // the schema or the plugin refused it
  forbidden,     // this client may not send this
  rate_limited,  // too fast; see Refusal::retry_after
  unavailable,   // the message could not be stored, or its plugin is off for a while; try again
  internal,      // the plugin failed; the room lives on
};

std::string_view to_string(ErrorCode code);

struct Refusal {
  ErrorCode code;
  std::string text;  // lower case, no full stop: what is wrong and what to do
  std::chrono::milliseconds retry_after{0};  // 0 if unknown; set for rate_limited, and if the plugin is off
};

}  // namespace hubbub
