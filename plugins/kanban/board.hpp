// The tasks of a board, and who changed each of them last. Only apply() and restore() change a board.
//
// Columns are in the configured order; other columns follow in the order in which they came into use. Finding a task by its id
// takes logarithmic time; moving it takes time linear in the size of its column.
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

// A member's change to a task.
struct Change {
  std::uint64_t seq = 0;
  std::string id;  // the member's
  std::string nickname;
  std::string what;  // "added", "updated", "moved" or "deleted"
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Change, seq, id, nickname, what)

struct Column;

struct Task {
  Json fields;  // as members see it
  Column* column = nullptr;
  Change last;
  std::optional<Change> before;  // the last change by anybody except the member who made `last`

  void note(Change change);

  // The last change after `seq` by anybody except `member`; null if there is none.
  const Change* changed_since(std::uint64_t seq, std::string_view member) const;
};

struct Column {
  std::string name;
  bool stays = false;  // whether it exists even if it is empty
  std::vector<Task*> tasks;
};

class Board {
 public:
  explicit Board(const std::vector<std::string>& columns);

  // Finds a task by its id, a string or a whole number; null if there is none. The string "17" and the number 17 are the same id,
  // because pages get strings from the DOM.
  const Task* find(const Json& id) const;
  const Column* column(std::string_view name) const;
  std::size_t size() const { return tasks_.size(); }
  bool is_touched() const { return !tasks_.empty() || !deletions_.empty(); }  // whether a task was ever added
  std::size_t columns() const { return columns_.size(); }

  // The deletion of a task; null if it is not among the last 100 deletions.
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
  std::deque<std::pair<std::string, Change>> deletions_;  // key and deletion; the last 100, oldest first
};

}  // namespace kanban
