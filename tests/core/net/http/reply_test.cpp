#include "net/http/reply.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

constexpr auto request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n"sv;

Response text_response(std::string text) { return {200, {}, std::move(text)}; }

// Keeps the replies until they are asked for, in the order of the requests. Any thread.
class Kept {
 public:
  FunctionHandler handler() {
    return FunctionHandler{[this](const Request&, net::Reply reply) {
      const std::lock_guard lock{mutex_};
      replies_.push_back(std::move(reply));
      ++asked_;
      asked_.notify_all();
    }};
  }

  // The next one, as soon as the handler has been asked.
  net::Reply next() {
    asked_.wait(taken_);
    ++taken_;
    const std::lock_guard lock{mutex_};
    auto reply = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return reply;
  }
  int asked() const { return asked_; }

 private:
  std::mutex mutex_;
  std::vector<net::Reply> replies_;
  std::atomic<int> asked_ = 0;
  int taken_ = 0;
};

TEST(Reply, MayComeLaterAndFromAnotherThread) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  for (const auto* text : {"first", "second"}) {
    client.send(request);
    std::thread{[reply = kept.next(), text] { reply.answer(text_response(text)); }}.join();
    EXPECT_EQ(read_reply(client).body, text);
  }
}

TEST(Reply, ComesBeforeTheNextRequestIsLookedAt) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(std::string{request} + std::string{request});
  const auto first = kept.next();
  client.send(request);
  server.on_shard([] {});
  EXPECT_EQ(kept.asked(), 1);
  first.answer(text_response("first"));
  kept.next().answer(text_response("second"));
  kept.next().answer(text_response("third"));
  for (const auto* text : {"first", "second", "third"}) EXPECT_EQ(read_reply(client).body, text);
}

TEST(Reply, FindsNobodyIfTheClientHasGone) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(request);
  const auto reply = kept.next();
  client.reset();
  EXPECT_TRUE(server.all_gone());
  const LogLines log;
  reply.answer(text_response("too late"));
  Client other{server.port()};
  other.send(request);
  kept.next().answer(text_response("in time"));
  EXPECT_EQ(read_reply(other).body, "in time");
  EXPECT_EQ(log.take("dropped"), std::vector<std::string>{});
}

TEST(Reply, DroppedUnansweredIs500AndSaidInTheLogOnce) {
  const LogLines log;
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(request);
  std::thread{[reply = kept.next()] {}}.join();
  EXPECT_EQ(read_reply(client).status(), 500);
  client.send(request);
  kept.next().answer(text_response("kept"));
  EXPECT_EQ(read_reply(client).body, "kept") << "on the same connection";
  EXPECT_EQ(log.take("has dropped it without an answer").size(), 1U);
}

TEST(Reply, DroppedByTheRequestHandlerIs500) {
  Server server{FunctionHandler{[](const Request&, const net::Reply&) {}}};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 500);
  EXPECT_EQ(get(client, "/").status(), 500);
}

TEST(Reply, OfASiteThatThrowsIs500UnlessItWasGiven) {
  Server server{FunctionHandler{[](const Request& asked, const net::Reply& reply) {
    if (asked.target == "/given") reply.answer(text_response("given"));
    throw std::runtime_error{"on purpose"};
  }}};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 500);
  EXPECT_EQ(get(client, "/given").body, "given");
}

TEST(Reply, CountsWithItsFirstAnswer) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(request);
  const auto reply = kept.next();
  reply.answer(text_response("first"));
  reply.answer(text_response("second"));
  EXPECT_EQ(read_reply(client).body, "first");
  client.send(request);
  kept.next().answer(text_response("third"));
  EXPECT_EQ(read_reply(client).body, "third");
}

TEST(Reply, ThatDoesNotComeInTimeIs503) {
  auto config = patient();
  config.http.timeout = 100ms;
  Kept kept;
  Server server{kept.handler(), config};
  Client client{server.port()};
  client.send(std::string{request} + std::string{request});
  const auto reply = kept.next();
  EXPECT_EQ(read_reply(client).status(), 503);
  reply.answer(text_response("too late"));
  EXPECT_EQ(client.read_to_end(), "") << "nobody could tell whose answer would come next";
  EXPECT_EQ(kept.asked(), 1);
}

TEST(Reply, MayBeAnUpgrade) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(handshake_request() + frame(text, "early"));
  std::thread{[reply = kept.next()] { reply.answer(Upgrade{"", echo}); }}.join();
  EXPECT_EQ(read_reply(client).status(), 101);
  EXPECT_EQ(client.read(7), "\x81\x05" "early");
}

TEST(Reply, ComesThoughTheServerIsStopping) {
  Kept kept;
  Server server{kept.handler()};
  Client client{server.port()};
  client.send(request);
  const auto reply = kept.next();
  server.connections().close_all(CloseCode::going_away, "");
  server.on_shard([] {});
  reply.answer(text_response("last"));
  EXPECT_TRUE(client.read_to_end().ends_with("last"));
  client.shut();
  EXPECT_TRUE(server.all_gone());
}

// A body may be as long as what it is for takes, whatever http.body_limit is.
TEST(Body, OfAsManyBytesAsItsRequestTakesIsReadAndOfOneMoreRefused) {
  auto config = patient();
  config.http.body_limit = 1000;
  Server server{FunctionHandler{[](const Request& asked, const net::Reply& reply) { reply.answer(text_response(std::to_string(asked.body.size()))); }, 100'000}, config};
  const auto ask = [&server](std::size_t bytes, bool chunked) {
    const std::string body(bytes, 'x');
    char size[20];
    std::snprintf(size, sizeof size, "%zx", bytes);
    Client client{server.port()};
    client.send("POST / HTTP/1.1\r\nHost: here\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" + std::string{size} + "\r\n" + body + "\r\n0\r\n\r\n"
                                                              : "Content-Length: " + std::to_string(bytes) + "\r\n\r\n" + body));
    const auto reply = read_reply(client);
    return reply.status() == 200 ? reply.body : std::to_string(reply.status());
  };
  for (const bool chunked : {false, true}) {
    EXPECT_EQ(ask(100'000, chunked), "100000");
    EXPECT_EQ(ask(100'001, chunked), "413");
  }
}

}  // namespace
}  // namespace hubbub::net::test
