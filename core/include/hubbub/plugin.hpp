// Write a plugin: derive from hubbub::Plugin, override what you need, and end the file with HUBBUB_PLUGIN.
//
// There is one object of the class per room, so its member variables are the room's state. It is made when the room first has
// something for it: a message, a stored state, or an on_open, on_join or on_leave of its own (but see minds_room() below). An object
// that has only greeted may be made anew for the next newcomer. Every call on it comes from one thread, the room's own: no locks are
// needed. An exception refuses the message at hand (a JSON value of another form than the code expects is the sender's mistake and
// answered `invalid`; anything else is `internal` and logged) and hurts nobody else.
//
// What is accepted is a *fold*: `apply` alone changes what must survive, the same for every replay of the room's log, so
// it and `snapshot` and `restore` use no clock, no randomness, no I/O. `on_message` may: what is logged is its result.
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

// What a checked token says of a member: rights and claims. No server checks tokens yet; an extension of the server will read it.
class Token;

// Leads to a token, or to none. A copy leads to none: the token is there only during the call in which its member is handed over.
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

// Who a connection is. Two connections may carry the same id and nickname (a person with two tabs).
struct Member {
  std::string id;        // 1–64 of A–Z a–z 0–9 . _ : -
  std::string nickname;  // 1–64 characters of valid UTF-8, no control characters
  std::uint64_t connection = 0;  // tells connections apart; unique while the server runs
  TokenPointer token = {};
};

// What is said, without who said it. `content` has passed the type's schema when it reaches a plugin.
struct Message {
  std::string type;
  Json content;
};

// An accepted message with its place in the room's log.
struct Entry {
  std::uint64_t seq = 0;  // from 1, without gaps
  std::int64_t ts = 0;    // milliseconds since 1970, the server's clock when it was accepted
  std::string id;         // the sender's; empty when a plugin posted it
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

// A type of message that a plugin handles, and what core does for it before and after the plugin is asked.
class Type {
 public:
  enum class Kind { logged, ephemeral, question };

  Type(std::string name, Kind kind) : name_(std::move(name)), kind_(kind) {}

  // A JSON Schema (draft 7) that `content` must satisfy; a missing content is null. Anything else is refused as `invalid`
  // before the plugin is asked. A `pattern` needs a `maxLength` of at most 1000 beside it. A `description` completes "must
  // be …" for the sender where the schema itself has no better words: beside a `pattern`, an `anyOf`, a `not`.
  Type schema(const char* text) && { return std::move(*this).schema(Json::parse(text)); }
  Type schema(Json schema) && {
    schema_ = std::move(schema);
    return std::move(*this);
  }

  // At most `per_second` messages of one sender. Of ephemeral ones the newest waits its turn and the others are skipped;
  // logged ones and questions are refused as `rate_limited`.
  Type max_rate(double per_second) && {
    max_rate_ = per_second;
    return std::move(*this);
  }

  // Ephemeral only: where a reader is slow, a sender's newer message replaces the one that has not been sent yet.
  Type keep_newest() && {
    keep_newest_ = true;
    return std::move(*this);
  }

  // Only the plugin sends this type; from a client it is `forbidden`.
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

// A type whose messages are passed on at once, never stored, and may be skipped where a reader is slow.
inline Type ephemeral(std::string name) { return {std::move(name), Type::Kind::ephemeral}; }

// A type whose messages are for the plugin alone, which answers each with reply() or reject(): nobody else gets them.
inline Type question(std::string name) { return {std::move(name), Type::Kind::question}; }

// What becomes of a message. Made by the functions below.
struct Verdict {
  enum class Kind { broadcast, reply, reject };
  Kind kind = Kind::reject;
  Message message;     // broadcast, reply
  std::string reason;  // reject
};

// Everyone in the room gets `message` (of any type that this plugin declares, but no question), and it is logged if its type
// is.
inline Verdict broadcast(Message message) { return {Verdict::Kind::broadcast, std::move(message), {}}; }

// The sender alone gets `message`; nothing is logged.
inline Verdict reply(Message message) { return {Verdict::Kind::reply, std::move(message), {}}; }

// The sender alone is told `reason` in an error `invalid`. Lower case, no full stop: what is wrong and what to do.
inline Verdict reject(std::string reason) { return {Verdict::Kind::reject, {}, std::move(reason)}; }

// Takes what brings a newcomer up to date, in order.
class Greeting {
 public:
  virtual void replay(const Entry& entry) = 0;  // as its members once saw it
  virtual void send(Message message) = 0;       // a message of the plugin's own

  // Says that this greeting rests on nothing but the plugin's state, so that it is the same whoever comes and whenever: then it
  // is made once for a state, and shared. Without it, it is made for each newcomer anew.
  virtual void for_everybody() {}

  // Implies for_everybody(), and says besides: whoever gets this greeting, and then the later messages of the plugin's logged types,
  // knows as much as somebody who is greeted after these. Then a large greeting is kept for a while when the state changes, and those
  // messages are sent behind it. Do not call this if the greeting promises a number, like the last 50 messages.
  virtual void may_be_followed() {}

 protected:
  ~Greeting() = default;
};

// What the whole server holds and has done (hubbub/server_view.hpp).
struct ServerFigures;

// The room that a plugin object lives in. Valid as long as the object; called on the room's thread. From the object's destructor
// nothing is sent and nobody woken any more.
class Room {
 public:
  virtual const std::string& name() const = 0;
  virtual std::size_t members() const = 0;
  virtual std::int64_t unix_ms() const = 0;  // the time of day, as in `ts`

  // Sends `message` to everyone as the room's own. Of a logged type it is applied and stored like any other, and lost
  // where that fails: then the state is read again, and on_open may post it again. It goes out after the call at hand has
  // returned.
  virtual void post(Message message) = 0;

  // Sends `message` to one member alone, if still there.
  virtual void send(const Member& to, Message message) = 0;

  // Calls the plugin's on_timer once after `delay`, in place of what was asked for before. A plugin is woken at most every 10 ms,
  // and less often if on_timer takes long: in each room at most a tenth of the time is spent in it.
  static constexpr std::chrono::milliseconds shortest_wake{10};
  virtual void wake_after(std::chrono::milliseconds delay) = 0;

  // What the server offers beside this, such as hubbub::ServerView; null if the server does not have it. A plugin that cannot do
  // without it also derives from hubbub::Needs, and is then refused by such a server. Valid as long as the room.
  template <class T>
  T* extension() {
    return static_cast<T*>(find_extension(T::extension_name));
  }

 protected:
  ~Room() = default;
  virtual void* find_extension(std::string_view name) = 0;
};

// `class Mine final : public hubbub::Plugin, public hubbub::Needs<hubbub::ServerView>`: a server without these extensions refuses the
// plugin when it is loaded, and says which one it does not have.
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

  // Takes an accepted message of a logged type into the state. The only thing that changes what must survive.
  virtual void apply(const Entry&) {}

  // The state as JSON, and the state from such JSON, on a new object. `restore` also gets what an earlier version of the
  // plugin made; it throws when it cannot use that.
  virtual Json snapshot() const { return nullptr; }
  virtual void restore(const Json&) {}

  // Brings a newcomer up to date; and everybody who is there, when a running server is given the plugin. Someone who resumes is
  // not greeted: the log after its position is sent instead.
  virtual void greet(const Member& newcomer, Greeting&) const { static_cast<void>(newcomer); }

  // The room has been opened, on a new object: its state is restored and on_join has not been called yet. Arm timers here.
  virtual void on_open() {}
  virtual void on_join(const Member&) {}   // who is one of room().members() now
  virtual void on_leave(const Member&) {}  // who no longer is
  virtual void on_timer() {}

  // What a plugin does for the whole server rather than in a room, in a public static function of its own in place of this. It is
  // called when the plugin has been loaded and again after the time that it returns, at least 100 ms, whether or not anybody is in
  // a room. All these calls come from one thread, which serves no room. What it throws is logged; then it is called again after a
  // minute.
  static std::chrono::milliseconds on_server(const ServerFigures&, std::int64_t unix_ms, Options&) {
    static_cast<void>(unix_ms);
    return std::chrono::hours{24};
  }

  // A plugin that has nothing to do in most rooms until somebody sends one of its messages says so in a public static function of
  // its own in place of this. If that returns false, a room of this name that has no object of the plugin makes none to greet a
  // newcomer or to call on_open, on_join or on_leave. It is called on the room's thread, each time anew: the answer may change. What
  // it throws counts as true.
  static bool minds_room(const std::string& room, Options&) {
    static_cast<void>(room);
    return true;
  }

  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

 protected:
  // Not for the constructor, where it throws: the object is given its room afterwards.
  Room& room() const {
    if (!room_) throw std::logic_error("room() is not there yet in the constructor; use on_open");
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
// types. It is constructed from `hubbub::Options&` or from nothing. The types may use `options` too:
// hubbub::logged("dice").max_rate(options.number("max_rate", 5, 0.1, 100)).
//
// A program that links the plugin in, in place of loading its library, compiles the file with another name for the symbol.
#ifndef HUBBUB_PLUGIN_SYMBOL
#define HUBBUB_PLUGIN_SYMBOL hubbub_plugin
#endif
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
