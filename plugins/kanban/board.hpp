// The tasks of a board and who changed them last; only accepted messages change it.
//
// Columns stand in the order in which they were configured or, beyond these, came into use, and tasks in one by position.
// A task is found by its id in logarithmic time; moving it costs a look through the pointers of its column.
#pragma once

#include <hubbub/plugin.hpp>

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kanban {

using hubbub::Json;

// What somebody did to a task.
struct Change {
  std::uint64_t seq = 0;
  std::string id;  // the member's
  std::string nickname;
  std::string what;  // "moved"
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Change, seq, id, nickname, what)

struct Column;

struct Task {
  Json fields;  // as members see it
  Column* column = nullptr;
  Change last;
  std::optional<Change> before;  // the last one of anybody but the member who made `last`

  void note(Change change);

  // What somebody else than `member` did to it after `seq`; null where nobody did.
  const Change* changed_since(std::uint64_t seq, std::string_view member) const;
};

struct Column {
  std::string name;
  bool stays = false;  // when it is empty
  std::vector<Task*> tasks;
};

class Board {
 public:
  explicit Board(const std::vector<std::string>& columns);

  // By its id, a string or a whole number; null where there is none. The string "17" and the number 17 are the same id,
  // since pages get strings from the DOM.
  const Task* find(const Json& id) const;
  const Column* column(std::string_view name) const;
  std::size_t size() const { return tasks_.size(); }
  bool is_touched() const { return !tasks_.empty() || !deletions_.empty(); }  // whether there ever was a task
  std::size_t columns() const { return columns_.size(); }

  // Who deleted the task; null where that is long ago, or it never was there.
  const Change* deletion(const Json& id) const;

  void apply(const hubbub::Entry& entry);

  // All tasks as members see them, column by column, each in order.
  Json list() const;

  Json snapshot() const;
  void restore(const Json& state);

 private:
  void merge(Task& task, const Json& content);
  void place(Task& task, const std::string& name, std::size_t position);
  void close_if_empty(const Column& column);
  void remember(std::string key, Change change);

  std::list<Column> columns_;
  std::map<std::string, Task> tasks_;                     // by key
  std::deque<std::pair<std::string, Change>> deletions_;  // the newest, oldest first, by key
};

}  // namespace kanban
