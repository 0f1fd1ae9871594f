// The boundary between the server and a plugin library; plugin authors need not read it.
//
// A library exports one symbol, `hubbub_plugin`, a constant Table. The server reads `fingerprint` before anything else and
// trusts the rest only when it equals its own: C++ types cross this boundary, so both sides must have been built with the
// same SDK, compiler, standard library and JSON library. Nothing thrown crosses it: every call goes through a guard that
// is instantiated inside the plugin and turns exceptions into text.
#pragma once

#include <hubbub/sdk_version.hpp>  // of these very headers

#include <exception>
#include <new>
#include <type_traits>

// Included by hubbub/plugin.hpp, which declares the types used here.

#define HUBBUB_TEXT_(x) #x
#define HUBBUB_TEXT(x) HUBBUB_TEXT_(x)
#define HUBBUB_FINGERPRINT                                                                                          \
  "hubbub-sdk " HUBBUB_SDK_VERSION ", compiler " __VERSION__ ", libstdc++ " HUBBUB_TEXT(__GLIBCXX__) ", cxx11-abi " \
  HUBBUB_TEXT(_GLIBCXX_USE_CXX11_ABI) ", json " HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MAJOR) "."                        \
  HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MINOR) "." HUBBUB_TEXT(NLOHMANN_JSON_VERSION_PATCH)                             \
  ", json-diagnostics " HUBBUB_TEXT(JSON_DIAGNOSTICS)

namespace hubbub {

// Hands a plugin object its room.
struct PluginAccess {
  static void set_room(Plugin& plugin, Room& room) { plugin.room_ = &room; }
};

namespace abi {

// What a call that may fail answers, besides its result.
enum class Outcome : int {
  done,
  unfit,  // the JSON at hand has another form than the code expects; `fault` says how
  threw,  // any other exception; `fault` has its text
};

// Runs `call`; whatever it throws becomes an Outcome and the text in `fault`.
template <class Call>
Outcome guard(std::string& fault, Call&& call) noexcept {
  try {
    call();
    return Outcome::done;
  } catch (const Json::exception& error) {
    fault = error.what();
    return Outcome::unfit;
  } catch (const std::exception& error) {
    fault = error.what();
  } catch (...) {
    fault = "something that is not a std::exception was thrown";
  }
  return Outcome::threw;
}

struct Table {
  const char* fingerprint;
  const char* name;
  const char* version;
  Outcome (*types)(Options&, std::vector<Type>&, std::string& fault) noexcept;
  Outcome (*create)(Options&, Plugin*&, std::string& fault) noexcept;
  void (*destroy)(Plugin*) noexcept;
  void (*set_room)(Plugin&, Room&) noexcept;
  Outcome (*on_message)(const Plugin&, const Member&, Message&&, Verdict&, std::string& fault) noexcept;
  Outcome (*apply)(Plugin&, const Entry&, std::string& fault) noexcept;
  Outcome (*snapshot)(const Plugin&, Json&, std::string& fault) noexcept;
  Outcome (*restore)(Plugin&, const Json&, std::string& fault) noexcept;
  Outcome (*greet)(const Plugin&, const Member&, Greeting&, std::string& fault) noexcept;
  Outcome (*on_open)(Plugin&, std::string& fault) noexcept;
  Outcome (*on_join)(Plugin&, const Member&, std::string& fault) noexcept;
  Outcome (*on_leave)(Plugin&, const Member&, std::string& fault) noexcept;
  Outcome (*on_timer)(Plugin&, std::string& fault) noexcept;
  // Null if the class has no such function.
  Outcome (*on_server)(const ServerFigures&, std::int64_t, Options&, std::chrono::milliseconds& next, std::string& fault) noexcept;
};

template <class T>
constexpr decltype(Table::on_server) server_call() {
  if constexpr (requires { &T::on_server; }) {
    return [](const ServerFigures& figures, std::int64_t now, Options& options, std::chrono::milliseconds& next,
              std::string& fault) noexcept { return guard(fault, [&] { next = T::on_server(figures, now, options); }); };
  } else {
    return nullptr;
  }
}

template <class T>
constexpr Table table(const char* name, const char* version, decltype(Table::types) types) {
  return {
      HUBBUB_FINGERPRINT,
      name,
      version,
      types,
      [](Options& options, Plugin*& made, std::string& fault) noexcept {
        return guard(fault, [&] {
          if constexpr (std::is_constructible_v<T, Options&>) {
            made = new T(options);
          } else {
            made = new T();
          }
        });
      },
      [](Plugin* plugin) noexcept { delete plugin; },
      [](Plugin& plugin, Room& room) noexcept { PluginAccess::set_room(plugin, room); },
      [](const Plugin& plugin, const Member& sender, Message&& message, Verdict& verdict, std::string& fault) noexcept {
        return guard(fault, [&] { verdict = plugin.on_message(sender, std::move(message)); });
      },
      [](Plugin& plugin, const Entry& entry, std::string& fault) noexcept {
        return guard(fault, [&] { plugin.apply(entry); });
      },
      [](const Plugin& plugin, Json& state, std::string& fault) noexcept {
        return guard(fault, [&] { state = plugin.snapshot(); });
      },
      [](Plugin& plugin, const Json& state, std::string& fault) noexcept {
        return guard(fault, [&] { plugin.restore(state); });
      },
      [](const Plugin& plugin, const Member& newcomer, Greeting& greeting, std::string& fault) noexcept {
        return guard(fault, [&] { plugin.greet(newcomer, greeting); });
      },
      [](Plugin& plugin, std::string& fault) noexcept { return guard(fault, [&] { plugin.on_open(); }); },
      [](Plugin& plugin, const Member& member, std::string& fault) noexcept {
        return guard(fault, [&] { plugin.on_join(member); });
      },
      [](Plugin& plugin, const Member& member, std::string& fault) noexcept {
        return guard(fault, [&] { plugin.on_leave(member); });
      },
      [](Plugin& plugin, std::string& fault) noexcept { return guard(fault, [&] { plugin.on_timer(); }); },
      server_call<T>(),
  };
}

}  // namespace abi
}  // namespace hubbub
