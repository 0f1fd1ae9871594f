// Turns a fuzzer's input into bytes of a client: mostly whole messages, in fragments, compressed, with control frames
// between them, and now and then a wrong frame or plain noise.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <string>
#include <vector>

namespace hubbub::fuzz {

struct Script {
  bool deflate = false;           // was negotiated
  std::size_t max_message = 0;
  std::string bytes;
  std::vector<std::size_t> cuts;  // the sizes of the pieces in which the bytes arrive; the rest arrives at once
};

Script make_script(FuzzedDataProvider& input);

// The value of a Sec-WebSocket-Extensions header, or something like it.
std::string make_offers(FuzzedDataProvider& input);

}  // namespace hubbub::fuzz
