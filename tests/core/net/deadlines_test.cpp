// However long the other times are, the shortest is kept: connections are looked after as often as that one asks for.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

// What a connection has come to at an alarm on its shard, long after the shortest time and long before a second is over. Before that
// there are many that do nothing, each ten milliseconds after the one before: so on a machine that stands still meanwhile, too,
// there has been a turn for what is due.
struct Found {
  bool is_open = false;  // the handler has not been told of an end
  bool is_here = false;  // it has a slot in the count
};

class Deadlines : public testing::Test {
 protected:
  static config::Config only(const std::function<void(config::Config&)>& shorten) {
    auto config = patient();
    config.websocket.pong_timeout = 1h;
    shorten(config);
    return config;
  }

  void ring_later(Server& server, const std::function<void()>& task = {}) {
    alarm_ = server.shard().make_timer([this, &server, task, left = 20]() mutable {
      if (--left != 0) return alarm_->arm(10ms);
      if (task && is_open_) task();
      found_.set_value({is_open_, server.count().live() != 0});
    });
    alarm_->arm(10ms);
  }
  Found found(Server& server) {
    const auto its = found_.get_future().get();
    server.on_shard([this] {
      alarm_.reset();
      found_ = {};
      return is_open_ = true;
    });
    return its;
  }

  // A handler that begins with a message, and sends "late" when the alarm goes off.
  Open open(Server*& server, const std::function<void(Sink&)>& begin) {
    return [this, &server, begin](Sink& sink) {
      auto session = std::make_unique<Session>();
      session->message = [this, &server, &sink, begin](std::string_view, Opcode) {
        ring_later(*server, [&sink] { sink.send(Frame::copy("late")); });
        begin(sink);
      };
      session->closed = [this] { is_open_ = false; };
      return session;
    };
  }

 private:
  std::unique_ptr<runtime::Timer> alarm_;
  std::promise<Found> found_;
  bool is_open_ = true;
};

TEST_F(Deadlines, of_a_message_and_of_a_pong_and_of_closing_are_kept_whichever_is_the_shortest) {
  struct Case {
    const char* name;
    std::function<void(config::Config&)> shorten;
    std::function<void(Sink&)> begin;
    std::string sent;  // behind the message with which it begins
    bool is_here;
  };
  const std::vector<Case> cases = {
      {"message_timeout", [](auto& config) { config.websocket.message_timeout = 20ms; }, [](Sink&) {}, frame(text, "begun", {.fin = false}), true},
      {"pong_timeout", [](auto& config) { config.websocket.pong_timeout = 20ms; }, [](Sink& sink) { sink.probe(); }, "", true},
      {"close_timeout", [](auto& config) { config.websocket.close_timeout = 20ms; }, [](Sink& sink) { sink.close(CloseCode::normal, ""); }, "", false},
  };
  for (const auto& [name, shorten, begin, sent, is_here] : cases) {
    SCOPED_TRACE(name);
    Server* running = nullptr;
    Server server{open(running, begin), only(shorten)};
    running = &server;
    WebsocketClient client{server.port()};
    client.send(frame(text, "begin") + sent);
    const auto now = found(server);
    EXPECT_FALSE(now.is_open);
    EXPECT_EQ(now.is_here, is_here);
  }
}

// Nobody is looked after while nobody is there.
TEST_F(Deadlines, are_kept_for_who_comes_when_nobody_has_been_there_for_a_while) {
  Server* running = nullptr;
  Server server{open(running, [](Sink& sink) { sink.close(CloseCode::normal, ""); }), only([](auto& config) { config.websocket.close_timeout = 20ms; })};
  running = &server;
  for (int i = 0; i < 3; ++i) {
    WebsocketClient client{server.port()};
    client.send(frame(text, "begin"));
    EXPECT_FALSE(found(server).is_here);
    client.read_to_end();
    server.on_shard([&] { return ring_later(server), 0; });
    EXPECT_FALSE(found(server).is_here);
  }
}

TEST_F(Deadlines, of_a_ping_is_kept_if_it_is_the_shortest) {
  Server* running = nullptr;
  Server server{open(running, [](Sink&) {}), only([](auto& config) { config.websocket.ping_interval = 20ms; })};
  running = &server;
  WebsocketClient client{server.port()};
  client.send(frame(text, "begin"));
  EXPECT_TRUE(found(server).is_open);
  EXPECT_EQ(client.receive().opcode, unsigned{ping}) << "before what was sent late";
}

TEST_F(Deadlines, of_a_request_is_kept_if_it_is_the_shortest) {
  Server* running = nullptr;
  Server server{[&](const Request&) -> Answer {
                  ring_later(*running);
                  return Response{200, {}, "fine"};
                },
                only([](auto& config) { config.http.timeout = 20ms; })};
  running = &server;
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
  EXPECT_FALSE(found(server).is_here);
}

}  // namespace
}  // namespace hubbub::net::test
