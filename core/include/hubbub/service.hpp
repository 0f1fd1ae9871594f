// Write a service: a plugin of which there is one object for the whole server, and none in a room. Derive from hubbub::Service,
// override what you need, and end the file with HUBBUB_PLUGIN(Class). Included by hubbub/plugin.hpp.
//
// All calls come from one thread, which serves no room and no connection. The thread also opens the files of static pages: a service that
// waits delays other services and new pages, and nothing else. An exception is logged and affects nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace hubbub {

// The server that a service works for. Valid from start() to the object's destructor; must be called on the service's thread.
class Host {
 public:
  virtual std::int64_t unix_ms() const = 0;  // the time of day, as in `ts`

  // Calls on_timer() once after `delay`, at least `shortest_wake`; replaces an earlier request.
  static constexpr std::chrono::milliseconds shortest_wake{10};
  virtual void wake_after(std::chrono::milliseconds delay) = 0;

  // Adds a line to the server's log, under the plugin's name. A longer text is cut to its first 1000 characters.
  virtual void log(std::string_view text) = 0;

  // An extension of the server, such as hubbub::ServerView; null if the server does not have it (see Room::extension).
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

  // The work must begin here. The constructor may only read options, because objects are also made to check the configuration. If
  // start() throws, the object is destroyed, and another is made and started a minute later.
  virtual void start() {}

  // If it throws, that is logged, and it is called again after a minute.
  virtual void on_timer() {}

  // Called before the destructor, if the server stops, or if the plugin's library or section has changed. In the second case
  // start() of a new object follows.
  virtual void stop() {}

  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 protected:
  // Throws in the constructor: the object gets its host afterwards.
  Host& host() const {
    if (!host_) throw std::logic_error("host() cannot be used in the constructor yet; use it in start");
    return *host_;
  }

 private:
  friend struct PluginAccess;
  Host* host_ = nullptr;
};

}  // namespace hubbub
