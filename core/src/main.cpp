// hubbub's command line: reads the arguments and the config, and serves.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "server.hpp"

namespace {

constexpr int unusable = 2;  // exit status: the arguments or the config cannot be used

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Hubbub, a plugin-driven server for real-time rooms."};
  std::string file;
  bool check = false;
  app.add_option("--config", file, "The configuration; without it, the defaults and the environment")
      ->type_name("FILE")
      ->take_last();  // tools/serve names one already
  app.add_flag("--check-config", check, "Only say what is wrong with the configuration and the plugins it names");
  app.set_version_flag("--version", "hubbub " HUBBUB_VERSION);
  app.footer("Every option is explained in config.yaml. HUBBUB_SERVER__PORT=9000 in the environment sets server.port.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : unusable;
  }

  try {
    const auto config =
        hubbub::config::load(file.empty() ? std::nullopt : std::optional<std::filesystem::path>{file},
                             hubbub::config::process_environment());
    hubbub::Server server{config};
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
