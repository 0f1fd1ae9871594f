// Counts what operator new gives out, and makes it fail.
#pragma once

#include <cstddef>

namespace hubbub::net::test {

// How much operator new has given out on this thread since one of these was made, whatever has been given back.
class Allocations {
 public:
  Allocations();
  std::size_t count() const;
  std::size_t bytes() const;

 private:
  std::size_t count_;
  std::size_t bytes_;
};

// Makes operator new throw on this thread once: when it is called for the `number`-th time from now. 0: not at all.
void fail_allocation(std::size_t number);

}  // namespace hubbub::net::test
