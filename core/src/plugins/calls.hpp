// The plugin call that each thread is in. The watchdog names a call that does not return; the last words name the call in which the
// process ends.
//
// A call is described by an object on the stack of its thread, and the thread publishes a pointer to it: no allocation, no lock and
// no clock. A reader on another thread pins the object: the thread then waits in its destructor until it has been read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/thread.hpp"

namespace hubbub::plugins {

// A member's message that the thread is working on, from on_message() until all calls that follow from it are done. All calls that
// the thread makes during that time count as made for this message. The arguments of the constructor must outlive the object.
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

// A call on a plugin, from construction to destruction. The arguments of the constructor must outlive the object.
class Call {
 public:
  // `its_room` may be null, and `its_build` empty. `entry_type` is the type of the entry that is being applied, if there is one.
  Call(const char* its_plugin, const char* its_build, const std::string* its_room, const char* its_name, std::string_view entry_type = {});
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::string_view type() const { return !entry.empty() || !message ? entry : message->type; }

  const char* const plugin;
  const char* const build;  // tells builds of the plugin apart
  const std::string* const room;
  const char* const name;
  const std::string_view entry;  // its type
  const InHand* const message;   // the message for which the call is made, or null
  const std::uint64_t number;    // tells the calls of one thread apart

 private:
  const Call* const around_;
};

// The innermost call that the calling thread is in, or null. May be called from a signal handler.
const Call* call_of_this_thread();

// Records the addresses of a library's code, so that a fault on a thread that the plugin started can be put down to the plugin.
// `plugin` must stay valid forever. Any thread. After a few hundred libraries, further ones are not recorded.
void remember_code(std::uintptr_t begin, std::uintptr_t end, const char* plugin);

// The plugin whose code is at this address, or null. May be called from a signal handler.
const char* plugin_at(std::uintptr_t address);

// A copy of a thread's call.
struct CallUnderWay {
  runtime::Thread* thread;
  std::uint64_t number;
  std::string plugin, build, room, name, type;
  bool has_message;
  std::string sender, ref, message_type;
  std::uint64_t asked;
};

// The current calls of all threads except the calling one. Any thread.
std::vector<CallUnderWay> calls_under_way();

}  // namespace hubbub::plugins
