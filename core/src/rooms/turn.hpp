// Wraps every call into a room, whether by a member, the store or a timer. Calls may be nested. When the outermost call ends, the room
// does what it has put off. An exception ends only the call that threw it, and the room is told: the call may have done half of its
// work.
//
// Lives on the room's thread.
#pragma once

#include <exception>

#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Turn {
 public:
  // The room.
  class Owner {
   public:
    virtual void end_turn() = 0;
    virtual void doubt(const char* why) = 0;  // a call has thrown, with this text

   protected:
    ~Owner() = default;
  };

  explicit Turn(Owner& owner) : owner_(owner) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  template <class Call>
  void operator()(Call&& call) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    ++depth_;
    guard(call);
    if (depth_ == 1) guard([this] { owner_.end_turn(); });
    --depth_;
  }

  // Makes one of several calls. If it throws, the caller goes on with the others.
  template <class Call>
  void guard(Call&& call) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    try {
      call();
    } catch (const std::exception& error) {
      owner_.doubt(error.what());
    } catch (...) {
      owner_.doubt("something that is no std::exception was thrown");
    }
  }

 private:
  Owner& owner_;
  int depth_ = 0;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
