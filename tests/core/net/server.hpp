// The whole net floor on a free port, with a handler that a test brings.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "core/net/mean_stream.hpp"
#include "net/http/server.hpp"
#include "net/listener.hpp"

namespace hubbub::net::test {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

// A handler made of functions; those left out do nothing.
struct Session final : MessageHandler {
  std::function<void(std::string_view, Opcode)> message;
  std::function<void()> closed;

  void on_message(std::string_view payload, Opcode opcode) override {
    if (message) message(payload, opcode);
  }
  void on_close() override {
    if (closed) closed();
  }
};

using Open = std::function<std::unique_ptr<MessageHandler>(Sink&)>;

inline std::unique_ptr<MessageHandler> echo(Sink& sink) {
  auto session = std::make_unique<Session>();
  session->message = [&sink](std::string_view payload, Opcode opcode) { sink.send(Frame::copy(payload, opcode)); };
  return session;
}

using AnswersNow = std::function<Answer(const Request&)>;
using AnswersLater = std::function<void(const Request&, net::Reply)>;

// Takes bodies of at most `most_body` bytes, or of http.body_limit.
class FunctionHandler final : public RequestHandler {
 public:
  explicit FunctionHandler(AnswersNow function)
      : function_([function = std::move(function)](const Request& request, const net::Reply& reply) { reply.answer(function(request)); }) {}
  explicit FunctionHandler(AnswersLater function, std::optional<std::size_t> most_body = {}) : function_(std::move(function)), most_body_(most_body) {}

  void answer(const Request& request, net::Reply reply) override { function_(request, std::move(reply)); }
  std::optional<std::size_t> most_body(const Request&) override { return most_body_; }
  std::optional<Response> refuse(const Request& head) override {
    return head.method == "DELETE" ? std::optional{Response{405, {}, "nothing is deleted here"}} : std::nullopt;
  }

 private:
  AnswersLater function_;
  std::optional<std::size_t> most_body_;
};

// Tests are patient with each other: whatever they do not try out is set so that it does not happen.
inline config::Config patient() {
  config::Config config;
  config.server.port = 0;
  config.http.timeout = 1min;
  config.websocket.ping_interval = 1h;
  config.websocket.message_timeout = 1h;
  config.websocket.close_timeout = 1min;
  return config;
}

class Server {
 public:
  explicit Server(FunctionHandler handler, config::Config config = patient(), MakeStream make_stream = mean_stream())
      : config_(std::move(config)), handler_(std::move(handler)), make_stream_(std::move(make_stream)) {
    shard_.start();
    listener_.start();
  }
  explicit Server(AnswersNow handler, config::Config config = patient(), MakeStream make_stream = mean_stream())
      : Server(FunctionHandler{std::move(handler)}, std::move(config), std::move(make_stream)) {}
  // Upgrades every request.
  explicit Server(Open open, config::Config config = patient(), MakeStream make_stream = mean_stream())
      : Server(AnswersNow{[open](const Request&) { return Upgrade{"", open}; }}, std::move(config), std::move(make_stream)) {}

  ~Server() {
    listener_.stop();
    connections().cut_all();
    shard_.stop();
    shard_.join();
  }

  std::uint16_t port() const { return listener_.port(); }
  runtime::IoShard& shard() { return shard_; }
  Connections& connections() { return server_.connections(); }
  Listener& listener() { return listener_; }
  ConnectionCount& count() { return count_; }
  bool all_gone() { return count_.wait_until_none(std::chrono::steady_clock::now() + 20s); }

  // Runs `task` on the shard's thread and waits for its result.
  template <class TaskWithResult>
  auto on_shard(TaskWithResult task) {
    std::packaged_task<decltype(task())()> packaged{std::move(task)};
    auto result = packaged.get_future();
    shard_.post([&packaged] { packaged(); });
    return result.get();
  }

 private:
  const config::Config config_;
  FunctionHandler handler_;
  const MakeStream make_stream_;
  runtime::IoShard shard_;
  ConnectionCount count_{config_.server.connections};
  HttpServer server_{shard_, handler_, config_.http, config_.websocket};
  Listener listener_{config_.server.host, config_.server.port, {&server_.connections()}, count_, make_stream_};
};

}  // namespace hubbub::net::test
