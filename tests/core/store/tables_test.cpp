// The operations on the tables, each as one call.
#include "store/tables.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/store/desk.hpp"
#include "store/database_file.hpp"

namespace hubbub::store {
namespace {

using Names = std::vector<std::string>;

struct TablesTest : testing::Test {
  // A room with this many messages, of which a snapshot covers some.
  RoomRow make(const std::string& name, std::uint64_t last, std::optional<std::uint64_t> covered = {}) {
    RoomRow row{.epoch = "e"};
    EXPECT_TRUE(tables.add(name, row));
    for (std::uint64_t seq = 1; seq <= last; ++seq) EXPECT_TRUE(tables.append(row, record(seq)));
    if (covered) tables.put(row, {*covered, "{}"});
    return row;
  }
  Names covered(std::int64_t after, std::size_t most) {
    Names names;
    for (const auto& room : tables.covered_rooms(after, most)) names.push_back(room.name + " " + std::to_string(room.seq));
    return names;
  }
  Seqs seqs(const RoomRow& row, std::uint64_t after, std::uint64_t through, std::size_t most = 100) {
    Seqs all;
    tables.each(row, after, through, [&](const Record& record) {
      all.push_back(record.seq);
      return all.size() < most;
    });
    return all;
  }

  Folder folder;
  Tables tables{open_database(folder / "rooms.db", Database::Mode::create)};
};

TEST_F(TablesTest, find_a_room_as_it_was_left) {
  EXPECT_FALSE(tables.room("garden"));
  const auto left = make("garden", 3);
  make("kitchen", 0);
  const auto found = tables.room("garden");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, left.id);
  EXPECT_EQ(found->epoch, "e");
  EXPECT_EQ(found->first, 1U);
  EXPECT_EQ(found->last, 3U);
  EXPECT_EQ(found->bytes, left.bytes);
  EXPECT_EQ(tables.room("kitchen")->last, 0U);
  EXPECT_FALSE(tables.room("Garden"));
}

TEST_F(TablesTest, list_rooms_by_name_and_those_with_a_snapshot_as_they_were_made_a_few_at_a_time) {
  make("b", 2, 1);
  const auto c = make("c", 2);
  const auto d = make("d", 3, 3);
  make("a", 1, 0);
  EXPECT_EQ(tables.rooms(), (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(covered(0, 100), (Names{"b 1", "d 3", "a 0"}));
  EXPECT_EQ(covered(0, 2), (Names{"b 1", "d 3"}));
  EXPECT_EQ(covered(c.id, 100), (Names{"d 3", "a 0"}));
  EXPECT_EQ(covered(d.id, 100), Names{"a 0"});
}

TEST_F(TablesTest, hand_out_the_records_of_a_room_until_the_reader_stops) {
  make("before", 3);
  const auto row = make("garden", 5);
  make("behind", 3);
  EXPECT_EQ(seqs(row, 0, 5), (Seqs{1, 2, 3, 4, 5}));
  EXPECT_EQ(seqs(row, 1, 3), (Seqs{2, 3}));
  EXPECT_EQ(seqs(row, 5, 100), Seqs{}) << "none of another room";
  EXPECT_EQ(seqs(row, 0, 5, 2), (Seqs{1, 2}));
  EXPECT_EQ(seqs(row, 0, 5), (Seqs{1, 2, 3, 4, 5})) << "from the beginning again";
}

TEST_F(TablesTest, remove_covered_records_beyond_the_retention_oldest_first_up_to_a_number) {
  auto row = make("garden", 10), other = make("kitchen", 10);
  EXPECT_EQ(tables.trim(row, {.messages = 4}, 0), 0U) << "nothing is covered";
  EXPECT_EQ(tables.trim(row, {.messages = 4}, 8, 2), 2U);
  EXPECT_EQ(row.first, 3U);
  EXPECT_EQ(tables.trim(row, {.messages = 4}, 8), 4U);
  EXPECT_EQ(row.first, 7U);
  EXPECT_EQ(tables.trim(row, {.messages = 4}, 8), 0U);
  EXPECT_EQ(tables.trim(row, {.messages = 1}, 8), 2U) << "what is covered, and no more";
  EXPECT_EQ(tables.room("garden")->first, 9U);
  EXPECT_EQ(seqs(row, 0, 10), (Seqs{9, 10}));
  EXPECT_EQ(seqs(other, 0, 10).size(), 10U);
}

TEST_F(TablesTest, remove_by_size_only_what_exceeds_the_limit) {
  auto row = make("garden", 10);  // of 100 bytes each
  EXPECT_EQ(tables.trim(row, {.bytes = 1000}, 10), 0U);
  EXPECT_EQ(tables.trim(row, {.bytes = 999}, 10), 1U);
  EXPECT_EQ(tables.trim(row, {.bytes = 500}, 10), 4U);
  EXPECT_EQ(seqs(row, 0, 10), (Seqs{6, 7, 8, 9, 10}));
  auto again = *tables.room("garden");
  EXPECT_EQ(tables.trim(again, {.bytes = 499}, 10), 1U) << "as it was left";
}

TEST_F(TablesTest, continue_the_numbers_when_everything_was_removed) {
  auto row = make("garden", 3);
  EXPECT_EQ(tables.trim(row, {.messages = 0}, 3), 3U);
  auto again = *tables.room("garden");
  EXPECT_EQ(again.first, 4U);
  EXPECT_EQ(again.last, 3U);
  EXPECT_TRUE(tables.append(again, record(4)));
  EXPECT_EQ(seqs(again, 3, 4), Seqs{4});
}

TEST_F(TablesTest, keep_only_the_newest_snapshot_of_a_room) {
  const auto row = make("garden", 3, 1), other = make("kitchen", 3);
  tables.put(row, {3, "[]"});
  EXPECT_EQ(tables.snapshot(row)->seq, 3U);
  EXPECT_EQ(tables.snapshot(row)->state, "[]");
  EXPECT_FALSE(tables.snapshot(other));
}

// A database without rooms.
struct DatabaseTest : testing::Test {
  Folder folder;
  Database database{folder / "some.db", Database::Mode::create};
};

TEST_F(DatabaseTest, runs_any_number_of_statements_and_knows_the_first_number) {
  database.run("CREATE TABLE numbers (number INTEGER); INSERT INTO numbers VALUES (7), (8); SELECT * FROM numbers");
  EXPECT_EQ(database.number("SELECT number FROM numbers ORDER BY number"), 7);
  EXPECT_EQ(database.number("SELECT number FROM numbers WHERE number > 100"), 0) << "there is none";
  auto all = database.prepare("SELECT number FROM numbers WHERE number >= ? ORDER BY number");
  for (const std::int64_t least : {7, 8, 9}) {
    std::vector<std::int64_t> found;
    for (all.with(least); all.step();) found.push_back(all.integer(0));
    EXPECT_EQ(found.size(), static_cast<std::size_t>(9 - least));
  }
}

TEST_F(DatabaseTest, reports_a_failure_with_a_code_and_is_left_unchanged) {
  database.run("CREATE TABLE numbers (number INTEGER UNIQUE)");
  auto add = database.prepare("INSERT INTO numbers VALUES (?)");
  add.with(std::int64_t{7}).run();
  for (int i = 0; i < 2; ++i) {
    try {
      add.with(std::int64_t{7}).run();
      ADD_FAILURE() << "it is there already";
    } catch (const SqliteError& error) {
      EXPECT_EQ(error.code(), 19) << "the primary one, SQLITE_CONSTRAINT";
    }
    EXPECT_FALSE(database.in_transaction()) << "no statement is left in the middle";
  }
  add.with(std::int64_t{8}).run();
  EXPECT_EQ(database.number("SELECT count(*) FROM numbers"), 2);
  EXPECT_THROW(database.run("no SQL"), SqliteError);
  EXPECT_THROW(database.prepare("no SQL"), SqliteError);
  EXPECT_THROW((Database{folder / "none.db", Database::Mode::read_only}), SqliteError);
}

TEST_F(DatabaseTest, keeps_texts_byte_for_byte) {
  database.run("CREATE TABLE texts (text TEXT)");
  auto add = database.prepare("INSERT INTO texts VALUES (?)");
  auto newest = database.prepare("SELECT text, length(CAST(text AS BLOB)) FROM texts ORDER BY rowid DESC LIMIT 1");
  for (const auto& text : {std::string{}, std::string{"größer 🌸"}, std::string{"a'b\"c"}, std::string(100'000, 'x')}) {
    add.with(std::string_view{text}).run();
    newest.reset();
    ASSERT_TRUE(newest.step());
    EXPECT_EQ(newest.text(0), text);
    EXPECT_EQ(newest.integer(1), static_cast<std::int64_t>(text.size()));
    newest.reset();
  }
}

}  // namespace
}  // namespace hubbub::store
