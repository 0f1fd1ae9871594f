// Wraps every call into a room, whether by a member, the store or a timer. Calls may be nested. When the outermost call ends, the room
// does what it has put off. An exception ends only the call that threw it, and the room is told: the call may have done half of its
// work.
//
// Knows whether answers are on their way to the room, because the room must not be destroyed before they have come.
//
// Lives on the room's thread.
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Turn {
 public:
  // The room.
  class Owner {
   public:
    virtual void end_turn() = 0;
    virtual void doubt(const char* why) = 0;  // a call has thrown, with this text; what this throws is ignored

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

  bool is_under_way() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return depth_ != 0;
  }

  // Wraps `call` for the store, which calls the result with its answer: now or later, on the room's thread, at most once. The room awaits
  // the answer until then, or until the store has destroyed the result, which may happen on any thread.
  template <class Call>
  auto answer(Call call) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return [this, call = std::move(call), awaited = awaited_](auto&&... answers) mutable {
      const auto until_the_end = std::move(awaited);
      (*this)([&] { call(std::forward<decltype(answers)>(answers)...); });
    };
  }
  bool awaits_answers() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return awaited_.use_count() > 1;
  }

  // Makes one of several calls. If it throws, the caller goes on with the others. Never throws.
  template <class Call>
  void guard(Call&& call) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    try {
      call();
    } catch (const std::exception& error) {
      doubt(error.what());
    } catch (...) {
      doubt("something that is no std::exception was thrown");
    }
  }

 private:
  void doubt(const char* why) {
    try {
      owner_.doubt(why);
    } catch (...) {  // there is no memory even for that; the owner has done what it could
    }
  }

  Owner& owner_;
  int depth_ = 0;
  const std::shared_ptr<const void> awaited_ = std::make_shared<char>();  // each answer on its way has a copy
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
