// Reads HTTP requests from the bytes of one connection, within the limits of the configuration. No I/O.
//
// Bytes that are no request, and a request that is too large, are refused. After that no more requests are read, because nobody can tell
// where the next one begins. Belongs to its session.
#pragma once

// One of Beast's asserts is wrong (n >= 5 in basic_parser.ipp): it fails if the line of the last chunk, "0\r\n", is also the first and
// comes by itself. The code behind the assert handles that case correctly. So Beast's asserts are left out, also in debug builds.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#undef BOOST_DISABLE_ASSERTS
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
    nothing,         // no byte of a request has come
    partial,         // more bytes are needed
    wants_continue,  // as partial, and the client waits for 100 Continue; returned once per request
    complete,        // see request()
    refused          // see problem()
  };

  // `most_body` is called when the head of a request with a body has come, and returns how many bytes the body may have.
  using MostBody = std::function<std::uint64_t()>;
  RequestReader(const config::Http& limits, MostBody most_body) : limits_(limits), most_body_(std::move(most_body)) {}

  // Adds bytes that have come from the client. They are kept until advance() has used them.
  void add(std::span<const char> bytes);

  // Reads on, at most to the end of one request.
  Progress advance();

  bool has_head() const { return parser_ && parser_->is_header_done(); }
  const Message& request() const { return parser_->get(); }  // if has_head()
  const RequestProblem& problem() const { return *problem_; }

  // A header of the request; valid until next(). Several of the same name are joined by ", ".
  std::string_view header(std::string_view name);

  // Forgets the request. Bytes behind it are kept for advance().
  void next();

  // The bytes of the body that have not come yet; nothing if the head does not tell the length.
  std::optional<std::uint64_t> outstanding() const;

  // Forgets a request whose body has not come whole: advance() skips the rest of the body.
  void next_behind_body();

  // Whether there are bytes behind the request.
  bool has_rest() const { return incoming_.size() != 0; }

  // Returns the bytes behind the request and forgets them: they are not HTTP.
  std::string take_rest();

 private:
  Progress read_on();
  Progress refuse(unsigned status, std::string_view why);
  Progress refuse(const boost::system::error_code& error);
  std::optional<RequestProblem> head_problem() const;
  std::string_view buffered() const;

  const config::Http& limits_;
  const MostBody most_body_;
  boost::beast::flat_buffer incoming_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  bool head_done_ = false;
  boost::beast::http::fields headers_;  // of a request with chunks, before trailers are read
  bool skips_ = false;  // advance() drops the rest of a body that nobody wants
  std::size_t head_size_ = 0;
  std::optional<RequestProblem> problem_;
  std::deque<std::string> joined_;  // the values that header() has joined
};

}  // namespace hubbub::net
