#include "runtime/own_thread.hpp"

#ifdef HUBBUB_ASSERTS_THREADS

#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/shard.hpp"

namespace hubbub::runtime {
namespace {

constinit thread_local const Shard* shard_here = nullptr;  // whose thread the calling thread counts as; null if it counts as itself

std::atomic<std::uintptr_t> numbered = 0;  // how many threads have a number

// A number that no other thread has had: odd, unlike the address of a shard.
std::uintptr_t here() {
  thread_local const std::uintptr_t own = 2 * numbered.fetch_add(1, std::memory_order_relaxed) + 1;
  return shard_here ? reinterpret_cast<std::uintptr_t>(shard_here) : own;
}

std::string name_here() {
  if (shard_here) return shard_here->name();
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

}  // namespace

bool OwnThread::is_current() const {
  std::uintptr_t owner = nobody;
  if (!owner_.compare_exchange_strong(owner, here(), std::memory_order_relaxed)) return owner == here();
  std::array<std::uint64_t, 2> words{};
  const auto name = name_here().substr(0, sizeof words);
  std::memcpy(words.data(), name.data(), name.size());
  for (std::size_t i = 0; i < words.size(); ++i) name_[i].store(words[i], std::memory_order_relaxed);
  return true;
}

std::string OwnThread::name() const {
  std::array<std::uint64_t, 2> words{};
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = name_[i].load(std::memory_order_relaxed);
  std::array<char, sizeof words> name{};
  std::memcpy(name.data(), words.data(), name.size());
  return {name.data(), strnlen(name.data(), name.size())};
}

CountsAs::CountsAs(const Shard& shard) : previous_(std::exchange(shard_here, &shard)) {}

CountsAs::~CountsAs() { shard_here = previous_; }

void end_on_wrong_thread(const char* function, const void* object, const std::string& owner) {
  std::fprintf(stderr, "%s is called on the thread \"%s\", but the object %p belongs to the thread \"%s\"\n", function, name_here().c_str(),
               object, owner.c_str());
  std::abort();
}

}  // namespace hubbub::runtime

#endif
