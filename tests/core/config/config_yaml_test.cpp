// Checks that config.yaml, where people look up the options, agrees with the program.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "config/config.hpp"
#include "config/own_files.hpp"
#include "config/quantity.hpp"
#include "config/yaml.hpp"
#include "plugins/library.hpp"

namespace hubbub::config {
namespace {

const std::filesystem::path root = HUBBUB_SOURCE_DIR;
const std::filesystem::path file = root / "config.yaml";

const Node* find(const Node& tree, const std::string& path) {
  const Node* node = &tree;
  std::istringstream names{path};
  for (std::string name; node != nullptr && std::getline(names, name, '.');) node = node->find(name);
  return node;
}

// The comment and the line of an option. The comment begins after the previous option or an empty line.
std::string entry_at(int line) {
  std::ifstream stream{file};
  std::string entry;
  std::string text;
  for (int number = 1; number <= line && std::getline(stream, text); ++number) {
    if (text.empty()) entry.clear();
    const bool is_comment = text.find_first_not_of(' ') == text.find('#');
    if (!is_comment && number < line) entry.clear();
    entry += text.substr(std::min(text.find_first_not_of(" #"), text.size())) + " ";
  }
  return entry;
}

// The options that a bundled plugin reads.
OptionsReader asked(const PluginSection& plugin) {
  static std::map<std::string, const abi::RoomPlugin*> tables;
  auto& table = tables[plugin.name];
  if (!table) table = &plugins::room_plugin(plugins::load_library(std::filesystem::path{HUBBUB_PLUGIN_DIR} / (plugin.name + ".so")));
  auto reader = plugin.reader();
  std::vector<Type> types;
  std::string fault;
  EXPECT_EQ(table->types(reader, types, fault), abi::Ending::done) << plugin.name << ": " << fault;
  Plugin* made = nullptr;
  EXPECT_EQ(table->create(reader, made, fault), abi::Ending::done) << plugin.name << ": " << fault;
  table->destroy(made);
  return reader;
}

std::vector<Description> plugin_options() {
  std::vector<Description> options;
  for (const auto& plugin : load(file, {}).plugins.enabled) {
    const auto reader = asked(plugin);
    EXPECT_EQ(reader.problems(), std::vector<std::string>{});
    for (auto option : reader.described()) {
      if (option.name == "enabled") continue;  // read by core, explained once for all plugins
      option.name = "plugins." + plugin.name + "." + option.name;
      options.push_back(std::move(option));
    }
  }
  return options;
}

std::vector<Description> all_options() {
  auto options = core_options();
  for (auto& option : plugin_options()) options.push_back(std::move(option));
  return options;
}

TEST(ConfigYaml, EqualsTheDefaults) {
  const Config config = load(file, {});
  Server server;
  server.static_directory = own_pages();
  EXPECT_EQ(config.server, server);
  EXPECT_EQ(config.http, Http{});
  EXPECT_EQ(config.websocket, Websocket{});
  EXPECT_EQ(config.rooms, Rooms{});
  EXPECT_EQ(config.store, (Store{.path = file.parent_path() / "data/hubbub.db"}));
  EXPECT_EQ(config.log, Log{});
  EXPECT_EQ(config.plugins.limits, PluginLimits{});
  EXPECT_EQ(config.plugins.directories, std::vector{own_plugins()});
}

TEST(ConfigYaml, ShowsEveryOptionWithItsDefault) {
  const Tree tree = read_yaml_file(file);
  const auto options = all_options();
  EXPECT_GT(options.size(), 50U);
  for (const auto& option : options) {
    const Node* node = find(tree.root, option.name);
    ASSERT_NE(node, nullptr) << option.name;
    const bool is_single = node->kind == Node::Kind::scalar || node->kind == Node::Kind::nothing;
    const auto written = is_single ? node->text : node->json().dump();
    EXPECT_EQ(written, option.fallback) << option.name;
  }
}

TEST(ConfigYaml, ExplainsEveryOptionWithWhatIsAllowed) {
  const Tree tree = read_yaml_file(file);
  for (const auto& option : all_options()) {
    const Node* node = find(tree.root, option.name);
    ASSERT_NE(node, nullptr) << option.name;
    const std::string entry = entry_at(node->where.line);
    EXPECT_GT(entry.size(), option.name.size() + 20) << option.name << " has no comment";
    // "a time from 1s to 1h such as 25s" is written as "1s to 1h".
    const auto from = option.allowed.find(" from ");
    if (from == std::string::npos) continue;
    const std::string bounds = option.allowed.substr(from + 6, option.allowed.find(" such as") - from - 6);
    EXPECT_NE(entry.find(bounds), std::string::npos) << option.name << " does not tell " << bounds << ": " << entry;
  }
}

// The allowed values of an option, from its description: "a whole number from 1 to 9", "a time from 1s to 1h such as 25s".
struct Range {
  std::string kind, least, most;
  std::string below, above;  // one step outside
};

std::optional<Range> range_of(const std::string& allowed) {
  std::smatch words;
  if (!std::regex_match(allowed, words, std::regex{"(a whole number|a number|a time|a size) from (\\S+) to (\\S+)( such as .*)?"})) return {};
  Range range{words[1], words[2], words[3], {}, {}};
  const auto step = [&](const std::string& bound, int by) -> std::string {
    if (range.kind == "a whole number") return std::to_string(std::stoll(bound) + by);
    if (range.kind == "a number") return std::to_string(std::stod(bound) + by * 0.001);
    const auto amount = range.kind == "a time" ? parse_duration(bound)->count() : static_cast<std::int64_t>(*parse_size(bound));
    return std::to_string(amount + by) + (range.kind == "a time" ? "ms" : "B");
  };
  range.below = step(range.least, -1);
  range.above = step(range.most, +1);
  return range;
}

// The messages at a start with this value of an option; none if it is accepted. The plugins check it, too.
std::vector<std::string> said_of(const Description& option, const std::string& value) {
  Environment environment{{variable_for(option.name), value}};
  // A board must have space for its longest stroke.
  if (option.name == "plugins.draw.max_board") environment["HUBBUB_PLUGINS__DRAW__MAX_POINTS"] = "2";
  try {
    const auto config = load({}, environment);
    return config.plugins.enabled.empty() ? std::vector<std::string>{} : asked(config.plugins.enabled[0]).problems();
  } catch (const Error& error) {
    return error.problems();
  }
}

TEST(ConfigYaml, HasBoundsThatAreReachedAndNotPassed) {
  std::size_t ranges = 0;
  for (const auto& option : all_options()) {
    const auto range = range_of(option.allowed);
    if (!range) continue;
    ++ranges;
    for (const auto& taken : {option.fallback, range->least, range->most}) EXPECT_EQ(said_of(option, taken), (std::vector<std::string>{})) << option.name;
    std::vector wrong{range->below, range->above, std::string{"many"}, std::string{"[1]"}, std::string{"true"}};
    if (range->kind == "a time" || range->kind == "a size") wrong.emplace_back("100");
    for (const auto& value : wrong) {
      const auto said = said_of(option, value);
      ASSERT_EQ(said.size(), 1U) << option.name << ": " << value;
      EXPECT_TRUE(said[0].starts_with("environment " + variable_for(option.name) + ": must be " + option.allowed + ", not ")) << said[0];
    }
  }
  EXPECT_GT(ranges, 50U);
}

TEST(ConfigYaml, HasSwitchesThatAreTrueOrFalseAndChoicesAmongWhatItNames) {
  std::size_t switches = 0, choices = 0;
  for (const auto& option : all_options()) {
    std::vector<std::string> values;
    const auto& allowed = option.allowed;
    if (allowed == "true or false") {
      values = {"true", "false"};
      ++switches;
    } else if (const auto list = std::regex_replace(allowed, std::regex{"^one of "}, ""); allowed != "" && allowed.find(' ') != allowed.npos &&
               std::regex_match(list, std::regex{"\\w+(, \\w+)* or \\w+"})) {
      const std::regex word{"\\w+"};
      for (std::sregex_iterator each{list.begin(), list.end(), word}, end; each != end; ++each) {
        if (each->str() != "or") values.push_back(each->str());
      }
      ++choices;
    } else {
      continue;
    }
    for (const auto& value : values) EXPECT_EQ(said_of(option, value), (std::vector<std::string>{})) << option.name;
    for (auto value : values) {
      value.front() = static_cast<char>(std::toupper(value.front()));
      EXPECT_EQ(said_of(option, value).size(), 1U) << option.name << ": " << value;
    }
    for (const auto* value : {"yes", "1", "[]", "other"}) EXPECT_EQ(said_of(option, value).size(), 1U) << option.name << ": " << value;
  }
  EXPECT_GE(switches, 4U);
  EXPECT_GE(choices, 3U);
}

TEST(ConfigYaml, EnablesEveryBundledPlugin) {
  std::set<std::string> bundled;
  for (const auto& folder : std::filesystem::directory_iterator{root / "plugins"}) {
    if (exists(folder.path() / "CMakeLists.txt")) bundled.insert(folder.path().filename());
  }
  std::set<std::string> enabled;
  for (const auto& plugin : load(file, {}).plugins.enabled) enabled.insert(plugin.name);
  EXPECT_EQ(enabled, bundled);
}

}  // namespace
}  // namespace hubbub::config
