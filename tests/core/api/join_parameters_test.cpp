#include "api/join_parameters.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

namespace hubbub::api {
namespace {

rooms::JoinRequest joined(const std::string& query) {
  auto parsed = parse_join("/api/ws" + query);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) ADD_FAILURE() << query << ": " << *wrong;
  auto* request = std::get_if<rooms::JoinRequest>(&parsed);
  return request ? *request : rooms::JoinRequest{};
}

std::string refusal(const std::string& query) {
  const auto parsed = parse_join("/api/ws" + query);
  const auto* wrong = std::get_if<std::string>(&parsed);
  return wrong ? *wrong : "taken";
}

std::string times(int count, const std::string& what) {
  std::string all;
  for (int i = 0; i < count; ++i) all += what;
  return all;
}

TEST(JoinParameters, have_defaults_and_an_id_of_ones_own) {
  const auto one = joined(""), other = joined("");
  EXPECT_EQ(one.room, "general");
  EXPECT_EQ(one.member.nickname, "Guest");
  EXPECT_EQ(one.member.id.size(), 11U);  // 64 random bits
  EXPECT_NE(one.member.id, other.member.id);
  EXPECT_FALSE(one.since || one.key);
}

TEST(JoinParameters, are_percent_encoded_with_a_plus_for_a_space_and_the_first_of_two_counts) {
  for (const auto& [query, room] : std::map<std::string, std::string>{
           {"?room=a%20b+c%2B", "a b c+"}, {"?ro%6Fm=x", "x"}, {"?room=one&room=two", "one"}, {"?other=1&room=%C3%B6&more", "ö"},
           {"?room=[a]{b}|^`\"<>\\", "[a]{b}|^`\"<>\\"}, {"?room=" + times(64, "%E2%82%AC"), times(64, "€")}}) {
    EXPECT_EQ(joined(query).room, room) << query;
  }
  EXPECT_EQ(joined("?nickname=++Jane+Doe%09").member.nickname, "Jane Doe");
  EXPECT_EQ(joined("?id=A-z0.9_:").member.id, "A-z0.9_:");
}

TEST(JoinParameters, say_what_is_wrong_with_them) {
  const std::multimap<std::string, std::string> wrong = {
      {"room: ", "?room="}, {"room: ", "?room=" + times(65, "x")}, {"room: ", "?room=%00"}, {"room: ", "?room=a%0Ab"}, {"room: ", "?room=%FF"},
      {"room: must be seen", "?room=a%E2%80%8Bb"}, {"room: must be seen", "?room=%E2%80%AEb"},
      {"id: ", "?id="}, {"id: ", "?id=" + times(65, "x")}, {"id: ", "?id=a%20b"}, {"id: ", "?id=%C3%B6"}, {"id: ", "?id=a%2Fb"},
      {"nickname: ", "?nickname="}, {"nickname: ", "?nickname=+%09+"}, {"nickname: ", "?nickname=" + times(65, "x")},
      {"nickname: ", "?nickname=a%07"}, {"nickname: ", "?nickname=%C3"}, {"nickname: must be seen", "?nickname=Ja%E2%80%8Bne"},
      {"key: ", "?key="}, {"key: ", "?key=" + times(21, "A")}, {"key: ", "?key=" + times(23, "A")}, {"key: ", "?key=" + times(22, "!")},
      {"since, epoch: ", "?since=1"}, {"since, epoch: ", "?epoch=x"},
      {"since: ", "?since=&epoch=x"}, {"since: ", "?since=-1&epoch=x"}, {"since: ", "?since=1.5&epoch=x"}, {"since: ", "?since=1+&epoch=x"},
      {"since: ", "?since=18446744073709551616&epoch=x"}, {"epoch: ", "?since=1&epoch="}, {"epoch: ", "?since=1&epoch=a%20b"},
      {"the query ", "?room=%"}, {"the query ", "?room=%zz"}};
  for (const auto& [begins, query] : wrong) EXPECT_TRUE(refusal(query).starts_with(begins)) << query << ": " << refusal(query);
}

TEST(JoinParameters, say_where_to_resume_and_as_whom) {
  const auto request = joined("?since=18446744073709551615&epoch=abc-1&key=" + times(22, "A"));
  EXPECT_EQ(request.since->seq, 18446744073709551615U);
  EXPECT_EQ(request.since->epoch, "abc-1");
  EXPECT_TRUE(request.key);
  EXPECT_EQ(joined("?since=0&epoch=x").since->seq, 0U);
}

}  // namespace
}  // namespace hubbub::api
