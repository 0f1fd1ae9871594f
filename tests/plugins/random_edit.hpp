// Edits at random that fit the text that they are for, which a schema alone cannot say.
#pragma once

#include <algorithm>
#include <hubbub/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

#include "plugins/random_json.hpp"

namespace hubbub::testing {

inline std::size_t utf16_units(const std::string& text) {
  std::size_t units = 0;
  for (const unsigned char byte : text) units += (byte & 0xC0) == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1;
  return units;
}

inline std::size_t length_after(const Entry& entry) {
  if (entry.type == "code_update") return utf16_units(entry.content.is_string() ? entry.content : entry.content.at("code"));
  std::size_t length = 0;
  for (const auto& section : entry.content.at("changes")) {
    if (section.is_number()) length += section.get<std::size_t>();
    for (std::size_t i = 1; section.is_array() && i < section.size(); ++i) {
      length += utf16_units(section[i]) + (i > 1 ? 1 : 0);
    }
  }
  return length;
}

// The content of a code_edit for the text as it was after one of the last entries in `said`.
inline Json random_edit(RandomJson& random, const std::vector<Entry>& said) {
  std::vector<std::pair<std::uint64_t, std::size_t>> texts;  // seq, length
  for (auto entry = said.rbegin(); entry != said.rend() && texts.size() < 8; ++entry) {
    if (entry->type == "code_language") continue;
    texts.emplace_back(entry->seq, length_after(*entry));
    if (entry->type == "code_update") break;
  }
  if (texts.empty()) texts.emplace_back(0, 0);
  auto [version, length] = texts[random.below(texts.size())];

  const auto inserting = [&](std::size_t removed) {
    Json section = Json::array({removed});
    for (auto lines = random.below(3); lines > 0; --lines) section.push_back(random.fitting({{"type", "string"}, {"maxLength", 4}}));
    return section;
  };
  Json changes = Json::array();
  while (length > 0) {
    const auto units = 1 + random.below(std::min<std::size_t>(length, 9));
    changes.push_back(random.one_in(3) ? inserting(units) : Json(units));
    if (random.one_in(4)) changes.push_back(inserting(0));
    length -= units;
  }
  changes.push_back(inserting(0));
  return {{"version", version}, {"changes", std::move(changes)}};
}

}  // namespace hubbub::testing
