#include "config/tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace hubbub::config {

const Node* Node::find(std::string_view key) const {
  if (kind != Kind::map) return nullptr;
  const auto found = std::find_if(inner.begin(), inner.end(), [&](const Node& node) { return node.name == key; });
  return found == inner.end() ? nullptr : &*found;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Json Node::json() const {
  if (kind == Kind::scalar) return value;
  if (kind == Kind::list) {
    Json list = Json::array();
    for (const auto& node : inner) list.push_back(node.json());
    return list;
  }
  if (kind == Kind::map) {
    Json map = Json::object();
    for (const auto& node : inner) map[node.name] = node.json();
    return map;
  }
  return nullptr;
}

std::string Node::shown() const {
  switch (kind) {
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a section";
    case Kind::scalar:
      return value.is_string() || text.size() > 40 ? shown_text(text) : text;
    case Kind::nothing:
      break;
  }
  return "nothing";
}

void set_plain(Node& node, std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    node.kind = Node::Kind::nothing;
    return;
  }
  set_string(node, text);
  if (text == "true" || text == "false") {
    node.value = text == "true";
  } else if (text.front() == '-' || (text.front() >= '0' && text.front() <= '9')) {
    // Accepts JSON's numbers only: people misread YAML's octal and hexadecimal ones.
    const Json number = Json::parse(text, nullptr, false);
    if (number.is_number_float() && std::isfinite(number.get<double>())) node.value = number;
    if (number.is_number_integer()) {
      // A whole number that does not fit into std::int64_t becomes a double, which no option for whole numbers accepts.
      const bool fits = !number.is_number_unsigned() || number.get<std::uint64_t>() <= INT64_MAX;
      node.value = fits ? Json(number.get<std::int64_t>()) : Json(number.get<double>());
    }
  }
}

void set_string(Node& node, std::string_view text) {
  node.kind = Node::Kind::scalar;
  node.text = text;
  node.value = text;
}

}  // namespace hubbub::config
