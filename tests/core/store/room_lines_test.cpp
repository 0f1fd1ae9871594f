#include "store/room_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "protocol/envelope.hpp"
#include "protocol/number_text.hpp"
#include "store/transfer.hpp"

namespace hubbub::store {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class Taken final : public RoomReader {
 public:
  void begin(const std::string&, const std::string&, std::uint64_t) override {}
  void append(Record record) override { last = record.repetition; }
  void put(const Snapshot&) override {}

  Repetition last;
};

std::string what_is_wrong(const std::vector<std::string>& lines) {
  std::stringstream text;
  for (const auto& line : lines) text << line << '\n';
  Taken taken;
  try {
    read_rooms(text, "given", taken);
    return "nothing";
  } catch (const std::exception& error) {
    return error.what();
  }
}

const Json begin = {{"room", "r"}, {"epoch", "e"}, {"first", 1}};
const Json message = {{"type", "message"}, {"content", ""}, {"room", "r"}, {"nickname", "John"}, {"id", "john"}, {"seq", 1}, {"ts", 1}, {"ref", 7}};
const Json recorded = {{"room", "r"}, {"seq", 1}, {"plugin", "chat"}, {"version", "1"}, {"message", message}};
const Json snapshot = {{"room", "r"}, {"snapshot", 1}, {"state", Json::object()}};

// A line with one field changed, or a record with one field of its message changed.
std::string with(Json line, const char* field, const Json& value) {
  line[field] = value;
  return line.dump();
}
std::string saying(const char* field, const Json& value) {
  auto line = recorded;
  line["message"][field] = value;
  return line.dump();
}

TEST(RoomLines, are_taken_as_they_are_exported) {
  EXPECT_EQ(what_is_wrong({begin.dump(), recorded.dump(), snapshot.dump()}), "nothing");
  EXPECT_EQ(what_is_wrong({with(begin, "room", "größer"), begin.dump(), recorded.dump(), with(begin, "room", "third")}), "nothing");
  EXPECT_EQ(what_is_wrong({begin.dump(), saying("ref", "a b"), snapshot.dump()}), "nothing");
  EXPECT_EQ(what_is_wrong({begin.dump(), saying("ref", 1.5), snapshot.dump()}), "nothing");
}

// A client that sends its message again to the server that has imported the room.
TEST(RoomLines, know_each_ref_as_the_server_that_logged_it) {
  const auto client = number_text(5);
  for (const auto* ref : {"7", "-7", "1.5", "0.00002", "100000000000000.5", "18446744073709551615", R"("a\"\n\u007f/")", R"("ä")"}) {
    auto line = Json::parse(saying("ref", Json::parse(ref)));
    line["client"] = client;
    line["asked"] = client;
    std::stringstream text{begin.dump() + "\n" + line.dump() + "\n"};
    Taken taken;
    read_rooms(text, "given", taken);
    const auto sent = parse_envelope(std::string{R"({"type":"message","ref":)"} + ref + "}", 8);
    EXPECT_EQ(taken.last.ref, ref_number(5, std::get<Envelope>(sent).ref)) << ref;
  }
}

TEST(RoomLines, may_have_names_and_refs_of_64_characters_and_types_and_ids_of_64_bytes) {
  for (const std::string character : {"x", "ä", "€", "🙂"}) {
    const auto times = [&](std::size_t count) {
      std::string all;
      while (count-- > 0) all += character;
      return all;
    };
    const auto wrong = [](const std::string& line) { return what_is_wrong({begin.dump(), line}); };
    for (const auto* field : {"ref", "nickname"}) {
      EXPECT_EQ(wrong(saying(field, times(64))), "nothing") << field << character;
      EXPECT_THAT(wrong(saying(field, times(65))), StartsWith(std::string{"given:2: "} + field + ": must be")) << character;
    }
    EXPECT_EQ(wrong(with(begin, "room", times(64))), "nothing") << character;
    EXPECT_THAT(wrong(with(begin, "room", times(65))), StartsWith("given:2: room: must be")) << character;
    EXPECT_EQ(wrong(saying("type", times(64 / character.size()))), "nothing") << character;
    EXPECT_THAT(wrong(saying("type", times(64 / character.size() + 1))), StartsWith("given:2: type: must be")) << character;
  }
  const std::string longest(64, 'x');
  EXPECT_EQ(what_is_wrong({begin.dump(), saying("id", longest)}), "nothing");
  EXPECT_EQ(what_is_wrong({with(begin, "epoch", longest)}), "nothing");
}

TEST(RoomLines, are_refused_if_no_server_can_have_written_them) {
  const auto number = [](const char* field) { return std::string{field} + ": must be a whole number"; };
  const auto refused = [](const std::string& line, const std::string& why) {
    EXPECT_THAT(what_is_wrong({begin.dump(), line}), testing::AllOf(StartsWith("given:2: "), HasSubstr(why))) << line.substr(0, 200);
  };
  const std::vector<Json> no_numbers = {1.5, "1", -1, nullptr, 1e300, std::uint64_t{1} << 60U, true};
  const std::string long_text(65, 'x');
  for (const auto& value : std::vector<Json>{"", "a\nb", "\x1b[2J", long_text, "ä", "a b", 7, nullptr}) {
    refused(with(begin, "epoch", value), "epoch: must be 1 to 64 of the characters");
    refused(saying("id", value), "id: must be 1 to 64 of the characters");
  }
  for (const auto& value : no_numbers) {
    refused(with(Json::parse(with(begin, "room", "s")), "first", value), number("first"));
    refused(with(recorded, "seq", value), number("seq"));
    refused(saying("seq", value), number("seq"));
    refused(saying("ts", value), number("ts"));
    refused(with(snapshot, "snapshot", value), number("snapshot"));
  }
  for (const auto& value : std::vector<Json>{"", "a\nb", long_text, 7}) {
    refused(with(begin, "room", value), "room: must be 1 to 64 characters");
    refused(saying("nickname", value), "nickname: must be 1 to 64 characters");
  }
  refused(saying("nickname", " John"), "nickname: must be 1 to 64 characters");
  for (const auto& value : std::vector<Json>{"", long_text, 7, nullptr}) refused(saying("type", value), "type: must be a text of 1 to 64 bytes");
  for (const auto& value : std::vector<Json>{nullptr, true, Json::object(), long_text}) refused(saying("ref", value), "ref: must be a number or a text");
  for (const auto& value : std::vector<Json>{"", "Chat", "no such", 7}) refused(with(recorded, "plugin", value), "plugin: must be the name of a plugin");
  for (const auto& value : std::vector<Json>{"", "x", 7, nullptr, std::string(11, '!'), std::string(11, '_')}) {
    refused(with(Json::parse(with(recorded, "asked", "AAAAAAAAAAA")), "client", value), "client: must be a number");
  }
  refused(with(recorded, "client", "AAAAAAAAAAA"), "'asked' not found");
  refused(with(recorded, "version", 1), "version: must be a text");
  refused(with(recorded, "message", Json::array()), "message: must be an object");
  refused(saying("room", "another"), "room: must be the same in the line");
  refused(saying("unknown", 1), "unknown field \"unknown\"");
  for (const auto& line : {recorded, snapshot}) refused(with(line, "unknown", 1), "unknown field \"unknown\"");
  refused(with(snapshot, "state", 7), "state: must be an object");
  refused("[]", "must be a JSON object");
  refused(recorded.dump() + std::string(1, '\0'), "null byte");
  refused(R"({"room":"r","seq":"\ud800"})", "parse error");
  refused("{\"room\":\"\xFF\"}", "parse error");
  refused(with(recorded, "version", Json::parse(std::string(900, '[') + std::string(900, ']'))), "version: must be a text");
  refused(R"({"room":)" + std::string(100'000, '['), "deeper than 1000 levels");
}

TEST(RoomLines, must_be_in_order) {
  const auto of = [](const char* room, Json line) { return line["room"] = room, line; };
  EXPECT_THAT(what_is_wrong({begin.dump(), recorded.dump(), snapshot.dump(), snapshot.dump()}), StartsWith("given:4: this line comes after the snapshot"));
  EXPECT_THAT(what_is_wrong({begin.dump(), with(snapshot, "snapshot", 0), recorded.dump()}), StartsWith("given:3: this line comes after the snapshot"));
  EXPECT_THAT(what_is_wrong({of("a", begin).dump(), begin.dump(), of("a", begin).dump()}), StartsWith("given:3: the room already began on an earlier line"));
  EXPECT_THAT(what_is_wrong({begin.dump(), of("a", recorded).dump()}), StartsWith("given:2: the line that begins this room is missing"));
  for (const auto& seq : {2, 100}) {
    EXPECT_THAT(what_is_wrong({begin.dump(), recorded.dump(), with(snapshot, "snapshot", seq)}), StartsWith("given:3: the snapshot's seq is not that of a record"));
  }
  EXPECT_EQ(what_is_wrong({begin.dump(), with(snapshot, "snapshot", 0)}), "nothing");
  const auto fifth = with(begin, "first", 5);
  EXPECT_THAT(what_is_wrong({fifth, with(snapshot, "snapshot", 3)}), StartsWith("given:2: the snapshot's seq is not that of a record"));
  EXPECT_EQ(what_is_wrong({fifth, with(snapshot, "snapshot", 4)}), "nothing");
  EXPECT_THAT(what_is_wrong({of("a", begin).dump(), fifth}), StartsWith("given:2: the log of \"r\" begins with message 5, and there is no snapshot"));
  EXPECT_THAT(what_is_wrong({fifth, of("a", begin).dump()}), StartsWith("given:1: the log of \"r\" begins with message 5, and there is no snapshot"));
}

}  // namespace
}  // namespace hubbub::store
