#include "api/static_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "api/accept_encoding.hpp"
#include "api/byte_range.hpp"
#include "api/entity_tag.hpp"
#include "api/responses.hpp"
#include "api/target.hpp"
#include "runtime/log.hpp"
#include "runtime/occasional.hpp"

namespace hubbub::api {
namespace {

namespace fs = std::filesystem;

// The best first, each with the ending of its files' names.
constexpr std::array<std::pair<std::string_view, const char*>, 2> codings = {{{"br", ".br"}, {"gzip", ".gz"}}};

// The policy for the bundled pages: scripts and styles of this server only, and WebSockets. 'wasm-unsafe-eval' allows WebAssembly, which
// computes the sheet's formulas, but neither scripts from elsewhere nor eval().
constexpr std::string_view strict_policy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

// A page named *.sandbox.html runs code that anybody may have written. It has no origin, so it can reach neither this server's data nor the
// other pages, and it has no network.
constexpr std::string_view sandbox_policy =
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

// A file that is open, in one of the forms in which it can be sent.
struct Representation {
  runtime::Descriptor file;
  struct stat status {};
  std::string_view coding = identity;

  std::string etag() const {
    std::ostringstream text;
    text << '"' << std::hex << status.st_size << '-' << status.st_mtim.tv_sec << '-' << status.st_mtim.tv_nsec;
    if (coding != identity) text << '-' << coding;
    text << '"';
    return text.str();
  }
};

// Returns nothing if there is no such file, or if it cannot be opened: errno says why.
std::optional<Representation> open_file(const fs::path& name) {
  Representation opened{runtime::Descriptor{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)}};
  if (!opened.file || ::fstat(opened.file.get(), &opened.status) != 0 || !S_ISREG(opened.status.st_mode)) return {};
  return opened;
}

// The answer if no file can be opened for now, whether it is there or not.
net::Response cannot_open(int why) {
  static runtime::Occasional said;
  if (said.is_due()) log::error("cannot open files for now: {}", std::generic_category().message(why));
  auto response = error_response(503, "the server cannot open files for now; try again later");
  response.headers.emplace_back("Retry-After", "10");
  return response;
}

bool is_newer(const struct stat& one, const struct stat& other) {
  return std::tie(one.st_mtim.tv_sec, one.st_mtim.tv_nsec) > std::tie(other.st_mtim.tv_sec, other.st_mtim.tv_nsec);
}

// Whether a name in the path begins with a dot: `..` leads elsewhere, and `.git` or `.env` must not be seen.
bool is_hidden(const fs::path& path) {
  return std::ranges::any_of(path, [](const fs::path& part) { return part.native().starts_with('.'); });
}

// What a path below `root` leads to.
struct Found {
  fs::path file;
  bool is_directory = false;  // the path leads to a directory, and `file` is its index.html
};

// Follows links: the file that they lead to must be below `root`, too.
std::optional<Found> find(const fs::path& root, const fs::path& relative) {
  std::error_code error;
  Found found{fs::canonical(root / relative, error)};
  found.is_directory = !error && fs::is_directory(found.file, error);
  if (found.is_directory) found.file = fs::canonical(found.file / "index.html", error);
  if (error || is_hidden(found.file.lexically_relative(root))) return {};
  return found;
}

// The forms of `file` that may be sent: compressed forms, and then `whole`, the file itself.
std::vector<Representation> representations(const fs::path& root, const fs::path& file, Representation whole) {
  std::vector<Representation> all;
  for (const auto& [coding, ending] : codings) {
    auto encoded = open_file(file.native() + ending);
    if (!encoded) encoded = open_file((root / ".encoded" / file.lexically_relative(root)).native() + ending);
    if (!encoded || is_newer(whole.status, encoded->status)) continue;
    encoded->coding = coding;
    all.push_back(std::move(*encoded));
  }
  all.push_back(std::move(whole));
  return all;
}

// The form that the client prefers, or nothing if the client accepts none.
std::optional<Representation> negotiate(std::string_view accepted, const fs::path& root, const fs::path& file, Representation whole) {
  if (accepted.empty()) return whole;
  auto all = representations(root, file, std::move(whole));
  std::vector<std::string_view> names;
  for (const auto& each : all) names.push_back(each.coding);
  const auto chosen = chosen_coding(accepted, names);
  if (!chosen) return {};
  return std::move(all[static_cast<std::size_t>(std::ranges::find(names, *chosen) - names.begin())]);
}

fs::path canonical_if_there(const fs::path& directory) {
  std::error_code error;
  auto canonical = fs::weakly_canonical(fs::absolute(directory), error);
  return error ? fs::absolute(directory) : canonical;
}

}  // namespace

StaticFiles::StaticFiles(const fs::path& root, const fs::path& library, std::string policy)
    : root_(canonical_if_there(root)), library_(canonical_if_there(library)), policy_(std::move(policy)) {}

net::Response StaticFiles::answer(const net::Request& request, std::string_view path) const {
  const auto relative = fs::path{path}.relative_path();
  const auto not_found = [&relative] {
    return error_response(404, relative.empty() ? "there is no index.html among the pages; name a page in the address, or create index.html" : "there is no such file");
  };
  if (path.find('\0') != path.npos || is_hidden(relative)) return not_found();

  const auto* root = &root_;
  auto found = find(root_, relative);
  if (!found && relative.begin() != relative.end() && *relative.begin() == "lib") {
    root = &library_;
    found = find(library_, relative);
  }
  errno = 0;
  auto whole = found ? open_file(found->file) : std::nullopt;
  if (!whole) return errno == EMFILE || errno == ENFILE ? cannot_open(errno) : not_found();
  // Without the slash, relative links of the directory's page would lead elsewhere.
  if (found->is_directory && !path.empty() && !path.ends_with('/')) {
    const auto end = std::min(request.target.find('?'), request.target.size());
    return redirect(escaped_target(request.target.substr(0, end)) + "/" + escaped_target(request.target.substr(end)));
  }

  const auto& file = found->file;
  auto sent = negotiate(request.header("Accept-Encoding"), *root, file, std::move(*whole));
  net::Response response;
  if (!sent) {
    response = error_response(406, "there is no form of this file that the header Accept-Encoding allows");
    response.headers.emplace_back("Vary", "Accept-Encoding");
    return response;
  }
  const auto size = static_cast<std::uint64_t>(sent->status.st_size);
  const auto etag = sent->etag();
  const std::string_view policy = policy_.empty() ? strict_policy : std::string_view{policy_};
  response.headers = {{"Content-Type", std::string{content_type(file)}},
                      {"ETag", etag},
                      {"Vary", "Accept-Encoding"},
                      {"Cache-Control", "no-cache"},  // keep it, but ask each time whether it is still the same
                      {"Accept-Ranges", "bytes"},
                      {"Access-Control-Allow-Origin", "*"},  // pages from elsewhere import the client library
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "same-origin"},
                      {"Content-Security-Policy", std::string{file.native().ends_with(".sandbox.html") ? sandbox_policy : policy}}};
  if (sent->coding != identity) response.headers.emplace_back("Content-Encoding", sent->coding);
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
    response.headers.emplace_back("Vary", "Accept-Encoding");
    return response;
  }
  if (part) {
    response.status = 206;
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(part->offset) + "-" +
                                                       std::to_string(part->offset + part->length - 1) + "/" +
                                                       std::to_string(size));
  }
  const auto [offset, length] = part.value_or(ByteRange{0, size});
  response.body = net::FileSlice{std::move(sent->file), offset, length};
  return response;
}

}  // namespace hubbub::api
