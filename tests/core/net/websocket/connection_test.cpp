#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <stdexcept>
#include <vector>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

Received message(unsigned opcode, std::string payload) { return {true, 0, opcode, std::move(payload)}; }

// What the server closes with after `bytes`, where it is an echo server.
unsigned code_after(std::string_view bytes) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  client.send(bytes);
  const auto code = client.receive_close();
  EXPECT_EQ(client.read_to_end(), "");
  return code;
}

TEST(WebSocket, CarriesTextAndBinaryMessagesOfAnySize) {
  auto config = patient();
  config.websocket.max_message = 1'000'000;
  config.websocket.outbox = 10'000'000;
  Server server{Open{echo}, config};
  WebsocketClient client{server.port()};
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65'535, 65'536, 65'537, 1'000'000}) {
    for (const auto opcode : {text, binary}) {
      const std::string payload(size, 'x');
      client.send(frame(opcode, payload));
      ASSERT_EQ(client.receive(), message(opcode, payload)) << size;
    }
  }
}

TEST(WebSocket, TellsTheHandlerTextFromBinary) {
  std::vector<Opcode> opcodes;
  Server server{Open{[&](Sink& sink) {
    auto session = std::make_unique<Session>();
    session->message = [&](std::string_view, Opcode opcode) {
      opcodes.push_back(opcode);
      sink.close(CloseCode::unsupported, "");
    };
    return session;
  }}};
  WebsocketClient client{server.port()};
  client.send(frame(binary, "\xFF\xFF"));
  EXPECT_EQ(client.receive_close(), 1003U);
  EXPECT_EQ(server.on_shard([&] { return opcodes; }), std::vector{Opcode::binary});
}

TEST(WebSocket, PutsFragmentsTogetherWithControlFramesBetweenThem) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  client.send(frame(text, "one ", {.fin = false}));
  client.send(frame(ping, "there?"));
  EXPECT_EQ(client.receive(), message(pong, "there?"));
  client.send(frame(continuation, "", {.fin = false}) + frame(pong, "unasked") + frame(continuation, "two ", {.fin = false}));
  client.send(frame(ping, "") + frame(continuation, "three"));
  EXPECT_EQ(client.receive(), message(pong, ""));
  EXPECT_EQ(client.receive(), message(text, "one two three"));
  client.send(frame(binary, "", {.fin = false}) + frame(continuation, ""));
  EXPECT_EQ(client.receive(), message(binary, ""));
}

TEST(WebSocket, TakesFramesByteByByteAndManyAtOnce) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  for (const char byte : frame(text, "one", {.fin = false}) + frame(ping, "p") + frame(continuation, " two")) {
    client.send({&byte, 1});
  }
  EXPECT_EQ(client.receive(), message(pong, "p"));
  EXPECT_EQ(client.receive(), message(text, "one two"));
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += frame(text, std::to_string(i));
  client.send(many);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(client.receive().payload, std::to_string(i));
}

TEST(WebSocket, AnswersPingsWithTheirPayload) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  for (const std::size_t size : {0, 1, 125}) {
    const std::string payload(size, '\xFE');
    client.send(frame(ping, payload));
    EXPECT_EQ(client.receive(), message(pong, payload));
  }
}

TEST(WebSocket, ClosesOnViolationsOfTheProtocol) {
  EXPECT_EQ(code_after(frame(text, "x", {.masked = false})), 1002U);
  for (const unsigned bits : {1U, 2U, 4U}) EXPECT_EQ(code_after(frame(text, "x", {.reserved = bits})), 1002U) << bits;
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) EXPECT_EQ(code_after(frame(opcode, "")), 1002U) << opcode;
  EXPECT_EQ(code_after(frame(continuation, "x")), 1002U);
  EXPECT_EQ(code_after(frame(text, "x", {.fin = false}) + frame(text, "y")), 1002U);
  EXPECT_EQ(code_after(frame(ping, "x", {.fin = false})), 1002U);
  EXPECT_EQ(code_after(frame(ping, std::string(126, 'x'))), 1002U);
  EXPECT_EQ(code_after(frame(close, "x")), 1002U);
  EXPECT_EQ(code_after("\x81\xFE\x00\x05----hello"sv), 1002U);  // a length that is not in its shortest form
}

TEST(WebSocket, ClosesOnTextThatIsNotUtf8) {
  for (const std::string_view wrong : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "abc\xE2\x82"}) {
    EXPECT_EQ(code_after(frame(text, wrong)), 1007U) << testing::PrintToString(wrong);
  }
  EXPECT_EQ(code_after(frame(text, "a\xE2", {.fin = false}) + frame(continuation, "b")), 1007U);
  EXPECT_EQ(code_after(frame(close, close_payload(1000, "\xFF"))), 1007U);
}

TEST(WebSocket, TakesTextWhoseCharactersAreSpreadOverFragments) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  client.send(frame(text, "\xE2\x82", {.fin = false}) + frame(continuation, "\xAC \xF0\x9F", {.fin = false}) + frame(continuation, "\x8E\x89"));
  EXPECT_EQ(client.receive(), message(text, "\xE2\x82\xAC \xF0\x9F\x8E\x89"));
}

TEST(WebSocket, AnswersTheClosingHandshakeWithTheSameCode) {
  for (const unsigned code : {1000U, 1001U, 1003U, 1007U, 1011U, 3000U, 4999U}) EXPECT_EQ(code_after(frame(close, close_payload(code, "bye"))), code);
}

TEST(WebSocket, AnswersACloseFrameWithoutACodeByOneWithoutACode) { EXPECT_EQ(code_after(frame(close, "")), 1005U); }

TEST(WebSocket, RefusesCloseCodesThatMustNotBeSent) {
  for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
    EXPECT_EQ(code_after(frame(close, close_payload(code))), 1002U) << code;
  }
}

TEST(WebSocket, SendsWhatIsQueuedBeforeItCloses) {
  Server server{Open{[](Sink& sink) {
    auto session = std::make_unique<Session>();
    session->message = [&sink](std::string_view, Opcode) {
      for (int i = 0; i < 100; ++i) sink.send(Frame::copy(std::to_string(i)));
      sink.close(CloseCode::kept_breaking_limits, "enough");
      sink.send(Frame::copy("too late"));
      sink.close(CloseCode::normal, "twice");
    };
    return session;
  }}};
  WebsocketClient client{server.port()};
  client.send(frame(text, "go") + frame(text, "on"));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client.receive().payload, std::to_string(i));
  std::string reason;
  EXPECT_EQ(client.receive_close(&reason), 4502U);
  EXPECT_EQ(reason, "enough");
  client.send(frame(close, close_payload(4502)));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
}

// However much the system would take at once: the shard's other connections wait for no more than a part of a frame.
TEST(WebSocket, SendsALargeFrameInSeveralTurns) {
  Server* its = nullptr;
  std::promise<void> stands, goes_on;
  Server server{Open{[&](Sink& sink) {
    auto session = std::make_unique<Session>();
    session->message = [&](std::string_view, Opcode) {
      sink.send(Frame::copy(std::string(8 << 20, 'x')));
      its->shard().post([&] {
        its->shard().post([&] {
          stands.set_value();
          goes_on.get_future().wait_for(20s);
        });
      });
    };
    return session;
  }}};
  its = &server;
  WebsocketClient client{server.port()};
  client.send(frame(text, "go"));
  stands.get_future().wait();
  const auto at_first = client.read_until_quiet(200);
  EXPECT_GT(at_first, 0U);
  EXPECT_LE(at_first, std::size_t{3} * 256 * 1024);  // a turn for each task, and one
  goes_on.set_value();
  EXPECT_EQ(client.read((8 << 20) + 10 - at_first).size(), (8 << 20) + 10 - at_first);
}

TEST(WebSocket, CutsALongReasonAtACharacter) {
  Server server{Open{[](Sink& sink) {
    std::string reason;
    for (int i = 0; i < 50; ++i) reason += "\xE2\x82\xAC";
    sink.close(CloseCode::policy, "x" + reason);
    return std::make_unique<Session>();
  }}};
  WebsocketClient client{server.port()};
  std::string reason;
  EXPECT_EQ(client.receive_close(&reason), 1008U);
  EXPECT_EQ(reason.size(), 1U + 40 * 3);
}

TEST(WebSocket, IgnoresWhatComesAfterItClosed) {
  int messages = 0;
  Server server{Open{[&](Sink& sink) {
    auto session = std::make_unique<Session>();
    session->message = [&](std::string_view, Opcode) {
      ++messages;
      sink.close(CloseCode::normal, "");
    };
    return session;
  }}};
  WebsocketClient client{server.port()};
  client.send(frame(text, "1") + frame(text, "2") + frame(ping, "3"));
  // RFC 6455, 5.5.2: a ping is answered as long as the client has not closed, and the close frame waits for the turn's end.
  auto got = client.receive();
  if (got == message(pong, "3")) got = client.receive();
  EXPECT_EQ(got, message(close, close_payload(1000)));
  client.send(frame(ping, "4") + frame(text, std::string(60'000, 'x')) + frame(close, close_payload(1000)));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
  EXPECT_EQ(server.on_shard([&] { return messages; }), 1);
}

TEST(WebSocket, TellsTheHandlerOnceHoweverTheSessionEnded) {
  int opened = 0, closed = 0;
  Server server{Open{[&](Sink& sink) {
    ++opened;
    auto session = std::make_unique<Session>();
    session->message = [&sink](std::string_view, Opcode) { sink.close(CloseCode::normal, ""); };
    session->closed = [&] { ++closed; };
    return session;
  }}};
  const std::vector<std::function<void(WebsocketClient&)>> ends{
      [](WebsocketClient& client) { client.send(frame(close, close_payload(1000))); },
      [](WebsocketClient& client) { client.send(frame(text, "x")); },
      [](WebsocketClient& client) { client.send(frame(text, "\xFF")); },
      [](WebsocketClient& client) { client.send(std::string_view{frame(text, "x")}.substr(0, 3)); },
      [](WebsocketClient& client) { client.shut(); },
      [](WebsocketClient& client) { client.reset(); },
      [](WebsocketClient&) {}};
  for (const auto& end : ends) {
    WebsocketClient client{server.port()};
    end(client);
  }
  EXPECT_TRUE(server.all_gone());
  EXPECT_EQ(server.on_shard([&] { return opened; }), 7);
  EXPECT_EQ(server.on_shard([&] { return closed; }), 7);
}

TEST(WebSocket, ClosesOnlyTheSessionWhoseHandlerThrows) {
  Server server{[](const Request& request) -> Answer {
    if (request.target == "/socket" && !request.header("X-Throw").empty()) {
      return Upgrade{"", [](Sink&) -> std::unique_ptr<MessageHandler> { throw std::runtime_error{"on purpose"}; }};
    }
    return Upgrade{"", [](Sink& sink) {
                     auto session = std::make_unique<Session>();
                     session->message = [&sink](std::string_view payload, Opcode) {
                       if (payload == "throw") throw std::runtime_error{"on purpose"};
                       if (payload == "odd") throw 42;
                       sink.send(Frame::copy(payload));
                     };
                     session->closed = [] { throw std::runtime_error{"on purpose"}; };
                     return session;
                   }};
  }};
  WebsocketClient other{server.port()};
  for (const auto* how : {"throw", "odd"}) {
    WebsocketClient client{server.port()};
    client.send(frame(text, how));
    EXPECT_EQ(client.receive_close(), 1011U);
  }
  WebsocketClient client{server.port(), "X-Throw: yes\r\n"};
  EXPECT_EQ(client.receive_close(), 1011U);
  other.send(frame(text, "still here"));
  EXPECT_EQ(other.receive().payload, "still here");
}

TEST(WebSocket, MayBeSentToWhileItIsOpened) {
  Server server{Open{[](Sink& sink) {
    sink.send(Frame::copy("first"));
    const std::vector<Frame> history{Frame::copy("second"), Frame::copy("third")};
    sink.catch_up(history, {});
    return std::make_unique<Session>();
  }}};
  WebsocketClient client{server.port()};
  for (const auto* payload : {"first", "second", "third"}) EXPECT_EQ(client.receive().payload, payload);
}

TEST(WebSocket, CallsNoHandlerFromWithinItsOwnCalls) {
  // The third member's outbox overflows while the first one's message is being spread.
  auto config = patient();
  config.websocket.outbox = 4096;
  std::vector<Sink*> members;
  bool spreading = false, entered = false;
  Server server{Open{[&](Sink& sink) {
                  members.push_back(&sink);
                  auto session = std::make_unique<Session>();
                  session->message = [&](std::string_view, Opcode) {
                    spreading = true;
                    for (int i = 0; i < 1000; ++i) {  // more than the system's own buffers take
                      for (auto* member : members) member->send(Frame::copy(std::string(16'000, 'x')));
                    }
                    spreading = false;
                  };
                  session->closed = [&, member = &sink] {
                    entered = entered || spreading;
                    std::erase(members, member);
                  };
                  return session;
                }},
                config};
  WebsocketClient first{server.port()}, second{server.port(), "", 4096}, third{server.port(), "", 4096};
  second.send(frame(ping, ""));
  second.receive();
  third.send(frame(ping, ""));
  third.receive();
  first.send(frame(text, "go"));
  while (second.receive().opcode != close) {
  }
  EXPECT_FALSE(server.on_shard([&] { return entered; }));
}

TEST(WebSocket, CompressesNothingUnlessItIsToldTo) {
  Server server{Open{echo}};
  WebsocketClient client{server.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"};
  EXPECT_EQ(client.handshake().header("Sec-WebSocket-Extensions"), "");
  const std::string much(1000, 'x');
  client.send(frame(text, much));
  EXPECT_EQ(client.receive(), message(text, much));
}

TEST(WebSocket, CompressesWhereBothSidesWantTo) {
  auto config = patient();
  config.websocket.compression = true;
  Server server{Open{echo}, config};
  WebsocketClient client{server.port(), "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"};
  EXPECT_NE(client.handshake().header("Sec-WebSocket-Extensions").find("permessage-deflate"), std::string::npos);
  // The example of RFC 7692, 7.2.3.1: "Hello", compressed. Nothing would be gained by compressing so little again.
  client.send(frame(text, "\xF2\x48\xCD\xC9\xC9\x07\x00"sv, {.reserved = 4}));
  EXPECT_EQ(client.receive(), message(text, "Hello"));
  client.send(frame(text, "", {.fin = false, .reserved = 4}) + frame(continuation, "\xF2\x48\xCD\xC9\xC9\x07\x00"sv));
  EXPECT_EQ(client.receive(), message(text, "Hello"));
  client.send(frame(text, std::string(1000, 'x')));
  const auto answer = client.receive();
  EXPECT_EQ(answer.reserved, 4U);
  EXPECT_EQ(answer.opcode, unsigned{text});
  EXPECT_LT(answer.payload.size(), 100U);
  WebsocketClient plain{server.port()};
  plain.send(frame(text, "plain"));
  EXPECT_EQ(plain.receive(), message(text, "plain"));
}

TEST(WebSocket, ClosesOnDataThatDoesNotInflate) {
  auto config = patient();
  config.websocket.compression = true;
  Server server{Open{echo}, config};
  WebsocketClient client{server.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"};
  client.send(frame(text, "\xFF\xFF\xFF\xFF\xFF\xFF", {.reserved = 4}));
  EXPECT_EQ(client.receive_close(), 1007U);
  EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace hubbub::net::test
