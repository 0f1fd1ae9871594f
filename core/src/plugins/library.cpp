#include "plugins/library.hpp"

// Without this Boost.DLL speaks Boost.Filesystem, which would be one more library to link.
#define BOOST_DLL_USE_STD_FS
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <fstream>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "config/spelling.hpp"

namespace hubbub::plugins {
namespace {

constexpr auto symbol = "hubbub_plugin";

// What has been loaded, by its contents. Never destroyed: nothing is ever unmapped.
struct Loaded {
  std::filesystem::path file;
  std::string contents;  // a digest
  boost::dll::shared_library library;
};
std::mutex mutex;
auto& all_loaded = *new std::list<Loaded>;  // under the mutex

// Calls `take` with the file's contents, piece by piece.
template <class Take>
void read(const std::filesystem::path& file, Take take) {
  std::ifstream stream{file, std::ios::binary};
  std::array<char, 64 * 1024> piece;
  while (stream) {
    stream.read(piece.data(), piece.size());
    if (stream.gcount() > 0) take(std::string_view{piece.data(), static_cast<std::size_t>(stream.gcount())});
  }
  if (!stream.eof()) {
    throw std::runtime_error(file.string() + " cannot be loaded: " + std::generic_category().message(errno) + "; build it again");
  }
}

// Enough to tell builds of a library apart: nobody gains by making two that are taken for one.
std::string digest_of(const std::filesystem::path& file) {
  std::size_t size = 0, digest = 0;
  read(file, [&](std::string_view piece) {
    size += piece.size();
    digest = digest * 31 + std::hash<std::string_view>{}(piece);
  });
  return std::to_string(size) + ' ' + std::to_string(digest);
}

// The loader takes a path that it has seen before for the library that it has, so a new file is given to it under a name of
// its own: as an anonymous copy, which lasts as long as its mapping.
void load_copy(boost::dll::shared_library& library, const std::filesystem::path& file) {
  const int copy = ::memfd_create(file.filename().c_str(), MFD_CLOEXEC);
  bool whole = copy >= 0;
  read(file, [&](std::string_view piece) {
    whole = whole && ::write(copy, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size());
  });
  if (!whole) {
    if (copy >= 0) ::close(copy);
    throw std::runtime_error("there is no memory for a copy");
  }
  // One that stays: the loader tells libraries apart by what this names, too.
  const auto name = "/proc/self/fd/" + std::to_string(copy);
  library.load(name, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
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
  const std::lock_guard lock{mutex};
  const auto digest = digest_of(file);
  auto known = std::ranges::find(all_loaded, digest, &Loaded::contents);
  if (known == all_loaded.end()) {
    Loaded loaded{file, digest, {}};
    try {
      if (std::ranges::find(all_loaded, file, &Loaded::file) == all_loaded.end()) {
        loaded.library.load(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
      } else {
        load_copy(loaded.library, file);
      }
    } catch (const std::exception& failure) {
      throw std::runtime_error(file.string() + " cannot be loaded: " + loader_words(file.string(), failure.what()) +
                               "; build it again");
    }
    known = all_loaded.insert(all_loaded.end(), std::move(loaded));
  }
  const auto& library = known->library;
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
