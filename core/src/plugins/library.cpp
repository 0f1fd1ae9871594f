#include "plugins/library.hpp"

// Without this Boost.DLL speaks Boost.Filesystem, which would be one more library to link.
#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

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

}  // namespace

const abi::Table& load_library(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) throw std::runtime_error("there is no library " + file.string());
  boost::dll::shared_library loaded;
  try {
    loaded.load(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    throw std::runtime_error("cannot load " + file.string() + ": " + failure.what());
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

}  // namespace hubbub::plugins
