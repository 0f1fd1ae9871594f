// What a library's file says of itself, before any of its code runs: the loader runs a library's static constructors, so a
// library that was built for another server must be known for one before it is loaded.
//
// Pure functions over the bytes of a file. Whatever these are, nothing is read beyond them.
#pragma once

#include <optional>
#include <string_view>

namespace hubbub::plugins {

// Whether the file ends before what its own tables name: loading such a file would end the process.
bool is_cut_short(std::string_view file);

struct Exported {
  bool found = false;     // the file exports the symbol
  std::string_view text;  // to which a pointer in the symbol's first bytes leads; a view into the file
};

// Looks an exported symbol up. Nothing if the file is no library of this machine's kind or names no sections: then only the
// loader can tell.
std::optional<Exported> find_exported(std::string_view file, std::string_view symbol);

}  // namespace hubbub::plugins
