#include "plugins/calls.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace hubbub::plugins {
namespace {

struct Code {
  std::uintptr_t begin, end;
  const char* plugin;
};
constinit std::array<Code, 512> codes{};
constinit std::atomic<std::size_t> code_count = 0;  // entries that are completely written
std::mutex code_mutex;                              // for adding an entry

// The current call of one thread, for other threads to read.
struct Published {
  std::atomic<const Call*> call = nullptr;
  std::atomic<bool> pinned = false;
  std::uint64_t calls = 0;  // made by this thread so far
};
constinit std::array<Published, runtime::Thread::most> published{};  // by the number of the thread
constinit thread_local Published* mine = nullptr;
constinit thread_local const InHand* in_hand = nullptr;

// A thread's place among the published calls. It outlives the thread if the process ends in the middle of a call.
struct Lease {
  Lease() {
    if (thread) mine = &published[thread->number()];
  }
  ~Lease() {
    if (mine && mine->call.load(std::memory_order_relaxed)) {  // exit() in the middle of a call
      thread->keep();
    } else {
      mine = nullptr;
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  runtime::Thread* const thread = runtime::Thread::current();
};

// The calling thread's place; null if it has none.
Published* place() {
  thread_local const Lease lease;
  return mine;
}

}  // namespace

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
      number(place() ? ++mine->calls : 0),
      around_(mine ? mine->call.load(std::memory_order_relaxed) : nullptr) {
  if (mine) mine->call.store(this, std::memory_order_release);
}

// Either the reader sees that the call is gone, or this thread sees that it is pinned.
Call::~Call() {
  if (!mine) return;
  mine->call.store(around_);
  while (mine->pinned.load()) std::this_thread::yield();
}

const Call* call_of_this_thread() { return mine ? mine->call.load(std::memory_order_relaxed) : nullptr; }

// While it exists, the thread's published call stays valid.
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
  for (auto& its : published) {
    if (&its == mine || !its.call.load(std::memory_order_relaxed)) continue;
    const Pin pin{its.pinned};
    if (const auto* call = its.call.load()) visit(runtime::Thread::at(static_cast<std::size_t>(&its - published.data())), *call);
  }
}

std::vector<CallUnderWay> calls_under_way() {
  std::vector<CallUnderWay> calls;
  for_each_call([&](runtime::Thread& thread, const Call& call) {
    const auto* message = call.message;
    calls.push_back({&thread, call.number, call.plugin, call.build, call.room ? *call.room : "", call.name, std::string{call.type()},
                     message != nullptr, std::string{message ? message->sender : ""}, std::string{message ? message->ref : ""},
                     std::string{message ? message->type : ""}, message ? message->asked : 0});
  });
  return calls;
}

}  // namespace hubbub::plugins
