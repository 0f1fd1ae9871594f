#include <gtest/gtest.h>

#include <atomic>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

TEST(Shutdown, ClosesEveryWebSocketWith1001AfterWhatIsQueued) {
  std::atomic<int> closed = 0;
  Sink* sink_of_one = nullptr;
  Server server{Open{[&](Sink& sink) {
    sink_of_one = &sink;
    auto session = std::make_unique<Session>();
    session->closed = [&closed] { ++closed; };
    return session;
  }}};
  WebsocketClient one{server.port()};
  one.send(frame(ping, ""));
  one.receive();
  server.on_shard([&] {
    sink_of_one->send(Frame::copy("last words"));
    server.connections().close_all(CloseCode::going_away, "shutting down");
  });
  EXPECT_EQ(one.receive().payload, "last words");
  std::string reason;
  EXPECT_EQ(one.receive_close(&reason), 1001U);
  EXPECT_EQ(reason, "shutting down");
  one.send(frame(close, close_payload(1001)));
  EXPECT_EQ(one.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
  EXPECT_EQ(closed, 1);
}

TEST(Shutdown, DropsIdleHttpConnectionsAndNewOnesAndFinishesAnswers) {
  Server server{[](const Request&) -> Answer { return Response{200, {}, std::string(20'000'000, 'x')}; }};
  Client idle{server.port()}, busy{server.port(), 4096};
  busy.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  busy.read_through("\r\n\r\n");
  while (server.count().live() < 2) std::this_thread::yield();
  server.connections().close_all(CloseCode::going_away, "");
  EXPECT_EQ(idle.read_to_end(), "");
  Client late{server.port()};
  EXPECT_EQ(late.read_to_end(), "");
  EXPECT_EQ(busy.read_to_end().size(), 20'000'000U);
  busy.shut();
  EXPECT_TRUE(server.all_gone());
}

// A socket that is closed with something unread is reset, and the client may lose the answer.
TEST(Shutdown, LeavesWhoHasTheLastAnswerTheTimeToTakeIt) {
  Server server{[](const Request&) -> Answer { return Response{200, {}, "last"}; }};
  Client client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  client.read_through("last");
  server.connections().close_all(CloseCode::going_away, "");
  server.on_shard([] {});
  EXPECT_EQ(server.count().live(), 1U);
  client.shut();
  EXPECT_TRUE(server.all_gone());
}

TEST(Shutdown, TellsWhetherEverybodyHasLeftByTheDeadline) {
  int closed = 0;
  Server server{Open{[&closed](Sink&) {
    auto session = std::make_unique<Session>();
    session->closed = [&closed] { ++closed; };
    return session;
  }}};
  WebsocketClient stubborn{server.port()};
  server.connections().close_all(CloseCode::going_away, "");
  EXPECT_FALSE(server.count().wait_until_none(std::chrono::steady_clock::now() + 50ms));
  server.connections().cut_all();
  EXPECT_TRUE(server.all_gone());
  EXPECT_EQ(server.on_shard([&closed] { return closed; }), 1);
}

TEST(Shutdown, EndsAtOnceInTheMiddleOfAnything) {
  std::vector<std::unique_ptr<Client>> clients;
  {
    Server server{[](const Request& request) -> Answer {
      if (request.websocket) return Upgrade{"", echo};
      return Response{200, {}, std::string(20'000'000, 'x')};
    }};
    for (const auto& bytes : {std::string{}, std::string{"GET /"}, std::string{"GET / HTTP/1.1\r\nHost: here\r\n\r\n"},
                              handshake_request(), handshake_request() + frame(text, "x").substr(0, 3),
                              handshake_request() + frame(close, "")}) {
      clients.push_back(std::make_unique<Client>(server.port()));
      clients.back()->send(bytes);
    }
  }
  for (auto& client : clients) client->read_to_end();
}

}  // namespace
}  // namespace hubbub::net::test
