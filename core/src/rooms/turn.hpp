// One call into a room, from wherever it comes: a member, the store, a timer. Calls may be nested. When the outermost one ends, the
// room does what it has put off. An exception ends only the call that threw it, and the room is told: that call may have done half
// of what it had to do.
//
// Lives on the room's thread.
#pragma once

#include <exception>

namespace hubbub::rooms {

class Turn {
 public:
  // The room.
  class Owner {
   public:
    virtual void end_turn() = 0;
    virtual void doubt(const char* why) = 0;  // a call has thrown

   protected:
    ~Owner() = default;
  };

  explicit Turn(Owner& owner) : owner_(owner) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  template <class Call>
  void operator()(Call&& call) {
    ++depth_;
    guard(call);
    if (depth_ == 1) guard([this] { owner_.end_turn(); });
    --depth_;
  }

  // Makes one of several calls, the others of which are made even if it throws.
  template <class Call>
  void guard(Call&& call) {
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
};

}  // namespace hubbub::rooms
