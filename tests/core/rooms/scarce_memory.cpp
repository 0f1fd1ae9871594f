#include "core/rooms/scarce_memory.hpp"

#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

namespace {

thread_local std::size_t largest = std::numeric_limits<std::size_t>::max();

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return size <= largest ? std::malloc(size == 0 ? 1 : size) : nullptr;
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace hubbub::rooms {

ScarceMemory::ScarceMemory(std::size_t most) : before_(std::exchange(largest, most)) {}
ScarceMemory::~ScarceMemory() { largest = before_; }

}  // namespace hubbub::rooms
