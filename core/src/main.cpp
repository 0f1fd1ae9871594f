// hubbub's command line: reads the arguments and the config, and serves.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <hubbub/shown.hpp>
#include <iostream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/own_files.hpp"
#include "config/spelling.hpp"
#include "plugins/last_words.hpp"
#include "plugins/manual.hpp"
#include "plugins/registry.hpp"
#include "process.hpp"
#include "replay/replay.hpp"
#include "store/recording.hpp"
#include "store/transfer.hpp"

namespace {

constexpr int unusable = 2;  // exit status: the arguments or the config cannot be used; of replay: any other failure, too

using hubbub::config::Config;

std::string counted(std::size_t rooms) { return std::to_string(rooms) + (rooms == 1 ? " room" : " rooms"); }

const std::filesystem::path& store(const Config& config) {
  if (config.store.type != "sqlite") throw std::runtime_error("store.type is " + config.store.type + ": nothing is stored");
  return config.store.path;
}

// Standard input for `-`, else `stream`, opened.
std::istream& open(std::ifstream& stream, const std::string& file) {
  if (file == "-") return std::cin;
  if (std::filesystem::is_directory(file)) throw std::runtime_error("cannot read " + file + ": is a directory; name a file");
  stream.open(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file + ": " + std::strerror(errno));
  return stream;
}

// The commands export and import. Their messages go to standard error, because standard output may be the file.
struct Transfer {
  std::string file;
  std::string room;

  void write(const Config& config) const {
    const auto only = room.empty() ? std::nullopt : std::optional{room};
    hubbub::store::Exported exported;
    if (file == "-") {
      exported = hubbub::store::export_rooms(store(config), std::cout, only);
    } else {
      std::ofstream stream{file, std::ios::binary};
      if (!stream) throw std::runtime_error("cannot write " + file);
      exported = hubbub::store::export_rooms(store(config), stream, only);
    }
    std::cerr << counted(exported.rooms) << " exported\n";
    if (!exported.is_whole) std::cerr << "warning: part of what was committed last cannot be read, as after a power cut\n";
  }

  void read(const Config& config) const {
    std::ifstream stream;
    std::cerr << counted(hubbub::store::import_rooms(store(config), open(stream, file), file)) << " imported\n";
  }
};

// The command replay.
struct Replay {
  std::string room;
  std::string file;
  std::vector<std::string> plugins;  // NAME=FILE.so
  bool diff = false;

  // Returns the exit status.
  int run(const Config& config) const {
    auto changed = config.plugins;
    std::vector<std::string> names;
    for (const auto& plugin : plugins) names.push_back(change(changed, plugin));
    const auto recorded = read(config);
    const auto report = replay(config.plugins, changed, names, recorded);
    std::cout << report.text;
    return report.clean ? 0 : 1;
  }

 private:
  hubbub::store::RecordedRoom read(const Config& config) const {
    std::ifstream stream;
    return file.empty() ? hubbub::store::read_stored(store(config), room)
                        : hubbub::store::read_recorded(open(stream, file), file, room);
  }

  hubbub::replay::Report replay(const hubbub::config::Plugins& loaded, const hubbub::config::Plugins& changed,
                                const std::vector<std::string>& names, const hubbub::store::RecordedRoom& recorded) const {
    const hubbub::plugins::Registry after{changed};
    if (names.empty()) return hubbub::replay::check(after, recorded);
    if (!diff) return hubbub::replay::tell(after, names, recorded);
    return hubbub::replay::compare(hubbub::plugins::Registry{loaded}, after, names, recorded);
  }

  // Makes the plugin NAME come from FILE.so. Returns the name.
  static std::string change(hubbub::config::Plugins& to, const std::string& plugin) {
    const auto equals = plugin.find('=');
    const auto name = plugin.substr(0, equals);
    if (equals == plugin.npos || equals == 0 || equals + 1 == plugin.size()) {
      throw std::runtime_error("--plugin " + plugin + ": write NAME=FILE.so");
    }
    std::vector<std::string> enabled;
    for (auto& section : to.enabled) {
      if (section.name == name) return section.library = std::filesystem::absolute(plugin.substr(equals + 1)), name;
      enabled.push_back(section.name);
    }
    const auto near = hubbub::config::nearest(name, enabled);
    throw std::runtime_error("the configuration enables no plugin " + name +
                             (near.empty() ? "; give it a section there" : "; did you mean \"" + near + "\"?"));
  }
};

// The line of `file` that a problem is on; 0 for the file as a whole, and a large number for the environment.
int line_of(const std::string& problem, const std::string& file) {
  int line = 0;
  if (!problem.starts_with(file + ":")) return std::numeric_limits<int>::max();
  std::from_chars(problem.data() + file.size() + 1, problem.data() + problem.size(), line);
  return line;
}

// All that is wrong with the configuration in `file`, and with the plugins that it names in spite of that; in the order of the file.
std::string all_mistakes(const hubbub::config::Mistakes& mistakes, const std::string& file) {
  auto lines = mistakes.problems();
  try {
    const hubbub::plugins::Registry registry{mistakes.config.plugins};
  } catch (const hubbub::config::Error& error) {
    for (const auto& line : error.problems()) {
      if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
    }
  }
  std::ranges::stable_sort(lines, {}, [&file](const std::string& line) { return line_of(line, file); });
  return hubbub::config::Error{std::move(lines)}.what();
}

// Describes the plugins that the configuration loads. Throws config::Error if they cannot be loaded.
std::string list_plugins(const Config& config) {
  const hubbub::plugins::Registry registry{config.plugins};
  std::string text;
  for (const auto& plugin : config.plugins.enabled) text += hubbub::plugins::summary(plugin, config.plugins.directories);
  return text.empty() ? "no plugin is enabled\n" : text;
}

// The manual of a plugin that is there, enabled or not. If it is enabled, the manual shows its options in the configuration.
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
  app.add_option("--config", file, "The configuration; without it, the one that comes with the server")
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
  Replay replay;
  auto* replaying =
      app.add_subcommand("replay", "Play a room's log through its plugins, or other builds of them; the server may be running");
  replaying->add_option("ROOM", replay.room, "The room's name")->required();
  auto* plugin =
      replaying->add_option("--plugin", replay.plugins, "Say what this build of a plugin makes of the log; may be given for several plugins")
          ->type_name("NAME=FILE.so")
          ->allow_extra_args(false);
  replaying->add_flag("--diff", replay.diff, "Say only what comes out differently than with the build that the configuration loads")
      ->needs(plugin);
  replaying->add_option("--file", replay.file, "Read what export wrote, instead of the store; - is standard input")
      ->type_name("FILE");
  replaying->footer(
      "Without --plugin, replay checks that the plugins reach the same state from the whole log as from the snapshot and the\n"
      "messages after it. The exit status is 0 if nothing differs or fails, 1 if something does, 2 if the room cannot be replayed.");
  app.require_subcommand(0, 1);
  app.fallthrough();  // --config may come after the command, too
  app.set_version_flag("--version", "hubbub " HUBBUB_VERSION);
  app.footer("Every option is explained in config.yaml. HUBBUB_SERVER__PORT=9000 in the environment sets server.port.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : unusable;
  }

  hubbub::plugins::promise_last_words();
  try {
    bool may_wait = true;  // reading may wait for a pipe, but only at the start
    const auto read_config = [&file, &may_wait] {
      const auto environment = hubbub::config::process_environment();
      return file.empty() ? hubbub::config::load_own(environment) : hubbub::config::load(file, environment, std::exchange(may_wait, false));
    };
    const auto config = read_config();
    if (*exporting) return transfer.write(config), 0;
    if (*importing) return transfer.read(config), 0;
    if (*replaying) return replay.run(config);
    if (list) return std::cout << list_plugins(config), 0;
    if (!explained.empty()) return std::cout << explain_plugin(config, explained), 0;
    hubbub::Process process{config, read_config};
    if (check) {
      std::cout << (file.empty() ? "the configuration" : file) << " is fine\n";
      return 0;
    }
    process.run();
    return 0;
  } catch (const hubbub::config::Mistakes& mistakes) {
    std::cerr << all_mistakes(mistakes, file.empty() ? hubbub::config::own_config().string() : file) << '\n';
    return unusable;
  } catch (const hubbub::config::Error& error) {
    std::cerr << error.what() << '\n';
    return unusable;
  } catch (const std::exception& error) {
    std::cerr << "hubbub cannot go on: " << hubbub::escaped(error.what()) << '\n';
    return *replaying ? unusable : 1;
  }
}
