#include "config/problem.hpp"

#include <algorithm>
#include <hubbub/shown.hpp>
#include <ranges>
#include <tuple>
#include <utility>

namespace hubbub::config {
namespace {

constexpr std::size_t most_said = 20;

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines | std::views::take(most_said)) all += (all.empty() ? "" : "\n") + line;
  if (lines.size() > most_said) all += "\nand " + std::to_string(lines.size() - most_said) + " more";
  return all;
}

}  // namespace

std::string to_string(const Location& where) {
  if (!where.variable.empty()) return "environment " + shown_name(where.variable);
  std::string text = where.file;
  if (where.line > 0) text += ":" + std::to_string(where.line);
  if (where.column > 0) text += ":" + std::to_string(where.column);
  return text;
}

std::vector<std::string> in_file_order(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.where.variable, a.where.line) < std::tie(b.where.variable, b.where.line);
  });
  std::vector<std::string> lines;
  for (auto& problem : problems) {
    const std::string place = to_string(problem.where);
    lines.push_back(place.empty() ? std::move(problem.text) : place + ": " + problem.text);
  }
  return lines;
}

std::string shown_text(std::string_view text) { return hubbub::shown_text(text, 60); }

std::string shown_name(std::string_view text) {
  const bool plain = !text.empty() && text.size() <= 60 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '[' || c == ']' || c == '/';
  });
  return plain ? std::string{text} : shown_text(text);
}

Error::Error(std::vector<std::string> problems)
    : std::runtime_error(joined(problems)), problems_(std::move(problems)) {}

}  // namespace hubbub::config
