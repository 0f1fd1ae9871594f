// The work that a fixture pretends to do takes its time on the clock of the shard on which it is done, however slow the machine is.
#include <chrono>
#include <cstdint>

#include "testing/manual_shard.hpp"

extern "C" bool hubbub_works(std::int64_t microseconds);
extern "C" bool hubbub_works(std::int64_t microseconds) {
  auto* shard = hubbub::testing::ManualShard::current();
  if (shard) shard->pass(std::chrono::microseconds{microseconds});
  return shard != nullptr;
}
