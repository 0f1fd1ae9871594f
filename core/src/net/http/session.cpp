#include "net/http/session.hpp"

#include <hubbub/shown.hpp>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "config/config.hpp"
#include "net/connection.hpp"
#include "net/http/request_reader.hpp"
#include "net/http/request_target.hpp"
#include "net/http/response_head.hpp"
#include "runtime/log.hpp"
#include "runtime/loop.hpp"

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_read = 8 * 1024;        // bytes, at once
constexpr std::size_t file_piece = 64 * 1024;      // bytes of a file, sent at once
constexpr int pieces_in_a_row = 16;                // then the other connections have their turn
constexpr std::uint64_t most_skipped = 64 * 1024;  // bytes of an unwanted body: if more would have to be read, the connection is closed
constexpr std::chrono::milliseconds longest_goodbye = 2s;  // for the client to read the last answer
constexpr std::string_view failed = "the server failed to answer this";
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

class HttpSession final : public Connection {
 public:
  HttpSession(HttpServer& home, Stream stream, const Address& peer, std::uint64_t number)
      : Connection(number), home_(home), stream_(std::move(stream)), peer_(peer), reader_(home.settings(), [this] { return most_body(); }) {}

  ~HttpSession() {
    if (state_ != State::ended) stream_.unwatch(home_.loop().poller(), *this);  // there was no memory to add it
  }

  void watch() {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    stream_.watch(home_.loop().poller(), *this, {.reading = true});
  }
  void start() {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    log::debug("connection={} accepted", number());
    set_deadline();
  }

  void sweep(Clock::time_point now) override;
  void dismiss(CloseCode, std::string_view) override;
  void cut() override {
    HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
    end();
  }

 private:
  enum class State {
    waiting,    // for the first byte of a request
    reading,    // the rest of it
    answering,  // the handler has the reply, and has not answered yet
    writing,    // the answer
    parting,    // the last answer has been written; waits until the client has read it and closes
    ended
  };

  // The current request, as its reply sees it. Exists until the answer has come, or is no longer waited for.
  struct Waiting {
    explicit Waiting(HttpSession& its_session) : session(its_session) {}
    void take(Answer answer);
    HttpSession& session;
    bool is_asking = true;          // the call of the handler has not returned
    std::optional<Answer> at_once;  // the answer that was given during that call
  };

  void on_ready(bool readable, bool writable) override;
  void read();
  void advance();
  void ask_for_body();
  void begin_request();
  void refuse(unsigned status, std::string_view why);

  void answer();
  Reply make_reply();
  void on_answer(Answer answer);
  void give(Answer answer);
  void stop_waiting();
  bool answer_unread(bool waits_to_be_asked);
  std::uint64_t most_body();
  template <class Ask>
  std::optional<Response> ask_handler(Ask ask);
  enum class Body { done, skip };
  void respond(Response response, bool keep_alive, Body body = Body::done);
  void upgrade(Upgrade upgrade);

  void write();
  std::ptrdiff_t write_some();
  std::ptrdiff_t write_file();
  void go_on_later();
  void watch_for(runtime::Interest wanted) { stream_.change(home_.loop().poller(), *this, wanted); }
  void on_written();
  void part();
  ConnectionCount::Slot leave();
  void end();

  void set_deadline() { deadline_ = Clock::now() + home_.settings().timeout; }

  HttpServer& home_;
  Stream stream_;
  const Address peer_;
  RequestReader reader_;
  State state_ = State::waiting;
  Clock::time_point deadline_;
  bool goes_on_later_ = false;  // the socket is watched for room to write, in order to go on, and not for bytes to read
  bool first_ = true;  // no request has begun yet
  bool last_ = false;  // there is no request after the current one
  bool wants_websocket_ = false;  // the current request does
  std::shared_ptr<Waiting> waiting_;
  bool considered_ = false;  // answer_unread() has been called for the current request

  std::string_view interim_;  // what is left to send of the line that asks for a body
  std::string head_;
  std::string body_;
  std::size_t written_ = 0;  // of head and body
  FileSlice file_;
};

void HttpSession::on_ready(bool readable, bool) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (goes_on_later_) {
    watch_for({.reading = true});
    goes_on_later_ = false;
    if (!interim_.empty()) return ask_for_body();
    if (state_ == State::writing) return write();
    if (state_ != State::parting) advance();
    return;
  }
  if (readable) read();
}

// An idle connection owns no buffer: bytes are read into the shard's.
void HttpSession::read() {
  const auto buffer = home_.loop().buffer().first(most_read);
  const auto bytes = stream_.receive(buffer);
  if (bytes < 0 && runtime::is_for_later(errno)) return;
  if (bytes <= 0) return end();
  if (state_ == State::parting) return;  // nobody looks at these bytes any more
  reader_.add(buffer.first(static_cast<std::size_t>(bytes)));
  if (state_ != State::answering) advance();
}

void HttpSession::advance() {
  using Progress = RequestReader::Progress;
  const auto progress = reader_.advance();
  if (progress != Progress::nothing && state_ == State::waiting) begin_request();
  switch (progress) {
    case Progress::wants_continue:
      if (answer_unread(true)) return;
      interim_ = go_on;
      return ask_for_body();
    case Progress::nothing: return;
    case Progress::partial:
      if (reader_.has_head()) answer_unread(false);
      return;
    case Progress::complete: return answer();
    case Progress::refused: return refuse(reader_.problem().status, reader_.problem().why);
  }
}

void HttpSession::ask_for_body() {
  const auto bytes = stream_.send(interim_);
  if (bytes < 0 && !runtime::is_for_later(errno)) return end();
  if (bytes > 0) interim_.remove_prefix(static_cast<std::size_t>(bytes));
  if (!interim_.empty()) go_on_later();
}

void HttpSession::begin_request() {
  state_ = State::reading;
  // The time of the first request counts from the beginning of the connection, that of any other from its first byte.
  if (!std::exchange(first_, false)) set_deadline();
}

void HttpSession::refuse(unsigned status, std::string_view why) {
  log::debug("connection={} refused with {}: {}", number(), status, why);
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
  wants_websocket_ = lists(lookup("Upgrade"), "websocket");
  if (wants_websocket_) {
    const auto problem = handshake_problem(request.method_string(), request.version() == 11, lookup);
    if (problem) return refuse(problem->status, problem->why);
    if (!request.body().empty()) return refuse(400, "a request for a WebSocket has no body");
  }
  waiting_ = std::make_shared<Waiting>(*this);
  {
    const auto reply = make_reply();
    auto refused = ask_handler([&reply](RequestHandler& handler, const Request& whole) {
      handler.answer(whole, reply);
      return std::optional<Response>{};
    });
    if (refused) reply.answer(*std::move(refused));
  }
  // Unless the handler has kept a copy of the reply, there is an answer now.
  waiting_->is_asking = false;
  if (waiting_->at_once) return give(*std::move(waiting_->at_once));
  state_ = State::answering;
  goes_on_later_ = false;
  set_deadline();
  watch_for({});  // for a failure only: further requests wait
}

Reply HttpSession::make_reply() {
  return {number(), [&shard = home_.connections().shard(), waiting = std::weak_ptr{waiting_}](Answer answer) {
            if (waiting.expired()) return false;  // the session may have ended, and the shard too
            if (shard.is_current()) {
              if (const auto request = waiting.lock()) request->take(std::move(answer));
              return true;
            }
            // A task must be copyable, and an answer is not.
            shard.post([waiting, held = std::make_shared<Answer>(std::move(answer))] {
              if (const auto request = waiting.lock()) request->take(std::move(*held));
            });
            return true;
          }};
}

void HttpSession::Waiting::take(Answer answer) {
  if (is_asking) {
    at_once = std::move(answer);
  } else {
    session.on_answer(std::move(answer));
  }
}

void HttpSession::on_answer(Answer answer) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  watch_for({.reading = true});
  give(std::move(answer));
}

void HttpSession::give(Answer answer) {
  waiting_.reset();
  if (auto* accepted = std::get_if<Upgrade>(&answer)) {
    if (wants_websocket_) return upgrade(std::move(*accepted));
    log::error("connection={} answering failed: the answer is an upgrade, which the request did not ask for", number());
    answer = refusal(500, failed);
  }
  // A client that wanted a WebSocket has no other use for the connection.
  respond(std::get<Response>(std::move(answer)), reader_.request().keep_alive() && !wants_websocket_);
}

// Answers the current request before its body has come, if it is refused whatever the body holds. Returns whether it has answered.
bool HttpSession::answer_unread(bool waits_to_be_asked) {
  if (std::exchange(considered_, true)) return false;
  const auto& request = reader_.request();
  if (lists(reader_.header("Upgrade"), "websocket")) return refuse(400, "a request for a WebSocket has no body"), true;
  auto refused = ask_handler([](RequestHandler& handler, const Request& head) { return handler.refuse(head); });
  if (!refused) return false;
  // A client that waits for 100 Continue may send the body or not, so nobody can tell where the next request begins.
  const auto outstanding = reader_.outstanding();
  const bool is_skipped = request.keep_alive() && !waits_to_be_asked && outstanding && *outstanding <= most_skipped;
  respond(*std::move(refused), is_skipped, is_skipped ? Body::skip : Body::done);
  return true;
}

std::uint64_t HttpSession::most_body() {
  std::optional<std::uint64_t> most;
  ask_handler([&most](RequestHandler& handler, const Request& head) {
    if (const auto bytes = handler.most_body(head)) most = *bytes;
    return std::optional<Response>{};
  });
  return most.value_or(home_.settings().body_limit);
}

// Calls `ask` with the handler and the request. Returns what `ask` returns: a refusal, or nothing. Also returns a refusal if the target is
// malformed, or if `ask` throws.
template <class Ask>
std::optional<Response> HttpSession::ask_handler(Ask ask) {
  const auto& request = reader_.request();
  try {
    const auto target = parse_target(request.method_string(), request.target());
    if (!target) return refusal(400, "the request target is not a well-formed URL");
    const auto path = (target->needs_slash ? "/" : "") + std::string{target->path};
    return ask(home_.handler(), Request{request.method_string(), path, [this](std::string_view name) { return reader_.header(name); },
                                     wants_websocket_, number(), peer_, request.body()});
  } catch (const std::exception& failure) {
    log::error("connection={} answering failed: {}", number(), escaped(failure.what()));
  } catch (...) {
    log::error("connection={} answering failed", number());
  }
  return refusal(500, failed);
}

void HttpSession::respond(Response response, bool keep_alive, Body body) {
  const auto* request = reader_.has_head() ? &reader_.request() : nullptr;
  last_ = last_ || !keep_alive;
  const auto length = [](const auto& content) {
    if (const auto* file = std::get_if<FileSlice>(&content)) return file->length;
    return std::uint64_t{std::get<std::string>(content).size()};
  };
  const Framing framing{!request || request->version() == 11, !last_, length(response.body)};
  try {
    head_ = response_head(response, framing);
  } catch (const std::exception& failure) {
    log::error("connection={} answering failed: {}", number(), escaped(failure.what()));
    response = refusal(500, failed);
    head_ = response_head(response, {framing.http_1_1, framing.keep_alive, length(response.body)});
  }
  bool bodiless = response.status == 204 || response.status == 304;
  if (request) {
    const std::string_view method = request->method_string();
    const std::string_view target = request->target();
    bodiless = bodiless || method == "HEAD";
    log::debug("connection={} {} {} {}", number(), shown_name(method),
               shown_name(target.substr(0, target.find('?'))), response.status);
  }
  if (!bodiless) {
    if (auto* text = std::get_if<std::string>(&response.body)) body_ = std::move(*text);
    if (auto* file = std::get_if<FileSlice>(&response.body)) file_ = std::move(*file);
  }
  head_.insert(0, std::exchange(interim_, {}));
  wants_websocket_ = false;
  considered_ = false;
  if (body == Body::skip) {
    reader_.next_behind_body();
  } else {
    reader_.next();
  }
  state_ = State::writing;
  set_deadline();
  write();
}

void HttpSession::upgrade(Upgrade upgrade) {
  auto slot = leave();
  home_.websockets().upgrade(std::move(stream_), {number(), std::move(slot)}, [this](std::string_view name) { return reader_.header(name); },
                             reader_.take_rest(), std::move(upgrade));
}

void HttpSession::write() {
  for (int i = 0; i < pieces_in_a_row; ++i) {
    const bool text_left = written_ < head_.size() + body_.size();
    if (!text_left && file_.length == 0) return stream_.has_unsent() ? go_on_later() : on_written();
    const auto bytes = text_left ? write_some() : write_file();
    if (bytes < 0 && runtime::is_for_later(errno)) return go_on_later();
    if (bytes <= 0) return end();
    set_deadline();
  }
  go_on_later();
}

std::ptrdiff_t HttpSession::write_some() {
  const auto of_head = std::min(written_, head_.size());
  const auto of_body = written_ - of_head;
  std::array<iovec, 2> rest{iovec{head_.data() + of_head, head_.size() - of_head}, iovec{body_.data() + of_body, body_.size() - of_body}};
  const auto bytes = stream_.send(rest);
  if (bytes > 0) written_ += static_cast<std::size_t>(bytes);
  return bytes;
}

std::ptrdiff_t HttpSession::write_file() {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(file_piece, file_.length));
  const auto bytes = stream_.send_file(file_.file.get(), file_.offset, wanted);
  if (bytes == 0) log::warn("connection={} a file became shorter while it was sent", number());
  if (bytes <= 0) return bytes;
  file_.offset += static_cast<std::uint64_t>(bytes);
  file_.length -= static_cast<std::uint64_t>(bytes);
  return bytes;
}

// Goes on as soon as the socket has room, and after the other connections have had their turn.
void HttpSession::go_on_later() {
  goes_on_later_ = true;
  watch_for({.writing = true});
}

void HttpSession::on_written() {
  head_.clear();
  body_ = {};
  written_ = 0;
  file_ = {};
  if (last_) return part();
  state_ = State::waiting;
  set_deadline();
  // The next request is not answered from here: a client may have sent any number ahead, and each would be a call within the last.
  if (reader_.has_rest()) go_on_later();
}

// Ends sending, and waits for the client to close: closing at once, with something unread, would make the kernel throw the answer away.
void HttpSession::part() {
  state_ = State::parting;
  deadline_ = Clock::now() + std::min(home_.settings().timeout, longest_goodbye);
  stream_.shut_down();
}

// Takes the session out of the poller and the shard's connections; it is destroyed at the end of the turn.
ConnectionCount::Slot HttpSession::leave() {
  state_ = State::ended;
  waiting_.reset();
  stream_.unwatch(home_.loop().poller(), *this);
  auto slot = home_.connections().remove(*this);
  home_.loop().dispose(std::shared_ptr<HttpSession>{this});  // if there is no memory for that, this destroys the session at once
  return slot;
}

void HttpSession::end() {
  if (state_ == State::ended) return;
  log::debug("connection={} ended", number());
  const auto slot = leave();  // given back once the socket is closed
  stream_ = {};
}

void HttpSession::sweep(Clock::time_point now) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (now < deadline_) return;
  if (state_ == State::answering) return stop_waiting();
  if (state_ != State::reading) return end();
  refuse(408, "the request did not arrive in time");
}

// Stops waiting for an answer that is late. If it still comes, it is dropped.
void HttpSession::stop_waiting() {
  if (home_.connections().lines().late_answer.is_due()) {
    log::warn("connection={} a request has waited for its answer longer than http.timeout", number());
  }
  waiting_.reset();
  watch_for({.reading = true});
  refuse(503, "the answer did not come in time; try again later");
}

void HttpSession::dismiss(CloseCode, std::string_view) {
  HUBBUB_ASSERT_OWN_THREAD(home_.loop().own_thread());
  if (state_ == State::answering || state_ == State::writing) {
    last_ = true;
  } else if (state_ != State::parting) {
    end();
  }
}

}  // namespace

void start_http_session(HttpServer& home, Incoming incoming, std::uint64_t number) {
  auto session = std::make_unique<HttpSession>(home, std::move(incoming.stream), incoming.peer, number);
  session->watch();
  home.connections().add(*session, std::move(incoming.slot));
  session.release()->start();  // it owns itself until leave()
}

}  // namespace hubbub::net
