// A handler that is told that its client says no more, and answers what was said before.
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

// Answers everything a few turns later; and closes behind that, if it does.
struct Slow final : MessageHandler {
  Slow(Sink& its_sink, Server*& its_server, bool closes_in_the_end, std::vector<int>& its_codes)
      : sink(its_sink), server(its_server), closes(closes_in_the_end), codes(its_codes) {}

  void on_message(std::string_view payload, Opcode) override {
    later([this, text = std::string{payload}] { sink.send(Frame::copy(text)); });
  }
  bool on_last(CloseCode code) override {
    codes.push_back(static_cast<int>(code));
    if (closes) later([this, code] { sink.close(code, ""); });
    return true;
  }
  void on_close() override {
    *here = false;
    if (when_closed) when_closed();
  }

  void later(std::function<void()> task, int turns = 3) {
    server->shard().post([this, task = std::move(task), turns, there = here] {
      if (!*there) return;
      turns == 0 ? task() : later(task, turns - 1);
    });
  }

  Sink& sink;
  Server*& server;
  const bool closes;
  std::vector<int>& codes;
  std::function<void()> when_closed;
  std::shared_ptr<bool> here = std::make_shared<bool>(true);
};

struct Farewell : testing::Test {
  Open open(bool closes) {
    return [this, closes](Sink& sink) { return std::make_unique<Slow>(sink, running, closes, codes); };
  }
  std::vector<int> told() {
    EXPECT_TRUE(running->all_gone());
    return running->on_shard([this] { return codes; });
  }

  Server* running = nullptr;
  std::vector<int> codes;
};

TEST_F(Farewell, AnswersWhatAClientSaidBeforeItClosed) {
  Server server{open(true)};
  running = &server;
  WebsocketClient client{server.port()};
  client.send(frame(text, "one") + frame(text, "two") + frame(close, close_payload(1000)) + frame(text, "three"));
  EXPECT_EQ(client.receive().payload, "one");
  EXPECT_EQ(client.receive().payload, "two");
  EXPECT_EQ(client.receive_close(), 1000U);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(told(), std::vector<int>{1000}) << "once";
}

TEST_F(Farewell, AnswersAClientThatGaveNoCodeOrBrokeTheProtocolOrShutItsSideOfTheSocket) {
  Server server{open(true)};
  running = &server;
  {
    WebsocketClient client{server.port()};
    client.send(frame(text, "one") + frame(close, ""));
    EXPECT_EQ(client.receive().payload, "one");
    EXPECT_EQ(client.receive_close(), 1005U);
  }
  {
    WebsocketClient client{server.port()};
    client.send(frame(text, "one") + frame(text, "\xFF"));
    EXPECT_EQ(client.receive().payload, "one");
    EXPECT_EQ(client.receive_close(), 1007U);
  }
  {
    WebsocketClient client{server.port()};
    client.send(frame(text, "one"));
    client.shut();
    EXPECT_EQ(client.receive().payload, "one");
    EXPECT_EQ(client.read_to_end(), "") << "no close frame for who is not there to read one";
  }
  EXPECT_EQ(told(), (std::vector<int>{1005, 1007, 0}));
}

TEST_F(Farewell, DoesNotWaitForAHandlerThatDoesNotClose) {
  auto config = patient();
  config.websocket.close_timeout = 100ms;
  Server server{open(false), config};
  running = &server;
  WebsocketClient client{server.port()};
  client.send(frame(text, "one") + frame(close, close_payload(1000)));
  EXPECT_EQ(client.receive().payload, "one");
  EXPECT_EQ(client.receive_close(), 1000U);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(told().size(), 1U);
}

// It has that to take its answers and the close frame, however long it took to find them.
TEST_F(Farewell, GivesAClientTheWholeTimeForClosingFromWhenItsAnswersAreThere) {
  auto config = patient();
  config.websocket.close_timeout = 200ms;
  std::unique_ptr<runtime::Timer> alarm;
  std::promise<bool> is_here;
  Server server{[&](Sink& sink) {
                  auto slow = std::make_unique<Slow>(sink, running, false, codes);
                  slow->when_closed = [&] {
                    const auto began = std::chrono::steady_clock::now();
                    alarm = running->shard().make_timer([&, began] {
                      const bool is_late = std::chrono::steady_clock::now() - began >= 200ms;  // a slow machine
                      is_here.set_value(is_late || running->count().live() == 1);
                    });
                    alarm->arm(100ms);
                  };
                  return slow;
                },
                config};
  running = &server;
  WebsocketClient client{server.port(), "", 4096};
  client.send(frame(text, std::string(8'000'000, 'x')) + frame(close, close_payload(1000)));  // and takes nothing
  EXPECT_TRUE(is_here.get_future().get());
  server.on_shard([&] { return alarm.reset(), 0; });
}

}  // namespace
}  // namespace hubbub::net::test
