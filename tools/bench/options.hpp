// The parameters of a load. Their bounds are checked when the arguments are read.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace hubbub::bench {

enum class Dialect { plain, hubbub_v1, socket_io };

constexpr unsigned everybody = std::numeric_limits<unsigned>::max();

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8100;
  std::string target;  // path and query; the parameters of a member are added to it

  unsigned connections = 100;  // in `rooms`, spread evenly
  unsigned rooms = 1;
  unsigned senders = 1;        // in each room
  unsigned idle = 0;           // more connections, in a room of their own where nobody sends
  unsigned slow = 0;           // this many of `connections` never read

  unsigned in_flight = 1;  // closed loop: messages of each sender that are under way
  double rate = 0;         // open loop if not 0: messages a second from each sender, whatever comes back

  std::string type = "message";
  std::string content;     // JSON; empty: a string of `payload` characters
  unsigned payload = 100;

  Dialect dialect = Dialect::plain;
  bool compression = false;  // offered
  bool presence = true;      // the server lists who is there, so that the load can wait for everybody

  double connect_rate = 0;  // a second; 0: as fast as the server takes them
  double warm_up = 1;       // s
  double seconds = 5;
  std::uint64_t deliveries = 0;  // if not 0, the measurement ends after this many, and not after `seconds`
  double patience = 5;      // s without any arrival, after which missing messages count as lost
  bool awake = false;       // does not sleep while nothing arrives
  bool json = false;
  long pid = 0;  // of the server; 0: of the process that listens on the port on this machine
};

}  // namespace hubbub::bench
