// The tables of types and options in a plugin's README agree with the library.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <hubbub/testing.hpp>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "config/options_reader.hpp"
#include "plugins/every_plugin.hpp"
#include "plugins/library.hpp"

namespace hubbub::testing {
namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::string>;  // the texts of its cells, from the first one

// The rows of the table with this header.
std::vector<Row> table(const fs::path& readme, const std::string& head) {
  std::ifstream file{readme};
  std::vector<Row> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == head) {
      is_inside = true;
    } else if (!line.starts_with('|')) {
      is_inside = false;
    } else if (is_inside && !line.starts_with("|---")) {
      Row cells;
      for (std::size_t from = 2, to; (to = line.find(" |", from)) != line.npos; from = to + 3) cells.push_back(line.substr(from, to - from));
      rows.push_back(std::move(cells));
    }
  }
  return rows;
}

std::string without_ticks(const std::string& cell) {
  EXPECT_TRUE(cell.size() > 2 && cell.starts_with('`') && cell.ends_with('`')) << cell;
  return cell.substr(1, cell.size() - 2);
}

class Documented : public ::testing::TestWithParam<std::pair<const std::string, fs::path>> {
 protected:
  const std::string& name() const { return GetParam().first; }
  std::vector<Row> rows(const std::string& head) const { return table(GetParam().second / "README.md", head); }

  // The types that the library declares, by name, and the options that it has read.
  std::map<std::string, Type> types() {
    const auto& library = plugins::room_plugin(plugins::load_library(HUBBUB_PLUGIN_DIR "/" + name() + ".so"));
    std::string fault;
    Plugin* made = nullptr;
    EXPECT_EQ(library.create(reader, made, fault), abi::Ending::done) << fault;
    library.destroy(made);
    std::map<std::string, Type> all;
    for (auto& type : plugins::declared_types(library, reader)) all.emplace(type.name(), type);
    return all;
  }

  config::OptionsReader reader{{.path = ""}};
};

TEST_P(Documented, types_are_the_declared_ones_with_the_documented_class) {
  const auto rows = this->rows("| type | content | class |");
  if (rows.empty()) GTEST_SKIP() << "its types are its files'";
  const auto declared = types();
  const auto options = reader.described();
  const bool paced = std::ranges::any_of(options, [](const auto& option) { return option.name == "max_rate"; });
  std::set<std::string> told;
  std::string before;
  for (const auto& row : rows) {
    const auto type_name = without_ticks(row.at(0));
    const auto words = row.at(2) == "likewise" ? before : row.at(2);
    const auto says = [&](const char* what) { return words.find(what) != words.npos; };
    told.insert(type_name);
    before = words;
    ASSERT_TRUE(declared.contains(type_name)) << type_name;
    const auto& type = declared.at(type_name);
    EXPECT_EQ(type.is_from_server(), says("from the server only")) << type_name;
    EXPECT_EQ(type.keeps_newest(), says("the newest matters")) << type_name;
    EXPECT_EQ(type.is_question(), says("answered with")) << type_name;
    EXPECT_TRUE(type.is_logged() || !(says("logged") || says("broadcast as"))) << type_name;
    EXPECT_TRUE(type.is_ephemeral() || !says("ephemeral")) << type_name;
    std::smatch rate;
    const auto most = std::regex_search(words, rate, std::regex{"at most (\\d+) a second"}) ? std::stod(rate[1]) : 0;
    EXPECT_TRUE(type.max_rate() == most || (paced && most == 0)) << type_name << " at " << type.max_rate();
  }
  for (const auto& [type_name, type] : declared) EXPECT_TRUE(told.contains(type_name)) << type_name;
}

TEST_P(Documented, questions_are_answered_at_the_documented_rate) {
  for (const auto& [type_name, type] : types()) {
    if (!type.is_question()) continue;
    Room room{HUBBUB_PLUGIN_DIR "/" + name() + ".so"};
    auto& john = room.join("John");
    auto& jane = room.join("Jane");
    jane.take();
    const auto refused = [&] {
      john.take();
      john.send(type_name, nullptr, 7);
      const auto errors = john.take("error");
      return errors.empty() ? 0 : errors[0].value("retry_after_ms", -1);
    };
    const auto pause = static_cast<int>(1000 / type.max_rate());
    EXPECT_EQ(refused(), 0) << type_name;
    EXPECT_EQ(refused(), pause) << type_name;
    room.advance(std::chrono::milliseconds{pause - 1});
    EXPECT_EQ(refused(), 1) << type_name;
    room.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(refused(), 0) << type_name;
    jane.send(type_name);
    EXPECT_TRUE(jane.take("error").empty()) << "each for oneself";
  }
}

TEST_P(Documented, options_have_the_documented_defaults_and_bounds) {
  const auto rows = this->rows("| option | default | allowed |");
  types();
  std::map<std::string, Row> told;
  for (const auto& row : rows) told[without_ticks(row.at(0))] = row;
  const auto asked = reader.described();
  for (const auto& option : asked) {
    ASSERT_TRUE(told.contains(option.name)) << option.name;
    const auto& row = told[option.name];
    EXPECT_EQ(row.at(1), option.fallback) << option.name;
    // "a time from 1s to 1h such as 25s" is written as "1s to 1h"; a limit that is another option's value, as its name.
    const auto from = option.allowed.find(" from ");
    if (from == option.allowed.npos) continue;
    const auto bounds = option.allowed.substr(from + 6, option.allowed.find(" such as") - from - 6);
    const auto most = bounds.substr(bounds.find(" to "));
    EXPECT_TRUE(row.at(2).starts_with(bounds) || (row.at(2).starts_with('`') && row.at(2).find(most) != most.npos))
        << option.name << " is from " << bounds << ", not " << row.at(2);
  }
  EXPECT_EQ(told.size(), asked.size()) << "it does not ask for all of them";
}

INSTANTIATE_TEST_SUITE_P(Plugin, Documented, ::testing::ValuesIn(every_plugin()), [](const auto& plugin) { return plugin.param.first; });

}  // namespace
}  // namespace hubbub::testing
