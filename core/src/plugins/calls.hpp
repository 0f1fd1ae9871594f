// What each thread is doing in a plugin at this moment, for others to name it: the watchdog if a call does not return, and the
// last words of a process that ends in one.
//
// A call is told by an object on the stack of its thread, and the thread publishes where it stands: no allocation, no lock and
// no clock. A reader on another thread pins it, so that the thread waits in the object's destructor until it has been read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/thread.hpp"

namespace hubbub::plugins {

// A message of a member, from the moment when its plugin is asked until all that follows from it has been called. What it is
// made of must outlive it. The calls that the same thread makes meanwhile are made for it.
class InHand {
 public:
  InHand(std::string_view sender_id, std::string_view message_ref, std::string_view message_type, std::uint64_t message_asked);
  ~InHand();
  InHand(const InHand&) = delete;
  InHand& operator=(const InHand&) = delete;

  const std::string_view sender, ref, type;
  const std::uint64_t asked;  // see Envelope

 private:
  const InHand* const around_;
};

// A call on a plugin, from its construction to its destruction. What it is made of must outlive it.
class Call {
 public:
  // `its_room` may be null, and `its_build` empty. `entry_type` is that of the entry at hand, if there is one.
  Call(const char* its_plugin, const char* its_build, const std::string* its_room, const char* its_name, std::string_view entry_type = {});
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::string_view type() const { return !entry.empty() || !message ? entry : message->type; }

  const char* const plugin;
  const char* const build;  // tells builds of the plugin apart
  const std::string* const room;
  const char* const name;
  const std::string_view entry;
  const InHand* const message;  // for which it is made
  const std::uint64_t number;   // tells the calls of one thread apart

 private:
  const Call* const around_;
};

// What the calling thread is in, or null. May be called from a handler of a signal.
const Call* call_of_this_thread();

// Where the code of a library is, so that a fault on a thread of the plugin's own can be told to be its. `plugin` stays. Any thread;
// of more than a few hundred libraries the last are forgotten.
void remember_code(std::uintptr_t begin, std::uintptr_t end, const char* plugin);

// Whose code is there, or null. May be called from a handler of a signal.
const char* plugin_at(std::uintptr_t address);

// A copy of a call of some thread.
struct CallUnderWay {
  runtime::Thread* thread;
  std::uint64_t number;
  std::string plugin, build, room, name, type;
  bool has_message;
  std::string sender, ref, message_type;
  std::uint64_t asked;
};

// Those of all threads but the calling one. Any thread.
std::vector<CallUnderWay> calls_under_way();

}  // namespace hubbub::plugins
