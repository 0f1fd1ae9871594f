// A spreadsheet: anybody may set cells, one by one or as a block. The last write to a cell wins.
#include <hubbub/plugin.hpp>

#include <charconv>
#include <optional>

#include "sheet.hpp"

namespace spreadsheet {
namespace {

struct Limits {
  explicit Limits(hubbub::Options& options)
      : rows(options.integer("rows", 1000, 1, 100'000)),
        columns(options.integer("columns", 100, 1, 1000)),
        cells(options.integer("max_cells", 50'000, 1, 1'000'000)),
        text(static_cast<std::int64_t>(options.size("max_text", 8 << 20, 1 << 10, 1 << 30))),
        length(options.integer("max_length", 2000, 1, 65'536)),
        block(options.integer("max_block", 10'000, 1, 100'000)) {}

  Json json() const {
    return {{"rows", rows}, {"columns", columns}, {"cells", cells}, {"text", text}, {"length", length}, {"block", block}};
  }

  std::int64_t rows, columns, cells, text, length, block;
};

// `text` as a whole number from 0 on; nothing if it is anything else.
std::optional<std::int64_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

// Rows and columns may be text, because pages read them from attributes.
std::optional<std::int64_t> number_of(const Json& value) {
  return value.is_string() ? number_in(value.get_ref<const std::string&>()) : value.get<std::int64_t>();
}

// The cell that an id such as "4-2" names; nothing if it is not valid.
std::optional<Place> place_in(std::string_view id) {
  const auto dash = id.find('-');
  if (dash == id.npos) return {};
  const auto row = number_in(id.substr(0, dash));
  const auto col = number_in(id.substr(dash + 1));
  if (!row || !col) return {};
  return Place{*row, *col};
}

// Calls `visit` with each cell that an accepted message sets, and its value.
template <class Visit>
void each_cell(std::string_view type, const Json& content, Visit visit) {
  const Place first{content.at("row").get<std::int64_t>(), content.at("col").get<std::int64_t>()};
  if (type == "cell_update") return visit(first, content.at("value"));
  auto place = first;
  for (const auto& row : content.at("values")) {
    place.col = first.col;
    for (const auto& value : row) {
      visit(place, value);
      ++place.col;
    }
    ++place.row;
  }
}

class Spreadsheet final : public hubbub::Plugin {
 public:
  explicit Spreadsheet(hubbub::Options& options) : limits_(options) {}

  hubbub::Verdict on_message(const hubbub::Member& sender, hubbub::Message message) const override {
    if (message.type == "request_data") return hubbub::reply({"full_update", all()});
    if (message.type == "request_limits") return hubbub::reply({"sheet_limits", limits_.json()});
    auto wrong = settle_place(message);
    if (!wrong) wrong = find_too_large(message);
    if (wrong) return hubbub::reject(*wrong);
    if (message.content.contains("nickname")) message.content["nickname"] = sender.nickname;
    return hubbub::broadcast(std::move(message));
  }

  void apply(const hubbub::Entry& entry) override {
    each_cell(entry.type, entry.content, [this](const Place& place, const Json& value) { sheet_.set(place, value); });
  }

  void greet(const hubbub::Member&, hubbub::Greeting& greeting) const override {
    greeting.may_be_followed();
    if (!sheet_.cells().empty()) greeting.send({"full_update", all()});
  }

  Json snapshot() const override {
    Json state = Json::array();
    for (const auto& [place, value] : sheet_.cells()) state.push_back({place.row, place.col, value});
    return state;
  }

  void restore(const Json& state) override {
    for (const auto& cell : state) sheet_.set({cell.at(0).get<std::int64_t>(), cell.at(1).get<std::int64_t>()}, cell.at(2));
  }

 private:
  using Wrong = std::optional<std::string>;

  // Makes sure that `row` and `col` are there, are numbers and are within the sheet, and that a single cell has its `id`. Returns what
  // is wrong, if anything.
  Wrong settle_place(hubbub::Message& message) const {
    auto& content = message.content;
    const bool one_cell = message.type == "cell_update";
    const bool named = one_cell && content.contains("id");
    if (!named && !(content.contains("row") && content.contains("col"))) {
      return "content: must have the cell's id, or its row and col";
    }
    auto place = named ? place_in(content["id"].get_ref<const std::string&>()) : Place{};
    if (!place) return "content.id: must be the cell's row and column, as in 4-2";
    for (const auto& [name, size, number] :
         {std::tuple{"row", limits_.rows, &place->row}, std::tuple{"col", limits_.columns, &place->col}}) {
      if (content.contains(name)) {
        const auto given = number_of(content[name]);
        if (given && named && *given != *number) return std::string{"content.id: must agree with "} + name;
        *number = given.value_or(-1);
      }
      if (*number < 0 || *number >= size) {
        return "content." + std::string{name} + ": must be a whole number from 0 to " + std::to_string(size - 1);
      }
      content[name] = *number;
    }
    if (one_cell) content["id"] = id_of(*place);
    return {};
  }

  Wrong find_too_large(const hubbub::Message& message) const {
    if (message.type == "cells_update") {
      if (auto wrong = find_outside(message.content)) return wrong;
    }
    Amount growth;
    each_cell(message.type, message.content,
              [&](const Place& place, const Json& value) { growth += sheet_.growth(place, value); });
    const auto& held = sheet_.held();
    if (growth.cells > 0 && held.cells + growth.cells > limits_.cells) {
      return "the sheet is full: at most " + std::to_string(limits_.cells) + " cells can hold something; clear some first";
    }
    if (growth.text > 0 && held.text + growth.text > limits_.text) {
      return "the sheet is full: all cells together can hold at most " + std::to_string(limits_.text) +
             " bytes of text; clear some first";
    }
    return {};
  }

  // A block is set as a whole or not at all.
  Wrong find_outside(const Json& content) const {
    const auto& rows = content.at("values");
    const auto size = [](const Json& array) { return static_cast<std::int64_t>(array.size()); };
    if (content.at("row").get<std::int64_t>() + size(rows) > limits_.rows) {
      return "content.values: must end within the sheet's " + std::to_string(limits_.rows) + " rows";
    }
    std::int64_t count = 0;
    for (const auto& row : rows) {
      count += size(row);
      if (content.at("col").get<std::int64_t>() + size(row) > limits_.columns) {
        return "content.values: must end within the sheet's " + std::to_string(limits_.columns) + " columns";
      }
    }
    if (count > limits_.block) {
      return "content.values: must be at most " + std::to_string(limits_.block) + " cells; paste them in parts";
    }
    return {};
  }

  Json all() const {
    Json::array_t list;
    list.reserve(sheet_.cells().size());
    for (const auto& [place, value] : sheet_.cells()) {
      Json::object_t cell;  // filled in key order: for a large sheet, an initializer list would take several times as long
      cell.emplace_hint(cell.end(), "col", place.col);
      cell.emplace_hint(cell.end(), "id", id_of(place));
      cell.emplace_hint(cell.end(), "row", place.row);
      cell.emplace_hint(cell.end(), "value", value);
      list.emplace_back(std::move(cell));
    }
    return list;
  }

  Limits limits_;
  Sheet sheet_;
};

Json number_schema(std::int64_t size) {
  return {{"type", {"integer", "string"}},
          {"minimum", 0},
          {"maximum", size - 1},
          {"maxLength", 10},
          {"examples", {0, "1", 2}}};
}

// The schema of both messages: their common fields, and the given fields of one of them.
Json schema(const Limits& limits, Json fields, Json required) {
  fields["row"] = number_schema(limits.rows);
  fields["col"] = number_schema(limits.columns);
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(fields)},
          {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}, {"maxLength", 200}}},
          {"propertyNames", {{"maxLength", 64}}},
          {"maxProperties", 16}};
}

Json value_schema(const Limits& limits) {
  return {{"type", {"string", "number", "boolean", "null"}},
          {"maxLength", limits.length},
          {"examples", {"", "=A1*2", 7, nullptr}}};
}

Json cell_schema(const Limits& limits) {
  const Json id = {{"type", "string"}, {"maxLength", 21}, {"examples", {"0-0", "4-2"}}};
  return schema(limits, {{"id", id}, {"value", value_schema(limits)}}, Json::array({"value"}));
}

Json block_schema(const Limits& limits) {
  const Json row = {{"type", "array"}, {"maxItems", limits.columns}, {"items", value_schema(limits)}};
  return schema(limits, {{"values", {{"type", "array"}, {"minItems", 1}, {"maxItems", limits.rows}, {"items", row}}}},
                {"row", "col", "values"});
}

// Any small content; it is ignored.
const Json anything = {{"maxLength", 200}, {"maxItems", 16}, {"maxProperties", 16}};

}  // namespace
}  // namespace spreadsheet

HUBBUB_PLUGIN(spreadsheet::Spreadsheet,
              hubbub::logged("cell_update").schema(spreadsheet::cell_schema(spreadsheet::Limits{options})),
              hubbub::logged("cells_update").schema(spreadsheet::block_schema(spreadsheet::Limits{options})),
              hubbub::question("request_data").max_rate(5).schema(spreadsheet::anything),
              hubbub::question("request_limits").max_rate(5).schema(spreadsheet::anything),
              hubbub::ephemeral("full_update").from_server(), hubbub::ephemeral("sheet_limits").from_server())
