#include "config/own_files.hpp"

namespace hubbub::config {
namespace {

namespace fs = std::filesystem;

fs::path beside_program(const char* built, const char* installed) {
  const auto folder = fs::read_symlink("/proc/self/exe").parent_path();
  const auto beside = folder / built;
  std::error_code error;
  return fs::exists(beside, error) ? beside : (folder / installed).lexically_normal();
}

}  // namespace

fs::path own_plugins() { return beside_program("plugins", HUBBUB_INSTALLED_PLUGINS); }
fs::path own_config() { return beside_program("config.yaml", HUBBUB_INSTALLED_CONFIG); }
fs::path own_pages() { return beside_program("static", HUBBUB_INSTALLED_PAGES); }

}  // namespace hubbub::config
