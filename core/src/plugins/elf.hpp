// Reads a library's file without loading it. Loading runs the library's static constructors, so a library that was built for
// another server must be recognized before it is loaded.
//
// Pure functions over the bytes of a file. Whatever the bytes are, nothing beyond them is read.
#pragma once

#include <optional>
#include <string_view>

namespace hubbub::plugins {

// Whether the file is shorter than its own tables say: loading such a file would end the process.
bool is_cut_short(std::string_view file);

struct Exported {
  bool found = false;     // the file exports the symbol
  std::string_view text;  // the text that the pointer in the symbol's first bytes points to; a view into the file
};

// Looks an exported symbol up. Returns nothing if the file is not a library for this kind of machine, or has no section table: then
// only the loader can tell.
std::optional<Exported> find_exported(std::string_view file, std::string_view symbol);

}  // namespace hubbub::plugins
