// Write a plugin: derive from hubbub::Plugin, override what you need, and end the file with HUBBUB_PLUGIN.
//
// There is one object of the class per room, so its member variables are the room's state. The object is made when the room first
// needs it: for a message, a stored state, or an on_open, on_join or on_leave that the class overrides (but see minds_room() below). An
// object that has only greeted may be replaced by a new one for the next newcomer. All calls come from one thread, the room's own, so
// no locks are needed. An exception only refuses the current message: as `invalid`, if a JSON value does not have the form that the
// code expects, because that is the sender's mistake; otherwise as `internal`, and the exception is logged.
//
// The state is a *fold* of the accepted messages: only `apply` changes what must survive a restart, and every replay of the room's log
// must give the same state. So `apply`, `snapshot` and `restore` must use no clock, no randomness and no I/O. `on_message` may use
// them, because its result is what is logged.
#pragma once

#include <hubbub/options.hpp>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

namespace abi {
struct Layout;
}

// A member's checked token: rights and claims. No server checks tokens yet; an extension of the server will read it.
class Token;

// Points to a token, or to none. A copy points to none, because the token exists only during the call that passes its member.
class TokenPointer {
 public:
  TokenPointer() = default;
  explicit TokenPointer(const Token& token) : token_(&token) {}
  TokenPointer(const TokenPointer&) noexcept {}
  TokenPointer& operator=(const TokenPointer&) noexcept {
    token_ = nullptr;
    return *this;
  }

  const Token* get() const { return token_; }

 private:
  const Token* token_ = nullptr;
};

// The person behind a connection. Two connections may have the same id and nickname (a person with two tabs).
struct Member {
  std::string id;        // 1–64 of A–Z a–z 0–9 . _ : -
  std::string nickname;  // 1–64 characters of valid UTF-8, no control characters
  std::uint64_t connection = 0;  // tells connections apart; unique while the server runs
  TokenPointer token = {};
};

// A message without its sender. When it reaches a plugin, `content` has passed the type's schema.
struct Message {
  std::string type;
  Json content;
};

// An accepted message with its place in the room's log.
struct Entry {
  std::uint64_t seq = 0;  // from 1, without gaps
  std::int64_t ts = 0;    // milliseconds since 1970, the server's clock when it was accepted
  std::string id;         // the sender's; empty if a plugin posted the message
  std::string nickname;
  std::string type;
  Json content;
};

inline void to_json(Json& json, const Entry& entry) {
  json = Json::object();
  json["seq"] = entry.seq;
  json["ts"] = entry.ts;
  json["id"] = entry.id;
  json["nickname"] = entry.nickname;
  json["type"] = entry.type;
  json["content"] = entry.content;
}

inline void from_json(const Json& json, Entry& entry) {
  json.at("seq").get_to(entry.seq);
  json.at("ts").get_to(entry.ts);
  json.at("id").get_to(entry.id);
  json.at("nickname").get_to(entry.nickname);
  json.at("type").get_to(entry.type);
  entry.content = json.at("content");
}

// A type of message that a plugin handles, and what the server does for it before and after it asks the plugin.
class Type {
 public:
  enum class Kind { logged, ephemeral, question };

  Type(std::string name, Kind kind) : name_(std::move(name)), kind_(kind) {}

  // A JSON Schema (draft 7) that `content` must satisfy; a missing content counts as null. Anything else is refused as
  // `invalid` before the plugin is asked. A `pattern` needs a `maxLength` of at most 1000 beside it. A `description`
  // completes "must be …" for the sender if the schema itself has no better words: beside a `pattern`, an `anyOf`, a `not`.
  Type schema(const char* text) && { return std::move(*this).schema(Json::parse(text)); }
  Type schema(Json schema) && {
    schema_ = std::move(schema);
    return std::move(*this);
  }

  // One message every 1 / `per_second` seconds from one sender, without a burst. If they come faster, logged messages and questions are
  // refused as `rate_limited`; of ephemeral messages, the newest waits its turn and the others are skipped.
  Type max_rate(double per_second) && {
    max_rate_ = per_second;
    return std::move(*this);
  }

  // Ephemeral only: if a reader is slow, a sender's newer message replaces an older one that has not been sent to it yet.
  Type keep_newest() && {
    keep_newest_ = true;
    return std::move(*this);
  }

  // Only the plugin sends this type; a client that sends it is refused as `forbidden`.
  Type from_server() && {
    from_server_ = true;
    return std::move(*this);
  }

  const std::string& name() const { return name_; }
  bool is_logged() const { return kind_ == Kind::logged; }
  bool is_ephemeral() const { return kind_ == Kind::ephemeral; }
  bool is_question() const { return kind_ == Kind::question; }
  bool is_from_server() const { return from_server_; }
  bool keeps_newest() const { return keep_newest_; }
  double max_rate() const { return max_rate_; }   // 0: no limit of its own
  const Json& schema() const { return schema_; }  // null: anything

 private:
  friend struct abi::Layout;

  std::string name_;
  Kind kind_;
  bool from_server_ = false;
  bool keep_newest_ = false;
  double max_rate_ = 0;
  Json schema_;
};

// A type whose messages are numbered, stored and delivered without loss.
inline Type logged(std::string name) { return {std::move(name), Type::Kind::logged}; }

// A type whose messages are passed on at once, never stored, and may be skipped if a reader is slow.
inline Type ephemeral(std::string name) { return {std::move(name), Type::Kind::ephemeral}; }

// A type whose messages go to the plugin alone. It must answer each with reply() or reject().
inline Type question(std::string name) { return {std::move(name), Type::Kind::question}; }

// A plugin's decision about a message. Made by the functions below.
struct Verdict {
  enum class Kind { broadcast, reply, reject };
  Kind kind = Kind::reject;
  Message message;     // broadcast, reply
  std::string reason;  // reject
};

// Everyone in the room gets `message`, and it is logged if its type is. The type may be any that this plugin declares, except
// a question.
inline Verdict broadcast(Message message) { return {Verdict::Kind::broadcast, std::move(message), {}}; }

// The sender alone gets `message`; nothing is logged.
inline Verdict reply(Message message) { return {Verdict::Kind::reply, std::move(message), {}}; }

// The sender alone gets an error `invalid` with `reason`: what is wrong and what to do, in lower case and with no full stop.
inline Verdict reject(std::string reason) { return {Verdict::Kind::reject, {}, std::move(reason)}; }

// Takes the messages that bring a newcomer up to date, in order.
class Greeting {
 public:
  virtual void replay(const Entry& entry) = 0;  // as the members of the room saw it
  virtual void send(Message message) = 0;       // a message of the plugin's own

  // Declares that this greeting depends on the plugin's state alone, not on the newcomer or the time. It is then made once for
  // each state, and shared. Without this call, the greeting is made anew for each newcomer.
  virtual void for_everybody() {}

  // Implies for_everybody(). Also declares that this greeting and the later messages of the plugin's logged types together tell a
  // newcomer as much as a greeting made after these messages. A large greeting is then kept for a while when the state changes, and
  // the later messages are sent behind it. Do not call this if the greeting promises a number, such as the last 50 messages.
  virtual void may_be_followed() {}

 protected:
  ~Greeting() = default;
};

// Figures of the whole server (hubbub/server_view.hpp).
struct ServerFigures;

// The room that a plugin object lives in. Valid as long as the object; must be called on the room's thread. In the object's
// destructor, post(), send() and wake_after() do nothing.
class Room {
 public:
  virtual const std::string& name() const = 0;
  virtual std::size_t members() const = 0;
  virtual std::int64_t unix_ms() const = 0;  // the time of day, as in `ts`

  // Sends `message` to everyone, in the room's name, after the current call has returned. A message of a logged type is
  // applied and stored like any other. If that fails, the message is lost; the state is then read again, and on_open may
  // post the message again.
  virtual void post(Message message) = 0;

  // Sends `message` to one member alone, if that member is still there.
  virtual void send(const Member& to, Message message) = 0;

  // Calls the plugin's on_timer once after `delay`; replaces an earlier request. A plugin is woken at most every 10 ms, and less
  // often if on_timer takes long: in each room at most a tenth of the time is spent in it.
  static constexpr std::chrono::milliseconds shortest_wake{10};
  virtual void wake_after(std::chrono::milliseconds delay) = 0;

  // An extension of the server, such as hubbub::ServerView; null if the server does not have it. Valid as long as the room. A
  // plugin that cannot work without it also derives from hubbub::Needs: a server without the extension then refuses the plugin.
  template <class T>
  T* extension() {
    return static_cast<T*>(find_extension(T::extension_name));
  }

 protected:
  ~Room() = default;
  virtual void* find_extension(std::string_view name) = 0;
};

// `class Mine final : public hubbub::Plugin, public hubbub::Needs<hubbub::ServerView>`: a server that lacks one of these extensions
// refuses to load the plugin, and names the extension.
struct NeedsSomething {};
template <class... Extensions>
struct Needs : NeedsSomething {};

class Plugin {
 public:
  virtual ~Plugin() = default;

  // Validates and transforms a message against the state so far. The default passes it on as it is.
  virtual Verdict on_message(const Member& sender, Message message) const {
    static_cast<void>(sender);
    return broadcast(std::move(message));
  }

  // Updates the state with an accepted message of a logged type. Only this function may change what must survive a restart.
  virtual void apply(const Entry&) {}

  // `snapshot` returns the state as JSON; `restore`, called on a new object, sets the state from such JSON. The JSON may come
  // from an earlier version of the plugin: `restore` must throw if it cannot use it.
  virtual Json snapshot() const { return nullptr; }
  virtual void restore(const Json&) {}

  // Brings a newcomer up to date. If the plugin is added to a running server, everybody in the room is greeted too. A member who
  // resumes is not greeted, but gets the log after its position.
  virtual void greet(const Member& newcomer, Greeting&) const { static_cast<void>(newcomer); }

  // Called on a new object when the room has been opened: the state is restored, and on_join has not been called yet. Arm timers
  // here.
  virtual void on_open() {}
  virtual void on_join(const Member&) {}   // room().members() already counts the member
  virtual void on_leave(const Member&) {}  // room().members() no longer counts the member
  virtual void on_timer() {}

  // Works for the whole server rather than in a room. A plugin that has such work must declare its own public static function of
  // this form. It is called when the plugin has been loaded, and again after the time that it returns, at least 100 ms, whether or
  // not anybody is in a room. All calls come from one thread, which serves no room. If it throws, that is logged, and it is called
  // again after a minute.
  static std::chrono::milliseconds on_server(const ServerFigures&, std::int64_t unix_ms, Options&) {
    static_cast<void>(unix_ms);
    return std::chrono::hours{24};
  }

  // Whether the plugin has something to do in this room before somebody sends one of its messages. A plugin that idles in most rooms
  // should declare its own public static function of this form. If it returns false, a room that has no object of the plugin makes
  // none to greet a newcomer or to call on_open, on_join or on_leave. It is called on the room's thread, each time anew: the answer
  // may change. If it throws, that counts as true.
  static bool minds_room(const std::string& room, Options&) {
    static_cast<void>(room);
    return true;
  }

  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

 protected:
  // Throws in the constructor: the object gets its room afterwards.
  Room& room() const {
    if (!room_) throw std::logic_error("room() cannot be used in the constructor yet; use it in on_open");
    return *room_;
  }

 private:
  friend struct PluginAccess;
  Room* room_ = nullptr;
};

}  // namespace hubbub

#include <hubbub/service.hpp>

#include <hubbub/abi.hpp>

// HUBBUB_PLUGIN(Class, types…) makes the file a plugin. Class derives from hubbub::Plugin, or from hubbub::Service and then has no
// types. Its constructor takes `hubbub::Options&` or nothing. The types may use `options` too:
// hubbub::logged("dice").max_rate(options.number("max_rate", 5, 0.1, 100)).
//
// A program that links the plugin in, instead of loading its library, compiles the file with another name for the symbol.
#ifndef HUBBUB_PLUGIN_SYMBOL
#define HUBBUB_PLUGIN_SYMBOL hubbub_plugin
#endif
#if __cplusplus < 202002L
#error "hubbub/plugin.hpp needs C++20: compile with -std=c++20"
#elif !defined(HUBBUB_PLUGIN_NAME)
#define HUBBUB_PLUGIN(Class, ...) \
  static_assert(#Class[0] == 0, "build it with add_hubbub_plugin(name file.cpp), or define HUBBUB_PLUGIN_NAME and HUBBUB_PLUGIN_VERSION");
#else
#define HUBBUB_PLUGIN(Class, ...)                                                                             \
  namespace {                                                                                                 \
  constinit const ::hubbub::abi::Offers<Class> hubbub_offers{                                                 \
      HUBBUB_PLUGIN_NAME,                                                                                     \
      [](::hubbub::Options& options, std::vector<::hubbub::Type>& types, std::string& fault) noexcept {       \
        static_cast<void>(options);                                                                           \
        return ::hubbub::abi::guard(fault, [&] { types = std::vector<::hubbub::Type>{__VA_ARGS__}; });        \
      }};                                                                                                     \
  }                                                                                                           \
  static_assert(#__VA_ARGS__[0] == 0 || !std::is_base_of_v<::hubbub::Service, Class>, "a service has no types"); \
  extern "C" __attribute__((visibility("default"))) const ::hubbub::abi::Table HUBBUB_PLUGIN_SYMBOL;          \
  constinit const ::hubbub::abi::Table HUBBUB_PLUGIN_SYMBOL =                                                 \
      ::hubbub::abi::table<Class>(HUBBUB_PLUGIN_NAME, HUBBUB_PLUGIN_VERSION, hubbub_offers.list);
#endif
