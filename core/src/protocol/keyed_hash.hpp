// A hash of text that nobody can work out who does not know its key: for tables and choices by names that strangers choose,
// who could otherwise choose many with the same hash.
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

  // The same as long as the process lives.
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
