#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

config::Config with(std::function<void(config::Websocket&)> change) {
  auto config = patient();
  change(config.websocket);
  return config;
}

std::unique_ptr<MessageHandler> silence(Sink&) { return std::make_unique<Session>(); }

TEST(WebSocketLimits, TakesTheLargestMessageAndNoLargerOne) {
  Server server{Open{echo}, with([](auto& websocket) { websocket.max_message = 1000; })};
  const std::string fits(1000, 'x'), too_long(1001, 'x');
  for (const auto& large : {frame(text, too_long), frame(text, fits, {.fin = false}) + frame(continuation, "x"),
                            std::string{"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF----", 14}}) {
    WebsocketClient client{server.port()};
    client.send(frame(text, fits));
    EXPECT_EQ(client.receive().payload, fits);
    client.send(large);
    EXPECT_EQ(client.receive_close(), 1009U);
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_TRUE(server.all_gone());
}

TEST(WebSocketLimits, TheCloseFrameReachesAClientThatIsStillSending) {
  Server server{Open{echo}, with([](auto& websocket) { websocket.max_message = 1000; })};
  WebsocketClient client{server.port()};
  client.send(frame(binary, std::string(20'000'000, 'x')));
  EXPECT_EQ(client.receive_close(), 1009U);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(WebSocketLimits, BoundsWhatACompressedMessageInflatesTo) {
  Server server{Open{echo}, with([](auto& websocket) {
                  websocket.max_message = 100'000;
                  websocket.compression = true;
                })};
  WebsocketClient client{server.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"};
  // A fixed Huffman block of one literal and then matches of 258 at distance 1, each 8 + 5 bits: a thousandfold.
  std::string bomb;
  unsigned bits = 0, count = 0;
  const auto put = [&](unsigned value, unsigned width) {
    bits |= value << count;
    for (count += width; count >= 8; count -= 8, bits >>= 8U) bomb += static_cast<char>(bits & 0xFFU);
  };
  put(0b011, 3);       // last block of its kind, fixed codes
  put(0b10001001, 8);  // 'a', most significant bit first
  for (int i = 0; i < 20'000; ++i) {
    put(0b10100011, 8);  // length 258
    put(0b00000, 5);     // distance 1
  }
  client.send(frame(binary, bomb, {.reserved = 4}));
  EXPECT_EQ(client.receive_close(), 1009U);
}

TEST(WebSocketLimits, InflatesOnlySoMuchBeforeTheOthersHaveTheirTurn) {
  // What there was to do when the first of many messages came has been done before most of them have been looked at.
  std::atomic<int> messages = 0, before_others = 0;
  Server* running = nullptr;
  Server server{[&](Sink&) {
                  auto session = std::make_unique<Session>();
                  session->message = [&](std::string_view, Opcode) {
                    if (++messages == 1) running->shard().post([&] { before_others = messages.load(); });
                  };
                  return session;
                },
                with([](auto& websocket) { websocket.compression = true; })};
  running = &server;
  WebsocketClient client{server.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"};
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += frame(text, "\x4a\x04\x00"sv, {.reserved = 4});  // "a" as deflate has it
  client.send(bytes + frame(ping, ""));
  EXPECT_EQ(client.receive().opcode, unsigned{pong});
  EXPECT_EQ(messages, 1000);
  EXPECT_LE(before_others, 200);
}

TEST(WebSocketLimits, ACompressingClientThatDoesNotWaitForTheHandshakeIsClosed) {
  Server server{Open{echo}, with([](auto& websocket) { websocket.compression = true; })};
  Client client{server.port()};
  client.send(handshake_request("Sec-WebSocket-Extensions: permessage-deflate\r\n") + frame(text, std::string(2000, 'x')));
  client.read_through("\r\n\r\n");
  EXPECT_EQ(client.read_to_end(), "\x88\x02\x03\xEA");
}

TEST(WebSocketLimits, ClosesOnAMessageThatDoesNotEnd) {
  Server server{Open{silence}, with([](auto& websocket) { websocket.message_timeout = 100ms; })};
  const auto start = frame(text, "begun", {.fin = false});
  for (const auto& beginning : {start, start + frame(ping, "") + frame(continuation, "", {.fin = false}),
                                frame(text, std::string(50, 'x')).substr(0, 20), frame(text, "x").substr(0, 1)}) {
    WebsocketClient client{server.port()};
    client.send(beginning);
    std::string reason;
    auto got = client.receive();
    if (got.opcode == pong) got = client.receive();
    ASSERT_EQ(got.opcode, unsigned{close});
    EXPECT_EQ(got.payload, close_payload(1008, "message not finished in time"));
  }
}

TEST(WebSocketLimits, ClosesOnFragmentsWithoutEnd) {
  Server server{Open{silence}, with([](auto& websocket) {
                  websocket.message_timeout = 100ms;
                  websocket.close_timeout = 100ms;
                })};
  WebsocketClient client{server.port()};
  client.send(frame(text, "", {.fin = false}));
  const auto nothing = frame(continuation, "", {.fin = false});
  EXPECT_THROW(
      for (;;) client.send(nothing), std::exception);
  EXPECT_TRUE(server.all_gone());
}

TEST(WebSocketLimits, KeepsOnlyTheNewestPongForAClientThatDoesNotReadThem) {
  Server server{Open{silence}};
  WebsocketClient client{server.port(), "", 4096};
  constexpr int pings = 200'000;  // whose answers are more than the system's own buffers take
  std::string bytes;
  for (int i = 0; i < pings; ++i) {
    bytes += frame(ping, std::to_string(i) + std::string(100, ' '));
    if (bytes.size() > 60'000 || i + 1 == pings) client.send(std::exchange(bytes, {}));
  }
  int pongs = 0, newest = -1;
  while (newest != pings - 1) {
    const auto got = client.receive();
    ASSERT_EQ(got.opcode, unsigned{pong});
    ASSERT_GT(std::stoi(got.payload), newest);
    newest = std::stoi(got.payload);
    ++pongs;
  }
  EXPECT_LT(pongs, pings);
}

TEST(WebSocketLimits, LeavesLongMessagesAloneThatArriveInTime) {
  Server server{Open{echo}, with([](auto& websocket) { websocket.message_timeout = 500ms; })};
  WebsocketClient client{server.port()};
  const auto until = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < until) {
    client.send(frame(text, "begun ", {.fin = false}));
    client.send(frame(continuation, "finished"));
    ASSERT_EQ(client.receive().payload, "begun finished");
  }
}

// The next one has always begun when one is finished.
TEST(WebSocketLimits, GivesEachOfManyMessagesInARowItsOwnTime) {
  constexpr auto patience = 400ms;
  Server server{Open{echo}, with([&](auto& websocket) { websocket.message_timeout = patience; })};
  const std::string payload(1000, 'x');
  const auto large = frame(text, payload), small = frame(text, "small");
  for (const auto& message : {large.substr(500) + large.substr(0, 500), large.substr(500) + small + small + large.substr(0, 500)}) {
    for (auto longest = patience + 0ns; longest > patience / 2;) {
      WebsocketClient client{server.port()};
      client.send(large.substr(0, 500));
      auto now = std::chrono::steady_clock::now();
      const auto end = now + 3 * patience;
      Received got;
      longest = 0ns;
      do {
        client.send(message);
        got = client.receive();
        const auto before = std::exchange(now, std::chrono::steady_clock::now());
        longest = std::max(longest, now - before);
        while (got.payload == "small") got = client.receive();
      } while (got.opcode == text && now < end);
      if (got.opcode == text) break;
      // If this machine stands still for so long that a message seems to take too long, it is tried again.
      ASSERT_GT(longest, patience / 2) << got.payload;
    }
  }
}

TEST(WebSocketLimits, PingsWhoIsQuietAndClosesWhoDoesNotAnswer) {
  Server server{Open{silence}, with([](auto& websocket) {
                  websocket.ping_interval = 50ms;
                  websocket.pong_timeout = 500ms;
                })};
  WebsocketClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    const auto asked = client.receive();
    ASSERT_EQ(asked.opcode, unsigned{ping});
    client.send(frame(pong, asked.payload));
  }
  ASSERT_EQ(client.receive().opcode, unsigned{ping});
  std::string reason;
  EXPECT_EQ(client.receive_close(&reason), 4001U);
  EXPECT_EQ(reason, "no pong");
}

// Who wants to can do that as often as they connect.
TEST(WebSocketLimits, OfThoseWhoViolateTheProtocolOnlyTheFirstOfAMinuteIsSaid) {
  const LogLines log;
  Server server{Open{silence}};
  for (int i = 0; i < 3; ++i) {
    WebsocketClient client{server.port()};
    client.send(frame(text, "\xFF"));
    EXPECT_EQ(client.receive_close(), 1007U);
  }
  EXPECT_EQ(log.take("violated the protocol").size(), 1U);
}

TEST(WebSocketLimits, TakesAnyFrameForASignOfLife) {
  Server server{Open{silence}, with([](auto& websocket) { websocket.ping_interval = 50ms; })};
  WebsocketClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(client.receive().opcode, unsigned{ping});
    client.send(frame(text, "here"));
  }
}

TEST(WebSocketLimits, CutsWhoDoesNotAnswerTheClosingHandshake) {
  Server server{Open{[](Sink& sink) {
                  sink.close(CloseCode::policy, "");
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.close_timeout = 100ms; })};
  WebsocketClient client{server.port()};
  EXPECT_EQ(client.receive_close(), 1008U);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
}

TEST(WebSocketLimits, CutsWhoNeitherReadsNorLeaves) {
  Server server{Open{[](Sink& sink) {
                  for (int i = 0; i < 1000; ++i) sink.send(Frame::copy(std::string(10'000, 'x')));
                  sink.close(CloseCode::policy, "");
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) {
                  websocket.close_timeout = 100ms;
                  websocket.outbox = 100'000'000;
                })};
  WebsocketClient client{server.port(), "", 4096};
  EXPECT_TRUE(server.all_gone());
}

TEST(WebSocketLimits, AMessageHasNoMoreTimeBecauseOfWhatComesBetweenItsFragments) {
  Server server{Open{silence}, with([](auto& websocket) { websocket.message_timeout = 100ms; })};
  WebsocketClient client{server.port()};
  client.send(frame(text, "begun", {.fin = false}));
  std::atomic<bool> closed = false;
  std::thread ponging{[&] {
    try {
      while (!closed) {
        client.send(frame(pong, "still here"));
        std::this_thread::sleep_for(5ms);  // the pace of the client, not a wait for something
      }
    } catch (const std::exception&) {  // the server has closed
    }
  }};
  unsigned code = 0;
  EXPECT_NO_THROW(code = client.receive_close());
  closed = true;
  ponging.join();
  EXPECT_EQ(code, 1008U);
}

class SlowReader : public testing::TestWithParam<bool> {};

// A member that does not read, one that does, and ten thousand large messages.
TEST_P(SlowReader, IsClosedWith4000WhileOthersGetEverything) {
  const LogLines log;
  std::vector<Sink*> members;
  std::atomic<int> gone = 0;
  auto config = with([](auto& websocket) {
    websocket.outbox = 200'000;
    websocket.compression = GetParam();
  });
  Server server{Open{[&](Sink& sink) {
                  members.push_back(&sink);
                  auto session = std::make_unique<Session>();
                  session->message = [&](std::string_view payload, Opcode) {
                    for (auto* member : members) member->send(Frame::copy(payload));
                  };
                  session->closed = [&, member = &sink] {
                    std::erase(members, member);
                    ++gone;
                  };
                  return session;
                }},
                config};
  const auto* headers = GetParam() ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
  WebsocketClient slow{server.port(), headers, 4096};
  WebsocketClient quick{server.port()};
  std::uint64_t random = 1;
  int sent = 0;
  for (; sent < 10'000 && gone == 0; ++sent) {
    std::string payload = std::to_string(sent) + " ";  // of a kind that deflate cannot make small
    while (payload.size() < 5000) payload += static_cast<char>(' ' + ((random = random * 6364136223846793005U + 1) >> 33U) % 95);
    quick.send(frame(text, payload));
    ASSERT_EQ(quick.receive().payload, payload);
  }
  EXPECT_EQ(gone, 1);
  EXPECT_LT(sent, 10'000);
  std::smatch said;
  const auto line = log.until("too slow").back();
  ASSERT_TRUE(std::regex_search(line, said, std::regex{": more waits for it than websocket.outbox; (\\d+) bytes wait$"})) << line;
  if (!GetParam()) {
    EXPECT_NEAR(std::stod(said[1]), 200'000, 6000);
  }
  // What was on its way still comes, whole; of what waits in the outbox only the frame that was begun; then the close frame.
  int next = 0;
  auto got = slow.receive();
  for (; got.opcode != close; got = slow.receive(), ++next) {
    if (!GetParam()) {
      ASSERT_EQ(std::stoi(got.payload), next);
    }
  }
  EXPECT_EQ(got.payload, close_payload(4000, "too slow"));
  EXPECT_LT(next, sent - 30);
  quick.send(frame(text, "still here"));
  EXPECT_EQ(quick.receive().payload, "still here");
}

INSTANTIATE_TEST_SUITE_P(Plain, SlowReader, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Compressed, SlowReader, testing::Values(true));

TEST(WebSocketLimits, ASlowReaderOfDroppableFramesStaysAndGetsTheNewest) {
  Sink* member = nullptr;
  Server server{Open{[&](Sink& sink) {
                  member = &sink;
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.outbox = 20'000; })};
  WebsocketClient slow{server.port(), "", 4096};
  slow.send(frame(ping, ""));
  slow.receive();
  constexpr int rounds = 20'000;
  for (int i = 0; i <= rounds; i += 100) {
    server.on_shard([&] {
      for (int k = i; k < i + 100 && k <= rounds; ++k) {
        member->send(Frame::copy(std::to_string(k) + std::string(1000, ' '), Opcode::text, Delivery::may_drop(1)));
      }
    });
  }
  server.on_shard([&] { member->send(Frame::copy("must")); });
  int before = -1, frames = 0;
  for (auto got = slow.receive(); got.payload != "must"; got = slow.receive()) {
    EXPECT_GT(std::stoi(got.payload), before);
    before = std::stoi(got.payload);
    ++frames;
  }
  EXPECT_EQ(before, rounds);
  EXPECT_LT(frames, rounds);
}

// Hands a connection one frame after the other, whenever it has room for more, and then says that it is live.
class History : public std::enable_shared_from_this<History> {
 public:
  History(Sink& sink, Server*& server, int frames) : sink_(sink), server_(server), frames_(frames) {}

  void go_on() {
    if (next_ == frames_) return sink_.send(Frame::copy("live"));
    const auto frame = Frame::copy(std::to_string(next_++) + std::string(10'000, ' '));
    sink_.catch_up({&frame, 1}, [its = shared_from_this()] { its->server_->shard().post([its] { its->go_on(); }); });
  }

 private:
  Sink& sink_;
  Server*& server_;
  int frames_;
  int next_ = 0;
};

TEST(WebSocketLimits, WhoIsBroughtUpToDateGetsMoreAsItTakesIt) {
  constexpr int frames = 500;
  Server* its = nullptr;
  Server server{Open{[&](Sink& sink) {
                  std::make_shared<History>(sink, its, frames)->go_on();
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.outbox = 16'384; })};
  its = &server;
  WebsocketClient client{server.port(), "", 4096};
  for (int i = 0; i < frames; ++i) ASSERT_EQ(std::stoi(client.receive().payload), i);
  EXPECT_EQ(client.receive().payload, "live");
}

TEST(WebSocketLimits, WhoTakesNothingOfWhatBringsItUpToDateIsClosed) {
  Server* its = nullptr;
  Server server{Open{[&](Sink& sink) {
                  std::make_shared<History>(sink, its, 1'000'000)->go_on();
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) {
                  websocket.pong_timeout = 200ms;
                  websocket.close_timeout = 100ms;
                })};
  its = &server;
  WebsocketClient client{server.port(), "", 4096};
  EXPECT_TRUE(server.all_gone());
}

TEST(WebSocketLimits, WhoGivesNoSignOfLifeGetsNothingMoreOfWhatWaits) {
  constexpr int frames = 3000;
  std::promise<void> given_up;
  Server server{Open{[&](Sink& sink) {
                  for (int i = 0; i < frames; ++i) sink.send(Frame::copy(std::to_string(i) + std::string(10'000, ' ')));
                  auto session = std::make_unique<Session>();
                  session->closed = [&] { given_up.set_value(); };
                  return session;
                }},
                with([](auto& websocket) {
                  websocket.outbox = 100'000'000;
                  websocket.ping_interval = 20ms;
                  websocket.pong_timeout = 20ms;
                })};
  WebsocketClient client{server.port(), "", 4096};
  ASSERT_EQ(given_up.get_future().wait_for(60s), std::future_status::ready);
  int next = 0;
  auto got = client.receive();
  for (; got.opcode != close; got = client.receive()) {
    if (got.opcode == text) {
      ASSERT_EQ(std::stoi(got.payload), next++);
    }
  }
  EXPECT_EQ(got.payload, close_payload(4001, "no pong"));
  EXPECT_LT(next, frames);
}

TEST(WebSocketLimits, AsksWhoIsProbedAtOnceAndGivesItLessTime) {
  Server server{Open{[](Sink& sink) {
                  sink.probe();
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.close_timeout = 100ms; })};
  WebsocketClient there{server.port()}, gone{server.port()};
  for (auto* client : {&there, &gone}) ASSERT_EQ(client->receive().opcode, unsigned{ping});
  there.send(frame(pong, ""));
  EXPECT_EQ(gone.receive_close(), 4001U) << "long before pong_timeout";
  there.send(frame(ping, "still here"));
  EXPECT_EQ(there.receive(), (Received{true, 0, pong, "still here"}));
}

// A ping waits behind all that was sent before it: in the outbox too, or only in what the system has taken. And the system may take nothing
// more for long, though the client takes something all the time.
TEST(WebSocketLimits, WhoIsStillTakingWhatWasSentBeforeAPingIsNotGivenUp) {
  constexpr auto patience = 500ms;
  constexpr double bytes_in_a_second = 200'000;
  for (const auto& [count, catches_up] : {std::pair{2000U, false}, {8000U, false}, {8000U, true}}) {
    SCOPED_TRACE(std::to_string(count) + (catches_up ? " to catch up" : ""));
    const std::vector frames(count, Frame::copy(std::string(1000, ' ')));
    Server server{Open{[&frames, catches_up = catches_up](Sink& sink) {
                    if (catches_up) {
                      sink.catch_up(frames, [] {});
                    } else {
                      for (const auto& each : frames) sink.send(each);
                    }
                    return echo(sink);
                  }},
                  with([&](auto& websocket) {
                    websocket.ping_interval = 50ms;
                    websocket.pong_timeout = patience;
                    websocket.outbox = 100'000'000;
                  })};
    // If this machine stands still for so long that the client seems to, it is tried again.
    for (auto pause = patience + 0ns; pause > patience / 2;) {
      WebsocketClient client{server.port(), "", 4096};
      const auto begun = std::chrono::steady_clock::now();
      auto now = begun;
      pause = 0ns;
      const auto take = [&] {
        const auto before = std::exchange(now, std::chrono::steady_clock::now());
        pause = std::max(pause, now - before);
        auto got = client.receive();
        if (got.opcode == close) throw std::runtime_error{"it was closed"};
        if (got.opcode == ping) client.send(frame(pong, got.payload));
        return got.payload;
      };
      try {
        for (double taken = 0; now < begun + 4 * patience; server.on_shard([] { return 0; })) {
          if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() * bytes_in_a_second > taken) {
            taken += static_cast<double>(take().size());
          }
        }
        client.send(frame(text, "still here"));
        while (take() != "still here") {
        }
        break;
      } catch (const std::exception& error) {
        EXPECT_GT(pause, patience / 2) << error.what();
      }
    }
  }
}

TEST(WebSocketLimits, WhoTakesItSlowlyButSteadilyIsNotClosed) {
  constexpr auto patience = 1s;
  Server server{Open{[](Sink& sink) {
                  sink.catch_up(std::vector(64, Frame::copy(std::string(1'000'000, ' '))), [] {});
                  return std::make_unique<Session>();
                }},
                with([&](auto& websocket) {
                  websocket.pong_timeout = patience;
                  websocket.outbox = 100'000'000;
                })};
  // If this machine stands still for so long that the client seems to, it is tried again.
  for (auto pause = patience + 0ns; pause > patience / 2;) {
    WebsocketClient client{server.port(), "", 4096};
    const auto begun = std::chrono::steady_clock::now();
    auto now = begun;
    const auto step = [&] {
      const auto before = std::exchange(now, std::chrono::steady_clock::now());
      pause = std::max(pause, now - before);
    };
    pause = 0ns;
    try {
      while (now < begun + 2 * patience) {
        client.read(100);
        server.on_shard([] { return 0; });  // the server is busy with others in between
        step();
      }
      EXPECT_EQ(client.read(3'000'000).size(), 3'000'000U);
      return;
    } catch (const std::exception& error) {
      step();
      EXPECT_GT(pause, patience / 2) << error.what();
    }
  }
}

TEST(WebSocketLimits, WhatTheSocketTakesAtOnceIsNotBeingSlow) {
  constexpr int frames = 15;
  Server server{Open{[](Sink& sink) {
                  for (int i = 0; i < frames; ++i) sink.send(Frame::copy(std::to_string(i) + std::string(10'000, ' ')));
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.outbox = 20'000; })};
  WebsocketClient client{server.port()};
  for (int i = 0; i < frames; ++i) ASSERT_EQ(std::stoi(client.receive().payload), i);
}

TEST(WebSocketLimits, ABatchOfWhichTheSocketTakesAPartArrivesWhole) {
  Sink* member = nullptr;
  Server server{Open{[&](Sink& sink) {
                  member = &sink;
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.outbox = 100'000'000; })};
  WebsocketClient client{server.port(), "", 4096};
  client.send(frame(ping, ""));
  client.receive();
  constexpr int batches = 3, frames = 1000;
  for (int i = 0; i < batches; ++i) {
    server.on_shard([&] {
      Batch batch;
      batch.add(Frame::copy("was given before"));
      for (int k = 0; k < frames; ++k) batch.add(Frame::copy(std::to_string(i * frames + k) + std::string(5000, ' ')));
      member->send(batch, 1);
    });
  }
  for (int i = 0; i < batches * frames; ++i) ASSERT_EQ(client.receive().payload, std::to_string(i) + std::string(5000, ' '));
}

TEST(WebSocketLimits, APongDoesNotWaitForAQueueToDrain) {
  Server server{Open{[](Sink& sink) {
                  for (int i = 0; i < 1000; ++i) sink.send(Frame::copy(std::string(10'000, 'x')));
                  return std::make_unique<Session>();
                }},
                with([](auto& websocket) { websocket.outbox = 100'000'000; })};
  WebsocketClient client{server.port(), "", 4096};
  client.send(frame(ping, "there?"));
  int before = 0;
  auto got = client.receive();
  for (; got.opcode != pong; got = client.receive()) ++before;
  EXPECT_LT(before, 1000);
  for (; before < 1000; ++before) ASSERT_EQ(client.receive().payload.size(), 10'000U);
}

}  // namespace
}  // namespace hubbub::net::test
