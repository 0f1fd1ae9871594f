// The result of a load, as lines for people or as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crowd.hpp"
#include "options.hpp"

namespace hubbub::bench {

// Only for a server on this machine.
struct ServerFigures {
  long pid = 0;
  std::vector<int> processors;
  bool apart = false;            // none of them is the generator's; if false, soft interrupts cannot be attributed
  double join_us = 0;            // of processor time, for each connection, until everybody had been told that all are there
  double busy = 0;               // processors it kept busy, on average
  double softirq_busy = 0;       // of these, in soft interrupts
  double delivery_us = 0;        // of processor time, for each delivery
  std::uint64_t resident = 0;    // bytes, when everybody was there and nothing had been said
  double bytes_each = 0;         // resident bytes, for each connection
  double bytes_each_more = 0;    // likewise, for the second half of the connections: without memory that is used once
  std::uint64_t resident_after = 0;
  std::size_t descriptors = 0, descriptors_after = 0;  // likewise
};

struct Result {
  Options options;
  Tally tally;
  double join_seconds = 0, seconds = 0;
  double generator_busy = 0;  // of its one processor
  std::optional<ServerFigures> server;

  bool is_sound() const;  // nothing lost, refused, closed or out of order
  bool generator_is_full() const { return generator_busy > 0.95; }
  std::string lines() const;
  std::string json() const;
};

}  // namespace hubbub::bench
