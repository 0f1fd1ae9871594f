// Reads YAML into a tree. This is the one door to the YAML library.
//
// Nothing here throws for a mistake in the text: the tree's problems say what is wrong. A key given twice counts the
// first time; text that is not YAML, or is built to exhaust memory (nesting, aliases of aliases), gives an empty tree.
#pragma once

#include <filesystem>
#include <string_view>

#include "config/tree.hpp"

namespace hubbub::config {

// `where` is the place of the text's first line.
Tree read_yaml(std::string_view text, const Location& where);

// The same for a file, or what is wrong with the file.
Tree read_yaml_file(const std::filesystem::path& file, bool may_wait = false);

}  // namespace hubbub::config
