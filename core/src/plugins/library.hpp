// One plugin library in the process. Boost.DLL stops here.
//
// A library that has been loaded stays mapped while the process lives: objects, types and handlers of its may be anywhere
// by then, and too many libraries are not safe to unload. So what load_library() returns is valid forever, on every thread.
// It is loaded from a copy of the server's own: its file may be overwritten or removed meanwhile.
#pragma once

#include <hubbub/plugin.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hubbub::plugins {

// The file NAME.so in the first of `directories` that has it. Throws std::runtime_error that says where it was looked for
// and what to do.
std::filesystem::path find_library(const std::string& name, std::span<const std::filesystem::path> directories);

// Loads the library and returns its table, whose fingerprint has been found equal to the server's, before any of the library's
// code ran. A file that is another one than when it was last loaded is loaded beside it; one that has been loaded before,
// whatever its name then, is not loaded again. Throws std::runtime_error that says what is wrong with the file and what to do;
// then nothing of it is kept.
const abi::Table& load_library(const std::filesystem::path& file);

// Throws std::runtime_error if the table of a plugin that is linked into the program was made for another server.
void check_linked(const std::string& name, const abi::Table& table);

// Throws std::runtime_error if the plugin needs an extension that this server does not have.
void check_needs(const abi::Table& table);

// What a library offers as a plugin for rooms. Throws std::runtime_error if that is nothing.
const abi::RoomPlugin& room_plugin(const abi::Table& table);

// What tells the builds of a plugin apart, also from one start of the server to the next: the same for the same contents of its
// library; empty for a plugin that is linked into the program. Valid forever.
const char* build_of(const abi::Table& table);

// The types that a plugin declares with these options. Throws std::runtime_error where that fails.
std::vector<Type> declared_types(const abi::RoomPlugin& table, Options& options);

}  // namespace hubbub::plugins
