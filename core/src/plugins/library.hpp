// Finds, checks and loads plugin libraries. Boost.DLL stops here.
//
// A loaded library stays mapped while the process lives: nobody knows where its objects, types and handlers are still in use, and many
// libraries are not safe to unload. So what load_library() returns is valid forever, on every thread. The server loads a library from its
// own copy, so the file may be overwritten or removed at any time.
#pragma once

#include <hubbub/plugin.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hubbub::plugins {

// The file NAME.so in the first of `directories` that has it. Throws std::runtime_error that names the directories and says what to
// do.
std::filesystem::path find_library(const std::string& name, std::span<const std::filesystem::path> directories);

// Loads the library and returns its table. Before any of the library's code runs, its fingerprint is checked against the server's.
// A file whose content has changed is loaded beside its earlier content. A content that has been loaded before, under any name, is
// not loaded again. Throws std::runtime_error that says what is wrong with the file and what to do; then the library is not kept.
const abi::Table& load_library(const std::filesystem::path& file);

// Throws std::runtime_error if the table of a plugin that is linked into the program was made for another server.
void check_linked(const std::string& name, const abi::Table& table);

// Throws std::runtime_error if the plugin needs an extension that this server does not have.
void check_needs(const abi::Table& table);

// The library's table as a plugin for rooms. Throws std::runtime_error if the library offers none.
const abi::RoomPlugin& room_plugin(const abi::Table& table);

// A text that tells builds of a plugin apart, also across restarts of the server: libraries with the same content have the same
// text. Empty for a plugin that is linked into the program. Valid forever.
const char* build_of(const abi::Table& table);

// The types that a plugin declares with these options. Throws std::runtime_error if the plugin throws.
std::vector<Type> declared_types(const abi::RoomPlugin& table, Options& options);

}  // namespace hubbub::plugins
