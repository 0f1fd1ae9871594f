// An entry as plugins keep it in their snapshots.
#include <gtest/gtest.h>

#include <hubbub/plugin.hpp>
#include <limits>

namespace hubbub {
namespace {

TEST(Entry, is_read_back_from_json_as_it_was) {
  for (const Entry& entry : {Entry{1, 2, "john", "John", "note", {{"a", {1, nullptr}}}}, Entry{},
                             Entry{std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::int64_t>::min(), "", "\"ä", "x", "text"}}) {
    const Json json = entry;
    const auto read = Json::parse(json.dump()).get<Entry>();
    EXPECT_EQ(read.seq, entry.seq);
    EXPECT_EQ(read.ts, entry.ts);
    EXPECT_EQ(read.id, entry.id);
    EXPECT_EQ(read.nickname, entry.nickname);
    EXPECT_EQ(read.type, entry.type);
    EXPECT_EQ(read.content, entry.content);
    EXPECT_EQ(json.size(), 6U);
    for (const auto* name : {"seq", "ts", "id", "nickname", "type", "content"}) {
      auto less = json;
      less.erase(name);
      EXPECT_THROW(less.get<Entry>(), Json::exception) << name;
    }
  }
}

TEST(Type, is_what_it_was_made_as) {
  const auto plain = logged("a"), all = ephemeral("b").keep_newest().max_rate(2.5).from_server().schema(R"({"type": "null"})"), asked = question("c");
  EXPECT_TRUE(plain.is_logged() && !plain.is_ephemeral() && !plain.is_question() && !plain.is_from_server() && !plain.keeps_newest());
  EXPECT_EQ(plain.max_rate(), 0);
  EXPECT_TRUE(plain.schema().is_null());
  EXPECT_TRUE(all.is_ephemeral() && !all.is_logged() && all.is_from_server() && all.keeps_newest());
  EXPECT_EQ(all.name(), "b");
  EXPECT_EQ(all.max_rate(), 2.5);
  EXPECT_EQ(all.schema(), (Json{{"type", "null"}}));
  EXPECT_TRUE(asked.is_question() && !asked.is_logged() && !asked.is_ephemeral());
}

TEST(Verdict, is_what_it_was_made_as) {
  const auto to_all = broadcast({"a", 1}), to_one = reply({"b", 2}), to_none = reject("why");
  EXPECT_TRUE(to_all.kind == Verdict::Kind::broadcast && to_all.message.type == "a" && to_all.message.content == 1);
  EXPECT_TRUE(to_one.kind == Verdict::Kind::reply && to_one.message.type == "b" && to_one.message.content == 2);
  EXPECT_TRUE(to_none.kind == Verdict::Kind::reject && to_none.reason == "why");
  EXPECT_TRUE(Verdict{}.kind == Verdict::Kind::reject) << "what decides nothing lets nothing out";
}

}  // namespace
}  // namespace hubbub
