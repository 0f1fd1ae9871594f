// A hash of text that nobody can predict without its key. For tables and choices by names that strangers choose: with a
// predictable hash they could choose many names that collide.
//
// Plain values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

#include "protocol/sip_hash.hpp"

namespace hubbub {

struct HashKey {
  std::uint64_t first, second;

  static HashKey random() {
    std::random_device device;
    const auto word = [&] { return (std::uint64_t{device()} << 32U) | device(); };
    const auto first = word();
    return {first, word()};
  }

  // One key for the life of the process.
  static const HashKey& of_process() {
    static const HashKey key = random();
    return key;
  }
};

inline std::uint64_t keyed_hash(const HashKey& key, std::string_view text) {
  return SipHash{key.first, key.second}.add(text).result();
}

// For a table whose keys are text: std::unordered_map<std::string, T, KeyedHash>.
struct KeyedHash {
  std::size_t operator()(std::string_view text) const { return keyed_hash(HashKey::of_process(), text); }
};

}  // namespace hubbub
