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
  unsigned slow = 0;           // of `connections`, so many never read

  unsigned in_flight = 1;  // closed loop: so many messages of each sender are on their way
  double rate = 0;         // open loop where not 0: so many a second from each sender, whatever comes back

  std::string type = "message";
  std::string content;     // JSON; empty: a string of `payload` characters
  unsigned payload = 100;

  Dialect dialect = Dialect::plain;
  bool compression = false;  // offered
  bool presence = true;      // the server says who is there, so that one can wait for everybody

  double connect_rate = 0;  // a second; 0: as fast as the server takes them
  double warm_up = 1;       // s
  double seconds = 5;
  std::uint64_t deliveries = 0;  // where not 0, it is measured until so many have come, and not for `seconds`
  double patience = 5;      // s without anything coming, until what has not come is lost
  bool awake = false;       // does not sleep while nothing comes
  bool json = false;
  long pid = 0;  // of the server; 0: whoever listens on the port on this machine
};

}  // namespace hubbub::bench
