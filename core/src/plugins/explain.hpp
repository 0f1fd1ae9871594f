// Puts a failed schema check into words for the person who sent the message.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace hubbub::plugins {

// `path` and `finding` come from valijson: the place of the failure in the content ("<root>", "[name]", "[0]", …) and a sentence that
// names the constraint. Returns a text such as "content.sides: must be at most 100".
std::string explain(const Json& schema, const Json& content, const std::vector<std::string>& path,
                    const std::string& finding);

}  // namespace hubbub::plugins
