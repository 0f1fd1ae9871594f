// Holds config.yaml, which people read to learn the options, to what the program does.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/config.hpp"
#include "config/own_files.hpp"
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

// The comment and the line of an option: what stands above it as far as the option before, or an empty line.
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

// The options of every bundled plugin, as the plugin itself asks for them.
std::vector<Description> plugin_options() {
  std::vector<Description> options;
  for (const auto& plugin : load(file, {}).plugins.enabled) {
    const auto& table = plugins::load_library(std::filesystem::path{HUBBUB_PLUGIN_DIR} / (plugin.name + ".so"));
    auto reader = plugin.reader();
    std::vector<Type> types;
    std::string fault;
    EXPECT_EQ(table.types(reader, types, fault), abi::Outcome::done) << plugin.name << ": " << fault;
    Plugin* made = nullptr;
    EXPECT_EQ(table.create(reader, made, fault), abi::Outcome::done) << plugin.name << ": " << fault;
    table.destroy(made);
    EXPECT_EQ(reader.problems(), std::vector<std::string>{});
    for (auto option : reader.described()) {
      if (option.name == "enabled") continue;  // core's own, explained once for all of them
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
    // "a time from 1s to 1h such as 25s" is told as "1s to 1h".
    const auto from = option.allowed.find(" from ");
    if (from == std::string::npos) continue;
    const std::string bounds = option.allowed.substr(from + 6, option.allowed.find(" such as") - from - 6);
    EXPECT_NE(entry.find(bounds), std::string::npos) << option.name << " does not tell " << bounds << ": " << entry;
  }
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
