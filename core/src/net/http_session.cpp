#include "net/http_session.hpp"

#include <spdlog/spdlog.h>
#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <string>

#include "config/config.hpp"
#include "net/asio.hpp"
#include "net/loop.hpp"
#include "net/request_reader.hpp"
#include "net/response_head.hpp"

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_read = 8 * 1024;  // bytes, at once
constexpr std::size_t piece = 64 * 1024;     // of a file, sent at once
constexpr int pieces_in_a_row = 16;       // then the other connections have their turn
constexpr std::chrono::milliseconds longest_goodbye = 2s;

class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Connections& home, Socket socket, Identity identity)
      : Connection(std::move(identity)), home_(home), socket_(std::move(socket)), reader_(home.http()) {}

  void start() {
    self_ = shared_from_this();
    home_.add(*this);
    spdlog::debug("connection={} accepted", number());
    set_deadline();
    read();
  }

  void sweep(Clock::time_point now) override;
  void dismiss(CloseCode, std::string_view) override;
  void cut() override { end(); }

 private:
  enum class State {
    waiting,  // for the first byte of a request
    reading,  // the rest of it
    writing,  // the answer
    parting,  // the answer was the last one: until the client has seen it and closes
    ended
  };

  void read();
  void on_readable();
  void advance();
  void begin_request();
  void refuse(unsigned status, std::string_view why);

  void answer();
  Answer ask_site(bool wants_websocket);
  void respond(Response response, bool keep_alive);
  void upgrade(Upgrade upgrade);

  void write();
  std::size_t write_some(error_code& error);
  std::size_t write_file(error_code& error);
  void on_written();
  void part();
  void end();

  void set_deadline() { deadline_ = Clock::now() + home_.http().timeout; }

  template <class Call>
  auto later(Call call) {
    return [self = shared_from_this(), call](const error_code& error, auto... rest) {
      if (self->state_ != State::ended) call(*self, error, rest...);
    };
  }

  Connections& home_;
  std::shared_ptr<HttpSession> self_;  // until it has ended
  Socket socket_;
  RequestReader reader_;
  State state_ = State::waiting;
  Clock::time_point deadline_;
  bool reading_ = false;  // from the socket
  bool first_ = true;  // no request has begun yet
  bool last_ = false;  // no request after the one in hand

  std::string head_;
  std::string body_;
  std::size_t written_ = 0;  // of head and body
  FileSlice file_;
};

// Who says nothing owns no buffer: what comes is read into the shard's.
void HttpSession::read() {
  if (std::exchange(reading_, true)) return;
  socket_.async_wait(Socket::wait_read, later([](HttpSession& self, const error_code& error) {
                       self.reading_ = false;
                       if (self.state_ != State::writing) error ? self.end() : self.on_readable();  // else too late: see sweep()
                     }));
}

void HttpSession::on_readable() {
  const auto buffer = home_.loop().buffer().first(most_read);
  error_code error;
  const auto bytes = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return read();
  if (error) return end();
  if (state_ == State::parting) return read();  // what comes now is not looked at any more, only taken
  reader_.add(buffer.first(bytes));
  advance();
}

void HttpSession::advance() {
  using Progress = RequestReader::Progress;
  const auto progress = reader_.advance();
  if (progress != Progress::nothing && state_ == State::waiting) begin_request();
  switch (progress) {
    case Progress::wants_continue: {
      // The socket has room for it; a client that misses it sends its body anyway.
      error_code ignored;
      socket_.write_some(asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), ignored);
      return read();
    }
    case Progress::nothing:
    case Progress::partial: return read();
    case Progress::complete: return answer();
    case Progress::refused: return refuse(reader_.problem().status, reader_.problem().why);
  }
}

void HttpSession::begin_request() {
  state_ = State::reading;
  // The first request has its time from the connection's beginning, any other from its own.
  if (!std::exchange(first_, false)) set_deadline();
}

void HttpSession::refuse(unsigned status, std::string_view why) {
  spdlog::debug("connection={} refused with {}: {}", number(), status, why);
  auto response = refusal(status, why);
  if (status == 426) {
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  respond(std::move(response), false);
}

void HttpSession::answer() {
  const auto& request = reader_.request();
  const auto lookup = [this](std::string_view name) { return reader_.header(name); };
  const bool wants_websocket = lists(lookup("Upgrade"), "websocket");
  if (wants_websocket) {
    const auto problem = handshake_problem(request.method_string(), request.version() == 11, lookup);
    if (problem) return refuse(problem->status, problem->why);
    if (!request.body().empty()) return refuse(400, "a request for a WebSocket has no body");
  }
  auto answer = ask_site(wants_websocket);
  if (auto* accepted = std::get_if<Upgrade>(&answer)) return upgrade(std::move(*accepted));
  // Who wanted a WebSocket has no other use for the connection.
  respond(std::get<Response>(std::move(answer)), request.keep_alive() && !wants_websocket);
}

Answer HttpSession::ask_site(bool wants_websocket) {
  const auto& request = reader_.request();
  try {
    auto answer = home_.site().answer({request.method_string(), request.target(),
                                       [this](std::string_view name) { return reader_.header(name); }, wants_websocket,
                                       number(), request.body()});
    if (wants_websocket || std::holds_alternative<Response>(answer)) return answer;
    spdlog::error("connection={} answering failed: an upgrade was the answer to a request without one", number());
  } catch (const std::exception& failure) {
    spdlog::error("connection={} answering failed: {}", number(), failure.what());
  } catch (...) {
    spdlog::error("connection={} answering failed", number());
  }
  return refusal(500, "the server failed to answer this");
}

void HttpSession::respond(Response response, bool keep_alive) {
  const auto* request = reader_.has_head() ? &reader_.request() : nullptr;
  last_ = last_ || !keep_alive;
  const auto length = [](const auto& body) {
    if (const auto* file = std::get_if<FileSlice>(&body)) return file->length;
    return std::uint64_t{std::get<std::string>(body).size()};
  };
  const Framing framing{!request || request->version() == 11, !last_, length(response.body)};
  try {
    head_ = response_head(response, framing);
  } catch (const std::exception& failure) {
    spdlog::error("connection={} answering failed: {}", number(), failure.what());
    response = refusal(500, "the server failed to answer this");
    head_ = response_head(response, {framing.http_1_1, framing.keep_alive, length(response.body)});
  }
  bool bodiless = response.status == 204 || response.status == 304;
  if (request) {
    const std::string_view method = request->method_string();
    const std::string_view target = request->target();
    bodiless = bodiless || method == "HEAD";
    spdlog::debug("connection={} {} {} {}", number(), method, target.substr(0, target.find('?')), response.status);
  }
  if (!bodiless) {
    if (auto* text = std::get_if<std::string>(&response.body)) body_ = std::move(*text);
    if (auto* file = std::get_if<FileSlice>(&response.body)) file_ = std::move(*file);
  }
  reader_.next();
  state_ = State::writing;
  set_deadline();
  write();
}

void HttpSession::upgrade(Upgrade upgrade) {
  auto accepted = accept_handshake([this](std::string_view name) { return reader_.header(name); }, upgrade.subprotocol,
                                   home_.websocket().compression);
  Descriptor socket{socket_.release()};
  state_ = State::ended;
  home_.loop().dispose(std::move(self_));
  home_.remove(*this);
  home_.upgrade(std::move(socket), std::move(identity_), std::move(accepted), reader_.take_rest(), std::move(upgrade));
}

void HttpSession::write() {
  for (int i = 0; i < pieces_in_a_row; ++i) {
    const bool text_left = written_ < head_.size() + body_.size();
    if (!text_left && file_.length == 0) return on_written();
    error_code error;
    const auto bytes = text_left ? write_some(error) : write_file(error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      return socket_.async_wait(Socket::wait_write, later([](HttpSession& self, const error_code& failed) {
                                  failed ? self.end() : self.write();
                                }));
    }
    if (error || bytes == 0) return end();
    set_deadline();
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->state_ == State::writing) self->write();
  });
}

std::size_t HttpSession::write_some(error_code& error) {
  const auto of_body = written_ - std::min(written_, head_.size());
  const std::array<asio::const_buffer, 2> rest{asio::buffer(head_) + written_, asio::buffer(body_) + of_body};
  const auto bytes = socket_.write_some(rest, error);
  written_ += bytes;
  return bytes;
}

std::size_t HttpSession::write_file(error_code& error) {
  auto offset = static_cast<off_t>(file_.offset);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece, file_.length));
  const auto sent = ::sendfile(socket_.native_handle(), file_.file.get(), &offset, wanted);
  if (sent < 0) {
    error.assign(errno, boost::system::system_category());
    return 0;
  }
  if (sent == 0) spdlog::warn("connection={} a file became shorter while it was sent", number());
  const auto bytes = static_cast<std::size_t>(sent);
  file_.offset += bytes;
  file_.length -= bytes;
  return bytes;
}

void HttpSession::on_written() {
  head_.clear();
  body_ = {};
  written_ = 0;
  file_ = {};
  if (last_) return part();
  state_ = State::waiting;
  set_deadline();
  if (!reader_.has_rest()) return read();
  // Not from here: a client may have sent any number of requests ahead.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->state_ == State::waiting) self->advance();
  });
}

// Closing at once, with something unread, would make the kernel throw the answer away.
void HttpSession::part() {
  state_ = State::parting;
  deadline_ = Clock::now() + std::min(home_.http().timeout, longest_goodbye);
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  read();
}

void HttpSession::end() {
  if (state_ == State::ended) return;
  state_ = State::ended;
  home_.loop().dispose(std::move(self_));
  spdlog::debug("connection={} ended", number());
  error_code ignored;
  socket_.close(ignored);
  identity_.place.give_up();
  home_.remove(*this);
}

void HttpSession::sweep(Clock::time_point now) {
  if (now < deadline_) return;
  if (state_ != State::reading) return end();
  refuse(408, "the request did not arrive in time");
}

void HttpSession::dismiss(CloseCode, std::string_view) {
  if (state_ == State::writing) {
    last_ = true;
  } else if (state_ != State::parting) {
    end();
  }
}

}  // namespace

void start_http_session(Connections& home, Descriptor socket, Identity identity) {
  // Asio wants to know the protocol, and asks it for nothing that is done here.
  Socket served{home.shard().loop().context()};
  served.assign(asio::ip::tcp::v4(), socket.get());  // or throws, and takes nothing
  socket.release();
  served.non_blocking(true);
  std::make_shared<HttpSession>(home, std::move(served), std::move(identity))->start();
}

}  // namespace hubbub::net
