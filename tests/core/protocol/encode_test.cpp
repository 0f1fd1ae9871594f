// The exact texts that leave the server: the type comes first, so that a client knows what the message is before it reads the rest.
#include "protocol/encode.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "protocol/close_code.hpp"

namespace hubbub {
namespace {

constexpr auto room = R"("gen\"eral")";

std::string text(const Frame& frame) {
  EXPECT_TRUE(Json::accept(frame.payload())) << frame.payload();
  EXPECT_EQ(frame.opcode(), Opcode::text);
  return std::string{frame.payload()};
}

TEST(Encode, writes_a_logged_message_with_its_seq_and_acknowledgement) {
  const Json content = "Hello";
  const auto sender = sender_fields("John", "user123");
  EXPECT_EQ(text(encode({R"("message")", content, room, sender, 42, 1763866800123, "7"}, Delivery::must())),
            R"({"type":"message","content":"Hello","room":"gen\"eral","nickname":"John","id":"user123","seq":42,)"
            R"("ts":1763866800123,"ref":7})");
}

TEST(Encode, leaves_out_what_a_message_does_not_have) {
  const Json content = {{"b", 1}, {"a", nullptr}};
  EXPECT_EQ(text(encode({R"("note")", content, room, system_sender, 0, 0, {}}, Delivery::must())),
            R"({"type":"note","content":{"a":null,"b":1},"room":"gen\"eral","nickname":"System"})");
}

TEST(Encode, copies_a_ref_back_as_number_or_text) {
  const Json content;
  for (const auto* ref : {"0", "-1.5", R"("")", R"("a\"b")", "18446744073709551615"}) {
    EXPECT_TRUE(text(encode({R"("a")", content, room, system_sender, 0, 0, ref}, Delivery::must()))
                    .ends_with(R"(,"ref":)" + std::string{ref} + "}"));
  }
}

TEST(Encode, keeps_the_requested_delivery) {
  const Json content;
  EXPECT_FALSE(encode({R"("a")", content, room, system_sender, 0, 0, {}}, Delivery::must()).delivery().droppable);
  EXPECT_EQ(encode({R"("a")", content, room, system_sender, 0, 0, {}}, Delivery::may_drop(9)).delivery().newest_of, 9U);
}

TEST(Encode, throws_on_content_that_is_not_utf8) {
  for (const Json& content : {Json("\xFF"), Json({{"\xC0\x80", 1}}), Json::array({"\xED\xA0\x80"})}) {
    EXPECT_THROW(encode({R"("a")", content, room, system_sender, 1, 1, {}}, Delivery::must()), std::runtime_error);
  }
}

TEST(Encode, writes_who_sent_a_message) {
  EXPECT_EQ(sender_fields("Jo\"hn", "john"), R"("nickname":"Jo\"hn","id":"john")");
  EXPECT_EQ(sender_fields("System", ""), system_sender);
}

TEST(Encode, writes_errors) {
  EXPECT_EQ(text(encode_error({ErrorCode::invalid, "sides must be \"2\" to 100", {}}, room, "7")),
            R"({"type":"error","content":"sides must be \"2\" to 100","code":"invalid","ref":7,"room":"gen\"eral","nickname":"System"})");
  EXPECT_EQ(text(encode_error({ErrorCode::rate_limited, "slow down", std::chrono::milliseconds{250}}, room, {})),
            R"({"type":"error","content":"slow down","code":"rate_limited","retry_after_ms":250,"room":"gen\"eral","nickname":"System"})");
  EXPECT_FALSE(encode_error({ErrorCode::internal, "", {}}, room, {}).delivery().droppable);
}

TEST(Encode, writes_an_error_with_any_bytes_in_its_text) {
  EXPECT_EQ(Json::parse(encode_error({ErrorCode::internal, "caf\xC3 \xFF\xFE", {}}, room, {}).payload())["content"], "caf\uFFFD \uFFFD\uFFFD");
}

TEST(Encode, writes_the_answer_to_a_ping_and_the_current_types) {
  EXPECT_EQ(text(encode_pong("7")), R"({"type":"pong","content":null,"ref":7})");
  EXPECT_EQ(text(encode_pong({})), R"({"type":"pong","content":null})");
  EXPECT_EQ(text(encode_types(R"(["message"])", room)), R"({"type":"types","content":["message"],"room":"gen\"eral"})");
  for (const auto& frame : {encode_pong({}), encode_types("[]", room), encode_welcome({room, "u", "n", "e", 0, true, "k", "[]"})}) {
    EXPECT_FALSE(frame.delivery().droppable);
  }
}

TEST(Encode, writes_the_largest_and_smallest_numbers) {
  const Json content;
  EXPECT_TRUE(text(encode({R"("a")", content, room, system_sender, ~std::uint64_t{0}, std::numeric_limits<std::int64_t>::max(), {}}, Delivery::must()))
                  .ends_with(R"(,"seq":18446744073709551615,"ts":9223372036854775807})"));
  EXPECT_TRUE(text(encode({R"("a")", content, room, system_sender, 1, -1, {}}, Delivery::must())).ends_with(R"(,"seq":1,"ts":-1})"));
}

TEST(Encode, keeps_the_delivery_of_a_list_of_users) {
  EXPECT_EQ(encode_users_update({}, 0, room, Delivery::may_drop(5)).delivery().newest_of, 5U);
  EXPECT_FALSE(encode_users_update({}, 0, room, Delivery::must()).delivery().droppable);
}

TEST(CloseCodes, have_the_numbers_of_the_protocol_and_say_whether_to_reconnect) {
  const std::pair<CloseCode, int> codes[] = {{CloseCode::normal, 1000}, {CloseCode::going_away, 1001}, {CloseCode::protocol_error, 1002},
                                             {CloseCode::unsupported, 1003}, {CloseCode::invalid_text, 1007}, {CloseCode::policy, 1008},
                                             {CloseCode::too_big, 1009}, {CloseCode::internal, 1011}, {CloseCode::overloaded, 1013},
                                             {CloseCode::too_slow, 4000}, {CloseCode::no_pong, 4001}, {CloseCode::kept_breaking_limits, 4502}};
  for (const auto& [code, number] : codes) EXPECT_EQ(static_cast<int>(code), number);
}

TEST(Encode, writes_lines_of_the_system_which_may_be_dropped) {
  const auto frame = encode_system("Jo\"hn joined the room", room);
  EXPECT_EQ(text(frame), R"({"type":"system","content":"Jo\"hn joined the room","room":"gen\"eral","nickname":"System"})");
  EXPECT_TRUE(frame.delivery().droppable);
}

TEST(Encode, writes_the_list_of_users_with_a_count_only_if_it_is_capped) {
  const std::array<std::string_view, 2> names = {"John", "Ja\"ne"};
  EXPECT_EQ(text(encode_users_update(names, 2, room, Delivery::must())),
            R"({"type":"users_update","content":["John","Ja\"ne"],"room":"gen\"eral"})");
  EXPECT_NE(text(encode_users_update(names, 3, room, Delivery::must())).find(R"("count":3)"), std::string::npos);
  EXPECT_EQ(text(encode_users_update(names, 500, room, Delivery::must())),
            R"({"type":"users_update","content":["John","Ja\"ne"],"count":500,"room":"gen\"eral"})");
  EXPECT_EQ(text(encode_users_update({}, 0, room, Delivery::must())),
            R"({"type":"users_update","content":[],"room":"gen\"eral"})");
}

TEST(Encode, writes_a_welcome) {
  EXPECT_EQ(text(encode_welcome({room, "user123", "Jo\"hn", "e1", 41, false, "k1", R"(["message","typing"])"})),
            R"({"type":"welcome","content":{"id":"user123","nickname":"Jo\"hn","epoch":"e1","seq":41,"recovered":false,)"
            R"("key":"k1","types":["message","typing"]},"room":"gen\"eral"})");
  EXPECT_NE(text(encode_welcome({room, "u", "n", "e", 0, true, "k", "[]"})).find(R"("seq":0,"recovered":true,"key":"k","types":[])"),
            std::string::npos);
}

}  // namespace
}  // namespace hubbub
