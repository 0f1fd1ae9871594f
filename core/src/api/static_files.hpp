// Serves the files of one directory: conditional and partial requests, and compressed where the client takes it (RFC 9110).
// Nothing outside of it, whatever the path or a symbolic link says, and nothing whose name begins with a dot. Immutable; any
// thread may use it.
//
// Nothing is compressed here: what is sent compressed lies beside the file as FILE.br or FILE.gz, or under the same path in the
// directory .encoded of the root, and counts unless the file itself is newer.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "net/http/answer.hpp"
#include "net/http/request.hpp"

namespace hubbub::api {

class StaticFiles {
 public:
  // Those headers of a request that count here.
  static constexpr std::array<std::string_view, 4> headers = {"Accept-Encoding", "If-None-Match", "If-Range", "Range"};

  // The directory need not exist; then every file in it is 404. What is not there under lib/ is looked for in the directory
  // `library`: pages of one's own find the client library where the server's own pages do. `policy` is the
  // Content-Security-Policy of all files but sandboxes; empty: a strict one.
  StaticFiles(const std::filesystem::path& root, const std::filesystem::path& library, std::string policy);

  // `path` is decoded and relative to the directory; a directory stands for its index.html. For GET and HEAD. Waits for the disk.
  net::Response answer(const net::Request& request, std::string_view path) const;

 private:
  std::filesystem::path root_, library_;  // canonical
  std::string policy_;
};

}  // namespace hubbub::api
