// Write a service: a plugin of which there is one object for the whole server, and none in a room. Derive from hubbub::Service,
// override what you need, and end the file with HUBBUB_PLUGIN(Class). Included by hubbub/plugin.hpp.
//
// All calls come from one thread, which serves no room and no connection: a service that waits delays other services only. An
// exception is logged and ends nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace hubbub {

// The server that a service works for. Valid from start() to the object's destructor; called on the service's thread.
class Host {
 public:
  virtual std::int64_t unix_ms() const = 0;  // the time of day, as in `ts`

  // Calls on_timer() once after `delay`, at least `shortest_wake`, in place of what was asked for before.
  static constexpr std::chrono::milliseconds shortest_wake{10};
  virtual void wake_after(std::chrono::milliseconds delay) = 0;

  // Adds a line to the server's log, under the plugin's name; of a longer text the first 1000 characters.
  virtual void log(std::string_view text) = 0;

  // What the server offers beside this, such as hubbub::ServerView; null if the server does not have it (see Room::extension).
  template <class T>
  T* extension() {
    return static_cast<T*>(find_extension(T::extension_name));
  }

 protected:
  ~Host() = default;
  virtual void* find_extension(std::string_view name) = 0;
};

class Service {
 public:
  virtual ~Service() = default;

  // The constructor only reads options: objects are also made to check the configuration. The work begins here. If it throws, the
  // object is destroyed, and another is made and started a minute later.
  virtual void start() {}

  // What it throws is logged, and it is called again after a minute.
  virtual void on_timer() {}

  // The server stops, or the plugin's library or section has changed: the destructor follows, and then start() of a new object.
  virtual void stop() {}

  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 protected:
  // Not for the constructor, in which it throws: the object is given its host afterwards.
  Host& host() const {
    if (!host_) throw std::logic_error("host() is not there yet in the constructor; use start");
    return *host_;
  }

 private:
  friend struct PluginAccess;
  Host* host_ = nullptr;
};

}  // namespace hubbub
