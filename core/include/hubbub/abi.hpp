// The boundary between the server and a plugin library; plugin authors need not read it.
//
// A library exports one symbol, `hubbub_plugin`, a constant Table. The server reads `fingerprint` before anything else and
// trusts the rest only when it equals its own: C++ types cross this boundary, so both sides must have been built with the
// same SDK, compiler, standard library and JSON library, and with the same flags where these change types. Nothing thrown crosses it: every call goes through a guard that
// is instantiated inside the plugin and turns exceptions into text.
#pragma once

#include <hubbub/sdk_version.hpp>  // of these very headers

#include <concepts>
#include <exception>
#include <new>
#include <type_traits>

// Included by hubbub/plugin.hpp, which declares the types used here.

#ifndef __cpp_exceptions
#error "a plugin of hubbub tells its failures by exceptions: leave out -fno-exceptions"
#endif

#ifdef _GLIBCXX_DEBUG
#define HUBBUB_GLIBCXX_DEBUG "on"
#else
#define HUBBUB_GLIBCXX_DEBUG "off"
#endif

#ifdef __has_feature  // Clang's way to tell; GCC defines macros
#define HUBBUB_HAS_FEATURE(x) __has_feature(x)
#else
#define HUBBUB_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HUBBUB_HAS_FEATURE(address_sanitizer)
#define HUBBUB_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__) || HUBBUB_HAS_FEATURE(thread_sanitizer)
#define HUBBUB_SANITIZER "thread"
#elif HUBBUB_HAS_FEATURE(memory_sanitizer)
#define HUBBUB_SANITIZER "memory"
#else
#define HUBBUB_SANITIZER "none"
#endif

#define HUBBUB_TEXT_(x) #x
#define HUBBUB_TEXT(x) HUBBUB_TEXT_(x)
#define HUBBUB_BUILT_WITH                                                                                           \
  "hubbub-sdk " HUBBUB_SDK_VERSION ", compiler " __VERSION__ ", libstdc++ " HUBBUB_TEXT(__GLIBCXX__) ", cxx11-abi " \
  HUBBUB_TEXT(_GLIBCXX_USE_CXX11_ABI) ", _GLIBCXX_DEBUG " HUBBUB_GLIBCXX_DEBUG ", sanitizer " HUBBUB_SANITIZER      \
  ", json " HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MAJOR) "." HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MINOR) "."               \
  HUBBUB_TEXT(NLOHMANN_JSON_VERSION_PATCH) ", json-diagnostics " HUBBUB_TEXT(JSON_DIAGNOSTICS) ", layout"

namespace hubbub {

// Hands a plugin object its room.
struct PluginAccess {
  static void set_room(Plugin& plugin, Room& room) { plugin.room_ = &room; }
};

namespace abi {

// What the library was built with, and then the sizes of what crosses the boundary: a flag that nobody thought of and that
// changes how types lie in memory changes one of these.
struct Fingerprint {
  enum Unscoped { enumerator };
  static constexpr std::size_t sizes[] = {sizeof(Unscoped), sizeof(std::string), sizeof(Json), sizeof(std::vector<Json>),
                                          sizeof(Member), sizeof(Message), sizeof(Entry), sizeof(Type), sizeof(Verdict),
                                          sizeof(ServerFigures), sizeof(ServerRooms), sizeof(Plugin)};
  char text[sizeof(HUBBUB_BUILT_WITH) + sizeof(sizes)] = {};

  constexpr Fingerprint() {
    char* end = text;
    for (const char* from = HUBBUB_BUILT_WITH; *from != 0; ++from) *end++ = *from;
    for (const std::size_t size : sizes) {
      *end++ = ' ';
      for (std::size_t unit = 1000; unit > 0; unit /= 10) {
        if (size >= unit) *end++ = static_cast<char>('0' + size / unit % 10);
      }
    }
  }
};
inline constexpr Fingerprint fingerprint;

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
  // Null if the class has no such function: it minds every room.
  bool (*minds_room)(const std::string& room, Options&) noexcept;
  // Which functions the class has of its own: a room asks no others, and makes no object for them.
  bool minds_opening;    // on_open
  bool minds_joining;    // on_join
  bool minds_leaving;    // on_leave
  bool minds_newcomers;  // greet
};

// One that cannot be looked at, because it is private, counts as T's own.
template <class T>
concept DoesNotMindOpening = requires { requires std::is_same_v<decltype(&T::on_open), void (Plugin::*)()>; };
template <class T>
concept DoesNotMindJoining = requires { requires std::is_same_v<decltype(&T::on_join), void (Plugin::*)(const Member&)>; };
template <class T>
concept DoesNotMindLeaving = requires { requires std::is_same_v<decltype(&T::on_leave), void (Plugin::*)(const Member&)>; };
template <class T>
concept DoesNotMindNewcomers = requires {
  requires std::is_same_v<decltype(&T::greet), void (Plugin::*)(const Member&, Greeting&) const>;
};

// The static functions that a class inherits; one of its own takes their place.
template <class T>
concept HasNoServerCall = requires { requires static_cast<decltype(&Plugin::on_server)>(&T::on_server) == &Plugin::on_server; };
template <class T>
concept MindsEveryRoom = requires { requires static_cast<decltype(&Plugin::minds_room)>(&T::minds_room) == &Plugin::minds_room; };

template <class T>
constexpr decltype(Table::on_server) server_call() {
  static_assert(requires(const ServerFigures& figures, std::int64_t now, Options& options) {
    { T::on_server(figures, now, options) } -> std::convertible_to<std::chrono::milliseconds>;
  }, "on_server has to be a public static function, as hubbub/plugin.hpp describes it");
  if constexpr (!HasNoServerCall<T>) {
    return [](const ServerFigures& figures, std::int64_t now, Options& options, std::chrono::milliseconds& next,
              std::string& fault) noexcept { return guard(fault, [&] { next = T::on_server(figures, now, options); }); };
  } else {
    return nullptr;
  }
}

template <class T>
constexpr decltype(Table::minds_room) minds_room() {
  static_assert(requires(const std::string& room, Options& options) {
    { T::minds_room(room, options) } -> std::convertible_to<bool>;
  }, "minds_room has to be a public static function, as hubbub/plugin.hpp describes it");
  if constexpr (!MindsEveryRoom<T>) {
    return [](const std::string& room, Options& options) noexcept {
      std::string fault;
      bool minds = true;
      guard(fault, [&] { minds = T::minds_room(room, options); });
      return minds;
    };
  } else {
    return nullptr;
  }
}

template <class T>
constexpr Table table(const char* name, const char* version, decltype(Table::types) types) {
  return {
      fingerprint.text,
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
      minds_room<T>(),
      !DoesNotMindOpening<T>,
      !DoesNotMindJoining<T>,
      !DoesNotMindLeaving<T>,
      !DoesNotMindNewcomers<T>,
  };
}

}  // namespace abi
}  // namespace hubbub
