// Makes HTTP requests of the bytes of one connection, within the limits of the configuration. No I/O.
//
// What cannot be a request, or is too large to be one, becomes a refusal, after which nothing more is made of the
// connection's bytes: nobody can tell where another request would begin. Belongs to its session.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/request_head.hpp"

namespace hubbub::config {
struct Http;
}

namespace hubbub::net {

class RequestReader {
 public:
  using Message = boost::beast::http::request<boost::beast::http::string_body>;

  enum class Progress {
    nothing,         // not a byte of a request
    partial,         // more bytes are needed
    wants_continue,  // likewise, and the client waits to be asked for them (once)
    complete,        // see request()
    refused          // see problem()
  };

  // `most_body` is asked when the head has come of a request that has a body: how many bytes of that are taken.
  using MostBody = std::function<std::uint64_t()>;
  RequestReader(const config::Http& limits, MostBody most_body) : limits_(limits), most_body_(std::move(most_body)) {}

  // Adds bytes that have come. No more is kept of them than what has not been read on.
  void add(std::span<const char> bytes);

  // Reads on, up to the end of one request.
  Progress advance();

  bool has_head() const { return parser_ && parser_->is_header_done(); }
  const Message& request() const { return parser_->get(); }  // where has_head()
  const Refusal& problem() const { return *problem_; }

  // A header of the request; valid until next(). Several of the same name are joined by ", ".
  std::string_view header(std::string_view name);

  // Forgets the request. Bytes behind it are kept for advance().
  void next();

  // Bytes of the request's body that have not come yet, where its head says how many.
  std::optional<std::uint64_t> outstanding() const;

  // Likewise where the body has not come whole: advance() passes over the rest of it.
  void next_behind_body();

  // Whether there are bytes behind the request.
  bool has_rest() const { return incoming_.size() != 0; }

  // Takes what came behind the request out of HTTP.
  std::string take_rest();

 private:
  Progress read_on();
  Progress refuse(unsigned status, std::string_view why);
  Progress refuse(const boost::system::error_code& error);
  std::optional<Refusal> head_problem() const;
  std::string_view buffered() const;

  const config::Http& limits_;
  const MostBody most_body_;
  boost::beast::flat_buffer incoming_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  bool head_done_ = false;
  bool skips_ = false;  // what is read is the rest of a body that nobody wants
  std::size_t head_size_ = 0;
  std::optional<Refusal> problem_;
  std::deque<std::string> joined_;
};

}  // namespace hubbub::net
