// Asserts what headers say about threads: an object is used on its own thread alone.
//
//   void Hub::close() {
//     HUBBUB_ASSERT_OWN_THREAD(shard_);   // a Shard: the object belongs to that shard
//     …
//   void Known::forget(std::uint64_t first) {
//     HUBBUB_ASSERT_OWN_THREAD(thread_);  // an OwnThread: the object belongs to the first thread that asserts this
//
// The assertion is on in debug builds (the presets dev, tsan and fuzz). There a call on another thread ends the process with a line
// on standard error that names the function, the object, the object's thread and the calling thread. A test's ManualShard counts as
// a thread while it runs something. In release builds the macro is empty and an OwnThread takes no space: the program that people run
// and that is measured pays nothing, which is why tests of a release build do not have the assertion.
//
// Any thread may call all of this. Nothing here orders memory between threads, so ThreadSanitizer still sees a race behind a call.
#pragma once

#ifdef HUBBUB_ASSERTS_THREADS

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#define HUBBUB_ASSERT_OWN_THREAD(owner) \
  ((owner).is_current() ? void() : ::hubbub::runtime::end_on_wrong_thread(__PRETTY_FUNCTION__, this, (owner).name()))

namespace hubbub::runtime {

class Shard;

// The thread that an object belongs to, as a member of that object. A copied or moved object belongs to nobody yet.
class OwnThread {
 public:
  OwnThread() = default;
  OwnThread(const OwnThread&) {}
  OwnThread& operator=(const OwnThread&) { return *this; }

  // Whether the object belongs to the calling thread. An object that belongs to nobody becomes the caller's.
  bool is_current() const;

  // Lets go of the object: it belongs to the thread that uses it next.
  void hand_over() { owner_.store(nobody, std::memory_order_relaxed); }

  std::string name() const;  // of the thread

 private:
  static constexpr std::uintptr_t nobody = 0;
  mutable std::atomic<std::uintptr_t> owner_ = nobody;
  mutable std::array<std::atomic<std::uint64_t>, 2> name_ = {};  // 16 characters
};

// While it exists, the calling thread counts as the thread of `shard`, which has none.
class CountsAs {
 public:
  explicit CountsAs(const Shard& shard);
  ~CountsAs();
  CountsAs(const CountsAs&) = delete;
  CountsAs& operator=(const CountsAs&) = delete;

 private:
  const Shard* const previous_;
};

[[noreturn]] void end_on_wrong_thread(const char* function, const void* object, const std::string& owner);

}  // namespace hubbub::runtime

#else

#define HUBBUB_ASSERT_OWN_THREAD(owner) static_cast<void>(0)

namespace hubbub::runtime {

class Shard;

class OwnThread {
 public:
  void hand_over() {}
};

class CountsAs {
 public:
  explicit CountsAs(const Shard&) {}
};

}  // namespace hubbub::runtime

#endif
