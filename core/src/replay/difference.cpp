#include "replay/difference.hpp"

#include <algorithm>
#include <hubbub/shown.hpp>

#include "config/problem.hpp"

namespace hubbub::replay {
namespace {

constexpr std::size_t longest = 160;      // bytes of one value
constexpr std::size_t longest_name = 60;  // of a key; a longer one is shown in quotes and shortened

std::string line(const char* sign, const Json& value) {
  return sign + escaped(shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace)), longest, "") + "\n";
}

class Search {
 public:
  std::vector<Difference> found;

  // A null pointer means that there is no value.
  void compare(const std::string& path, const Json* before, const Json* after) {
    if (before && after) {
      if (*before == *after) return;
      if (before->is_object() && after->is_object()) return fields(path, *before, *after);
      if (before->is_array() && after->is_array()) return entries(path, *before, *after);
    }
    found.push_back({path, (before ? line("  - ", *before) : "") + (after ? line("  + ", *after) : "")});
  }

 private:
  void fields(const std::string& path, const Json& before, const Json& after) {
    const auto look = [](const Json& in, const std::string& key) {
      const auto place = in.find(key);
      return place == in.end() ? nullptr : &*place;
    };
    for (const auto& [key, value] : before.items()) compare(path + step(key), &value, look(after, key));
    for (const auto& [key, value] : after.items()) {
      if (!before.contains(key)) compare(path + step(key), nullptr, &value);
    }
  }

  // Skips the equal beginnings and ends, then compares the entries between them in pairs; one array may have more of them.
  void entries(const std::string& path, const Json& before, const Json& after) {
    const auto both = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < both && before[head] == after[head]) ++head;
    std::size_t tail = 0;
    while (tail < both - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
    const auto entry = [&](const Json& in, std::size_t at) { return at < in.size() - tail ? &in[at] : nullptr; };
    for (auto at = head; at < std::max(before.size(), after.size()) - tail; ++at) {
      compare(path + "[" + std::to_string(at) + "]", entry(before, at), entry(after, at));
    }
  }

  static std::string step(const std::string& key) {
    const bool plain = !key.empty() && key.size() <= longest_name && std::ranges::all_of(key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    return plain ? "." + key : "[" + config::shown_text(key) + "]";
  }
};

}  // namespace

std::string shortened(std::string text) {
  if (text.size() <= longest) return text;
  auto end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not in the middle of a character
  return text.replace(end, text.npos, "…");
}

std::vector<Difference> differences(const std::string& root, const Json& before, const Json& after) {
  Search search;
  search.compare(root, &before, &after);
  return std::move(search.found);
}

}  // namespace hubbub::replay
