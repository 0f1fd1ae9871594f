// The configuration as it was written, before it is checked: a tree of values, each with its place.
//
// YAML and the environment are both turned into such a tree; options readers look values up in it. Immutable once loaded, so it
// may be shared between threads.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace hubbub::config {

using Json = nlohmann::json;

struct Node {
  enum class Kind { nothing, scalar, list, map };

  std::string name = {};  // its key in the map around it; empty in a list and for the root
  Location where = {};    // of the key, or of the value if it has no key
  Kind kind = Kind::nothing;
  Json value = {};               // of a scalar: boolean, whole number, number or string
  std::string text = {};         // of a scalar: as it was written, without quotes
  std::vector<Node> inner = {};  // of a list or map, in the order written

  // The value under `key` in a map, or null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);

  Json json() const;

  // For messages: `25`, `"abc"`, `a list`.
  std::string shown() const;
};

struct Tree {
  Node root = {};
  std::vector<Problem> problems = {};
};

// Sets `node` to the meaning of unquoted `text`: `~` and `null` are nothing; booleans, whole numbers and finite decimal numbers
// are themselves; all else is a string.
void set_plain(Node& node, std::string_view text);

// Makes `node` a string.
void set_string(Node& node, std::string_view text);

}  // namespace hubbub::config
