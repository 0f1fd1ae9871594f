// The boundary between the server and a plugin library; plugin authors need not read it.
//
// A library exports one symbol, `hubbub_plugin`, a constant Table. The server reads `fingerprint` before anything else and trusts the
// rest only if it equals its own: C++ types cross this boundary, so both sides need the same ABI number, the same kind of compiler and
// standard library, the same JSON library, and the same setting of every flag that changes types. No exception crosses the boundary:
// every call goes through a guard that is instantiated inside the plugin and turns exceptions into text.
//
// Later additions have names, in both directions, and need no new ABI number. A plugin offers tables of functions (`offers`), and a
// server uses the tables that it knows. A server offers extensions (Room::extension, Host::extension), and a plugin lists those that it
// cannot work without (`needs`). The layout behind a name never changes, except that a table may grow at its end: its `size` tells how
// far it goes. A class of the server, such as Options, may get more virtual functions behind its last one if a new extension name
// stands for them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <exception>
#include <iterator>
#include <new>
#include <string_view>
#include <type_traits>

// Included by hubbub/plugin.hpp, which declares the types used here.

#ifndef __cpp_exceptions
#error "a hubbub plugin reports failures by exceptions: compile it without -fno-exceptions"
#endif

// Raise it whenever something that crosses the boundary changes under its old name: the members of a type, the virtual functions of
// Options, Greeting, Room, Host or an extension, or a table below. tests/core/plugins/abi_test.cpp fails until that is done.
#define HUBBUB_ABI 1

#ifdef __clang__
#define HUBBUB_COMPILER "clang"
#else
#define HUBBUB_COMPILER "gcc"
#endif

#ifdef _LIBCPP_ABI_VERSION
#define HUBBUB_STANDARD_LIBRARY "libc++-" HUBBUB_TEXT(_LIBCPP_ABI_VERSION)
#else
#define HUBBUB_STANDARD_LIBRARY "libstdc++"
#endif

#ifdef _GLIBCXX_DEBUG
#define HUBBUB_GLIBCXX_DEBUG "on"
#else
#define HUBBUB_GLIBCXX_DEBUG "off"
#endif

#ifdef __has_feature  // Clang has this; GCC defines macros instead
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
#define HUBBUB_BUILT_WITH                                                                                             \
  "hubbub-abi " HUBBUB_TEXT(HUBBUB_ABI) ", compiler " HUBBUB_COMPILER ", standard-library " HUBBUB_STANDARD_LIBRARY   \
  ", cxx11-abi " HUBBUB_TEXT(_GLIBCXX_USE_CXX11_ABI) ", _GLIBCXX_DEBUG " HUBBUB_GLIBCXX_DEBUG ", sanitizer "          \
  HUBBUB_SANITIZER ", json " HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MAJOR) "." HUBBUB_TEXT(NLOHMANN_JSON_VERSION_MINOR)    \
  "." HUBBUB_TEXT(NLOHMANN_JSON_VERSION_PATCH) ", json-diagnostics " HUBBUB_TEXT(JSON_DIAGNOSTICS) ", layout"

namespace hubbub {

// Gives a plugin object its room, or a service its host.
struct PluginAccess {
  static void set_room(Plugin& plugin, Room& room) { plugin.room_ = &room; }
  static void set_host(Service& service, Host& host) { service.host_ = &host; }
};

namespace abi {

// The sizes of the types that cross the boundary, and the offsets of their members. They detect any flag that changes the layout of
// types and is not listed above.
struct Layout {
  enum Unscoped { enumerator };
  static constexpr std::size_t numbers[] = {
      sizeof(Unscoped), sizeof(std::string), sizeof(Json), sizeof(std::vector<Json>), sizeof(Options::TextFile),
      sizeof(Member), offsetof(Member, nickname), offsetof(Member, connection), offsetof(Member, token),
      sizeof(Message), offsetof(Message, content),
      sizeof(Entry), offsetof(Entry, ts), offsetof(Entry, id), offsetof(Entry, nickname), offsetof(Entry, type), offsetof(Entry, content),
      sizeof(Type), offsetof(Type, kind_), offsetof(Type, from_server_), offsetof(Type, keep_newest_), offsetof(Type, max_rate_),
      offsetof(Type, schema_),
      sizeof(Verdict), offsetof(Verdict, message), offsetof(Verdict, reason)};
};

// What the library was built with, then the numbers of the layout.
struct Fingerprint {
  char text[sizeof(HUBBUB_BUILT_WITH) + 5 * std::size(Layout::numbers)] = {};

  constexpr Fingerprint() {
    char* end = text;
    for (const char* from = HUBBUB_BUILT_WITH; *from != 0; ++from) *end++ = *from;
    for (const std::size_t number : Layout::numbers) {
      *end++ = ' ';
      for (std::size_t unit = 1000; unit > 0; unit /= 10) {
        if (number >= unit || unit == 1) *end++ = static_cast<char>('0' + number / unit % 10);
      }
    }
  }
};
inline constexpr Fingerprint fingerprint;

// How a call ended.
enum class Ending : int {
  done,
  unfit,  // a JSON value does not have the form that the code expects; `fault` says how
  threw,  // any other exception; `fault` has its text
};

// Runs `call`; whatever it throws becomes an Ending and the text in `fault`.
template <class Call>
Ending guard(std::string& fault, Call&& call) noexcept {
  try {
    call();
    return Ending::done;
  } catch (const Json::exception& error) {
    fault = error.what();
    return Ending::unfit;
  } catch (const std::exception& error) {
    fault = error.what();
  } catch (...) {
    fault = "something that is not a std::exception was thrown";
  }
  return Ending::threw;
}

// A table of functions that a library offers. The first member of the table is its size.
struct Offer {
  const char* name;  // null: the end of the list
  const void* table;
};

struct Table {
  const char* fingerprint;
  std::size_t size;
  const char* name;
  const char* version;
  const Offer* offers;
  const std::string_view* needs;  // names of extensions of the server; the last is empty
};

// "room plugin 1": an object of the class in a room.
struct RoomPlugin {
  static constexpr const char* offer_name = "room plugin 1";
  std::size_t size;
  const char* name;  // of the plugin
  Ending (*types)(Options&, std::vector<Type>&, std::string& fault) noexcept;
  Ending (*create)(Options&, Plugin*&, std::string& fault) noexcept;
  void (*destroy)(Plugin*) noexcept;
  void (*set_room)(Plugin&, Room&) noexcept;
  Ending (*on_message)(const Plugin&, const Member&, Message&&, Verdict&, std::string& fault) noexcept;
  Ending (*apply)(Plugin&, const Entry&, std::string& fault) noexcept;
  Ending (*snapshot)(const Plugin&, Json&, std::string& fault) noexcept;
  Ending (*restore)(Plugin&, const Json&, std::string& fault) noexcept;
  Ending (*greet)(const Plugin&, const Member&, Greeting&, std::string& fault) noexcept;
  Ending (*on_open)(Plugin&, std::string& fault) noexcept;
  Ending (*on_join)(Plugin&, const Member&, std::string& fault) noexcept;
  Ending (*on_leave)(Plugin&, const Member&, std::string& fault) noexcept;
  Ending (*on_timer)(Plugin&, std::string& fault) noexcept;
  // Null if the class has no minds_room() of its own: it then minds every room.
  bool (*minds_room)(const std::string& room, Options&) noexcept;
  // Which functions the class overrides. A room does not call the others, and makes no object for their sake.
  bool minds_opening;    // on_open
  bool minds_joining;    // on_join
  bool minds_leaving;    // on_leave
  bool minds_newcomers;  // greet
};

// "server calls 1": the work of a room plugin's class for the whole server. Offered only if the class has an on_server() of its own.
struct ServerCalls {
  static constexpr const char* offer_name = "server calls 1";
  std::size_t size;
  Ending (*on_server)(const ServerFigures&, std::int64_t, Options&, std::chrono::milliseconds& next, std::string& fault) noexcept;
};

// "service 1": an object of the class in a server.
struct ServicePlugin {
  static constexpr const char* offer_name = "service 1";
  std::size_t size;
  Ending (*create)(Options&, Service*&, std::string& fault) noexcept;
  void (*destroy)(Service*) noexcept;
  void (*set_host)(Service&, Host&) noexcept;
  Ending (*start)(Service&, std::string& fault) noexcept;
  Ending (*on_timer)(Service&, std::string& fault) noexcept;
  Ending (*stop)(Service&, std::string& fault) noexcept;
};

// The table that `library` offers under T's name; null if there is none.
template <class T>
const T* find_offer(const Table& library) {
  for (const auto* offer = library.offers; offer->name; ++offer) {
    if (std::string_view{offer->name} == T::offer_name) return static_cast<const T*>(offer->table);
  }
  return nullptr;
}

// Whether T inherits the function from Plugin. A private function counts as T's own, because its address cannot be taken.
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

// Whether T inherits the static function from Plugin instead of having its own.
template <class T>
concept HasNoServerCall = requires { requires static_cast<decltype(&Plugin::on_server)>(&T::on_server) == &Plugin::on_server; };
template <class T>
concept MindsEveryRoom = requires { requires static_cast<decltype(&Plugin::minds_room)>(&T::minds_room) == &Plugin::minds_room; };

template <class T>
constexpr decltype(ServerCalls::on_server) server_call() {
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
constexpr decltype(RoomPlugin::minds_room) minds_room() {
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

template <class T, class Base>
Ending create(Options& options, Base*& made, std::string& fault) noexcept {
  return guard(fault, [&] {
    if constexpr (std::is_constructible_v<T, Options&>) {
      made = new T(options);
    } else {
      made = new T();
    }
  });
}

template <class T>
constexpr RoomPlugin room_plugin(const char* name, decltype(RoomPlugin::types) types) {
  return {
      sizeof(RoomPlugin),
      name,
      types,
      create<T, Plugin>,
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
      minds_room<T>(),
      !DoesNotMindOpening<T>,
      !DoesNotMindJoining<T>,
      !DoesNotMindLeaving<T>,
      !DoesNotMindNewcomers<T>,
  };
}

template <class T>
constexpr ServicePlugin service_plugin() {
  return {
      sizeof(ServicePlugin),
      create<T, Service>,
      [](Service* service) noexcept { delete service; },
      [](Service& service, Host& host) noexcept { PluginAccess::set_host(service, host); },
      [](Service& service, std::string& fault) noexcept { return guard(fault, [&] { service.start(); }); },
      [](Service& service, std::string& fault) noexcept { return guard(fault, [&] { service.on_timer(); }); },
      [](Service& service, std::string& fault) noexcept { return guard(fault, [&] { service.stop(); }); },
  };
}

// The tables that a plugin of class T offers. The object must be static, because `list` points into it.
template <class T>
struct Offers {
  constexpr Offers(const char* name, decltype(RoomPlugin::types) types)
      : room(room_plugin<T>(name, types)),
        calls{sizeof(ServerCalls), server_call<T>()},
        list{{RoomPlugin::offer_name, &room}, {calls.on_server ? ServerCalls::offer_name : nullptr, &calls}, {nullptr, nullptr}} {}
  Offers(const Offers&) = delete;
  Offers& operator=(const Offers&) = delete;

  RoomPlugin room;
  ServerCalls calls;
  Offer list[3];
};

template <class T>
  requires std::is_base_of_v<Service, T>
struct Offers<T> {
  constexpr Offers(const char*, decltype(RoomPlugin::types)) : service(service_plugin<T>()), list{{ServicePlugin::offer_name, &service}, {nullptr, nullptr}} {}
  Offers(const Offers&) = delete;
  Offers& operator=(const Offers&) = delete;

  ServicePlugin service;
  Offer list[2];
};

// The extension names that hubbub::Needs lists, then an empty one.
template <class... Extensions>
constexpr std::array<std::string_view, sizeof...(Extensions) + 1> names_of(const Needs<Extensions...>*) {
  return {Extensions::extension_name..., {}};
}
constexpr std::array<std::string_view, 1> names_of(const void*) { return {}; }

template <class T>
constexpr auto needs = [] {
  static_assert(!std::is_base_of_v<NeedsSomething, T> || std::is_convertible_v<T*, NeedsSomething*>,
                "a plugin derives publicly from hubbub::Needs, as hubbub/plugin.hpp describes it");
  return names_of(static_cast<const T*>(nullptr));
}();

template <class T>
constexpr Table table(const char* name, const char* version, const Offer* offers) {
  return {fingerprint.text, sizeof(Table), name, version, offers, needs<T>.data()};
}

}  // namespace abi
}  // namespace hubbub
