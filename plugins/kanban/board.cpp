#include "board.hpp"

#include <algorithm>
#include <limits>

namespace kanban {
namespace {

constexpr std::size_t most_deletions = 100;

// The key of a task: its id as text.
std::string key_of(const Json& id) {
  return id.is_string() ? id.get<std::string>() : std::to_string(id.get<std::int64_t>());
}

}  // namespace

void Task::note(Change change) {
  if (change.id != last.id) before = std::move(last);
  last = std::move(change);
}

const Change* Task::changed_since(std::uint64_t seq, std::string_view member) const {
  const auto* change = last.id != member ? &last : before ? &*before : nullptr;
  return change && change->seq > seq ? change : nullptr;
}

Board::Board(const std::vector<std::string>& columns) {
  for (const auto& name : columns) columns_.push_back({name, true, {}});
}

const Task* Board::find(const Json& id) const {
  const auto found = tasks_.find(key_of(id));
  return found == tasks_.end() ? nullptr : &found->second;
}

const Column* Board::column(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  return found == columns_.end() ? nullptr : &*found;
}

const Change* Board::deletion(const Json& id) const {
  const auto found = std::find_if(deletions_.rbegin(), deletions_.rend(),
                                  [key = key_of(id)](const auto& deletion) { return deletion.first == key; });
  return found == deletions_.rend() ? nullptr : &found->second;
}

void Board::apply(const hubbub::Entry& entry) {
  const auto& content = entry.content;
  const auto key = key_of(content.at(entry.type == "task_moved" ? "taskId" : "id"));
  const auto change = [&](const char* what) { return Change{entry.seq, entry.id, entry.nickname, what}; };
  if (entry.type == "add_task") {
    auto& task = tasks_[key];
    task.last = change("added");
    merge(task, content);
  } else if (entry.type == "update_task") {
    auto& task = tasks_.at(key);
    task.note(change("updated"));
    merge(task, content);
  } else if (entry.type == "task_moved") {
    auto& task = tasks_.at(key);
    task.note(change("moved"));
    place(task, content.at("newColumn"), content.at("position"));
  } else {
    auto& task = tasks_.at(key);
    std::erase(task.column->tasks, &task);
    close_if_empty(*task.column);
    tasks_.erase(key);
    remember(key, change("deleted"));
  }
}

Json Board::list() const {
  Json tasks = Json::array();
  for (const auto& column : columns_) {
    for (const auto* task : column.tasks) tasks.push_back(task->fields);
  }
  return tasks;
}

Json Board::snapshot() const {
  Json tasks = Json::array();
  for (const auto& column : columns_) {
    for (const auto* task : column.tasks) {
      tasks.push_back({{"fields", task->fields}, {"last", task->last}});
      if (task->before) tasks.back()["before"] = *task->before;
    }
  }
  return {{"tasks", tasks}, {"deletions", deletions_}};
}

void Board::restore(const Json& state) {
  for (const auto& saved : state.at("tasks")) {
    const auto& fields = saved.at("fields");
    auto& task = tasks_[key_of(fields.at("id"))];
    task.fields = fields;
    saved.at("last").get_to(task.last);
    if (saved.contains("before")) task.before = saved.at("before").get<Change>();
    place(task, fields.at("column"), std::numeric_limits<std::size_t>::max());
  }
  state.at("deletions").get_to(deletions_);
}

// Copies the message's fields into the task, and moves the task if the message has a position.
void Board::merge(Task& task, const Json& content) {
  for (const auto& [name, value] : content.items()) {
    if (name == "id" && task.fields.contains("id")) continue;  // an id keeps the form in which it was first sent
    if (name != "position") task.fields[name] = value;
  }
  if (content.contains("position")) place(task, content.at("column"), content.at("position"));
}

void Board::place(Task& task, const std::string& name, std::size_t position) {
  auto to = std::ranges::find(columns_, name, &Column::name);
  if (to == columns_.end()) to = columns_.insert(to, {name, false, {}});
  auto* from = std::exchange(task.column, &*to);
  if (from) std::erase(from->tasks, &task);
  const auto at = std::min(position, to->tasks.size());
  to->tasks.insert(to->tasks.begin() + static_cast<std::ptrdiff_t>(at), &task);
  task.fields["column"] = name;
  if (from) close_if_empty(*from);
}

// A column that is not configured disappears with its last task.
void Board::close_if_empty(const Column& column) {
  if (column.stays || !column.tasks.empty()) return;
  columns_.remove_if([&column](const Column& other) { return &other == &column; });
}

void Board::remember(std::string key, Change change) {
  deletions_.emplace_back(std::move(key), std::move(change));
  if (deletions_.size() > most_deletions) deletions_.pop_front();
}

}  // namespace kanban
