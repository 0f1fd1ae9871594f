// The parts of a Crowd, shared by crowd.cpp, which moves bytes, and crowd_talk.cpp, which makes and checks messages.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crowd.hpp"
#include "inflater.hpp"

namespace hubbub::bench {

constexpr std::uint64_t first_ref = 1ull << 52;  // so that all have 16 digits, and are exact as numbers of JavaScript
constexpr std::size_t ref_digits = 16;
constexpr std::string_view ref_key = R"("ref":)";

inline std::int64_t nanoseconds(Crowd::Clock::duration time) { return std::chrono::nanoseconds{time}.count(); }

inline Crowd::Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Crowd::Clock::duration>(std::chrono::duration<double>{count});
}

struct Crowd::Room {
  std::string name;
  unsigned members = 0;
  std::uint64_t owed = 0;     // messages that each member should have by now
  Member* witness = nullptr;  // checks the order of each sender's messages; the others check that they have the same order
  bool disordered = false;
};

struct Crowd::Member {
  runtime::Descriptor socket;
  State state = State::connecting;
  bool reads = true;
  bool complete = false;  // has been told that everybody is there
  bool compressed = false;
  Room* room = nullptr;
  Sender* sender = nullptr;
  std::uint64_t received = 0;
  std::uint64_t order = 0;  // a hash of all received messages, in their order
  std::string rest;         // the beginning of an incomplete frame
  std::string unsent;
  std::unique_ptr<Inflater> inflater;  // only if the server keeps its window between messages
};

struct Crowd::Sender {
  struct Sent {
    std::uint32_t number = 0;
    Clock::time_point when;
  };
  Member* member = nullptr;
  std::uint32_t sent = 0, returned = 0;  // the numbers of its messages begin with 1
  std::uint32_t witnessed = 0;           // the number of its last message that the room's witness has received
  std::vector<Sent> times;               // of the newest messages, by number modulo size
};

}  // namespace hubbub::bench
