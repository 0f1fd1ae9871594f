#include "plugins/calls.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace hubbub::plugins {
namespace {

constexpr std::size_t most_threads = 512;
constexpr std::size_t stack_for_signals = 32 * 1024;  // bytes beside what the system itself puts there

struct Code {
  std::uintptr_t begin, end;
  const char* plugin;
};
constinit std::array<Code, 512> codes{};
constinit std::atomic<std::size_t> code_count = 0;  // that are whole
std::mutex code_mutex;                              // of who adds one

constinit std::array<Thread, most_threads> threads{};
constinit thread_local Thread* mine = nullptr;
constinit thread_local const InHand* in_hand = nullptr;

}  // namespace

// What a thread has from its first call to its end: its place, and a stack for the handlers of signals, which have none where the
// thread's own has run over.
struct Lease {
  Lease() {
    for (auto& thread : threads) {
      if (thread.taken_.exchange(true)) continue;
      mine = &thread;
      break;
    }
    stack_t now{};
    if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;  // a sanitizer's
    const auto least = std::max<long>(::sysconf(_SC_SIGSTKSZ), 0);
    const auto size = static_cast<std::size_t>(least) + stack_for_signals;
    stack = std::make_unique<char[]>(size);
    const stack_t own{.ss_sp = stack.get(), .ss_flags = 0, .ss_size = size};
    ::sigaltstack(&own, nullptr);
  }
  ~Lease() {
    if (mine && mine->call_.load(std::memory_order_relaxed)) {  // exit() in the middle of a call, of which there is more to say
      static_cast<void>(stack.release());
      return;
    }
    if (stack) {
      const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
      ::sigaltstack(&none, nullptr);
    }
    if (mine) std::exchange(mine, nullptr)->taken_.store(false);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  std::unique_ptr<char[]> stack;
};

Thread* Thread::current() {
  thread_local const Lease lease;
  return mine;
}

InHand::InHand(std::string_view sender_id, std::string_view message_ref, std::string_view message_type, std::uint64_t message_asked)
    : sender(sender_id), ref(message_ref), type(message_type), asked(message_asked), around_(std::exchange(in_hand, this)) {}

InHand::~InHand() { in_hand = around_; }

Call::Call(const char* its_plugin, const char* its_build, const std::string* its_room, const char* its_name, std::string_view entry_type)
    : plugin(its_plugin),
      build(its_build),
      room(its_room),
      name(its_name),
      entry(entry_type),
      message(in_hand),
      number(Thread::current() ? ++mine->calls_ : 0),
      around_(mine ? mine->call_.load(std::memory_order_relaxed) : nullptr) {
  if (mine) mine->call_.store(this, std::memory_order_release);
}

// Either the reader finds the call gone, or the thread finds itself pinned.
Call::~Call() {
  if (!mine) return;
  mine->call_.store(around_);
  while (mine->pinned_.load()) std::this_thread::yield();
}

const Call* call_of_this_thread() { return mine ? mine->call_.load(std::memory_order_relaxed) : nullptr; }

// As long as it is there, what a thread has published stays.
class Pin {
 public:
  explicit Pin(std::atomic<bool>& pinned) : pinned_(pinned) { pinned_.store(true); }
  ~Pin() { pinned_.store(false); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  std::atomic<bool>& pinned_;
};

void remember_code(std::uintptr_t begin, std::uintptr_t end, const char* plugin) {
  const std::lock_guard lock{code_mutex};
  const auto count = code_count.load();
  if (count == codes.size()) return;
  codes[count] = {begin, end, plugin};
  code_count = count + 1;
}

const char* plugin_at(std::uintptr_t address) {
  for (std::size_t i = 0; i < code_count.load(); ++i) {
    if (address >= codes[i].begin && address < codes[i].end) return codes[i].plugin;
  }
  return nullptr;
}

template <class Visit>
void for_each_call(Visit visit) {
  static std::mutex mutex;  // one reader at a time
  const std::lock_guard lock{mutex};
  for (auto& thread : threads) {
    if (&thread == mine || !thread.call_.load(std::memory_order_relaxed)) continue;
    const Pin pin{thread.pinned_};
    if (const auto* call = thread.call_.load()) visit(thread, *call);
  }
}

std::vector<CallUnderWay> calls_under_way() {
  std::vector<CallUnderWay> calls;
  for_each_call([&](Thread& thread, const Call& call) {
    const auto* message = call.message;
    calls.push_back({&thread, call.number, call.plugin, call.build, call.room ? *call.room : "", call.name, std::string{call.type()},
                     message != nullptr, std::string{message ? message->sender : ""}, std::string{message ? message->ref : ""},
                     std::string{message ? message->type : ""}, message ? message->asked : 0});
  });
  return calls;
}

}  // namespace hubbub::plugins
