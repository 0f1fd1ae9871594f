// echo_server PORT: a WebSocket server on exactly the connection code of the product, for conformance suites to be pointed at.
//
// Each text or binary message goes back once, same bytes and type, and nothing else is ever sent. Any path upgrades;
// messages have up to 16 MiB; permessage-deflate is on. Port 0 takes a free one. Prints its address, and ends with 0 on
// SIGTERM or SIGINT.
#include <spdlog/spdlog.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "config/config.hpp"
#include "net/http/server.hpp"
#include "net/listener.hpp"

namespace {

using namespace hubbub;
using namespace std::chrono_literals;

class Echo final : public MessageHandler {
 public:
  explicit Echo(Sink& sink) : sink_(sink) {}
  void on_message(std::string_view payload, Opcode opcode) override { sink_.send(Frame::copy(payload, opcode)); }
  void on_close() override {}

 private:
  Sink& sink_;
};

class EchoHandler final : public net::RequestHandler {
 public:
  void answer(const net::Request& request, net::Reply reply) override {
    if (!request.websocket) return reply.answer(net::Response{200, {{"Content-Type", "text/plain"}}, "a WebSocket echo server\n"});
    reply.answer(net::Upgrade{"", [](Sink& sink) { return std::make_unique<Echo>(sink); }});
  }
};

config::Config settings() {
  config::Config config;
  config.websocket.max_message = 16 * config::MiB;
  config.websocket.outbox = config::GiB;  // suites send much before they read
  config.websocket.ping_interval = 1h;
  config.websocket.message_timeout = 1h;
  config.websocket.compression = true;
  return config;
}

int serve(std::uint16_t port) {
  // Blocked here and in the threads to come, so that they are only taken by the wait below.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  const auto config = settings();
  net::ConnectionCount count{config.server.connections};
  EchoHandler handler;
  runtime::IoShard shard;
  net::HttpServer server{shard, handler, config.http, config.websocket};
  net::Listener listener{"127.0.0.1", port, {&server.connections()}, count};
  shard.start();
  listener.start();
  std::printf("listening on http://127.0.0.1:%u\n", unsigned{listener.port()});
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ends, &signal);
  listener.stop();
  server.connections().close_all(CloseCode::going_away, "");
  count.wait_until_none(std::chrono::steady_clock::now() + 1s);
  server.connections().cut_all();
  shard.stop();
  shard.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  const std::string_view text = argc == 2 ? argv[1] : "";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    std::fprintf(stderr, "usage: echo_server PORT\n");
    return 2;
  }
  try {
    return serve(port);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "echo_server: %s\n", failure.what());
    return 1;
  }
}
