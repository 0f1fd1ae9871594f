// SipHash-2-4 (Aumasson and Bernstein 2012) over words and texts. Without the key nobody can predict a result or recover its
// input. The results are the same on every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hubbub {

class SipHash {
 public:
  constexpr SipHash(std::uint64_t key0, std::uint64_t key1)
      : v0_(key0 ^ 0x736f6d6570736575), v1_(key1 ^ 0x646f72616e646f6d), v2_(key0 ^ 0x6c7967656e657261), v3_(key1 ^ 0x7465646279746573) {}

  SipHash& add(std::uint64_t word) {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
    return *this;
  }

  // Also hashes the length, so that different sequences of texts never feed the same bytes.
  SipHash& add(std::string_view text) {
    add(text.size());
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) add(word_of(text));
    return text.empty() ? *this : add(word_of(text));
  }

  std::uint64_t result() const {
    auto end = *this;
    end.v2_ ^= 0xFF;
    end.rounds(4);
    return end.v0_ ^ end.v1_ ^ end.v2_ ^ end.v3_;
  }

 private:
  static std::uint64_t word_of(std::string_view text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), text.size() < sizeof word ? text.size() : sizeof word);
    return word;
  }
  static_assert(std::endian::native == std::endian::little);

  void rounds(int count) {
    for (; count > 0; --count) {
      v0_ += v1_, v2_ += v3_;
      v1_ = std::rotl(v1_, 13) ^ v0_, v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v1_, v0_ += v3_;
      v1_ = std::rotl(v1_, 17) ^ v2_, v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace hubbub
