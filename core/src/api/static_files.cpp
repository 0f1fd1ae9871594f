#include "api/static_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <sstream>
#include <utility>

#include "api/byte_range.hpp"
#include "api/entity_tag.hpp"
#include "api/responses.hpp"
#include "api/target.hpp"

namespace hubbub::api {
namespace {

namespace fs = std::filesystem;

// What the bundled pages live under: their own scripts and styles, and WebSockets. WebAssembly, of which the sheet's formulas
// are computed, needs a word of its own; it gives no script from elsewhere and no eval() away.
constexpr auto content_security_policy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

// A page named *.sandbox.html runs what anybody may have written: it has no origin, so nothing of this server's or of the
// pages', and no network.
constexpr auto sandbox_policy =
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; "
    "frame-ancestors 'self'";

std::string_view content_type(const fs::path& file) {
  using Pair = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Pair, 20> types = {{
      {".css", "text/css; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},
      {".gif", "image/gif"},
      {".html", "text/html; charset=utf-8"},
      {".ico", "image/x-icon"},
      {".jpeg", "image/jpeg"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".md", "text/markdown; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".ts", "text/plain; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".webp", "image/webp"},
      {".woff2", "font/woff2"},
  }};
  auto extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* found = std::ranges::find(types, extension, &Pair::first);
  return found == types.end() ? "application/octet-stream" : found->second;
}

std::string etag_of(const struct stat& status) {
  std::ostringstream text;
  text << '"' << std::hex << status.st_size << '-' << status.st_mtim.tv_sec << '-' << status.st_mtim.tv_nsec << '"';
  return text.str();
}

// Whether a part of the path begins with a dot: `..` leads elsewhere, and `.git` or `.env` is nobody's business.
bool is_hidden(const fs::path& path) {
  return std::ranges::any_of(path, [](const fs::path& part) { return part.native().starts_with('.'); });
}

}  // namespace

StaticFiles::StaticFiles(fs::path root) {
  std::error_code error;
  root_ = fs::weakly_canonical(fs::absolute(root), error);
  if (error) root_ = fs::absolute(root);
}

net::Response StaticFiles::answer(const net::Request& request, std::string_view path) const {
  const auto not_found = [] { return error_response(404, "there is no such file"); };
  const auto relative = fs::path{path}.relative_path();
  if (path.find('\0') != path.npos || is_hidden(relative)) return not_found();

  // Links are followed; what counts is where they lead.
  std::error_code error;
  auto file = fs::canonical(root_ / relative, error);
  const bool is_directory = !error && fs::is_directory(file, error);
  if (is_directory) file = fs::canonical(file / "index.html", error);
  if (error || is_hidden(file.lexically_relative(root_))) return not_found();

  net::Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat status {};
  if (!descriptor || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) return not_found();
  // Without the slash, its page's relative links would lead astray.
  if (is_directory && !path.empty() && !path.ends_with('/')) {
    const auto end = std::min(request.target.find('?'), request.target.size());
    return redirect(escaped_target(request.target.substr(0, end)) + "/" + escaped_target(request.target.substr(end)));
  }

  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto etag = etag_of(status);
  net::Response response;
  response.headers = {{"Content-Type", std::string{content_type(file)}},
                      {"ETag", etag},
                      {"Cache-Control", "no-cache"},  // keep it, but ask each time whether it is still the same
                      {"Accept-Ranges", "bytes"},
                      {"Access-Control-Allow-Origin", "*"},  // pages from elsewhere import the client library
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "same-origin"},
                      {"Content-Security-Policy", file.native().ends_with(".sandbox.html") ? sandbox_policy : content_security_policy}};
  if (const auto known = request.header("If-None-Match"); !known.empty() && names_tag(known, etag)) {
    response.status = 304;
    return response;
  }
  std::optional<ByteRange> part;
  const auto valid = request.header("If-Range");
  if (request.method == "GET" && (valid.empty() || valid == etag)) part = parse_range(request.header("Range"), size);
  if (part && part->length == 0) {
    response = error_response(416, "the file does not have these bytes");
    response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
    return response;
  }
  if (part) {
    response.status = 206;
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(part->offset) + "-" +
                                                       std::to_string(part->offset + part->length - 1) + "/" +
                                                       std::to_string(size));
  }
  const auto [offset, length] = part.value_or(ByteRange{0, size});
  response.body = net::FileSlice{std::move(descriptor), offset, length};
  return response;
}

}  // namespace hubbub::api
