// A connection that is to live on another shard than the one that accepted it.
#include <gtest/gtest.h>

#include <atomic>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

TEST(Moving, takes_place_before_the_handshake_is_answered_and_loses_nothing_that_was_sent_behind_it) {
  const auto config = patient();
  runtime::IoShard accepting, serving;
  std::atomic<int> opened = 0, elsewhere = 0;
  FunctionHandler handler{[&](const Request&) -> Answer {
    if (!accepting.is_current()) ++elsewhere;
    return Upgrade{"",
                   [&](Sink& sink) {
                     ++opened;
                     if (!serving.is_current()) ++elsewhere;
                     return echo(sink);
                   },
                   1};
  }};
  ConnectionCount count{config.server.connections};
  HttpServer first{accepting, handler, config.http, config.websocket}, second{serving, handler, config.http, config.websocket};
  HttpServer::introduce({&first, &second});
  Listener listener{config.server.host, config.server.port, {&first.connections()}, count};
  for (auto* shard : {&accepting, &serving}) shard->start();
  listener.start();

  for (int i = 0; i < 20; ++i) {
    Client client{listener.port()};
    client.send(handshake_request() + frame(text, "early"));
    EXPECT_EQ(read_reply(client).status(), 101);
    EXPECT_EQ(client.read(7), "\x81\x05" "early");
  }
  EXPECT_EQ(opened, 20);
  EXPECT_EQ(elsewhere, 0);

  listener.stop();
  for (auto* server : {&first, &second}) server->connections().close_all(CloseCode::going_away, "");
  EXPECT_TRUE(count.wait_until_none(std::chrono::steady_clock::now() + 20s));
  for (auto* shard : {&accepting, &serving}) shard->stop(), shard->join();
}

#ifdef HUBBUB_ASSERTS_THREADS

TEST(MovingDeathTest, is_the_only_way_to_another_thread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        std::promise<Sink*> opened;
        Server server{[&](Sink& sink) {
          opened.set_value(&sink);
          return echo(sink);
        }};
        Client client{server.port()};
        client.send(handshake_request());
        opened.get_future().get()->send(Frame::copy("from elsewhere"));
      },
      "WebsocketConnection::send.*belongs to the thread \"shard\"");
}

#endif

}  // namespace
}  // namespace hubbub::net::test
