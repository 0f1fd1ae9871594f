// Simulates that memory is scarce: while one of these lives, operator new has no block of more than `most` bytes for this thread.
#pragma once

#include <cstddef>

namespace hubbub::rooms {

class ScarceMemory {
 public:
  explicit ScarceMemory(std::size_t most);
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;
  ~ScarceMemory();

 private:
  const std::size_t before_;
};

}  // namespace hubbub::rooms
