#include "core/net/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t total_count = 0;
thread_local std::size_t total_bytes = 0;
thread_local std::size_t calls_until_failure = 0;

}  // namespace

void* operator new(std::size_t size) {
  if (calls_until_failure != 0 && --calls_until_failure == 0) throw std::bad_alloc{};
  ++total_count;
  total_bytes += size;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace hubbub::net::test {

Allocations::Allocations() : count_(total_count), bytes_(total_bytes) {}
std::size_t Allocations::count() const { return total_count - count_; }
std::size_t Allocations::bytes() const { return total_bytes - bytes_; }

void fail_allocation(std::size_t number) { calls_until_failure = number; }

}  // namespace hubbub::net::test
