// Makes the bytes of a response up to its body. No I/O; any thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "net/http/answer.hpp"

namespace hubbub::net {

// The facts that the connection adds to a response.
struct Framing {
  bool http_1_1 = true;  // whether the client speaks HTTP/1.1
  bool keep_alive = true;
  std::uint64_t length = 0;  // of the body, sent or not
};

// Throws std::invalid_argument if a header contains a line break.
std::string response_head(const Response& response, const Framing& framing);

// The date as headers have it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string http_date(std::time_t when);

// A response of the net floor's own, with the body {"error": why}.
Response refusal(unsigned status, std::string_view why);

}  // namespace hubbub::net
