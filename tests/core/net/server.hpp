// The whole net floor on a free port, with a site that a test brings.
#pragma once

#include <chrono>
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
struct Session final : SessionHandler {
  std::function<void(std::string_view, Opcode)> message;
  std::function<void()> closed;

  void on_message(std::string_view payload, Opcode opcode) override {
    if (message) message(payload, opcode);
  }
  void on_close() override {
    if (closed) closed();
  }
};

using Open = std::function<std::unique_ptr<SessionHandler>(Sink&)>;

inline std::unique_ptr<SessionHandler> echo(Sink& sink) {
  auto session = std::make_unique<Session>();
  session->message = [&sink](std::string_view payload, Opcode opcode) { sink.send(Frame::copy(payload, opcode)); };
  return session;
}

class FunctionSite final : public Site {
 public:
  explicit FunctionSite(std::function<Answer(const Request&)> function) : function_(std::move(function)) {}
  Answer answer(const Request& request) override { return function_(request); }
  std::optional<Response> refuse(const Request& head) override {
    return head.method == "DELETE" ? std::optional{Response{405, {}, "nothing is deleted here"}} : std::nullopt;
  }

 private:
  std::function<Answer(const Request&)> function_;
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
  explicit Server(std::function<Answer(const Request&)> site, config::Config config = patient(), MakeStream make_stream = mean_stream())
      : config_(std::move(config)), site_(std::move(site)), make_stream_(std::move(make_stream)) {
    shard_.start();
    listener_.start();
  }
  // Upgrades every request.
  explicit Server(Open open, config::Config config = patient(), MakeStream make_stream = mean_stream())
      : Server([open](const Request&) -> Answer { return Upgrade{"", open}; }, std::move(config), std::move(make_stream)) {}

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
  FunctionSite site_;
  const MakeStream make_stream_;
  runtime::IoShard shard_;
  ConnectionCount count_{config_.server.connections};
  HttpServer server_{shard_, site_, config_.http, config_.websocket};
  Listener listener_{config_.server.host, config_.server.port, {&server_.connections()}, count_, make_stream_};
};

}  // namespace hubbub::net::test
