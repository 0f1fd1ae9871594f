#include "config/files.hpp"

#include <algorithm>

#include "config/text_file.hpp"

namespace hubbub::config {

const Files::Text& Files::read(const std::string& name) {
  const auto path = (base_ / name).lexically_normal();
  const std::lock_guard lock{mutex_};
  const auto [found, is_new] = read_.try_emplace(path);
  auto& [problem, text] = found->second;
  if (is_new) {
    problem = read_text(path, text);
    if (!problem) problem = bad_characters(text, {.file = path.string(), .line = 1});
  }
  return found->second;
}

std::vector<std::filesystem::path> Files::paths() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::filesystem::path> paths;
  for (const auto& [path, text] : read_) paths.push_back(path);
  return paths;
}

bool Files::is_same(const Files& other) const {
  if (this == &other) return true;
  const std::scoped_lock lock{mutex_, other.mutex_};
  return std::ranges::equal(read_, other.read_, [](const auto& a, const auto& b) { return a.first == b.first && a.second.text == b.second.text; });
}

}  // namespace hubbub::config
