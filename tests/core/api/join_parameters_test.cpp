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

TEST(JoinParameters, of_which_only_a_nickname_has_white_space_around_it_that_does_not_count) {
  for (const auto& [space, encoded] : std::map<std::string, std::string>{{" ", "+"}, {"  ", "%20%20"}, {"\u00A0", "%C2%A0"}, {"\u3000", "%E3%80%80"}}) {
    EXPECT_EQ(joined("?room=" + encoded + "a").room, space + "a") << encoded;
    EXPECT_EQ(joined("?room=a" + encoded).room, "a" + space) << encoded;
    EXPECT_EQ(joined("?nickname=" + encoded + "a" + encoded + "b" + encoded).member.nickname, "a" + space + "b") << encoded;
    for (const auto& name : {std::string{"id=a"}, "key=" + times(22, "A"), std::string{"since=1&epoch=x"}, std::string{"epoch=x&since=1"}}) {
      EXPECT_NE(refusal("?" + name + encoded), "taken") << name << encoded;
      EXPECT_NE(refusal("?" + name.substr(0, name.find('=') + 1) + encoded + name.substr(name.find('=') + 1)), "taken") << name << encoded;
    }
  }
  for (const auto* query : {"?room+=x", "?+room=x", "?Room=x", "?ROOM=x"}) EXPECT_EQ(joined(query).room, "general") << query;
}

TEST(JoinParameters, have_names_of_up_to_64_characters_whatever_their_bytes) {
  for (const auto* character : {"x", "%C3%A4", "%E2%82%AC", "%F0%9F%99%82", "\u00E4"}) {
    for (const std::string name : {"room", "nickname"}) {
      EXPECT_EQ(refusal("?" + name + "=" + times(64, character)), "taken") << name << character;
      EXPECT_TRUE(refusal("?" + name + "=" + times(65, character)).starts_with(name + ": must be 1 to 64 characters")) << name << character;
    }
  }
  EXPECT_EQ(refusal("?nickname=+" + times(64, "x") + "+"), "taken") << "what does not count is not counted";
  EXPECT_EQ(refusal("?id=" + times(64, "x") + "&since=1&epoch=" + times(64, "x")), "taken");
  EXPECT_NE(refusal("?since=1&epoch=" + times(65, "x")), "taken");
}

TEST(JoinParameters, say_what_is_wrong_with_them) {
  const std::multimap<std::string, std::string> wrong = {
      {"room: ", "?room="}, {"room: ", "?room=" + times(65, "x")}, {"room: ", "?room=%00"}, {"room: ", "?room=a%0Ab"}, {"room: ", "?room=%FF"},
      {"room: must not contain", "?room=a%E2%80%8Bb"}, {"room: must not contain", "?room=%E2%80%AEb"},
      {"id: ", "?id="}, {"id: ", "?id=" + times(65, "x")}, {"id: ", "?id=a%20b"}, {"id: ", "?id=%C3%B6"}, {"id: ", "?id=a%2Fb"},
      {"nickname: ", "?nickname="}, {"nickname: ", "?nickname=+%09+"}, {"nickname: ", "?nickname=" + times(65, "x")},
      {"nickname: ", "?nickname=a%07"}, {"nickname: ", "?nickname=%C3"}, {"nickname: must not contain", "?nickname=Ja%E2%80%8Bne"},
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
