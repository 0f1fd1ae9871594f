// Reads YAML into a tree. Only this file includes the YAML library.
//
// Nothing here throws for a mistake in the text: the tree's problems say what is wrong. If a key is given twice, its first
// value counts. Text that is not YAML, or is built to exhaust memory (nesting, aliases of aliases), gives an empty tree.
#pragma once

#include <filesystem>
#include <string_view>

#include "config/tree.hpp"

namespace hubbub::config {

// `where` is the place of the text's first line.
Tree read_yaml(std::string_view text, const Location& where);

// Reads a file. If the file cannot be read, the tree is empty and has the problem. For `may_wait` see read_text().
Tree read_yaml_file(const std::filesystem::path& file, bool may_wait = false);

}  // namespace hubbub::config
