// hubbub's command line: reads the arguments and the config, and serves.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "config/config.hpp"
#include "plugins/manual.hpp"
#include "plugins/registry.hpp"
#include "server.hpp"
#include "store/transfer.hpp"

namespace {

constexpr int unusable = 2;  // exit status: the arguments or the config cannot be used

using hubbub::config::Config;

std::string counted(std::size_t rooms) { return std::to_string(rooms) + (rooms == 1 ? " room" : " rooms"); }

// Of the commands below. What they say goes to standard error, for standard output may be the file.
struct Transfer {
  std::string file;
  std::string room;

  const std::filesystem::path& store(const Config& config) const {
    if (config.store.type != "sqlite") throw std::runtime_error("store.type is " + config.store.type + ": nothing is stored");
    return config.store.path;
  }

  void write(const Config& config) const {
    const auto only = room.empty() ? std::nullopt : std::optional{room};
    std::size_t rooms = 0;
    if (file == "-") {
      rooms = hubbub::store::export_rooms(store(config), std::cout, only);
    } else {
      std::ofstream stream{file, std::ios::binary};
      if (!stream) throw std::runtime_error("cannot write " + file);
      rooms = hubbub::store::export_rooms(store(config), stream, only);
    }
    std::cerr << counted(rooms) << " exported\n";
  }

  void read(const Config& config) const {
    std::ifstream stream{file, std::ios::binary};
    if (file != "-" && !stream) throw std::runtime_error("cannot read " + file);
    std::cerr << counted(hubbub::store::import_rooms(store(config), file == "-" ? std::cin : stream, file)) << " imported\n";
  }
};

// What config.yaml would load. Throws config::Error where it cannot.
std::string list_plugins(const Config& config) {
  const hubbub::plugins::Registry registry{config.plugins};
  std::string text;
  for (const auto& plugin : config.plugins.enabled) text += hubbub::plugins::summary(plugin, config.plugins.directories);
  return text.empty() ? "no plugin is enabled\n" : text;
}

// Of any plugin that is there, with the options that it has where it is enabled.
std::string explain_plugin(const Config& config, const std::string& name) {
  hubbub::config::PluginSection plugin{name, {.path = "plugins." + name}};
  for (const auto& enabled : config.plugins.enabled) {
    if (enabled.name == name) plugin = enabled;
  }
  try {
    return hubbub::plugins::manual(plugin, config.plugins.directories);
  } catch (const std::runtime_error& error) {
    throw hubbub::config::Error{{name + ": " + error.what()}};
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Hubbub, a plugin-driven server for real-time rooms."};
  std::string file;
  bool check = false;
  bool list = false;
  std::string explained;
  app.add_option("--config", file, "The configuration; without it, the defaults and the environment")
      ->type_name("FILE")
      ->take_last();  // tools/serve names one already
  app.add_flag("--check-config", check, "Only say what is wrong with the configuration and the plugins it names");
  app.add_flag("--list-plugins", list, "Only say which plugins the configuration loads, with their types and options");
  app.add_option("--explain", explained, "Only say what the plugin of this name takes: options, messages and their content")
      ->type_name("NAME");
  Transfer transfer;
  auto* exporting = app.add_subcommand("export", "Write rooms as lines of JSON; the server may be running");
  exporting->add_option("FILE", transfer.file, "Where to; - is standard output")->required();
  exporting->add_option("--room", transfer.room, "Only this room")->type_name("NAME");
  auto* importing = app.add_subcommand("import", "Add rooms that were exported; the server must not be running");
  importing->add_option("FILE", transfer.file, "Where from; - is standard input")->required();
  app.require_subcommand(0, 1);
  app.fallthrough();  // --config may come after the command, too
  app.set_version_flag("--version", "hubbub " HUBBUB_VERSION);
  app.footer("Every option is explained in config.yaml. HUBBUB_SERVER__PORT=9000 in the environment sets server.port.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : unusable;
  }

  try {
    const auto read_config = [&file] {
      return hubbub::config::load(file.empty() ? std::nullopt : std::optional<std::filesystem::path>{file},
                                  hubbub::config::process_environment());
    };
    const auto config = read_config();
    if (*exporting) return transfer.write(config), 0;
    if (*importing) return transfer.read(config), 0;
    if (list) return std::cout << list_plugins(config), 0;
    if (!explained.empty()) return std::cout << explain_plugin(config, explained), 0;
    hubbub::Server server{config, read_config};
    if (check) {
      std::cout << (file.empty() ? "the configuration" : file) << " is fine\n";
      return 0;
    }
    server.run();
    return 0;
  } catch (const hubbub::config::Error& error) {
    std::cerr << error.what() << '\n';
    return unusable;
  } catch (const std::exception& error) {
    std::cerr << "hubbub cannot go on: " << error.what() << '\n';
    return 1;
  }
}
