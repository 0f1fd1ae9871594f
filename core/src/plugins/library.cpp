#include "plugins/library.hpp"

// Without this Boost.DLL speaks Boost.Filesystem, which would be one more library to link.
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/spelling.hpp"

namespace hubbub::plugins {
namespace {

constexpr auto symbol = "hubbub_plugin";

boost::dll::shared_library& keep(boost::dll::shared_library library) {
  static std::mutex mutex;
  static auto& kept = *new std::list<boost::dll::shared_library>;  // never destroyed: nothing is ever unmapped
  const std::lock_guard lock{mutex};
  return kept.emplace_back(std::move(library));
}

// The first part in which two fingerprints differ, as "compiler 13.1.0, the server has compiler 12.2.0".
std::string difference(std::string_view theirs, std::string_view ours) {
  const auto part = [](std::string_view& text) {
    const auto end = std::min(text.find(", "), text.size());
    const auto head = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    return head;
  };
  while (!theirs.empty() && !ours.empty()) {
    const auto their = part(theirs);
    const auto our = part(ours);
    if (their != our) return "it has " + std::string{their} + ", the server has " + std::string{our};
  }
  return "one says more than the other";
}

// For a library that is not there: what was meant, or what to do.
std::string advice(const std::string& name, std::span<const std::filesystem::path> directories) {
  std::vector<std::string> names;
  for (const auto& directory : directories) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{directory, ignored}) {
      if (entry.path().extension() == ".so") names.push_back(entry.path().stem().string());
    }
  }
  const auto near = config::nearest(name, names);
  return near.empty() ? "build it, or set plugins.directory to where it is" : "did you mean \"" + near + "\"?";
}

// The loader's own words, which Boost wraps in its: "load() failed (dlerror system message: FILE: words): Bad file…".
std::string loader_words(const std::string& file, std::string text) {
  if (const auto begin = text.find(file + ": "); begin != text.npos) text.erase(0, begin + file.size() + 2);
  return text.substr(0, text.rfind("): "));
}

}  // namespace

std::filesystem::path find_library(const std::string& name, std::span<const std::filesystem::path> directories) {
  std::string places;
  for (const auto& directory : directories) {
    const auto file = directory / (name + ".so");
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) return file;
    places += (places.empty() ? "" : " or ") + directory.string();
  }
  throw std::runtime_error("there is no library " + name + ".so in " + places + "; " + advice(name, directories));
}

const abi::Table& load_library(const std::filesystem::path& file) {
  boost::dll::shared_library loaded;
  try {
    loaded.load(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    throw std::runtime_error(file.string() + " cannot be loaded: " + loader_words(file.string(), failure.what()) +
                             "; build it again");
  }
  auto& library = keep(std::move(loaded));
  if (!library.has(symbol)) {
    throw std::runtime_error(file.string() + " is no plugin: it exports no " + symbol +
                             "; end its source with HUBBUB_PLUGIN(…)");
  }
  const auto& table = library.get<const abi::Table>(symbol);
  if (std::string_view{table.fingerprint} != HUBBUB_FINGERPRINT) {
    throw std::runtime_error(file.string() + " was built for another server (" +
                             difference(table.fingerprint, HUBBUB_FINGERPRINT) + "): rebuild it with this server's SDK");
  }
  return table;
}

std::vector<Type> declared_types(const abi::Table& table, Options& options) {
  std::vector<Type> types;
  std::string fault;
  if (table.types(options, types, fault) != abi::Outcome::done) {
    throw std::runtime_error("failed while declaring its types: " + fault);
  }
  return types;
}

}  // namespace hubbub::plugins
