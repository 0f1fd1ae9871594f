#include "plugins/manual.hpp"

#include <algorithm>
#include <vector>

#include "plugins/describe.hpp"
#include "plugins/instance.hpp"
#include "plugins/library.hpp"
#include "plugins/service_instance.hpp"
#include "plugins/words.hpp"

namespace hubbub::plugins {
namespace {

// What a plugin says about itself.
struct Said {
  std::string title;
  std::vector<Type> types;
  std::vector<config::Description> options;
};

Said ask(const config::PluginSection& plugin, std::span<const std::filesystem::path> directories) {
  const auto file = find_library(plugin.name, directories);
  const auto& table = load_library(file);
  auto options = plugin.reader();
  std::vector<Type> types;
  if (const auto* service = abi::find_offer<abi::ServicePlugin>(table)) {
    const ServiceInstance instance{*service, options, table.name, build_of(table)};
  } else {
    const auto& its = room_plugin(table);
    types = declared_types(its, options);
    const Instance instance{its, options};  // its constructor reads the other options
  }
  auto described = options.described();
  std::erase_if(described, [](const auto& option) { return option.name == "enabled"; });  // the server's own; every plugin has it
  return {plugin.name + " " + table.version + "\n  " + file.string() + "\n", std::move(types), std::move(described)};
}

// The options as they may stand in config.yaml, with the values in use.
std::string lines_of(const std::vector<config::Description>& options) {
  if (options.empty()) return "  options: none\n";
  std::size_t widest = 0;
  for (const auto& option : options) widest = std::max(widest, option.name.size() + option.value.size());
  std::string text = "  options:\n";
  for (const auto& [name, fallback, value, allowed] : options) {
    const std::string gap(widest + 2 - name.size() - value.size(), ' ');
    const auto by_default = value == fallback ? std::string{} : (fallback.empty() ? "nothing" : fallback) + " by default";
    const auto remark = allowed + (allowed.empty() || by_default.empty() ? "" : "; ") + by_default;
    text += "    " + name + ": " + value + (remark.empty() ? "" : gap + "# " + remark) + "\n";
  }
  return text;
}

std::string class_of(const Type& type) {
  std::string text = type.is_logged() ? "logged" : type.is_question() ? "answered to its sender alone" : "ephemeral";
  if (type.is_from_server()) text += ", from the server only";
  if (type.keeps_newest()) text += ", for each sender only the newest matters";
  if (type.max_rate() > 0) text += ", at most " + plain(type.max_rate()) + " a second from one sender";
  return text;
}

}  // namespace

std::string summary(const config::PluginSection& plugin, std::span<const std::filesystem::path> directories) {
  const auto said = ask(plugin, directories);
  std::string types;
  for (const auto& type : said.types) types += (types.empty() ? "" : ", ") + type.name();
  return said.title + "  types: " + (types.empty() ? "none" : types) + "\n" + lines_of(said.options);
}

std::string manual(const config::PluginSection& plugin, std::span<const std::filesystem::path> directories) {
  const auto said = ask(plugin, directories);
  auto text = said.title + lines_of(said.options);
  for (const auto& type : said.types) {
    text += "\n  " + type.name() + ": " + class_of(type) + "\n";
    if (type.is_from_server()) continue;
    const auto lines = describe(type.schema());
    for (const auto& line : lines) text += "    " + std::string{&line == &lines.front() ? "content: " : ""} + line + "\n";
  }
  return text;
}

}  // namespace hubbub::plugins
