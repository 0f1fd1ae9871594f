#include "net/websocket/connection.hpp"

#include <hubbub/shown.hpp>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "config/config.hpp"
#include "net/connections.hpp"
#include "net/websocket/backlog.hpp"
#include "net/websocket/deflated.hpp"
#include "net/websocket/frame_header.hpp"
#include "net/websocket/frame_reader.hpp"
#include "net/websocket/frame_writer.hpp"
#include "net/websocket/liveness.hpp"
#include "runtime/log.hpp"
#include "runtime/loop.hpp"

namespace hubbub::net {
namespace {

constexpr std::size_t most_pieces = 64;           // written in one system call
constexpr std::size_t most_written = 256 * 1024;  // bytes in one turn, however quickly the client reads
constexpr std::size_t most_compressed = 1024;     // bytes read in one turn: inflated, they are a thousand times as many at most
constexpr double least_taken = 1024;              // bytes a second: with less, a client would keep what waits for it in memory for days
constexpr CloseCode unsaid{};                     // the client left without a close frame, and gets none

class WebsocketConnection final : public Sink, public Connection {
 public:
  WebsocketConnection(Websockets& home, Stream stream, std::uint64_t number, int window_bits)
      : Connection(number),
        stream_(std::move(stream)),
        window_bits_(static_cast<std::uint8_t>(window_bits)),
        home_(home) {}

  ~WebsocketConnection() {
    if (state_ != State::ended) stream_.unwatch(home_.loop().poller(), *this);  // there was no memory to add it
  }

  void watch() {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    stream_.watch(home_.loop().poller(), *this, {.reading = true});
  }
  void start(std::string_view response, std::string early, const Upgrade& upgrade);

  void send(const Frame& frame) override;
  void send(const Batch& batch, std::size_t first) override;
  void catch_up(std::span<const Frame> frames, std::function<void()> more) override;
  void probe() override {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    liveness_.probe();
  }
  void close(CloseCode code, std::string_view reason) override {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    begin_closing(code, reason);
  }

  void sweep(Clock::time_point now) override;
  void dismiss(CloseCode code, std::string_view reason) override { close(code, reason); }
  void cut() override {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    end();
  }

 private:
  enum class State : std::uint8_t {
    open,
    finishing,  // takes no more messages; earlier messages are being answered
    closing,    // takes neither messages nor frames any more; queued frames leave, then the closing handshake
    parting,    // the closing handshake is over, or hopeless: the rest of the backlog leaves
    parted,     // waits until the client closes the socket; the client may still be sending
    broken,     // the socket has failed; ends with the turn, because the handler may be the caller, and must not be called back now
    ended
  };

  // The state of closing, once it has begun.
  struct Closing {
    Clock::time_point deadline;
    CloseCode code = CloseCode::normal;  // of our close frame, with the reason
    std::string reason = {};
    std::optional<std::uint16_t> sent = {};
    std::optional<std::uint16_t> received = {};
    bool hopeless = false;  // the client broke the protocol: there is no handshake with it
    bool heard_out = false;  // the client has shut its side of the socket

    bool is_answered() const { return received || hopeless || heard_out; }
  };

  // From a call of catch_up(): `more` is called as soon as its frames have been written.
  struct CatchingUp {
    std::function<void()> more;
    Clock::time_point since;  // when the client was last seen to take something
    std::optional<std::uint32_t> taken = {};  // Stream::taken_so_far() then
  };

  // Exists only while the socket has not taken everything, or once closing has begun.
  struct Unsettled {
    explicit Unsettled(std::size_t bound) : backlog(bound) {}
    Backlog backlog;
    std::optional<CatchingUp> catching_up;
    std::optional<Closing> closing;  // in every state but open
  };

  void on_ready(bool readable, bool writable) override;
  void write_collected();
  void read();
  void take(std::span<char> bytes);
  bool listens() const;
  void handle(const Received& received);
  void deliver(std::string_view payload, Opcode opcode);
  bool takes_enough(std::optional<std::uint32_t> before, std::optional<std::uint32_t> now) const;
  void look_after(Clock::time_point now);

  Frame as_sent(const Frame& frame) const;
  Unsettled& unsettled();
  Backlog& backlog() { return unsettled().backlog; }
  bool queue(const Frame& frame);
  void write_what_goes();
  void too_slow(const char* how);
  void write();
  std::ptrdiff_t write_some();
  void wait_for_room(bool wanted);
  void watch_for(bool room);
  void on_all_written();
  void at_end_of_turn();

  bool takes_frames() const { return state_ <= State::finishing; }
  void finish(CloseCode code);
  void begin_closing(CloseCode code, std::string_view reason);
  void send_close(std::uint16_t code, std::string_view reason);
  void on_close_frame(std::uint16_t code);
  void violated(std::uint16_t code, const char* why);
  void on_end_of_stream();
  void stop_listening(CloseCode code);
  void part();
  void break_off();
  void end();
  void release_handler();

  template <class Call>
  void guarded(const char* what, Call call);

  Closing& closing();
  const Closing* begun_closing() const { return unsettled_ && unsettled_->closing ? &*unsettled_->closing : nullptr; }
  const config::Websocket& settings() const { return home_.settings(); }

  // The members that sending a batch touches stand first, side by side: with many connections they come from memory each time.
  Stream stream_;
  State state_ = State::open;
  const std::uint8_t window_bits_;  // of the client's window for compressed frames; 0: none are compressed
  bool blocked_ = false;            // the socket is full
  bool collecting_ = false;         // write_collected() is due at the end of the turn
  Liveness liveness_{Clock::now()};
  std::optional<std::uint32_t> taken_;    // Stream::taken_so_far() when the client was pinged; nothing if no bytes were on their way
  std::unique_ptr<Unsettled> unsettled_;  // null: the connection is open, and the socket has taken everything
  Websockets& home_;
  FrameReader reader_;
  std::unique_ptr<MessageHandler> handler_;
};

static_assert(sizeof(WebsocketConnection) <= 88);

void WebsocketConnection::start(std::string_view response, std::string early, const Upgrade& upgrade) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  guarded("opening", [&] {
    backlog().control(response);
    at_end_of_turn();
    log::debug("connection={} websocket open", number());
    handler_ = upgrade.open(*this);
    if (!handler_) throw std::logic_error{"Upgrade::open returned no handler"};
  });
  if (window_bits_ != 0 && early.size() > most_compressed) return violated(1002, "data before the handshake was answered");
  if (!early.empty()) take(early);
}

// Reading

void WebsocketConnection::on_ready(bool readable, bool writable) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (writable && blocked_) {
    wait_for_room(false);
    write();
  }
  if (readable && state_ != State::ended) read();
}

// One read a turn. Bytes that are left are read in the next turn, after the other connections have had theirs.
void WebsocketConnection::read() {
  auto buffer = home_.loop().buffer();
  if (window_bits_ != 0) buffer = buffer.first(std::min(buffer.size(), most_compressed));
  const auto bytes = stream_.receive(buffer);
  if (bytes > 0) return take(buffer.first(static_cast<std::size_t>(bytes)));
  if (bytes == 0) return on_end_of_stream();
  if (!runtime::is_for_later(errno)) end();
}

void WebsocketConnection::take(std::span<char> bytes) {
  liveness_.heard();
  const ReadRules rules{settings().max_message, window_bits_ != 0 ? &home_.inflater() : nullptr};
  while (listens()) {
    const auto received = reader_.next(bytes, rules);
    if (received.kind == Received::Kind::nothing) break;
    handle(received);
  }
  liveness_.in_message(reader_.in_message());
}

// Whether frames of the client still count.
bool WebsocketConnection::listens() const {
  const auto* closing = begun_closing();
  return state_ == State::open || (state_ == State::closing && !closing->is_answered());
}

void WebsocketConnection::handle(const Received& received) {
  switch (received.kind) {
    case Received::Kind::nothing: return;
    case Received::Kind::text: return deliver(received.payload, Opcode::text);
    case Received::Kind::binary: return deliver(received.payload, Opcode::binary);
    case Received::Kind::ping:
      if (const auto* closing = begun_closing(); closing && closing->sent) return;  // nothing may follow a close frame
      backlog().pong(pong_frame(received.payload));
      return at_end_of_turn();
    case Received::Kind::pong: return;
    case Received::Kind::close: return on_close_frame(received.code);
    case Received::Kind::failure: return violated(received.code, received.why);
  }
}

void WebsocketConnection::deliver(std::string_view payload, Opcode opcode) {
  liveness_.finished();
  if (state_ != State::open || !handler_) return;
  guarded("handling a message", [&] { handler_->on_message(payload, opcode); });
}

// Writing

// The form of `frame` for this client: compressed if that was negotiated and makes it smaller.
Frame WebsocketConnection::as_sent(const Frame& frame) const {
  return window_bits_ == 0 ? frame : deflated(frame, home_.deflater(), window_bits_);
}

void WebsocketConnection::send(const Frame& frame) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (takes_frames() && queue(as_sent(frame))) at_end_of_turn();
}

void WebsocketConnection::catch_up(std::span<const Frame> frames, std::function<void()> more) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (!takes_frames()) return;
  for (const auto& frame : frames) {
    // Other newcomers get the same frames, so the compressed form is kept.
    if (!queue(window_bits_ == 0 ? frame : home_.deflated().of(frame, home_.deflater(), window_bits_))) return;
  }
  if (more) unsettled().catching_up = CatchingUp{std::move(more), Clock::now()};
  at_end_of_turn();
}

// The hot path: a batch for a whole room. If nothing is waiting, this is one system call.
void WebsocketConnection::send(const Batch& batch, std::size_t first) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (!takes_frames()) return;
  const auto& own = window_bits_ == 0 ? batch : batch.converted(window_bits_, [this](const Frame& frame) { return as_sent(frame); });
  const auto frames = own.frames(first);
  std::size_t sent = 0;
  if (!unsettled_) {
    const auto bytes = own.bytes(first);
    const auto count = stream_.send(bytes);
    if (count == static_cast<std::ptrdiff_t>(bytes.size())) return;
    if (count < 0 && !runtime::is_for_later(errno)) return break_off();
    sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    wait_for_room(true);
  }
  for (const auto& frame : frames) {
    const auto of_frame = std::min(sent, frame.bytes().size());
    sent -= of_frame;
    if (of_frame == frame.bytes().size()) continue;
    if (!queue(frame)) return;
    if (of_frame != 0) backlog().outbox.take(of_frame);
  }
  if (!blocked_) write();
}

WebsocketConnection::Unsettled& WebsocketConnection::unsettled() {
  if (!unsettled_) unsettled_ = std::make_unique<Unsettled>(settings().outbox);
  return *unsettled_;
}

// If the outbox is full, the socket is tried first: a reader is behind only if the kernel takes nothing more.
bool WebsocketConnection::queue(const Frame& frame) {
  if (backlog().outbox.push(frame)) return true;
  write_what_goes();
  if (state_ == State::broken) return false;
  if (backlog().outbox.push(frame)) return true;
  too_slow("more waits for it than websocket.outbox");
  return false;
}

void WebsocketConnection::write_what_goes() {
  while (!backlog().empty()) {
    if (write_some() >= 0) continue;
    return runtime::is_for_later(errno) ? wait_for_room(true) : break_off();
  }
}

void WebsocketConnection::too_slow(const char* how) {
  log::write(home_.connections().lines().slow_reader.is_due() ? log::Level::info : log::Level::debug,
             "connection={} too slow: {}; {} bytes wait", number(), how, backlog().outbox.counted());
  backlog().outbox.discard();
  begin_closing(CloseCode::too_slow, "too slow");
}

void WebsocketConnection::at_end_of_turn() {
  if (blocked_ && takes_frames()) return;
  if (!std::exchange(collecting_, true)) home_.loop().at_end_of_turn<&WebsocketConnection::write_collected>(*this);
}

void WebsocketConnection::write_collected() {
  collecting_ = false;
  if (state_ == State::ended) return;
  if (state_ == State::broken) return end();
  if (!takes_frames()) release_handler();
  if (!blocked_) write();
}

void WebsocketConnection::write() {
  for (std::size_t written = 0; unsettled_ && !backlog().empty();) {
    const auto bytes = write_some();
    if (bytes < 0) return runtime::is_for_later(errno) ? wait_for_room(true) : break_off();
    written += static_cast<std::size_t>(bytes);
    // The other connections get their turn, and this client's own messages are read.
    if (written >= most_written) return wait_for_room(true);
  }
  if (stream_.has_unsent()) return wait_for_room(true);
  auto caught_up = unsettled_ ? std::exchange(unsettled_->catching_up, {}) : std::nullopt;
  if (state_ == State::open) unsettled_.reset();
  on_all_written();
  if (caught_up && takes_frames()) caught_up->more();
}

std::ptrdiff_t WebsocketConnection::write_some() {
  std::array<std::string_view, most_pieces> pieces;
  const auto waiting = backlog().peek(pieces);
  std::array<iovec, most_pieces> vectors;
  std::size_t count = 0;
  for (auto left = most_written; count < waiting && left != 0; ++count) {
    const auto piece = pieces[count].substr(0, left);
    vectors[count] = {const_cast<char*>(piece.data()), piece.size()};
    left -= piece.size();
  }
  const auto bytes = stream_.send(std::span{vectors}.first(count));
  if (bytes > 0) backlog().take(static_cast<std::size_t>(bytes));
  return bytes;
}

void WebsocketConnection::wait_for_room(bool wanted) {
  if (std::exchange(blocked_, wanted) == wanted) return;
  watch_for(wanted);
}

void WebsocketConnection::watch_for(bool room) {
  const auto* closing = begun_closing();
  const bool readable = !closing || !closing->heard_out;
  if (!stream_.change(home_.loop().poller(), *this, {.reading = readable, .writing = room})) break_off();
}

void WebsocketConnection::on_all_written() {
  if (state_ == State::closing) {
    const auto& ending = closing();
    if (!ending.sent && ending.code != unsaid) return send_close(static_cast<std::uint16_t>(ending.code), ending.reason);
    if (ending.is_answered()) part();
  } else if (state_ == State::parting) {
    if (closing().received || closing().heard_out) return end();  // RFC 6455, 7.1.1: the server closes first, and at once
    // Closing at once, with something unread, would make the kernel throw away what was sent last.
    state_ = State::parted;
    stream_.shut_down();
  }
}

// Deadlines

void WebsocketConnection::sweep(Clock::time_point now) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (state_ == State::open) return look_after(now);
  if (now < closing().deadline) return;
  if (state_ == State::finishing) return begin_closing(closing().code, closing().reason);  // late answers are not waited for
  log::debug("connection={} cut: it did not finish closing in time", number());
  end();
}

// Whether the client takes what was sent to it, slowly perhaps. Both are from Stream::taken_so_far(), pong_timeout or less apart.
bool WebsocketConnection::takes_enough(std::optional<std::uint32_t> before, std::optional<std::uint32_t> now) const {
  if (!before || !now) return before != now;  // it has taken everything, or had
  return *now - *before >= least_taken * std::chrono::duration<double>(settings().pong_timeout).count();
}

void WebsocketConnection::look_after(Clock::time_point now) {
  if (unsettled_ && unsettled_->catching_up) {
    auto& [more, since, taken] = *unsettled_->catching_up;
    if (const auto taken_now = stream_.taken_so_far(); takes_enough(taken, taken_now)) {
      taken = taken_now;
      since = now;
    }
  }
  if (unsettled_ && unsettled_->catching_up && now - unsettled_->catching_up->since >= settings().pong_timeout) {
    return too_slow("it has taken next to nothing of what it missed for websocket.pong_timeout");
  }
  switch (liveness_.look(now, {settings().ping_interval, settings().pong_timeout, settings().message_timeout, settings().close_timeout})) {
    case Liveness::Due::nothing: break;
    case Liveness::Due::ping:
      taken_ = stream_.taken_so_far();
      backlog().control(ping_frame());
      at_end_of_turn();
      break;
    case Liveness::Due::no_pong:
      // The ping comes behind bytes that were already on their way. A client that still takes these is there, however slow its line is.
      if (taken_ && takes_enough(taken_, stream_.taken_so_far())) {
        liveness_.heard();
        break;
      }
      backlog().outbox.discard();
      begin_closing(CloseCode::no_pong, "no pong");
      break;
    case Liveness::Due::unfinished_message: begin_closing(CloseCode::policy, "message not finished in time"); break;
  }
}

// The end

WebsocketConnection::Closing& WebsocketConnection::closing() {
  auto& closing = unsettled().closing;
  if (!closing) closing.emplace(Closing{.deadline = Clock::now() + settings().close_timeout});
  return *closing;
}

// The client sends no more messages. The handler answers the earlier ones and then closes the sink; answers that take longer than
// close_timeout are not waited for.
void WebsocketConnection::finish(CloseCode code) {
  if (state_ != State::open) return;
  state_ = State::finishing;
  closing().code = code;
  guarded("finishing", [&] {
    if (!handler_ || !handler_->on_last(code)) begin_closing(code, "");
  });
}

// Queued frames leave first, then the close frame. The handler is released at the end of the turn, because it may be the caller.
void WebsocketConnection::begin_closing(CloseCode code, std::string_view reason) {
  if (!takes_frames()) return;
  closing().reason = std::string{reason};  // first, because there may be no memory for it
  closing().code = code;
  state_ = State::closing;
  closing().deadline = Clock::now() + settings().close_timeout;
  at_end_of_turn();
}

// Only the first call sends a close frame, whoever closes and whatever happens after that.
void WebsocketConnection::send_close(std::uint16_t code, std::string_view reason) {
  if (closing().sent) return;
  closing().sent = code;
  backlog().control(close_frame(code, reason));
  at_end_of_turn();
}

void WebsocketConnection::on_close_frame(std::uint16_t code) {
  closing().received = code;
  stop_listening(CloseCode{code});
}

void WebsocketConnection::violated(std::uint16_t code, const char* why) {
  log::write(home_.connections().lines().violation.is_due() ? log::Level::info : log::Level::debug,
             "connection={} violated the protocol: {}", number(), why);
  closing().hopeless = true;
  stop_listening(CloseCode{code});
}

// The client may still be reading.
void WebsocketConnection::on_end_of_stream() {
  if (state_ > State::closing) return end();
  if (std::exchange(closing().heard_out, true)) return end();  // the socket is no longer watched for reading, so it has failed
  watch_for(blocked_);
  stop_listening(unsaid);
}

void WebsocketConnection::stop_listening(CloseCode code) {
  if (state_ == State::open) return finish(code);
  if (state_ == State::closing && closing().sent) part();  // else once the close frame has left, behind the queued frames
}

void WebsocketConnection::part() {
  state_ = State::parting;
  at_end_of_turn();
}

void WebsocketConnection::break_off() {
  state_ = State::broken;
  closing();
  at_end_of_turn();
}

void WebsocketConnection::end() {
  if (state_ == State::ended) return;
  const auto* closing = begun_closing();
  log::debug("connection={} websocket ended: sent {}, received {}", number(),
             closing ? closing->sent.value_or(no_code) : no_code, closing ? closing->received.value_or(no_code) : no_code);
  state_ = State::ended;
  const auto slot = home_.connections().remove(*this);  // given back once the socket and the handler are gone
  stream_.unwatch(home_.loop().poller(), *this);
  stream_ = {};
  release_handler();
  home_.loop().dispose(std::shared_ptr<WebsocketConnection>{this});  // if there is no memory for that, this destroys the connection at once
}

void WebsocketConnection::release_handler() {
  if (!handler_) return;
  const auto handler = std::move(handler_);
  guarded("closing", [&] { handler->on_close(); });
}

// An exception of the handler closes the connection.
template <class Call>
void WebsocketConnection::guarded(const char* what, Call call) {
  try {
    return call();
  } catch (const std::exception& failure) {
    log::error("connection={} {} failed: {}", number(), what, escaped(failure.what()));
  } catch (...) {
    log::error("connection={} {} failed", number(), what);
  }
  begin_closing(CloseCode::internal, "internal error");
}

}  // namespace

void start_websocket_connection(Websockets& home, Stream stream, Identity identity, Accepted accepted,
                                std::string early, Upgrade upgrade) {
  auto connection = std::make_unique<WebsocketConnection>(home, std::move(stream), identity.number, accepted.window_bits);
  connection->watch();
  home.connections().add(*connection, std::move(identity.slot));
  connection.release()->start(accepted.response, std::move(early), upgrade);  // it owns itself until end()
}

}  // namespace hubbub::net
