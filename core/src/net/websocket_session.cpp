#include "net/websocket_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <span>

#include "config/config.hpp"
#include "net/liveness.hpp"
#include "net/loop.hpp"
#include "net/outbox.hpp"
#include "net/transport.hpp"

namespace hubbub::net {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using HandshakeRequest = http::request<http::string_body>;

constexpr std::size_t most_pieces = 64;           // that one call writes; as many as Asio passes on
constexpr std::size_t most_written = 256 * 1024;  // in one turn, however quickly the client reads
constexpr std::size_t least_read = 1536;          // the size of Beast's own buffer: less would be copied twice
constexpr std::size_t most_read = 64 * 1024;      // however large a frame says it is
constexpr std::size_t kept_buffer = 4 * 1024;     // between two messages

// RFC 6455, 5.5: a close frame has room for 123 bytes, and they must be UTF-8.
std::string_view shortened(std::string_view reason) {
  auto size = std::min(reason.size(), websocket::reason_string::static_capacity);
  while (size != 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xC0U) == 0x80U) --size;
  return reason.substr(0, size);
}

constexpr char close_frame = '\x88';
constexpr std::uint16_t no_code = websocket::close_code::none;  // of a close frame without one

// The close code that answers how the stream ended, `received` being that of the client's close frame.
std::uint16_t answer_to(const error_code& error, std::uint16_t received) {
  using Error = websocket::error;
  // RFC 6455, 7.4: there are no codes from 5000 on. The stream takes them.
  if (error == Error::closed && received < 5000) return received;
  const bool of_payload = error == Error::bad_frame_payload || error == Error::bad_close_payload ||
                          error.category() != websocket::make_error_code(Error::closed).category();  // does not inflate
  return static_cast<std::uint16_t>(error == Error::message_too_big ? CloseCode::too_big
                                    : of_payload                    ? CloseCode::invalid_text
                                                                    : CloseCode::protocol_error);
}

class WebsocketSession final : public Connection,
                               public Sink,
                               public std::enable_shared_from_this<WebsocketSession>,
                               private Loop::Writer,
                               private Transport::Owner {
 public:
  WebsocketSession(Connections& home, Socket socket, Identity identity, std::string early, Upgrade upgrade);
  ~WebsocketSession() override;

  void start(const HandshakeRequest& request);

  void send(const Frame& frame) override;
  void catch_up(std::span<const Frame> frames) override;
  void close(CloseCode code, std::string_view reason) override;

  void sweep(Clock::time_point now) override;
  void dismiss(CloseCode code, std::string_view reason) override;
  void cut() override { end(); }

 private:
  enum class State {
    opening,  // the handshake is being answered
    open,
    closing,  // no frames in or out any more; what is queued leaves, then the closing handshake
    parting,  // the closing handshake is over, or hopeless: what the socket has not taken yet leaves
    parted,   // the client may still be sending: until it closes the socket
    ended
  };

  void on_accepted(const error_code& error);
  void read();
  void on_read(const error_code& error);
  void deliver();
  void look_after(Clock::time_point now);

  void collect();
  void at_end_of_turn();
  void write_collected() override;
  void write();
  void wait_for_room();
  std::size_t write_some(error_code& error);
  void compress_next();
  void on_all_written();

  void begin_closing(CloseCode code, std::string_view reason);
  void send_close(std::uint16_t code, std::string_view reason);
  void on_closed(const error_code& error);
  void part();
  void discard_input();
  void end();
  void release_handler();

  void on_bytes_read() override { liveness_.heard(); }
  bool admits(std::string_view frame) override;

  template <class Call>
  auto later(Call call) {
    return [self = shared_from_this(), call](const error_code& error, auto...) {
      if (self->state_ != State::ended) call(*self, error);
    };
  }

  Transport& transport() { return stream_.next_layer(); }
  const config::Websocket& settings() const { return home_.websocket(); }

  Connections& home_;
  Loop& loop_;
  websocket::stream<Transport> stream_;
  Upgrade upgrade_;
  std::unique_ptr<SessionHandler> handler_;
  State state_ = State::opening;
  Clock::time_point deadline_;  // of every state but open

  boost::beast::flat_buffer incoming_;
  Liveness liveness_{Clock::now()};
  bool pinging_ = false;  // the stream has not written our ping yet

  Outbox outbox_;
  bool collecting_ = false;   // write_collected() will be called
  bool blocked_ = false;      // the socket is full
  bool compressed_ = false;   // negotiated: frames go through the stream
  std::optional<Frame> compressing_;

  CloseCode code_ = CloseCode::normal;  // what we close with, and why
  std::string reason_;
  std::optional<std::uint16_t> close_sent_;
  bool close_received_ = false;
};

WebsocketSession::WebsocketSession(Connections& home, Socket socket, Identity identity, std::string early,
                                   Upgrade upgrade)
    : Connection(std::move(identity)),
      home_(home),
      loop_(home.shard().loop()),
      stream_(std::move(socket), std::move(early), static_cast<Transport::Owner&>(*this)),
      upgrade_(std::move(upgrade)),
      outbox_(home.websocket().outbox) {}

WebsocketSession::~WebsocketSession() {
  if (collecting_) loop_.forget(*this);
}

void WebsocketSession::start(const HandshakeRequest& request) {
  deadline_ = Clock::now() + home_.http().timeout;
  stream_.auto_fragment(false);
  stream_.read_message_max(settings().max_message);
  if (settings().compression) {
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    deflate.msg_size_threshold = 1;  // Beast cannot compress nothing
    stream_.set_option(deflate);
  }
  stream_.set_option(websocket::stream_base::decorator{[this](websocket::response_type& response) {
    response.set(http::field::server, "hubbub");
    if (!upgrade_.subprotocol.empty()) response.set(http::field::sec_websocket_protocol, upgrade_.subprotocol);
    compressed_ = response.count(http::field::sec_websocket_extensions) != 0;
  }});
  stream_.control_callback([this](websocket::frame_type, boost::beast::string_view) {
    // A control frame within a message does not complete it.
    if (stream_.is_message_done()) liveness_.finished();
  });
  stream_.async_accept(request, later([](WebsocketSession& self, const error_code& error) { self.on_accepted(error); }));
}

void WebsocketSession::on_accepted(const error_code& error) {
  if (error) return end();
  state_ = State::open;
  spdlog::debug("connection={} websocket open", number());
  try {
    handler_ = upgrade_.open(*this);
    if (!handler_) throw std::logic_error{"there is no handler"};
  } catch (const std::exception& failure) {
    spdlog::error("connection={} opening failed: {}", number(), failure.what());
    begin_closing(CloseCode::internal, "internal error");
  } catch (...) {
    spdlog::error("connection={} opening failed", number());
    begin_closing(CloseCode::internal, "internal error");
  }
  upgrade_ = {};
  read();
}

void WebsocketSession::read() {
  const auto size = std::clamp(stream_.read_size_hint(least_read), least_read, most_read);
  stream_.async_read_some(incoming_.prepare(size), [self = shared_from_this()](const error_code& error, std::size_t n) {
    if (self->state_ == State::ended) return;
    self->incoming_.commit(n);
    self->on_read(error);
  });
}

void WebsocketSession::on_read(const error_code& error) {
  if (error) return on_closed(error);
  liveness_.continued();
  if (stream_.is_message_done()) {
    liveness_.finished();
    if (state_ == State::open) deliver();
    incoming_.clear();
    if (incoming_.capacity() > kept_buffer) incoming_.shrink_to_fit();
  } else if (state_ != State::open) {
    incoming_.clear();
  }
  read();
}

void WebsocketSession::deliver() {
  const std::string_view payload{static_cast<const char*>(incoming_.data().data()), incoming_.size()};
  try {
    handler_->on_message(payload, stream_.got_binary() ? Opcode::binary : Opcode::text);
  } catch (const std::exception& failure) {
    spdlog::error("connection={} handling a message failed: {}", number(), failure.what());
    begin_closing(CloseCode::internal, "internal error");
  } catch (...) {
    spdlog::error("connection={} handling a message failed", number());
    begin_closing(CloseCode::internal, "internal error");
  }
}

void WebsocketSession::send(const Frame& frame) {
  if (state_ != State::open) return;
  if (!outbox_.push(frame)) {
    spdlog::info("connection={} too slow: {} bytes wait for it", number(), outbox_.counted());
    outbox_.discard();
    return begin_closing(CloseCode::too_slow, "too slow");
  }
  collect();
}

void WebsocketSession::catch_up(std::span<const Frame> frames) {
  if (state_ != State::open) return;
  for (const auto& frame : frames) outbox_.push_uncounted(frame);
  collect();
}

void WebsocketSession::close(CloseCode code, std::string_view reason) { begin_closing(code, reason); }

void WebsocketSession::dismiss(CloseCode code, std::string_view reason) {
  if (state_ == State::opening) return end();
  begin_closing(code, reason);
}

void WebsocketSession::sweep(Clock::time_point now) {
  if (state_ == State::open) return look_after(now);
  if (now < deadline_) return;
  spdlog::debug("connection={} cut: it did not finish closing in time", number());
  end();
}

void WebsocketSession::look_after(Clock::time_point now) {
  switch (liveness_.look(now, {settings().ping_interval, settings().pong_timeout, settings().message_timeout})) {
    case Liveness::Due::nothing: break;
    case Liveness::Due::ping:
      if (std::exchange(pinging_, true)) break;
      stream_.async_ping({}, later([](WebsocketSession& self, const error_code&) { self.pinging_ = false; }));
      break;
    case Liveness::Due::no_pong:
      outbox_.discard();
      begin_closing(CloseCode::no_pong, "no pong");
      break;
    case Liveness::Due::unfinished_message: begin_closing(CloseCode::policy, "message not finished in time"); break;
  }
}

// There is something to write. Compressing is begun at once, so that it is done by the end of the turn.
void WebsocketSession::collect() {
  if (compressed_) compress_next();
  if (!blocked_) at_end_of_turn();
}

void WebsocketSession::at_end_of_turn() {
  if (std::exchange(collecting_, true)) return;
  loop_.at_end_of_turn(*this);
}

void WebsocketSession::write_collected() {
  collecting_ = false;
  if (state_ == State::ended) return;
  if (state_ != State::open) release_handler();
  if (!blocked_) write();
}

void WebsocketSession::write() {
  for (std::size_t written = 0; written < most_written;) {
    if (transport().collected().empty() && (compressed_ || outbox_.empty())) return on_all_written();
    error_code error;
    const auto bytes = write_some(error);
    if (error == asio::error::would_block || error == asio::error::try_again) return wait_for_room();
    if (error) return end();
    written += bytes;
  }
  // The other connections have their turn, and what this client has sent.
  asio::post(transport().get_executor(), [self = shared_from_this()] { self->at_end_of_turn(); });
}

void WebsocketSession::wait_for_room() {
  blocked_ = true;
  transport().socket().async_wait(Socket::wait_write, later([](WebsocketSession& self, const error_code& error) {
                                    self.blocked_ = false;
                                    error ? self.end() : self.write();
                                  }));
}

// First the rest of a frame that was begun, then what the stream wrote, so that a pong does not wait for a queue to
// drain, then what is queued.
std::size_t WebsocketSession::write_some(error_code& error) {
  std::array<std::string_view, most_pieces> pieces;
  const auto own = transport().collected();
  const bool begun = outbox_.begun();
  std::size_t count = 1;
  if (!compressed_) count += outbox_.peek(std::span{pieces}.subspan(1));
  pieces[0] = own;
  if (begun) std::swap(pieces[0], pieces[1]);
  const auto rest_of_begun = begun ? pieces[0].size() : 0;

  std::array<asio::const_buffer, most_pieces> buffers;
  std::transform(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count), buffers.begin(),
                 [](std::string_view bytes) { return asio::buffer(bytes); });
  const auto sent = transport().socket().write_some(std::span<const asio::const_buffer>{buffers.data(), count}, error);

  const auto finished = std::min(sent, rest_of_begun);
  const auto of_own = std::min(sent - finished, own.size());
  if (sent - of_own != 0) outbox_.take(sent - of_own);
  if (of_own != 0) transport().take(of_own);
  return sent;
}

void WebsocketSession::compress_next() {
  if (compressing_ || close_sent_) return;
  compressing_ = outbox_.pop();
  if (!compressing_) return;
  stream_.binary(compressing_->opcode() == Opcode::binary);
  stream_.async_write(asio::buffer(compressing_->payload()), later([](WebsocketSession& self, const error_code&) {
                        self.compressing_.reset();
                        self.collect();
                      }));
}

void WebsocketSession::on_all_written() {
  if (state_ == State::closing && !compressing_) {
    send_close(static_cast<std::uint16_t>(code_), reason_);
  } else if (state_ == State::parting) {
    if (close_received_) return end();  // RFC 6455, 7.1.1: the server closes first, and at once
    state_ = State::parted;
    error_code ignored;
    transport().socket().shutdown(Socket::shutdown_send, ignored);
    discard_input();
  }
}

// What is queued leaves first, then the close frame. The handler is released at the end of the turn, not from here:
// it may be what calls.
void WebsocketSession::begin_closing(CloseCode code, std::string_view reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  deadline_ = Clock::now() + settings().close_timeout;
  code_ = code;
  reason_ = shortened(reason);
  at_end_of_turn();
}

// Once: whoever closes first, and whatever happens after that.
void WebsocketSession::send_close(std::uint16_t code, std::string_view reason) {
  if (close_sent_) return;
  close_sent_ = code;
  std::string payload;
  if (code != no_code) payload = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  payload += reason;
  transport().collect(std::string{close_frame, static_cast<char>(payload.size())} + payload);
  at_end_of_turn();
}

// All close frames are the session's, which knows what is queued and why it closes; the stream, which writes one before it
// says how it ended, would answer some of them with the wrong code. Nothing may follow a close frame.
bool WebsocketSession::admits(std::string_view frame) {
  if (close_sent_ || frame.starts_with(close_frame)) return false;
  if (!blocked_) at_end_of_turn();
  return true;
}

// However the stream ended: with the client's close frame, by a violation of the protocol, or with the socket.
void WebsocketSession::on_closed(const error_code& error) {
  const bool socket_gone =
      error.category() == boost::system::system_category() || error.category() == asio::error::get_misc_category();
  if (socket_gone) return end();
  close_received_ = error == websocket::error::closed;
  if (!close_received_) spdlog::info("connection={} violated the protocol: {}", number(), error.message());
  outbox_.discard();
  send_close(answer_to(error, stream_.reason().code), "");
  part();
}

void WebsocketSession::part() {
  if (state_ != State::closing) deadline_ = Clock::now() + settings().close_timeout;
  state_ = State::parting;
  at_end_of_turn();
}

// Closing at once, with something unread, would make the kernel throw away what was sent last.
void WebsocketSession::discard_input() {
  std::array<char, 16 * 1024> scratch;
  error_code error;
  transport().socket().read_some(asio::buffer(scratch), error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) return end();
  transport().socket().async_wait(Socket::wait_read, later([](WebsocketSession& self, const error_code& failed) {
                                    failed ? self.end() : self.discard_input();
                                  }));
}

void WebsocketSession::end() {
  if (state_ == State::ended) return;
  const auto received = stream_.reason().code;
  spdlog::debug("connection={} websocket ended: sent {}, received {}", number(), close_sent_.value_or(no_code),
                static_cast<unsigned>(received));
  state_ = State::ended;
  const auto self = shared_from_this();
  home_.remove(*this);
  transport().close();
  identity_.place.give_up();
  release_handler();
}

void WebsocketSession::release_handler() {
  if (!handler_) return;
  const auto handler = std::move(handler_);
  try {
    handler->on_close();
  } catch (const std::exception& failure) {
    spdlog::error("connection={} closing failed: {}", number(), failure.what());
  } catch (...) {
    spdlog::error("connection={} closing failed", number());
  }
}

}  // namespace

void start_websocket_session(Connections& home, Socket socket, Identity identity, const HandshakeRequest& request,
                             std::string early, Upgrade upgrade) {
  auto session = std::make_shared<WebsocketSession>(home, std::move(socket), std::move(identity), std::move(early),
                                                    std::move(upgrade));
  home.add(session);
  session->start(request);
}

}  // namespace hubbub::net
