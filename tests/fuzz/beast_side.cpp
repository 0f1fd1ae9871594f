#include "beast_side.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/system/error_code.hpp>

#include "protocol/close_code.hpp"

namespace hubbub::fuzz {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Kind = Event::Kind;

constexpr std::uint16_t no_code = 1005;

// Returns the script's pieces one at a time, and then the end; records what is written.
class Pipe {
 public:
  using executor_type = asio::io_context::executor_type;

  explicit Pipe(const Script& script) : script_(script) {}

  executor_type get_executor() {
    static asio::io_context context;  // never run: nothing here is asynchronous
    return context.get_executor();
  }

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& error) {
    error = {};
    if (piece_ == 0) piece_ = next_ < script_.cuts.size() ? script_.cuts[next_++] : script_.bytes.size();
    const auto rest = std::string_view{script_.bytes}.substr(taken_);
    const auto size = asio::buffer_copy(buffers, asio::buffer(rest.substr(0, piece_)));
    if (size == 0) error = asio::error::eof;
    taken_ += size;
    piece_ -= size;
    return size;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    error_code error;
    return read_some(buffers, error);
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& error) {
    error = {};
    const auto before = written.size();
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const asio::const_buffer buffer{*at};
      written.append(static_cast<const char*>(buffer.data()), buffer.size());
    }
    return written.size() - before;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    error_code error;
    return write_some(buffers, error);
  }

  friend void teardown(boost::beast::role_type, Pipe&, error_code& error) { error = {}; }

  std::string written;

 private:
  const Script& script_;
  std::size_t taken_ = 0;
  std::size_t piece_ = 0;  // bytes left of the current piece
  std::size_t next_ = 0;   // index of the next cut
};

using Stream = websocket::stream<Pipe>;

void accept(Stream& stream, bool deflate, const std::string& offers) {
  websocket::permessage_deflate option;
  option.server_enable = deflate;
  option.server_no_context_takeover = option.client_no_context_takeover = true;
  stream.set_option(option);
  stream.set_option(websocket::stream_base::timeout{websocket::stream_base::none(), websocket::stream_base::none(), false});
  http::request<http::string_body> request{http::verb::get, "/", 11};
  request.set(http::field::host, "here");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_extensions, offers);
  stream.accept(request);
}

// The close code that the sessions on this stream sent to their clients: Beast itself uses another code for some errors.
Event failure(const error_code& error) {
  using Error = websocket::error;
  const bool of_payload = error == Error::bad_frame_payload || error == Error::bad_close_payload ||
                          error.category() != websocket::make_error_code(Error::closed).category();  // does not inflate
  const auto code = error == Error::message_too_big ? CloseCode::too_big : of_payload ? CloseCode::invalid_text : CloseCode::protocol_error;
  return {Kind::failure, static_cast<std::uint16_t>(code)};
}

}  // namespace

std::vector<Event> read_with_beast(const Script& script) {
  std::vector<Event> events;
  Stream stream{script};
  accept(stream, script.deflate, "permessage-deflate");
  stream.read_message_max(script.max_message);
  stream.control_callback([&](websocket::frame_type type, boost::beast::string_view payload) {
    if (type == websocket::frame_type::close) return;
    events.push_back({type == websocket::frame_type::ping ? Kind::ping : Kind::pong, 0, std::string{payload}});
  });
  for (boost::beast::flat_buffer buffer;;) {
    error_code error;
    // Space for more than the largest message: if space runs out at the end of a compressed message, Beast inflates the end twice.
    buffer.commit(stream.read_some(buffer.prepare(script.max_message + 4096), error));
    if (error == asio::error::eof) return events;
    if (error == websocket::error::closed) {
      const auto& [code, reason] = stream.reason();
      events.push_back({Kind::close, code == websocket::close_code::none ? no_code : code, {reason.data(), reason.size()}});
      return events;
    }
    if (error) {
      events.push_back(failure(error));
      return events;
    }
    if (!stream.is_message_done()) continue;
    events.push_back({stream.got_text() ? Kind::text : Kind::binary, 0, std::string{static_cast<const char*>(buffer.data().data()), buffer.size()}});
    buffer.clear();
  }
}

std::string negotiate_with_beast(const std::string& offers) {
  const Script nothing;
  Stream stream{nothing};
  accept(stream, true, offers);
  const std::string_view head = stream.next_layer().written, name = "Sec-WebSocket-Extensions: ";
  const auto at = head.find(name);
  if (at == head.npos) return {};
  const auto value = head.substr(at + name.size());
  return std::string{value.substr(0, value.find('\r'))};
}

}  // namespace hubbub::fuzz
