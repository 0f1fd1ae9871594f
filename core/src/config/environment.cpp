#include "config/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>
#include <vector>

#include "config/text_file.hpp"
#include "config/yaml.hpp"

namespace hubbub::config {
namespace {

constexpr std::string_view prefix = "HUBBUB_";
constexpr std::size_t most_levels = 32;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> names;
  for (auto end = path.find("__"); end != path.npos; end = path.find("__")) {
    names.push_back(lower(path.substr(0, end)));
    path.remove_prefix(end + 2);
  }
  names.push_back(lower(path));
  return names;
}

// Only lists, maps and quoted text are parsed as YAML. Everything else is taken literally, so `::` and `a: b` need no quotes.
Tree parse(std::string_view text, const Location& where) {
  if (text.find_first_of("[{\"'") == 0) return read_yaml(text, where);
  if (auto problem = bad_characters(text, where)) return {.problems = {*std::move(problem)}};
  Tree tree;
  tree.root.where = where;
  set_plain(tree.root, text);
  return tree;
}

void put(Tree& tree, const std::vector<std::string>& names, Node value) {
  if (names.size() > most_levels) {
    tree.problems.push_back({value.where, "names more than " + std::to_string(most_levels) + " levels"});
    return;
  }
  Node* node = &tree.root;
  std::string path;
  for (const auto& name : names) {
    if (node->kind == Node::Kind::nothing) node->kind = Node::Kind::map;
    if (node->kind != Node::Kind::map) {
      const std::string what = path.empty() ? "the file" : path;
      tree.problems.push_back({value.where, "cannot be set because " + what + " is " + node->shown() + " (" +
                                                to_string(node->where) + ")"});
      return;
    }
    path += (path.empty() ? "" : ".") + shown_name(name);
    Node* next = node->find(name);
    if (next == nullptr) {
      next = &node->inner.emplace_back();
      next->name = name;
      next->where = value.where;
    }
    node = next;
  }
  value.name = node->name;
  *node = std::move(value);
}

void put_ws_enabled(Tree& tree, std::string_view text) {
  const Location where{.variable = "WS_ENABLED"};
  const std::string word = lower(text);
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const bool on = is_one_of({"true", "1", "yes", "on"});
  if (!on && !is_one_of({"false", "0", "no", "off"})) {
    tree.problems.push_back({where, "must be true or false, not " + shown_text(text)});
    return;
  }
  Node node;
  node.where = where;
  set_plain(node, on ? "true" : "false");
  put(tree, {"websocket", "enabled"}, std::move(node));
}

}  // namespace

Environment process_environment() {
  Environment all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != text.npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

void overlay(Tree& tree, const Environment& environment) {
  if (const auto found = environment.find("WS_ENABLED"); found != environment.end()) {
    if (const auto text = trimmed(found->second); !text.empty()) put_ws_enabled(tree, text);
  }
  // Sorted by name, so that HUBBUB_PLUGINS__CHAT comes before HUBBUB_PLUGINS__CHAT__HISTORY.
  for (const auto& [name, value] : environment) {
    const std::string_view text = trimmed(value);
    if (!name.starts_with(prefix) || name.find("__") == name.npos || text.empty()) continue;
    const Location where{.variable = name};
    Tree parsed = parse(text, where);
    if (parsed.problems.empty()) {
      put(tree, split_path(std::string_view{name}.substr(prefix.size())), std::move(parsed.root));
    } else {
      tree.problems.insert(tree.problems.end(), parsed.problems.begin(), parsed.problems.end());
    }
  }
}

std::string variable_for(std::string_view path) {
  std::string name{prefix};
  for (const char c : path) {
    if (c == '.') {
      name += "__";
    } else {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return name;
}

}  // namespace hubbub::config
