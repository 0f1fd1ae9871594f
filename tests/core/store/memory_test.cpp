#include "store/memory.hpp"

#include <gtest/gtest.h>

#include "core/log_lines.hpp"
#include "core/store/desk.hpp"

namespace hubbub::store {
namespace {

// Opens and releases a room's log; returns its last position.
std::uint64_t last(MemoryStore& store, const std::string& room) {
  Desk desk;
  return desk.open(*store.log(room, desk.post()))->last;
}

void use(MemoryStore& store, const std::string& room) { Desk{}.fill(*store.log(room, {}), 1, 1); }

TEST(MemoryStore, keeps_the_log_of_a_room_that_is_closed) {
  MemoryStore store{{}, 1};
  std::string epoch;
  {
    const auto log = store.log("general", {});
    Desk{}.fill(*log, 1, 3);
    epoch = Desk{}.open(*log)->epoch;
  }
  const auto log = store.log("general", {});
  EXPECT_EQ(Desk{}.open(*log)->last, 3U);
  EXPECT_EQ(Desk{}.open(*log)->epoch, epoch);
}

TEST(MemoryStore, forgets_the_rooms_that_were_unused_longest) {
  MemoryStore store{{}, 3};
  for (const auto* room : {"a", "b", "c", "d"}) use(store, room);
  EXPECT_EQ(last(store, "d"), 1U);
  EXPECT_EQ(last(store, "c"), 1U);
  EXPECT_EQ(last(store, "b"), 1U);
  EXPECT_EQ(last(store, "a"), 0U);
}

TEST(MemoryStore, counts_a_room_as_used_until_it_is_left) {
  MemoryStore store{{}, 2};
  auto open_for_long = store.log("a", {});
  Desk{}.fill(*open_for_long, 1, 1);
  use(store, "b");
  use(store, "c");
  open_for_long.reset();
  use(store, "d");
  EXPECT_EQ(last(store, "a"), 1U);
  EXPECT_EQ(last(store, "d"), 1U);
}

TEST(MemoryStore, never_forgets_a_room_that_is_open) {
  MemoryStore store{{}, 1};
  std::vector<std::shared_ptr<Log>> open_rooms;
  for (int i = 0; i < 20; ++i) {
    open_rooms.push_back(store.log("open" + std::to_string(i), {}));
    Desk{}.fill(*open_rooms.back(), 1, 1);
    use(store, "closed" + std::to_string(i));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(last(store, "open" + std::to_string(i)), 1U);
}

TEST(MemoryStore, keeps_unused_logs_beside_any_number_of_open_ones) {
  MemoryStore store{{}, 2};
  std::vector<std::shared_ptr<Log>> open_rooms;
  use(store, "a");
  use(store, "b");
  for (int i = 0; i < 20; ++i) open_rooms.push_back(store.log("open" + std::to_string(i), {}));
  EXPECT_EQ(last(store, "a"), 1U);
  EXPECT_EQ(last(store, "b"), 1U);
}

TEST(MemoryStore, that_is_full_first_forgets_unused_rooms_and_then_refuses_and_logs_it_once) {
  const LogLines log_lines;
  Desk desk;
  const auto record = [](std::uint64_t seq) {
    return Record{seq, 0, "", "", {}, Frame::copy(std::string(1000, 'x'))};
  };
  MemoryStore store{{.messages = 2}, 100, 10'500};
  for (const auto* room : {"a", "b", "c", "d"}) {
    const auto log = store.log(room, {});
    for (std::uint64_t seq = 1; seq <= 3; ++seq) EXPECT_EQ(desk.append(*log, record(seq)), Append::committed) << room << seq;
  }
  EXPECT_EQ(last(store, "a"), 0U) << "it was unused longest";
  EXPECT_EQ(last(store, "b"), 3U);

  const auto log = store.log("e", {});
  for (std::uint64_t seq = 1; seq <= 10; ++seq) EXPECT_EQ(desk.append(*log, record(seq)), Append::committed) << seq;
  EXPECT_EQ(log_lines.take("full").size(), 0U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(desk.append(*log, record(11)), Append::unavailable) << i;
  EXPECT_EQ(log_lines.take(""), std::vector<std::string>{"the store is full, messages are refused as unavailable: raise store.size, or shorten store.retention"});
  EXPECT_EQ(desk.seqs(*log, 8, 10), (std::vector<std::uint64_t>{9, 10})) << "what it took is there";
  log->put({10, "{}"});
  EXPECT_EQ(desk.append(*log, record(11)), Append::committed);
}

TEST(MemoryStore, takes_just_as_much_as_its_size) {
  Desk desk;
  const auto record = [](std::uint64_t seq, std::size_t size) { return Record{seq, 0, "", "", {}, Frame::copy(std::string(size, 'x'))}; };
  MemoryStore store{{}, 100, 3000};
  const auto log = store.log("a", {});
  EXPECT_EQ(desk.append(*log, record(1, 3001)), Append::unavailable);
  EXPECT_EQ(desk.append(*log, record(1, 2000)), Append::committed);
  EXPECT_EQ(desk.append(*log, record(2, 1001)), Append::unavailable);
  EXPECT_EQ(desk.append(*log, record(2, 1000)), Append::committed);
  EXPECT_EQ(desk.append(*log, record(3, 1)), Append::unavailable);
}

TEST(MemoryStore, reuses_the_space_of_a_forgotten_log) {
  Desk desk;
  MemoryStore store{{}, 1, 1000};
  for (int i = 0; i < 20; ++i) {
    const auto log = store.log(std::to_string(i), {});
    EXPECT_EQ(desk.append(*log, {1, 0, "", "", {}, Frame::copy(std::string(900, 'x'))}), Append::committed) << i;
  }
}

TEST(MemoryStore, keeps_messages_of_exactly_the_allowed_age_by_the_rooms_clock) {
  Desk desk;
  MemoryStore store{{.age = std::chrono::seconds{1}}, 1};
  const auto log = store.log("a", {});
  std::uint64_t seq = 0;
  for (const std::int64_t ts : {0, 1, 500, 1001}) {
    EXPECT_EQ(desk.append(*log, {++seq, ts, "", "", {}, Frame::copy("x")}), Append::committed);
  }
  log->put({4, "{}"});
  EXPECT_EQ(desk.seqs(*log, 1, 4), (Seqs{2, 3, 4}));
  EXPECT_FALSE(desk.seqs(*log, 0, 4));
}

TEST(MemoryStore, replaces_the_log_of_a_room_with_a_recording) {
  Desk desk;
  MemoryStore store{{}, 10};
  use(store, "a");
  store.begin("a", {"epoch", 5, {record(5, "r"), record(6)}, Snapshot{4, "{}"}});
  const auto log = store.log("a", {});
  const auto opening = desk.open(*log);
  EXPECT_EQ(opening->epoch, "epoch");
  EXPECT_EQ(opening->last, 6U);
  EXPECT_EQ(opening->snapshot->seq, 4U);
  EXPECT_EQ(desk.seqs(*log, 4, 6), (Seqs{5, 6}));
  EXPECT_FALSE(desk.seqs(*log, 3, 6));
  EXPECT_EQ(find(*log, "john", "r"), 5U);
  EXPECT_EQ(desk.append(*log, record(7)), Append::committed);
}

}  // namespace
}  // namespace hubbub::store
