// Every character of Unicode, whole and in pieces, and all that is none.
#include "net/websocket/utf8_check.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace hubbub::net {
namespace {

std::string bytes(std::initializer_list<unsigned> all) {
  std::string text;
  for (const auto byte : all) text += static_cast<char>(byte);
  return text;
}

// In as many bytes as it is told, whether that is the shortest form or not.
std::string encoded(std::uint32_t code, int size) {
  if (size == 1) return bytes({code});
  std::string text = bytes({(0xF00U >> size & 0xFFU) | code >> (6 * (size - 1))});
  for (int i = size - 2; i >= 0; --i) text += static_cast<char>(0x80U | (code >> (6 * i) & 0x3FU));
  return text;
}
int shortest(std::uint32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

TEST(Utf8, has_each_character_in_its_shortest_form_and_no_surrogates_and_nothing_beyond_the_last) {
  for (std::uint32_t code = 0; code < 0x200000; ++code) {
    const bool is_character = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
    for (int size = shortest(code); size <= 4; ++size) {
      const bool fits = is_character && size == shortest(code);
      if (is_utf8(encoded(code, size)) != fits) {
        ADD_FAILURE() << code << " in " << size << " bytes";
        return;
      }
    }
  }
}

TEST(Utf8, is_found_wrong_at_the_first_byte_that_cannot_be_right) {
  for (std::uint32_t code : {0x24U, 0x7FFU, 0x20ACU, 0xD7FFU, 0xE000U, 0x10348U, 0x10FFFFU}) {
    const auto text = encoded(code, shortest(code));
    Utf8Check check;
    for (std::size_t i = 0; i < text.size(); ++i) {
      EXPECT_EQ(check.complete(), i == 0) << "it may not end within a character";
      EXPECT_TRUE(check.feed({&text[i], 1}));
    }
    EXPECT_TRUE(check.complete());
    EXPECT_TRUE(check.feed("")) << "nothing changes nothing";
    EXPECT_TRUE(check.feed("and more " + text));
  }
  for (const auto& [before, wrong] : {std::pair{"", 0x80U}, std::pair{"", 0xC0U}, std::pair{"", 0xC1U}, std::pair{"", 0xF5U}, std::pair{"", 0xFFU}, std::pair{"\xE2", 0x28U},
                                      std::pair{"\xE0", 0x9FU}, std::pair{"\xED", 0xA0U}, std::pair{"\xF0", 0x8FU}, std::pair{"\xF4", 0x90U}, std::pair{"\xE2\x82", 0xC0U}}) {
    Utf8Check check;
    EXPECT_TRUE(check.feed(before));
    EXPECT_FALSE(check.feed(bytes({wrong}))) << before << wrong;
  }
}

}  // namespace
}  // namespace hubbub::net
