// Serves the files of one directory: conditional and partial requests (RFC 9110). Nothing outside of it, whatever the path
// or a symbolic link says, and nothing whose name begins with a dot. Immutable; any thread may use it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace hubbub::api {

class StaticFiles {
 public:
  // The directory need not exist; then every file in it is 404.
  explicit StaticFiles(std::filesystem::path root);

  // `path` is decoded and relative to the directory; a directory stands for its index.html. For GET and HEAD.
  net::Response answer(const net::Request& request, std::string_view path) const;

 private:
  std::filesystem::path root_;  // canonical
};

}  // namespace hubbub::api
