// What a request can be answered with: a response, or the decision to upgrade its connection to a WebSocket. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "net/websocket/upgrade.hpp"
#include "runtime/descriptor.hpp"

namespace hubbub::net {

// Bytes `offset` to `offset + length` of a file. The file is open already, so the file that was checked is the file that is sent.
struct FileSlice {
  runtime::Descriptor file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// The net floor adds the headers Date, Server, Content-Length and Connection, and leaves out the body for HEAD. No header may contain a
// line break.
struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::variant<std::string, FileSlice> body;
};

using Answer = std::variant<Response, Upgrade>;

}  // namespace hubbub::net
