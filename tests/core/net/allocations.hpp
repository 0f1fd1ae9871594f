// How much operator new has given out on this thread since one of these was made, whatever has been given back.
#pragma once

#include <cstddef>

namespace hubbub::net::test {

class Allocations {
 public:
  Allocations();
  std::size_t count() const;
  std::size_t bytes() const;

 private:
  std::size_t count_;
  std::size_t bytes_;
};

}  // namespace hubbub::net::test
