// Reads one room from an export and from a store's file.
#include "store/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "core/store/desk.hpp"
#include "store/sqlite_store.hpp"
#include "store/transfer.hpp"

namespace hubbub::store {
namespace {

struct Recordings : testing::Test {
  // A room in the file, with this many messages and a snapshot of the first of them.
  void make(const std::string& room, std::uint64_t last) {
    SqliteStore store{{file, Synchronous::normal, {.age = std::chrono::hours{24 * 36500}}}};
    const auto log = desk.log(store, room);
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
      const auto text = R"({"type":"message","content":1,"seq":)" + std::to_string(seq) + R"(,"ts":1,"ref":"r"})";
      ASSERT_EQ(desk.append(*log, {seq, 1, "chat", "1", record(seq, "\"r\"").repetition, Frame::copy(text)}), Append::committed);
    }
    log->put({1, R"({"chat":[]})"});
  }
  RecordedRoom of_the_export(const std::string& room) const {
    std::stringstream lines;
    export_rooms(file, lines, {});
    return read_recorded(lines, "given", room);
  }
  RecordedRoom of_the_file(const std::string& room) const { return read_stored(file, room); }
  static std::string refusal(const std::function<void()>& call) {
    try {
      call();
      return "nothing is wrong";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  Folder folder;
  const std::filesystem::path file = folder / "rooms.db";
  Desk desk;
};

TEST_F(Recordings, are_the_rooms_log_unchanged) {
  make("garden", 3);
  for (const auto& recorded : {of_the_export("garden"), of_the_export(""), of_the_file("garden")}) {
    EXPECT_EQ(recorded.name, "garden");
    EXPECT_FALSE(recorded.log.epoch.empty());
    EXPECT_EQ(recorded.log.first, 1U);
    ASSERT_EQ(recorded.log.records.size(), 3U);
    const auto& last = recorded.log.records.back();
    EXPECT_EQ(last.seq, 3U);
    EXPECT_EQ(last.plugin + last.version, "chat1");
    EXPECT_EQ(last.frame.payload(), R"({"type":"message","content":1,"seq":3,"ts":1,"ref":"r"})");
    EXPECT_EQ(last.repetition.ref, record(3, "\"r\"").repetition.ref);
    EXPECT_EQ(recorded.log.snapshot->seq, 1U);
    EXPECT_EQ(recorded.log.snapshot->state, R"({"chat":[]})");
  }
}

TEST_F(Recordings, of_several_rooms_contain_only_the_named_one) {
  make("garden", 1);
  make("kitchen", 2);
  for (const auto& [name, messages] : {std::pair{"garden", 1U}, std::pair{"kitchen", 2U}}) {
    for (const auto& recorded : {of_the_export(name), of_the_file(name)}) {
      EXPECT_EQ(recorded.name, name);
      EXPECT_EQ(recorded.log.records.size(), messages);
    }
  }
  EXPECT_EQ(refusal([&] { of_the_export(""); }), R"(given holds several rooms; name one of "garden", "kitchen")");
  EXPECT_EQ(refusal([&] { of_the_export("attic"); }), R"(given has no room "attic"; name one of "garden", "kitchen")");
  EXPECT_EQ(refusal([&] { of_the_file("attic"); }), file.string() + R"( has no room "attic")");
}

TEST_F(Recordings, are_refused_if_the_room_is_missing_or_a_line_is_wrong) {
  std::stringstream nothing, rubbish{"rubbish\n"};
  EXPECT_EQ(refusal([&] { read_recorded(nothing, "given", ""); }), "given holds no room");
  EXPECT_THAT(refusal([&] { read_recorded(rubbish, "given", ""); }), testing::StartsWith("given:1: "));
  EXPECT_THAT(refusal([&] { read_stored(folder / "none.db", "garden"); }), testing::HasSubstr("none.db"));
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

}  // namespace
}  // namespace hubbub::store
