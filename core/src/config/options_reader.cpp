#include "config/options_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <hubbub/shown.hpp>
#include <limits>
#include <utility>

#include "config/environment.hpp"
#include "config/quantity.hpp"
#include "config/spelling.hpp"

namespace hubbub::config {
namespace {

std::string number_text(double number) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

// "a whole number from 1 to 9", "a size of at least 1KiB". An empty bound is left out.
std::string range(std::string_view what, const std::string& least, const std::string& most) {
  std::string text{what};
  if (!least.empty() && !most.empty()) return text + " from " + least + " to " + most;
  if (!least.empty()) return text + " of at least " + least;
  if (!most.empty()) return text + " of at most " + most;
  return text;
}

// A value as YAML, on one line of bounded length.
std::string written_text(const Node& node) {
  constexpr std::size_t longest = 200;
  if (node.kind == Node::Kind::scalar) return shown_name(node.text) == node.text ? node.text : node.shown();
  return hubbub::escaped(node.json().dump(-1, ' ', false, Json::error_handler_t::replace), longest, "");
}

// The advice for text in quotes that would `fit` without them.
std::string quotes_advice(const Node& node, bool (*fits)(const Json&)) {
  Node unquoted;
  if (node.value.is_string()) set_plain(unquoted, node.text);
  return fits(unquoted.value) ? "; remove the quotes" : "";
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

OptionsReader::OptionsReader(Section section) : section_(std::move(section)) {
  if (!section_.files) section_.files = std::make_shared<Files>(std::filesystem::current_path());
}

bool OptionsReader::boolean(std::string_view name, bool fallback) {
  constexpr std::string_view allowed = "true or false";
  const Node* node = ask(name, fallback ? "true" : "false", std::string{allowed});
  if (node == nullptr) return fallback;
  if (node->value.is_boolean()) return node->value.get<bool>();
  wrong(name, *node, allowed, quotes_advice(*node, [](const Json& value) { return value.is_boolean(); }));
  return fallback;
}

std::int64_t OptionsReader::integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                                    std::int64_t most) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  const std::string allowed = range("a whole number", least == lowest ? "" : std::to_string(least),
                                    most == unbounded ? "" : std::to_string(most));
  const Node* node = ask(name, std::to_string(fallback), allowed);
  if (node == nullptr) return fallback;
  if (node->value.is_number_integer()) {
    const auto value = node->value.get<std::int64_t>();
    if (value >= least && value <= most) return value;
  }
  wrong(name, *node, allowed, quotes_advice(*node, [](const Json& value) { return value.is_number_integer(); }));
  return fallback;
}

double OptionsReader::number(std::string_view name, double fallback, double least, double most) {
  const std::string allowed = range("a number", number_text(least), number_text(most));
  const Node* node = ask(name, number_text(fallback), allowed);
  if (node == nullptr) return fallback;
  if (node->value.is_number()) {
    const auto value = node->value.get<double>();
    if (value >= least && value <= most) return value;
  }
  wrong(name, *node, allowed, quotes_advice(*node, [](const Json& value) { return value.is_number(); }));
  return fallback;
}

std::string OptionsReader::text(std::string_view name, std::string_view fallback, std::size_t longest) {
  const std::string allowed = "text of at most " + std::to_string(longest) + " bytes";
  const Node* node = ask(name, std::string{fallback}, allowed);
  if (node == nullptr) return std::string{fallback};
  // An environment variable is always text; in a file, 42 without quotes may be a mistake.
  const bool is_text = node->value.is_string() || !node->where.variable.empty();
  if (node->kind == Node::Kind::scalar && is_text && node->text.size() <= longest) return node->text;
  wrong(name, *node, allowed, node->kind == Node::Kind::scalar && !is_text ? "; put it in quotes" : "");
  return std::string{fallback};
}

std::string OptionsReader::choice(std::string_view name, std::string_view fallback,
                                  std::initializer_list<std::string_view> allowed) {
  std::string list = allowed.size() > 2 ? "one of " : "";
  for (auto each = allowed.begin(); each != allowed.end(); ++each) {
    if (each != allowed.begin()) list += each + 1 == allowed.end() ? " or " : ", ";
    list += *each;
  }
  const Node* node = ask(name, std::string{fallback}, list);
  if (node == nullptr) return std::string{fallback};
  const bool is_scalar = node->kind == Node::Kind::scalar;
  if (is_scalar && std::find(allowed.begin(), allowed.end(), node->text) != allowed.end()) return node->text;
  wrong(name, *node, list);
  return std::string{fallback};
}

std::chrono::milliseconds OptionsReader::duration(std::string_view name, std::chrono::milliseconds fallback,
                                                  std::chrono::milliseconds least, std::chrono::milliseconds most) {
  const bool bounded = most != std::chrono::milliseconds::max();
  const std::string allowed =
      range("a time", duration_text(least), bounded ? duration_text(most) : "") + " such as " + duration_text(fallback);
  const Node* node = ask(name, duration_text(fallback), allowed);
  if (node == nullptr) return fallback;
  const auto fits = [&](const auto& value) { return value && *value >= least && *value <= most; };
  const auto value = parse_duration(node->text);
  if (fits(value)) return *value;
  const std::string meant = likely_duration(node->text);
  wrong(name, *node, allowed, !value && fits(parse_duration(meant)) ? "; write " + meant : "");
  return fallback;
}

std::size_t OptionsReader::size(std::string_view name, std::size_t fallback, std::size_t least, std::size_t most) {
  const bool bounded = most != std::numeric_limits<std::size_t>::max();
  const std::string allowed =
      range("a size", size_text(least), bounded ? size_text(most) : "") + " such as " + size_text(fallback);
  const Node* node = ask(name, size_text(fallback), allowed);
  if (node == nullptr) return fallback;
  const auto fits = [&](const auto& value) { return value && *value >= least && *value <= most; };
  const auto value = parse_size(node->text);
  if (fits(value)) return *value;
  const std::string meant = likely_size(node->text);
  wrong(name, *node, allowed, !value && fits(parse_size(meant)) ? "; write " + meant : "");
  return fallback;
}

Json OptionsReader::json(std::string_view name, Json fallback) {
  const Node* node = ask(name, fallback.dump(-1, ' ', false, Json::error_handler_t::replace), "");
  return node == nullptr ? fallback : node->json();
}

std::vector<Options::TextFile> OptionsReader::files(std::string_view name) {
  constexpr std::string_view allowed = "a list of names of files";
  const Node* node = ask(name, "[]", std::string{allowed});
  if (node == nullptr) return {};
  const auto is_name = [](const Node& each) {
    return each.kind == Node::Kind::scalar && !each.text.empty() && each.text.find('\0') == std::string::npos;
  };
  if (node->kind != Node::Kind::list || !std::ranges::all_of(node->inner, is_name)) {
    wrong(name, *node, allowed);
    return {};
  }
  std::vector<TextFile> files;
  for (const auto& each : node->inner) {
    auto option = std::string{name} + "[" + std::to_string(&each - node->inner.data()) + "]";
    const auto& read = section_.files->read(each.text);
    if (!read.problem) {
      files.push_back({std::move(option), each.text, read.text});
      continue;
    }
    const auto line = read.problem->where.line;
    const auto& tried = read.problem->where.file;
    std::string place = shown_name(each.text);
    if (line > 0) {
      place += ":" + std::to_string(line);
    } else if (tried != each.text) {
      place += " (" + hubbub::escaped(tried, 1000, "") + ")";  // so that the user sees where relative names start
    }
    note(option, place + ": " + read.problem->text);
  }
  return files;
}

OptionsReader& OptionsReader::section(std::string_view name) {
  for (auto& child : children_) {
    if (child.name == name) return *child.reader;
  }
  known_.emplace_back(name);
  children_.push_back({std::string{name}, std::make_unique<OptionsReader>(inner(name))});
  return *children_.back().reader;
}

std::string OptionsReader::matching(std::string_view name, std::string_view fallback, std::string_view allowed,
                                    bool (*accepts)(const std::string&)) {
  const Node* node = ask(name, std::string{fallback}, std::string{allowed});
  if (node == nullptr) return std::string{fallback};
  if (node->kind == Node::Kind::scalar && accepts(node->text)) return node->text;
  wrong(name, *node, allowed);
  return std::string{fallback};
}

void OptionsReader::refuse(std::string_view name, std::string_view allowed) {
  const Node* node = written(name);
  if (node != nullptr && node->kind != Node::Kind::nothing) {
    wrong(name, *node, allowed);
  } else {
    note(name, std::string{"must be "}.append(allowed));
  }
}

void OptionsReader::note(std::string_view name, std::string_view text) {
  if (contains(refused_, name)) return;
  refused_.emplace_back(name);
  const Node* node = nearest_written(name);
  const Location& where = node != nullptr ? node->where : section_.where;
  problems_.push_back({where, line(where, name, std::string{text})});
}

std::vector<std::string> OptionsReader::names() const {
  std::vector<std::string> names;
  if (section_.node != nullptr && section_.node->kind == Node::Kind::map) {
    for (const auto& node : section_.node->inner) names.push_back(node.name);
  }
  return names;
}

Section OptionsReader::inner(std::string_view name) const {
  const std::string path = (section_.path.empty() ? "" : section_.path + ".") + shown_name(name);
  const Node* node = written(name);
  if (node == nullptr) return {path, nullptr, section_.where, section_.files};
  return {path, {section_.node, node}, node->where, section_.files};
}

std::vector<Description> OptionsReader::described() const {
  std::vector<Description> all = asked_;
  for (const auto& child : children_) {
    for (auto& each : child.reader->described()) {
      each.name = child.name + "." + each.name;
      all.push_back(std::move(each));
    }
  }
  return all;
}

std::vector<Problem> OptionsReader::found() const {
  std::vector<Problem> all = problems_;
  const auto kind = section_.node == nullptr ? Node::Kind::nothing : section_.node->kind;
  if (kind == Node::Kind::map && !leaves_rest_) {
    for (const auto& node : section_.node->inner) {
      if (!contains(known_, node.name)) all.push_back(unknown(node));
    }
  } else if (kind == Node::Kind::scalar || kind == Node::Kind::list) {
    all.push_back(not_a_section());
  }
  for (const auto& child : children_) {
    for (auto& problem : child.reader->found()) all.push_back(std::move(problem));
  }
  return all;
}

std::vector<std::string> OptionsReader::problems() const { return in_file_order(found()); }

const Node* OptionsReader::written(std::string_view name) const {
  return section_.node == nullptr ? nullptr : section_.node->find(name);
}

// For `columns[2]`, that entry if it was written, else `columns`. For `columns.x`, `columns`.
const Node* OptionsReader::nearest_written(std::string_view name) const {
  const auto end = std::min(name.find_first_of(".["), name.size());
  const Node* node = written(name);
  if (node == nullptr) node = written(name.substr(0, end));
  std::size_t index = 0;
  const auto parsed = std::from_chars(name.data() + std::min(end + 1, name.size()), name.data() + name.size(), index);
  const bool is_entry = node != nullptr && end < name.size() && parsed.ec == std::errc{} && node->kind == Node::Kind::list;
  return is_entry && index < node->inner.size() ? &node->inner[index] : node;
}

// The written value; null if the default is to be used.
const Node* OptionsReader::ask(std::string_view name, std::string fallback, std::string allowed) {
  const Node* node = written(name);
  if (node != nullptr && node->kind == Node::Kind::nothing) node = nullptr;
  if (!contains(known_, name)) {
    known_.emplace_back(name);
    auto value = node == nullptr ? fallback : written_text(*node);
    asked_.push_back({.name = std::string{name}, .fallback = std::move(fallback), .value = std::move(value), .allowed = std::move(allowed)});
  }
  return node;
}

void OptionsReader::wrong(std::string_view name, const Node& node, std::string_view allowed,
                          const std::string& advice) {
  note(name, std::string{"must be "}.append(allowed) + ", not " + node.shown() + advice);
}

// The path is left out if `where` is the option's own variable, whose name already says it.
std::string OptionsReader::line(const Location& where, std::string_view name, const std::string& text) const {
  const std::string path = (section_.path.empty() ? "" : section_.path + ".") + shown_name(name);
  return where.variable == variable_for(path) ? text : path + ": " + text;
}

Problem OptionsReader::unknown(const Node& node) const {
  std::string near = nearest(node.name, known_);
  for (const auto& child : children_) {
    // The option may belong in an inner section.
    if (near.empty() && contains(child.reader->known_, node.name)) near = child.name + "." + node.name;
  }
  std::string text = "unknown option; ";
  if (!near.empty()) {
    text += "did you mean \"" + near + "\"?";
  } else if (known_.empty()) {
    text += "this section has no options";
  } else {
    text += "known here: ";
    for (const auto& name : known_) text += (&name == &known_.front() ? "" : ", ") + name;
  }
  return {node.where, line(node.where, node.name, text)};
}

Problem OptionsReader::not_a_section() const {
  const Node& node = *section_.node;
  std::string text = "must be lines of \"name: value\", not " + node.shown();
  if (node.value.is_boolean() && contains(known_, "enabled"))
    text += "; write " + node.name + ": {enabled: " + node.text + "}";
  const bool says_path = section_.path.empty() || node.where.variable == variable_for(section_.path);
  return {node.where, says_path ? text : section_.path + ": " + text};
}

}  // namespace hubbub::config
