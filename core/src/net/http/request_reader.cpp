#include "net/http/request_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <iterator>
#include <limits>

#include "config/config.hpp"
#include "net/http/request_target.hpp"

namespace hubbub::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// Tells an unknown version, such as HTTP/2.0, from text that is no version, and from a target with a space: the parser's error is the same.
bool names_version(std::string_view line) {
  if (std::ranges::count(line, ' ') != 2) return false;
  const auto version = line.substr(line.rfind(' ') + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' &&
         digit(version[7]);
}

}  // namespace

void RequestReader::add(std::span<const char> bytes) {
  if (incoming_.size() == 0) incoming_.shrink_to_fit();
  incoming_.commit(asio::buffer_copy(incoming_.prepare(bytes.size()), asio::buffer(bytes.data(), bytes.size())));
}

RequestReader::Progress RequestReader::advance() {
  if (problem_) return Progress::refused;
  if (skips_) {
    if (const auto progress = read_on(); progress != Progress::complete) return progress == Progress::refused ? progress : Progress::nothing;
    skips_ = false;
    parser_.reset();
  }
  if (!parser_) {
    // RFC 9112, 2.2: empty lines before a request are ignored.
    const auto first = buffered().find_first_not_of("\r\n");
    incoming_.consume(std::min(first, incoming_.size()));
    if (incoming_.size() == 0) return Progress::nothing;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_limit));
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // until the head has come, and most_body_ can be asked
    head_done_ = false;
    head_size_ = 0;
  }
  return read_on();
}

RequestReader::Progress RequestReader::read_on() {
  while (!parser_->is_done()) {
    error_code error;
    const auto used = parser_->put(incoming_.data(), error);
    incoming_.consume(used);
    if (!head_done_) {
      // The parser limits the request line and the headers each by itself. This limits their sum.
      head_size_ += used;
      const bool is_whole = parser_->is_header_done() || (error && error != http::error::need_more);
      const auto so_far = head_size_ + (is_whole ? 0 : incoming_.size());
      if (so_far > limits_.header_limit) return refuse(http::error::header_limit);
    }
    if (error && error != http::error::need_more) return refuse(error);
    if (!head_done_ && parser_->is_header_done()) {
      head_done_ = true;
      if ((problem_ = head_problem())) return Progress::refused;
      if (!parser_->is_done()) {
        const auto most = most_body_();
        if (const auto length = parser_->content_length(); length && *length > most) return refuse(http::error::body_limit);
        parser_->body_limit(most);
      }
      if (parser_->chunked()) headers_ = request().base();
      parser_->eager(true);
      const bool continues = request().version() == 11 && lists(request()[http::field::expect], "100-continue");
      if (continues && !parser_->is_done() && incoming_.size() == 0) return Progress::wants_continue;
      if (!error) continue;
    }
    // Between chunks, and in trailers, the parser waits for the end of a line, however long the line is.
    if (error && head_done_ && incoming_.size() > limits_.header_limit) return refuse(http::error::header_limit);
    // The head is complete, but the parser asks for more of it: the request line is too short to name a version.
    if (error && !head_done_ && buffered().ends_with("\r\n\r\n")) return refuse(http::error::bad_version);
    // If the length of a body is known, the parser reports no error when it needs more.
    if (error || used == 0) return Progress::partial;
  }
  // The parser adds trailers to the headers. RFC 9110, 6.5.1, forbids that: whoever checked the headers has not seen them.
  if (parser_->chunked()) static_cast<http::fields&>(parser_->get().base()) = std::move(headers_);
  return Progress::complete;
}

// Checks the head for what the parser does not check.
std::optional<RequestProblem> RequestReader::head_problem() const {
  const auto& head = request();
  const bool http_1_1 = head.version() == 11;
  const auto hosts = head.count(http::field::host);
  if (hosts > 1 || (http_1_1 && hosts == 0)) return RequestProblem{400, "there must be exactly one header Host"};
  if (!is_host(head[http::field::host])) return RequestProblem{400, "the header Host is not a valid host"};
  // RFC 9112, 6.1 and 6.3: a body whose end cannot be told would be taken for the next request.
  const auto codings = head.count(http::field::transfer_encoding);
  if (codings != 0 && (!http_1_1 || codings > 1 || !boost::beast::iequals(head[http::field::transfer_encoding], "chunked"))) {
    return RequestProblem{400, "the only supported Transfer-Encoding is chunked"};
  }
  if (http_1_1 && head.count(http::field::expect) != 0 && !lists(head[http::field::expect], "100-continue")) {
    return RequestProblem{417, "the only supported Expect is 100-continue"};
  }
  return std::nullopt;
}

RequestReader::Progress RequestReader::refuse(unsigned status, std::string_view why) {
  problem_ = RequestProblem{status, why};
  return Progress::refused;
}

RequestReader::Progress RequestReader::refuse(const error_code& error) {
  if (error == http::error::header_limit) return refuse(431, "the request line and headers are too long");
  if (error == http::error::body_limit) return refuse(413, "the body is too long");
  if (error == http::error::bad_version && names_version(buffered().substr(0, buffered().find("\r\n")))) {
    return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  return refuse(400, "this is not a well-formed HTTP request");
}

std::string_view RequestReader::header(std::string_view name) {
  const auto [first, end] = request().equal_range(name);
  if (first == end) return {};
  if (std::next(first) == end) return first->value();
  std::string all;
  for (auto field = first; field != end; ++field) {
    if (field != first) all += ", ";
    all += field->value();
  }
  return joined_.emplace_back(std::move(all));
}

void RequestReader::next() {
  parser_.reset();
  joined_.clear();
}

std::optional<std::uint64_t> RequestReader::outstanding() const {
  const auto remaining = parser_->content_length_remaining();
  return remaining ? std::optional{std::uint64_t{*remaining}} : std::nullopt;
}

void RequestReader::next_behind_body() {
  skips_ = true;
  joined_.clear();
}

std::string RequestReader::take_rest() {
  std::string rest{buffered()};
  incoming_.clear();
  return rest;
}

std::string_view RequestReader::buffered() const {
  return {static_cast<const char*>(incoming_.cdata().data()), incoming_.size()};
}

}  // namespace hubbub::net
