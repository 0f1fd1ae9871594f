#include "protocol/repetition.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/envelope.hpp"
#include "protocol/number_text.hpp"
#include "protocol/random_id.hpp"
#include "protocol/text.hpp"

namespace hubbub {
namespace {

TEST(ClientKey, is_written_as_text_and_read_back) {
  for (const ClientKey key : {ClientKey{0, 0}, ClientKey{1, ~std::uint64_t{0}}, random_client_key()}) {
    const auto text = text_of(key);
    EXPECT_EQ(text.size(), 22U);
    const auto read = read_client_key(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->first, key.first);
    EXPECT_EQ(read->second, key.second);
  }
}

TEST(ClientKey, is_read_from_no_other_text) {
  const auto text = text_of({1, 2});
  for (const auto& wrong : {std::string{}, text.substr(1), text + "A", std::string(22, '_'), std::string(22, '!'), std::string(22, '\0')}) {
    EXPECT_FALSE(read_client_key(wrong)) << wrong;
  }
}

TEST(NumberText, has_eleven_characters_and_is_read_back_from_exactly_these) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{64}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    const auto text = number_text(number);
    EXPECT_EQ(text.size(), 11U);
    EXPECT_TRUE(is_id(text)) << text;
    EXPECT_EQ(read_number_text(text), number);
  }
  EXPECT_EQ(number_text(0), "AAAAAAAAAAA");
  EXPECT_EQ(number_text(1), "BAAAAAAAAAA") << "the lowest bits first";
  EXPECT_EQ(number_text(~std::uint64_t{0}), "__________P") << "64 bits are four in the last";
  for (const auto* text : {"", "AAAAAAAAAA", "AAAAAAAAAAAA", "__________Q", "AAAAAAAAAA+", "AAAAAAAAAA=", "AAAAA AAAAA"}) EXPECT_FALSE(read_number_text(text)) << text;
}

TEST(RandomId, is_a_valid_client_id_and_different_each_time) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.insert(random_id());
    EXPECT_TRUE(is_id(*ids.begin())) << *ids.begin();
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST(ClientKey, differs_between_clients_and_between_servers) {
  std::set<std::string> keys;
  for (std::uint64_t i = 0; i < 1000; ++i) keys.insert(text_of(new_client_key({1, 2}, i)));
  for (std::uint64_t i = 0; i < 1000; ++i) keys.insert(text_of(new_client_key({2, 1}, i)));
  EXPECT_EQ(keys.size(), 2000U);
}

TEST(Repetition, is_identified_by_key_id_and_ref_together) {
  std::set<std::uint64_t> numbers;
  for (const ClientKey key : {ClientKey{1, 2}, ClientKey{2, 1}}) {
    for (const auto* id : {"john", "johnn", ""}) {
      for (const auto* ref : {"1", "\"1\"", "12345678", "123456789", ""}) numbers.insert(ref_number(client_number(key, id), ref));
    }
  }
  EXPECT_EQ(numbers.size(), 2U * 3 * 5);
}

// Must not change: these numbers are stored.
TEST(Repetition, has_numbers_that_stay_the_same) {
  EXPECT_EQ(client_number({1, 2}, "john"), 0xea3cee087c1c5ef7);
  EXPECT_EQ(ref_number(7, "\"r\""), 0x7723c037e879014c);
  EXPECT_EQ(asked_number("note", Json::parse(R"({"a":[1,-1,0.5,"text of some length",true,null],"b":{}})")), 0xa5ba2fbe952732d3);
}

// Two different numbers never count as the same, and each equals itself in every spelling.
TEST(Repetition, distinguishes_numbers_as_precisely_as_they_are_stored) {
  const auto asked = [](const std::string& number, const std::string& also = "") {
    return std::get<Envelope>(parse_envelope(R"({"type":"note","ref":1,"content":{"x":)" + number + "}" + also + "}", 32)).asked;
  };
  const std::vector<std::string> numbers = {
      "0", "1", "-1", "2", "255", "256", "65536", "4294967295", "4294967296", "9007199254740992", "9007199254740993", "9223372036854775807",
      "9223372036854775808", "18446744073709551615", "18446744073709551614", "-9223372036854775808", "-9223372036854775807",
      "0.0", "-0.0", "1.0", "-1.0", "0.1", "0.1000000001", "0.10000000000000002", "0.1000001", "16777216.0", "16777217.0", "1e16", "1.0000000000000002e16",
      "1e38", "1e39", "1e300", "1e301", "5e-324", "1e-323", "1e-46", "1e-47", "1.7976931348623157e308", "-1.7976931348623157e308"};
  std::map<std::uint64_t, std::string> known;
  for (const auto& number : numbers) {
    const auto [other, is_new] = known.emplace(asked(number), number);
    EXPECT_TRUE(is_new) << number << " and " << other->second;
    EXPECT_EQ(asked(number, R"(,"escaped":"\u0041")"), asked(number)) << number << ", the slow way";
  }
  EXPECT_EQ(asked("0.1"), asked("1e-1"));
  EXPECT_EQ(asked("0.10000000000000000001"), asked("0.1")) << "no number between them is kept";
}

TEST(Repetition, is_the_same_for_every_spelling_of_a_request_and_differs_for_others) {
  const auto asked = [](std::string_view text) { return std::get<Envelope>(parse_envelope(text, 32)).asked; };
  const auto number = asked(R"({"type":"note","content":{"a":[1,-2,0.5],"b":"ä\n"},"ref":1})");
  EXPECT_NE(number, 0U);
  EXPECT_EQ(asked(R"({"ref":"another","content":{"b":"ä\n","a":[1,-2,5e-1]},"type":"note"})"), number);
  EXPECT_EQ(asked(R"({"type":"note","content":{"b":"\u00e4\n","a":[1,-2,0.5]},"ref":1})"), number) << "the slow way";
  const auto without_ref = asked(R"({"type":"note","content":1})");
  EXPECT_EQ(asked(R"({"type":"note","content":1})"), without_ref);
  EXPECT_NE(asked(R"({"type":"note","content":2})"), without_ref);
  std::set<std::uint64_t> numbers;
  for (const auto* content : {"1", "-1", "1.5", "\"1\"", "true", "false", "null", "[]", "{}", "[1]", "[[1]]", "[1,1]", R"({"a":1})", R"({"b":1})",
                              R"(["a"])", R"(["a",""])", R"(["","a"])", R"("aaaaaaaa")", R"("aaaaaaaa\u0000")", R"("aaaaaaaab")"}) {
    numbers.insert(asked(std::string{R"({"type":"note","ref":1,"content":)"} + content + "}"));
    numbers.insert(asked(std::string{R"({"type":"not","ref":1,"content":)"} + content + "}"));
  }
  EXPECT_EQ(numbers.size(), 2U * 20);
}

}  // namespace
}  // namespace hubbub
