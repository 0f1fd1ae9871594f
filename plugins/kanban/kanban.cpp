// A kanban board: tasks in columns that anybody may add, change, move and delete.
#include <hubbub/plugin.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "board.hpp"

namespace kanban {
namespace {

constexpr std::size_t most_columns = 50;
constexpr std::size_t most_fields = 16;  // of a task

// The names in the option `columns`; empty if any name is allowed.
std::vector<std::string> columns_in(hubbub::Options& options) {
  const auto refuse = [&options] {
    options.refuse("columns", "a list of at most 50 different names of 1 to 64 characters each");
    return std::vector<std::string>{};
  };
  const auto characters = [](const std::string& text) {
    return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  };
  const auto list = options.json("columns", Json::array());
  if (!list.is_array() || list.size() > most_columns) return refuse();
  std::vector<std::string> names;
  for (const auto& name : list) {
    if (!name.is_string()) return refuse();
    names.push_back(name);
    if (names.back().empty() || characters(names.back()) > 64) return refuse();
  }
  if (std::set(names.begin(), names.end()).size() != names.size()) return refuse();
  return names;
}

class Kanban final : public hubbub::Plugin {
 public:
  explicit Kanban(hubbub::Options& options)
      : most_tasks_(static_cast<std::size_t>(options.integer("max_tasks", 1000, 1, 100'000))),
        columns_(columns_in(options)), board_(columns_) {}

  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    if (message.type == "request_tasks") return hubbub::reply({"tasks_update", board_.list()});
    auto& content = message.content;
    if (const auto wrong = message.type == "add_task" ? settle_new(content) : settle_change(sender, message)) {
      return hubbub::reject(*wrong);
    }
    content.erase("version");
    if (content.contains("nickname")) content["nickname"] = sender.nickname;
    if (message.type == "move_task") message.type = "task_moved";
    return hubbub::broadcast(std::move(message));
  }

  void apply(const hubbub::Entry& entry) override { board_.apply(entry); }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.may_be_followed();
    // If nobody has used the board, the people in the room may have no page for it.
    if (!columns_.empty() || board_.is_touched()) greeting.send({"columns", columns_});
    if (board_.size() != 0) greeting.send({"tasks_update", board_.list()});
  }

  Json snapshot() const override { return board_.snapshot(); }
  void restore(const Json& state) override { board_.restore(state); }

 private:
  using Wrong = std::optional<std::string>;

  // Fills in the fields that a new task lacks. Returns what is wrong, if anything.
  Wrong settle_new(Json& task) const {
    if (board_.size() >= most_tasks_) {
      return "the board is full: it can have at most " + std::to_string(most_tasks_) + " tasks; delete one first";
    }
    if (!task.contains("id")) {
      task["id"] = new_id();
    } else if (board_.find(task["id"])) {
      return "content.id: there is a task " + task["id"].dump() + " already";
    }
    task.emplace("description", "");
    task.emplace("assignee", nullptr);
    if (has_too_many(Json::object(), task)) return too_many_fields();
    return settle_position(task, "column", nullptr);
  }

  Wrong settle_change(const hubbub::Member& sender, hubbub::Message& message) const {
    const auto by = [](const Change& change) {
      return "the task was " + change.what + " by " + change.nickname + " meanwhile";
    };
    auto& content = message.content;
    const auto& id = content.at(message.type == "move_task" ? "taskId" : "id");
    const auto* task = board_.find(id);
    if (!task) {
      if (const auto* deletion = board_.deletion(id)) return by(*deletion);
      return "there is no task " + id.dump();
    }
    if (const auto version = content.find("version"); version != content.end()) {
      if (const auto* change = task->changed_since(version->get<std::uint64_t>(), sender.id)) return by(*change);
    }
    if (message.type == "delete_task") return {};
    if (message.type == "move_task") return settle_position(content, "newColumn", task);
    return settle_update(content, *task);
  }

  // Pages may send the whole task. If the column or position differs from the task's own, the update also moves the task.
  Wrong settle_update(Json& content, const Task& task) const {
    if (has_too_many(task.fields, content)) return too_many_fields();
    const auto& column = task.column->name;
    if (!content.contains("position") && content.value("column", column) == column) return {};
    content.emplace("column", column);
    return settle_position(content, "column", &task);
  }

  // Whether a task with `fields` would have too many fields once `content` is merged into it.
  static bool has_too_many(const Json& fields, const Json& content) {
    const auto more = std::ranges::count_if(content.items(), [&](const auto& field) {
      return !fields.contains(field.key()) && field.key() != "position" && field.key() != "version";
    });
    return more > 0 && fields.size() + static_cast<std::size_t>(more) > most_fields;
  }

  static Wrong too_many_fields() {
    return "content: a task can have at most " + std::to_string(most_fields) + " fields";
  }

  // Sets `position` to the position that the task will have. The field `name` names the column.
  Wrong settle_position(Json& content, const char* name, const Task* task) const {
    const auto* column = board_.column(content.at(name).get_ref<const std::string&>());
    if (!column && board_.columns() >= most_columns) {
      return "content." + std::string{name} + ": there are " + std::to_string(most_columns) +
             " columns already; use one of them";
    }
    const bool stays = task && task->column == column;
    const auto end = column ? column->tasks.size() - (stays ? 1 : 0) : 0;
    content["position"] = std::min(content.value("position", end), end);
    return {};
  }

  std::string new_id() const {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
    thread_local std::mt19937_64 random{std::random_device{}()};
    for (;;) {
      std::string id;
      while (id.size() < 8) id += letters[std::uniform_int_distribution<std::size_t>{0, letters.size() - 1}(random)];
      if (!board_.find(id)) return id;
    }
  }

  const std::size_t most_tasks_;
  const std::vector<std::string> columns_;  // in their order; empty if any name is allowed
  Board board_;
};

Json text(std::size_t least, std::size_t most) { return {{"type", "string"}, {"minLength", least}, {"maxLength", most}}; }

// The schema of an object with these fields and a few others. Tools make test messages from the examples: ids and positions in them
// match those of other messages.
Json with(Json fields, const Json& required) {
  fields["version"] = {{"type", "integer"}, {"minimum", 0}};
  fields["position"] = {{"type", "integer"}, {"minimum", 0}, {"maximum", 1'000'000}, {"examples", {0, 1, 2}}};
  return {{"type", "object"},
          {"required", required},
          {"properties", std::move(fields)},
          {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}, {"maxLength", 200}}},
          {"propertyNames", {{"maxLength", 64}}},
          {"maxProperties", most_fields + 2}};
}

const Json id_schema = {{"type", {"string", "integer"}},
                        {"minLength", 1},
                        {"maxLength", 64},
                        {"minimum", -9'007'199'254'740'991},
                        {"maximum", 9'007'199'254'740'991},
                        {"examples", {1, "1", "2", "three"}}};

Json column_schema(hubbub::Options& options) {
  const auto names = columns_in(options);
  if (!names.empty()) return {{"enum", names}};
  auto schema = text(1, 64);
  schema["examples"] = {"To do", "Done"};
  return schema;
}

Json task_schema(hubbub::Options& options, const Json& required) {
  return with({{"id", id_schema},
               {"title", text(1, 200)},
               {"description", text(0, 5000)},
               {"column", column_schema(options)},
               {"assignee", {{"type", {"string", "null"}}, {"maxLength", 64}}}},
              required);
}

Json add_schema(hubbub::Options& options) { return task_schema(options, {"title", "column"}); }
Json update_schema(hubbub::Options& options) { return task_schema(options, Json::array({"id"})); }

Json move_schema(hubbub::Options& options) {
  return with({{"taskId", id_schema}, {"newColumn", column_schema(options)}}, {"taskId", "newColumn"});
}

Json delete_schema() { return with({{"id", id_schema}}, Json::array({"id"})); }

// Any small content; it is ignored.
const Json anything = {{"maxLength", 200}, {"maxItems", 16}, {"maxProperties", 16}};

}  // namespace
}  // namespace kanban

HUBBUB_PLUGIN(kanban::Kanban,
              hubbub::logged("add_task").schema(kanban::add_schema(options)),
              hubbub::logged("update_task").schema(kanban::update_schema(options)),
              hubbub::logged("move_task").schema(kanban::move_schema(options)),
              hubbub::logged("task_moved").from_server(),
              hubbub::logged("delete_task").schema(kanban::delete_schema()),
              hubbub::question("request_tasks").max_rate(5).schema(kanban::anything),
              hubbub::ephemeral("tasks_update").from_server(),
              hubbub::ephemeral("columns").from_server())
