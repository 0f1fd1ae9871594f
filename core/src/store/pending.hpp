// The records of one room that are committed and not in the tables yet. Any thread may use it.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace hubbub::store {

class Add;

class Pending {
 public:
  using Adds = std::list<std::shared_ptr<const Add>>;  // with seqs that follow one another

  void add(Adds&& adds) noexcept;  // behind those that are here

  // For the one thread that puts them into the tables. take() returns all that are here now. These stay, and taken() returns them again,
  // until written() removes them.
  const Adds& take() noexcept;
  const Adds& taken() const { return taken_; }
  void written() noexcept;

  // The seq of the newest, or 0.
  std::uint64_t last() const;

  // Those with seqs above `after`, up to `through`.
  std::vector<std::shared_ptr<const Add>> between(std::uint64_t after, std::uint64_t through) const;

 private:
  mutable std::mutex mutex_;  // held to change the lists, and to read them on other threads than that of take()
  Adds taken_, added_;
};

}  // namespace hubbub::store
