// Serves the files of one directory, with conditional and partial requests, and compressed if the client accepts that (RFC 9110). Serves
// nothing outside of the directory, whatever the path or a symbolic link says, and no file whose path has a name that begins with a dot.
// Immutable; any thread may use it.
//
// Nothing is compressed here: the compressed form of a file lies beside it as FILE.br or FILE.gz, or at the same path below the directory
// .encoded of the root. It is ignored if the file itself is newer.
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
  // The headers of a request that answer() reads.
  static constexpr std::array<std::string_view, 4> headers = {"Accept-Encoding", "If-None-Match", "If-Range", "Range"};

  // The directory `root` need not exist; then every file in it is 404. A path below lib/ that is not there is looked for in the directory
  // `library`, so that a user's own pages find the client library where the server's pages do. `policy` is the Content-Security-Policy of
  // all files except sandboxes; empty: a strict one.
  StaticFiles(const std::filesystem::path& root, const std::filesystem::path& library, std::string policy);

  // Answers GET and HEAD. `path` is decoded and relative to the root; a directory stands for its index.html. Waits for the disk.
  net::Response answer(const net::Request& request, std::string_view path) const;

 private:
  std::filesystem::path root_, library_;  // canonical
  std::string policy_;
};

}  // namespace hubbub::api
