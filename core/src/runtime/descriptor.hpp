// Owns one file descriptor and closes it. Movable: ownership moves with the object. Any thread, one at a time.
#pragma once

#include <unistd.h>

#include <utility>

namespace hubbub::runtime {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}  // takes ownership; -1 means none
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    const Descriptor previous{std::exchange(number_, other.release())};  // closes it
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }  // the caller owns the number from then on

 private:
  int number_ = -1;
};

}  // namespace hubbub::runtime
