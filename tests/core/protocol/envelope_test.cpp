#include "protocol/envelope.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

Envelope read(std::string_view text) { return std::get<Envelope>(parse_envelope(text, 8)); }

TEST(Envelope, has_type_content_and_ref) {
  const auto envelope = read(R"({"ref":7,"content":{"a":[1]},"type":"note"})");
  EXPECT_EQ(envelope.type, "note");
  EXPECT_EQ(envelope.content, Json::parse(R"({"a":[1]})"));
  EXPECT_EQ(envelope.ref, "7");
}

TEST(Envelope, needs_only_a_type) {
  const auto envelope = read(R"({"type":""})");
  EXPECT_EQ(envelope.type, "");
  EXPECT_TRUE(envelope.content.is_null());
  EXPECT_EQ(envelope.ref, "");
}

TEST(Envelope, ignores_other_fields) {
  EXPECT_EQ(read(R"({"type":"a","room":[],"nickname":5,"id":null,"seq":"x","ts":{}})").type, "a");
}

TEST(Envelope, keeps_a_ref_as_json_for_the_answer) {
  for (const auto& [sent, kept] : std::vector<std::pair<std::string, std::string>>{{"0", "0"},
                                                                                   {"-5", "-5"},
                                                                                   {"1.5", "1.5"},
                                                                                   {"18446744073709551615", "18446744073709551615"},
                                                                                   {"-9223372036854775808", "-9223372036854775808"},
                                                                                   {"9007199254740991.0", "9.007199254740991e+15"},
                                                                                   {R"("")", R"("")"},
                                                                                   {R"("7")", R"("7")"},
                                                                                   {R"("a\"\n")", R"("a\"\n")"},
                                                                                   {R"("\u00e4")", R"("ä")"},
                                                                                   {"null", ""}}) {
    EXPECT_EQ(read(R"({"type":"a","ref":)" + sent + "}").ref, kept) << sent;
  }
}

constexpr auto bad_ref = "ref: must be a string of at most 64 characters, a whole number of 64 bits, or a fraction below 2^53";

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// The limit is on the decoded ref, in every parser: the ordinary one, the one for texts with escapes or anything else
// unusual, and the one that reads only the ref.
TEST(Envelope, allows_a_ref_of_64_characters_whatever_their_bytes) {
  const std::pair<const char*, const char*> all[] = {{"x", "x"}, {"ä", "ä"}, {"€", "€"}, {"🙂", "🙂"}, {"\\u0041", "A"}, {"\\u00e4", "ä"}, {"\\ud83d\\ude42", "🙂"}};
  for (const auto& [written, character] : all) {
    for (const int length : {1, 32, 33, 63, 64, 65, 100}) {
      const auto ref = R"("ref":")" + times(length, written) + '"', kept = '"' + times(length, character) + '"';
      for (const auto& [before, behind] : std::vector<std::pair<std::string, std::string>>{
               {R"("type":"a",)", ""}, {R"("type":"a",)", R"(,"content":"\u0007")"}, {R"("content":["\"",1.5e1],"type":"a",)", ""}, {R"("ref":7,"type":"a",)", ""},
               {R"("type":"a",)", R"(,"other":{"x":[]})"}, {R"("type":"\u0061",)", ""}}) {
        const auto text = "{" + before + ref + behind + "}";
        const auto parsed = parse_envelope(text, 8);
        if (length <= 64) {
          ASSERT_TRUE(std::holds_alternative<Envelope>(parsed)) << text;
          EXPECT_EQ(std::get<Envelope>(parsed).ref, kept) << text;
        } else {
          ASSERT_TRUE(std::holds_alternative<BadEnvelope>(parsed)) << text;
          EXPECT_EQ(std::get<BadEnvelope>(parsed).refusal.text, bad_ref) << text;
        }
        EXPECT_EQ(ref_of(text), length <= 64 ? kept : "") << text;
      }
      const auto bad = parse_envelope("{" + ref + "}", 8);  // without a type
      EXPECT_EQ(std::get<BadEnvelope>(bad).ref, length <= 64 ? kept : "") << ref;
    }
  }
}

TEST(Envelope, allows_a_type_of_64_bytes_whatever_its_characters) {
  const std::pair<const char*, std::string> all[] = {{"x", "x"}, {"ä", "ä"}, {"🙂", "🙂"}, {"\\u00e4", "ä"}, {"\\ud83d\\ude42", "🙂"}};
  for (const auto& [written, character] : all) {
    const auto most = static_cast<int>(64 / character.size());
    for (const std::string other : {"", R"(,"content":"\u0007")"}) {
      EXPECT_EQ(read(R"({"type":")" + times(most, written) + '"' + other + "}").type, times(most, character));
      const auto longer = parse_envelope(R"({"type":")" + times(most + 1, written) + '"' + other + "}", 8);
      ASSERT_TRUE(std::holds_alternative<BadEnvelope>(longer)) << written;
      EXPECT_EQ(std::get<BadEnvelope>(longer).refusal.code, ErrorCode::unknown_type);
    }
  }
}

// Unusual texts, such as those with an escape, take another parser, which must give the same result.
TEST(Envelope, is_the_same_from_each_parser) {
  const std::vector<std::string> texts = {
      R"("type":"a")",
      R"("type":"a","content":{"x":[1,-1,1.5,true,false,null,"t",{"y":{}}],"z":[]})",
      R"("type":"a","content":18446744073709551615)",
      R"("type":"a","content":-9223372036854775808)",
      R"("type":"a","content":-0.0)",
      R"("type":"a","content":1e300)",
      R"("type":"a","content":{"x":1,"x":2})",
      R"("type":"a","ref":7,"content":[])",
      R"("type":"a","ref":-7)",
      R"("type":"a","ref":1.0)",
      R"("type":"a","ref":"")",
      R"("type":"a","ref":null)",
      R"("type":"a","ref":"a""b")",
      R"("type":"a","ref":"a","ref":"b")",
      R"("type":"a","ref":"a","ref":7)",
      R"("type":"a","ref":7,"ref":"b")",
      R"("type":"a","ref":7,"ref":8)",
      R"("type":"a","ref":7,"ref":null)",
      R"("type":"a","ref":7,"ref":1.5)",
      R"("type":"a","ref":{},"ref":7)",
      R"("type":"a","ref":7,"ref":{})",
      R"("type":"a","type":"b","ref":1)",
      R"("type":1,"type":"b","ref":1)",
      R"("type":"a","type":1,"ref":1)",
      R"("type":"a","content":1,"content":[2],"ref":1)",
      R"("type":"a","content":[1],"content":{"x":2},"ref":1)",
      R"("type":"a","content":{"x":1},"content":{"y":2},"ref":1)",
      R"("type":"a","content":[1],"content":null,"ref":1)",
      R"("type":"a","room":[],"nickname":{},"id":1,"seq":2,"ts":3)",
      R"("type":"a","content":[[[[[[[]]]]]]])",
      R"("type":"a","content":[[[[[[[1]]]]]]],"ref":1)",
      R"("type":"a","content":[[[[[[[[]]]]]]]],"ref":1)",
      R"("type":"a","x":[[[[[[[]]]]]]],"ref":1)",
      R"("type":"a","x":[[[[[[[[]]]]]]]],"ref":1)",
      R"("type":")" + std::string(64, 'x') + R"(","ref":1)",
      R"("type":")" + std::string(65, 'x') + R"(","ref":1)",
      R"("type":"a","ref":")" + std::string(64, 'x') + "\"",
      R"("type":"a","ref":")" + std::string(65, 'x') + "\"",
  };
  for (const auto& text : texts) {
    const auto plain = parse_envelope("{" + text + "}", 8), escaped = parse_envelope(R"({"escaped":"\u0041",)" + text + "}", 8);
    ASSERT_EQ(plain.index(), escaped.index()) << text;
    if (const auto* envelope = std::get_if<Envelope>(&plain)) {
      const auto& other = std::get<Envelope>(escaped);
      EXPECT_EQ(envelope->type, other.type) << text;
      EXPECT_EQ(envelope->content, other.content) << text;
      EXPECT_EQ(envelope->content.dump(), other.content.dump()) << text;
      EXPECT_EQ(envelope->ref, other.ref) << text;
      EXPECT_TRUE(envelope->ref.empty() || envelope->asked == other.asked) << text;
    } else {
      const auto &bad = std::get<BadEnvelope>(plain), &other = std::get<BadEnvelope>(escaped);
      EXPECT_EQ(bad.refusal.code, other.refusal.code) << text;
      EXPECT_EQ(bad.refusal.text, other.refusal.text) << text;
      EXPECT_EQ(bad.ref, other.ref) << text;
    }
  }
}

TEST(Envelope, uses_the_last_of_repeated_fields) {
  for (const std::string escape : {"", R"("escaped":"\u0041",)"}) {
    const auto envelope = read("{" + escape + R"("type":"x","content":[1],"ref":"a","type":"y","content":{"n":2},"ref":"b"})");
    EXPECT_EQ(envelope.type, "y");
    EXPECT_EQ(envelope.content, Json::parse(R"({"n":2})"));
    EXPECT_EQ(envelope.ref, R"("b")");
    EXPECT_EQ(read("{" + escape + R"("type":"x","ref":"a","ref":5})").ref, "5");
    EXPECT_EQ(read("{" + escape + R"("type":"x","ref":5,"ref":null})").ref, "");
  }
}

// With a ref, all spellings of one message have the same hash, and other messages another.
TEST(Envelope, has_the_same_hash_for_every_spelling_of_a_request) {
  const auto asked = [](const std::string& fields) { return read("{" + fields + "}").asked; };
  const auto one = asked(R"("type":"a","content":{"x":1,"y":[2]},"ref":1)");
  EXPECT_EQ(asked(R"( "ref" : 2, "content":{"y":[2],"x":1}, "type":"a" )"), one);
  EXPECT_EQ(asked(R"("type":"a","content":{"x":1,"y":[2]},"ref":1,"room":"elsewhere")"), one);
  for (const auto* other : {R"("type":"b","content":{"x":1,"y":[2]},"ref":1)", R"("type":"a","content":{"x":1,"y":[3]},"ref":1)",
                            R"("type":"a","content":{"x":1,"y":2},"ref":1)", R"("type":"a","content":{"x":1},"ref":1)",
                            R"("type":"a","content":{"x":"1","y":[2]},"ref":1)", R"("type":"a","ref":1)"}) {
    EXPECT_NE(asked(other), one) << other;
  }
  EXPECT_NE(asked(R"("type":"a","content":1)"), asked(R"("type":"a","content":2)"));
}

TEST(Envelope, allows_a_type_of_64_bytes_in_each_parser) {
  const std::string type(64, 'x');
  EXPECT_EQ(read(R"({"type":")" + type + "\"}").type, type);
  EXPECT_EQ(read(R"({"type":")" + type.substr(1) + R"(\u0078"})").type, type);
}

struct Bad {
  const char* name;
  std::string text;
  ErrorCode code;
  const char* why;
  const char* ref = "";
};

class BadEnvelopes : public testing::TestWithParam<Bad> {};

TEST_P(BadEnvelopes, are_refused_with_the_reason_and_their_ref) {
  const auto& [name, text, code, why, ref] = GetParam();
  const auto parsed = parse_envelope(text, 8);
  const auto* bad = std::get_if<BadEnvelope>(&parsed);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->refusal.code, code);
  EXPECT_EQ(bad->refusal.text, why);
  EXPECT_EQ(bad->ref, ref);
}

constexpr auto not_json = "the message must be JSON, at most 8 levels deep";
constexpr auto no_object = "the message must be a JSON object with a type";
constexpr auto no_type = "the message must have a type that is a string";

INSTANTIATE_TEST_SUITE_P(
    Envelope, BadEnvelopes,
    testing::Values(
        Bad{"empty", "", ErrorCode::bad_json, not_json}, Bad{"half", R"({"type":"a")", ErrorCode::bad_json, not_json},
        Bad{"deep", R"({"type":"a","content":[[[[[[[[]]]]]]]]})", ErrorCode::bad_json, not_json},
        Bad{"null", "null", ErrorCode::bad_json, no_object}, Bad{"text", R"("a")", ErrorCode::bad_json, no_object},
        Bad{"array", R"([{"type":"a"}])", ErrorCode::bad_json, no_object},
        Bad{"no_type", R"({"content":1,"ref":3})", ErrorCode::bad_json, no_type, "3"},
        Bad{"null_type", R"({"type":null})", ErrorCode::bad_json, no_type},
        Bad{"number_for_type", R"({"type":7,"ref":"x"})", ErrorCode::bad_json, no_type, R"("x")"},
        Bad{"long_type", R"({"type":")" + std::string(65, 'x') + R"(","ref":3})", ErrorCode::unknown_type,
            "type: must be at most 64 bytes long", "3"},
        Bad{"ref_object", R"({"type":"a","ref":{}})", ErrorCode::invalid, bad_ref},
        Bad{"ref_array", R"({"type":"a","ref":[1]})", ErrorCode::invalid, bad_ref},
        Bad{"ref_boolean", R"({"type":"a","ref":true})", ErrorCode::invalid, bad_ref},
        // As floating-point numbers, these would be the same as others.
        Bad{"large_ref", R"({"type":"a","ref":18446744073709551616})", ErrorCode::invalid, bad_ref},
        Bad{"larger_ref", R"({"type":"a","ref":36893488147419103233})", ErrorCode::invalid, bad_ref},
        Bad{"large_negative_ref", R"({"type":"a","ref":-9223372036854775809})", ErrorCode::invalid, bad_ref},
        Bad{"large_fraction_for_ref", R"({"type":"a","ref":9007199254740992.5})", ErrorCode::invalid, bad_ref},
        Bad{"large_negative_fraction_for_ref", R"({"type":"a","ref":-9007199254740992.5})", ErrorCode::invalid, bad_ref},
        Bad{"ref_with_exponent", R"({"type":"a","ref":1e300})", ErrorCode::invalid, bad_ref},
        Bad{"long_ref", R"({"type":"a","ref":")" + std::string(65, 'x') + "\"}", ErrorCode::invalid, bad_ref}),
    [](const auto& bad) { return bad.param.name; });

TEST(Envelope, allows_content_of_the_full_depth_not_counting_the_envelope) {
  EXPECT_EQ(read(R"({"type":"a","content":[[[[[[[]]]]]]]})").content.dump(), "[[[[[[[]]]]]]]");
}

TEST(Envelope, that_is_refused_unread_still_gives_its_ref) {
  const std::pair<const char*, const char*> texts[] = {
      {R"({"type":"a","ref":7})", "7"},
      {R"({"content":[[[[[[[[[[]]]]]]]]]],"ref":-1.5})", "-1.5"},
      {R"({"ref":1,"content":"\u00e9","ref":"\u00e9"})", "\"\xC3\xA9\""},
      {R"({"ref":1,"ref":null})", ""},
      {R"({"ref":[1]})", ""},
      {R"({"ref":true})", ""},
      {R"({"ref":18446744073709551615})", "18446744073709551615"},
      {R"({"ref":18446744073709551616})", ""},
      {R"({"ref":1e16})", ""},
      {R"({"ref":"\ud800"})", ""},
      {R"({"type":"a"})", ""},
      {R"({"ref":1)", ""},
      {R"([{"ref":1}])", ""},
  };
  for (const auto& [text, ref] : texts) EXPECT_EQ(ref_of(text), ref) << text;
  EXPECT_EQ(ref_of(R"({"ref":")" + std::string(64, 'x') + R"("})"), '"' + std::string(64, 'x') + '"');
  EXPECT_EQ(ref_of(R"({"ref":")" + std::string(65, 'x') + R"("})"), "");
}

TEST(ErrorCodes, have_the_names_of_the_protocol) {
  EXPECT_EQ(to_string(ErrorCode::bad_json), "bad_json");
  EXPECT_EQ(to_string(ErrorCode::unknown_type), "unknown_type");
  EXPECT_EQ(to_string(ErrorCode::invalid), "invalid");
  EXPECT_EQ(to_string(ErrorCode::forbidden), "forbidden");
  EXPECT_EQ(to_string(ErrorCode::rate_limited), "rate_limited");
  EXPECT_EQ(to_string(ErrorCode::unavailable), "unavailable");
  EXPECT_EQ(to_string(ErrorCode::internal), "internal");
}

}  // namespace
}  // namespace hubbub
