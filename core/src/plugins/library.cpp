#include "plugins/library.hpp"

// Without this, Boost.DLL uses Boost.Filesystem, which would be one more library to link.
#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/spelling.hpp"
#include "plugins/calls.hpp"
#include "plugins/elf.hpp"
#include "plugins/extensions.hpp"
#include "plugins/private_copy.hpp"

namespace hubbub::plugins {
namespace {

constexpr auto symbol = "hubbub_plugin";

// A library that has been loaded. Never destroyed, because nothing is ever unmapped.
struct Loaded {
  std::string contents;  // a digest of the file
  boost::dll::shared_library library = {};
  std::string file = {};
  std::string plugin = {};  // the file's name without .so
  const char* name_of_copy = nullptr;
  const abi::Table* table = nullptr;
};
std::mutex loading;
auto& all_loaded = *new std::list<Loaded>;  // guarded by `loading`

// Good enough to tell builds of a library apart: nobody gains from two builds with the same digest.
std::string digest_of(const std::string& contents) {
  return std::to_string(contents.size()) + ' ' + std::to_string(std::hash<std::string>{}(contents));
}

// The end of the library that the loader has mapped at `base`.
std::uintptr_t end_of(std::uintptr_t base) {
  std::pair<std::uintptr_t, std::uintptr_t> found{base, base};
  ::dl_iterate_phdr([](dl_phdr_info* library, std::size_t, void* data) {
    auto& [begin, end] = *static_cast<std::pair<std::uintptr_t, std::uintptr_t>*>(data);
    for (int i = 0; library->dlpi_addr == begin && i < library->dlpi_phnum; ++i) {
      const auto& segment = library->dlpi_phdr[i];
      if (segment.p_type == PT_LOAD) end = std::max<std::uintptr_t>(end, begin + segment.p_vaddr + segment.p_memsz);
    }
    return 0;
  }, &found);
  return found.second;
}

// The loader has the path of the copy, which tells people nothing. Debuggers and sanitizer reports show the name that stands in the
// loader's list, and look for symbols in that file.
void name_after_file(Loaded& loaded) {
  link_map* known = nullptr;
  if (::dlinfo(loaded.library.native(), RTLD_DI_LINKMAP, &known) != 0) return;
  loaded.name_of_copy = std::exchange(known->l_name, loaded.file.data());
  loaded.plugin = std::filesystem::path{loaded.file}.stem();
  remember_code(known->l_addr, end_of(known->l_addr), loaded.plugin.c_str());
}

// The first part in which two fingerprints differ: "compiler", "13.1.0", "12.2.0".
struct Difference {
  std::string_view part, theirs, ours;
};
Difference difference(std::string_view theirs, std::string_view ours) {
  const auto cut = [](std::string_view& text, std::string_view at) {
    const auto end = std::min(text.find(at), text.size());
    const auto head = text.substr(0, end);
    text.remove_prefix(std::min(end + at.size(), text.size()));
    return head;
  };
  while (!theirs.empty() || !ours.empty()) {
    auto their = cut(theirs, ", ");
    auto our = cut(ours, ", ");
    if (their == our) continue;
    const auto name = cut(our.empty() ? their : our, " ");
    if (!our.empty() && their.starts_with(name)) cut(their, " ");
    return {name, their, our};
  }
  return {};
}

// "it has compiler 13.1.0, the server has compiler 12.2.0"
std::string words(const Difference& difference) {
  const auto side = [&](std::string_view value) {
    return value.empty() ? "no " + std::string{difference.part} : std::string{difference.part} + " " + std::string{value};
  };
  return "it has " + side(difference.theirs) + ", the server has " + side(difference.ours);
}

// The flags to change for the next build, if the difference comes from flags.
std::string flags_to_change(const Difference& difference) {
  const auto& [part, theirs, ours] = difference;
  if (part == "_GLIBCXX_DEBUG") return theirs == "on" ? " and without -D_GLIBCXX_DEBUG" : " and with -D_GLIBCXX_DEBUG";
  if (part == "sanitizer") {
    const auto flag = "-fsanitize=" + std::string{ours == "none" ? theirs : ours};
    return (ours == "none" ? " and without " : " and with ") + flag;
  }
  if (part == "layout") return " and without flags that change how types lie in memory, such as -fshort-enums";
  return {};
}

// For a library that does not exist: a similar name, or what to do.
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

// The loader's own words, without the text that Boost puts around them: "load() failed (dlerror system message: FILE: words): Bad file…".
std::string loader_words(const std::string& file, std::string text) {
  if (const auto begin = text.find(file + ": "); begin != text.npos) text.erase(0, begin + file.size() + 2);
  return text.substr(0, text.rfind("): "));
}

std::string read(const std::filesystem::path& file) {
  try {
    return contents_of(file);
  } catch (const std::exception& failure) {
    throw std::runtime_error(file.string() + " cannot be loaded: " + failure.what());
  }
}

boost::dll::shared_library load(const std::filesystem::path& file, const std::string& contents) {
  const auto refuse = [&](const std::string& why) { return std::runtime_error(file.string() + " cannot be loaded: " + why); };
  if (is_cut_short(contents)) throw refuse("it is cut short; build it again");
  std::optional<PrivateCopy> copy;
  try {
    copy.emplace(contents, file.filename(), file);
  } catch (const std::exception& failure) {
    throw refuse(failure.what());
  }
  const auto name = file.stem().string();
  const Call call{name.c_str(), "", nullptr, "being loaded"};
  boost::dll::shared_library library;
  try {
    library.load(copy->path(), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    throw refuse(loader_words(copy->path(), failure.what()) + "; build it again");
  }
  copy->keep();
  return library;
}

// Throws if `what` was built for another server.
void check_fingerprint(const std::string& what, std::string_view fingerprint) {
  if (fingerprint == abi::fingerprint.text) return;
  const auto which = difference(fingerprint, abi::fingerprint.text);
  throw std::runtime_error(what + " was built for another server (" + words(which) + "): rebuild it with this server's SDK" +
                           flags_to_change(which));
}

// Throws if the library is no plugin, or was built for another server.
void check(const std::filesystem::path& file, bool exports_it, std::string_view fingerprint) {
  if (!exports_it) {
    throw std::runtime_error(file.string() + " is no plugin: it exports no " + symbol +
                             "; end its source with HUBBUB_PLUGIN(…)");
  }
  check_fingerprint(file.string(), fingerprint);
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
  const std::lock_guard lock{loading};
  const auto contents = read(file);
  const auto digest = digest_of(contents);
  auto known = std::ranges::find(all_loaded, digest, &Loaded::contents);
  if (known == all_loaded.end()) {
    // Before any of its code runs. If the file does not tell, the check below does.
    if (const auto exported = find_exported(contents, symbol)) check(file, exported->found, exported->text);
    known = all_loaded.insert(all_loaded.end(), Loaded{digest, load(file, contents), std::filesystem::absolute(file)});
    name_after_file(*known);
  }
  const auto& library = known->library;
  check(file, library.has(symbol), library.has(symbol) ? library.get<const abi::Table>(symbol).fingerprint : "");
  known->table = &library.get<const abi::Table>(symbol);
  return *known->table;
}

void check_linked(const std::string& name, const abi::Table& table) {
  check_fingerprint("the plugin " + name + " in the program", table.fingerprint);
}

void check_needs(const abi::Table& table) {
  const bool is_service = abi::find_offer<abi::ServicePlugin>(table);
  const std::span<const std::string_view> extensions = is_service ? std::span<const std::string_view>{service_extensions} : room_extensions;
  for (const auto* name = table.needs; !name->empty(); ++name) {
    if (std::ranges::find(extensions, *name) != extensions.end()) continue;
    if (std::ranges::find(service_extensions, *name) != service_extensions.end()) {
      throw std::runtime_error("needs \"" + std::string{*name} + "\", which only a service can have: derive from hubbub::Service");
    }
    throw std::runtime_error("needs \"" + std::string{*name} + "\", which this server does not have: use a newer server, or an older build of the plugin");
  }
}

const abi::RoomPlugin& room_plugin(const abi::Table& table) {
  if (const auto* found = abi::find_offer<abi::RoomPlugin>(table)) return *found;
  std::string offers;
  for (const auto* offer = table.offers; offer->name; ++offer) offers += (offers.empty() ? "" : " and ") + ("\"" + std::string{offer->name} + "\"");
  throw std::runtime_error("is of a kind that this server does not know (it offers " + (offers.empty() ? "nothing" : offers) +
                           "): use a newer server, or an older build of the plugin");
}

const char* build_of(const abi::Table& table) {
  const std::lock_guard lock{loading};
  const auto known = std::ranges::find(all_loaded, &table, &Loaded::table);
  return known == all_loaded.end() ? "" : known->contents.c_str();
}

std::vector<Type> declared_types(const abi::RoomPlugin& table, Options& options) {
  const Call call{table.name, "", nullptr, "declaring its types"};
  std::vector<Type> types;
  std::string fault;
  if (table.types(options, types, fault) != abi::Ending::done) {
    constexpr std::string_view not_json = "[json.exception.parse_error.101] ";
    if (fault.starts_with(not_json)) throw std::runtime_error("gives one of its types a schema that is not JSON: " + fault.substr(not_json.size()));
    throw std::runtime_error("failed while declaring its types: " + fault);
  }
  return types;
}

}  // namespace hubbub::plugins
