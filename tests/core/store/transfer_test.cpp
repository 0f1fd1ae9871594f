// Rooms as lines of JSON: exported from a store's file, also while a server uses it, and imported, all or nothing.
#include "store/transfer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <utility>

#include "core/store/desk.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub::store {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A message as the members of a room receive it.
Record said(const std::string& room, std::uint64_t seq, const std::string& ref = {}) {
  const auto its = client("john");
  const auto repetition = ref.empty() ? Repetition{} : Repetition{its, ref_number(its, ref), seq};
  const auto text = "{\"type\":\"message\",\"content\":\"🌸 \u2028 " + std::to_string(seq) + R"(","room":")" + room + R"(","nickname":"John","id":"john","seq":)" +
                    std::to_string(seq) + R"(,"ts":)" + std::to_string(seq) + (ref.empty() ? "" : R"(,"ref":)" + ref) + "}";
  return {seq, static_cast<std::int64_t>(seq), "chat", "1.0", repetition, Frame::copy(text)};
}

class Transfer : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> start(const std::string& name, std::size_t messages = 10'000) {
    return std::make_unique<SqliteStore>(SqliteOptions{folder / name, Synchronous::normal, {.messages = messages, .age = std::chrono::hours{24 * 36500}}});
  }
  void say(Log& log, const std::string& room, std::uint64_t first, std::uint64_t last) {
    for (auto seq = first; seq <= last; ++seq) {
      const auto ref = seq % 3 == 0 ? std::string{} : seq % 3 == 1 ? std::to_string(seq) : "\"r" + std::to_string(seq) + "\"";
      ASSERT_EQ(desk.append(log, said(room, seq, ref)), Append::committed);
    }
  }
  std::string exported(const std::string& name, const std::optional<std::string>& room = {}) {
    std::ostringstream out;
    export_rooms(folder / name, out, room);
    return out.str();
  }
  std::size_t import(const std::string& name, const std::string& lines) {
    std::istringstream in{lines};
    return import_rooms(folder / name, in, "given");
  }
  std::string refusal(const std::function<void()>& call) {
    try {
      call();
      return "nothing is wrong";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  // Fills a store: a room with a snapshot whose first messages were forgotten, one with all of them, and one without a snapshot.
  void fill(const std::string& name) {
    const auto store = start(name, 5);
    const auto garden = desk.log(*store, "garden"), kitchen = desk.log(*store, "kitchen"), hall = desk.log(*store, "hall");
    say(*garden, "garden", 1, 12);
    garden->put({10, R"({"chat":["🌸"]})"});
    say(*kitchen, "kitchen", 1, 3);
    kitchen->put({3, R"({"chat":[1.5]})"});
    say(*hall, "hall", 1, 7);
    store->drain();
  }

  Folder folder;
  Desk desk;
};

TEST_F(Transfer, brings_every_room_over_byte_for_byte) {
  fill("one");
  const auto lines = exported("one");
  EXPECT_THAT(lines, HasSubstr(R"("first":8})"));
  EXPECT_EQ(import("two", lines), 3U);
  EXPECT_EQ(exported("two"), lines);
  const auto one = start("one", 5), two = start("two", 5);
  for (const auto* room : {"garden", "kitchen", "hall"}) {
    const auto from = desk.log(*one, room), to = desk.log(*two, room);
    const auto a = *desk.open(*from), b = *desk.open(*to);
    EXPECT_EQ(a.epoch, b.epoch);
    EXPECT_EQ(a.last, b.last);
    EXPECT_EQ(a.snapshot.has_value(), b.snapshot.has_value());
    if (a.snapshot && b.snapshot) {
      EXPECT_EQ(a.snapshot->seq, b.snapshot->seq);
      EXPECT_EQ(a.snapshot->state, b.snapshot->state);
    }
    for (std::uint64_t after = 0; after <= a.last; ++after) EXPECT_EQ(desk.seqs(*from, after, a.last), desk.seqs(*to, after, a.last)) << room << after;
    ASSERT_TRUE(desk.recall(*to, "john"));
    EXPECT_EQ(find(*to, "john", "\"r2\""), std::string{room} == "garden" ? std::nullopt : std::optional<std::uint64_t>{2}) << room;
    say(*to, room, b.last + 1, b.last + 1);
  }
}

TEST_F(Transfer, takes_one_room_by_its_name) {
  fill("one");
  const auto kitchen = exported("one", "kitchen");
  EXPECT_THAT(kitchen, StartsWith(R"({"room":"kitchen","epoch":)"));
  EXPECT_EQ(kitchen.find("garden"), kitchen.npos);
  EXPECT_EQ(import("two", kitchen), 1U);
  EXPECT_EQ(exported("two"), kitchen);
  EXPECT_THAT(refusal([&] { exported("one", "cellar"); }), HasSubstr("has no room \"cellar\""));
}

TEST_F(Transfer, brings_in_everything_or_nothing) {
  fill("one");
  const auto lines = exported("one");
  start("two");
  const auto before = exported("two");
  EXPECT_THAT(refusal([&] { import("two", lines + "{\"room\":\"another\"}\n"); }), StartsWith("given:"));
  EXPECT_THAT(refusal([&] { import("two", lines + exported("one", "hall")); }), HasSubstr("the room already began on an earlier line"));
  EXPECT_EQ(exported("two"), before);
  EXPECT_EQ(import("two", exported("one", "hall")), 1U);
  const auto with_hall = exported("two");
  EXPECT_THAT(refusal([&] { import("two", lines); }), HasSubstr("the store already has this room"));
  EXPECT_EQ(exported("two"), with_hall) << "also of the rooms before that one";
}

TEST_F(Transfer, leaves_a_file_alone_that_a_server_is_using) {
  fill("one");
  const auto lines = exported("one");
  const auto store = start("two");
  EXPECT_THAT(refusal([&] { import("two", lines); }), HasSubstr("in use by another hubbub"));
}

// A stream that calls a function at each write.
class Interrupted final : public std::streambuf {
 public:
  explicit Interrupted(std::function<void()> call) : call_(std::move(call)) {}
  std::string text;

 private:
  int_type overflow(int_type c) override { return put(static_cast<char>(c)), c; }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    for (std::streamsize i = 0; i < size; ++i) put(bytes[i]);
    return size;
  }
  void put(char c) {
    text += c;
    if (c == '\n') call_();
  }

  std::function<void()> call_;
};

// A file on a full disk. Writing may fail as late as the flush.
class Full final : public std::streambuf {
 public:
  explicit Full(std::size_t room) : room_(room) {}

 private:
  int_type overflow(int_type c) override {
    if (room_ == 0) return traits_type::eof();
    --room_;
    return c;
  }
  int sync() override { return -1; }

  std::size_t room_;  // bytes
};

TEST_F(Transfer, reports_that_the_disk_did_not_keep_the_export) {
  fill("one");
  const auto size = exported("one").size();
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, size - 1, size, 2 * size}) {
    Full buffer{room};
    std::ostream out{&buffer};
    EXPECT_EQ(refusal([&] { export_rooms(folder / "one", out, {}); }), "the export could not be written") << room;
  }
}

TEST_F(Transfer, shows_one_moment_whatever_the_server_does_meanwhile) {
  fill("one");
  const auto before = exported("one");
  const auto store = start("one", 5);
  const auto garden = desk.log(*store, "garden"), hall = desk.log(*store, "hall");
  std::uint64_t last = 12;
  Interrupted buffer{[&] {  // messages are added, exported and other ones are forgotten, and a room is created
    say(*garden, "garden", last + 1, last + 6);
    last += 6;
    garden->put({last, R"({"chat":[]})"});
    say(*hall, "hall", last - 10, last - 5);
    hall->put({last - 5, R"({"chat":["later"]})"});
    say(*desk.log(*store, "a new one " + std::to_string(last)), "another", 1, 1);
    store->drain();
  }};
  std::ostream out{&buffer};
  EXPECT_EQ(export_rooms(folder / "one", out, {}).rooms, 3U);
  EXPECT_EQ(buffer.text, before);
  Interrupted again{[&] { garden->put({last, R"({"chat":["again"]})"}), say(*garden, "garden", last + 1, last + 6), last += 6, garden->put({last, "{}"}), store->drain(); }};
  std::ostream of_one{&again};
  EXPECT_EQ(export_rooms(folder / "one", of_one, "garden").rooms, 1U);
  EXPECT_EQ(import("two", again.text), 1U) << "it is whole";
}

}  // namespace
}  // namespace hubbub::store
