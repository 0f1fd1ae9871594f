// What is said in the log of connections, from their beginning to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

using Lines = std::vector<std::string>;

struct SaidOfConnections : testing::Test {
  SaidOfConnections() { spdlog::set_level(spdlog::level::debug); }
  ~SaidOfConnections() override { spdlog::set_level(spdlog::level::info); }

  // Up to one with these words, without the number of the connection, which is the same in all.
  Lines until(const std::string& end) {
    auto lines = log.until(end);
    const auto number = lines.front().substr(0, lines.front().find(' ') + 1);
    EXPECT_THAT(number, StartsWith("connection="));
    for (auto& line : lines) {
      EXPECT_THAT(line, StartsWith(number));
      line.erase(0, number.size());
    }
    return lines;
  }

  LogLines log;
};

TEST_F(SaidOfConnections, is_each_request_with_its_status_and_without_its_query) {
  Server server{[](const Request& request) -> Answer { return Response{request.target.starts_with("/there") ? 200U : 404U, {}, ""}; }};
  {
    Client client{server.port()};
    EXPECT_EQ(get(client, "/there?secret").status(), 200);
    EXPECT_EQ(get(client, "/not there").status(), 400);
  }
  EXPECT_THAT(until("ended"), ElementsAre("accepted", "GET /there 200", StartsWith("refused with 400: "), "ended"));
}

TEST_F(SaidOfConnections, is_nothing_of_a_query_whatever_it_holds_and_however_it_is_answered) {
  Server server{[](const Request&) -> Answer { return Response{404, {}, ""}; }};
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";  // which is no whole handshake
  for (const std::string query : {"?key=secret", "?key=secret&nickname=why?", "??secret", "?secret??secret?", "?/secret?/secret", "?secret%3Fsecret", "?"}) {
    for (const auto& headers : {std::string{}, upgrade}) {
      for (const auto* start : {"", "http://here"}) {
        SCOPED_TRACE(start + query + headers);
        {
          Client client{server.port()};
          EXPECT_EQ(get(client, start + ("/there" + query), headers).status(), headers.empty() ? 404 : 426);
        }
        const auto lines = until("ended");
        EXPECT_THAT(lines, testing::Contains(StartsWith(std::string{"GET "} + start + "/there 4")));
        EXPECT_THAT(lines, testing::Each(testing::Not(testing::AnyOf(testing::HasSubstr("secret"), testing::HasSubstr("?")))));
      }
    }
  }
}

TEST_F(SaidOfConnections, is_with_what_code_each_side_closed) {
  auto config = patient();
  config.websocket.max_message = 1000;
  Server server{[](Sink& sink) {
                  auto session = std::make_unique<Session>();
                  session->message = [&sink](std::string_view payload, Opcode) {
                    if (payload == "go") sink.close(CloseCode::too_slow, "why");
                  };
                  return session;
                },
                config};
  for (const auto& [sent, lines] : std::vector<std::pair<std::string, Lines>>{
           {frame(close, close_payload(1000)), {"websocket ended: sent 1000, received 1000"}},
           {frame(close, ""), {"websocket ended: sent 1005, received 1005"}},
           {frame(close, close_payload(4321, "bye")), {"websocket ended: sent 4321, received 4321"}},
           {frame(text, "go") + frame(close, close_payload(1001)), {"websocket ended: sent 4000, received 1001"}},
           {frame(text, "\xFF"), {"violated the protocol: ", "websocket ended: sent 1007, received 1005"}},
           {frame(text, std::string(1001, 'x')), {"violated the protocol: ", "websocket ended: sent 1009, received 1005"}}}) {
    SCOPED_TRACE(lines.back());
    WebsocketClient client{server.port()};
    client.send(sent);
    while (client.receive().opcode != close) {
    }
    client.shut();
    std::vector<testing::Matcher<std::string>> expected{"accepted", "websocket open"};
    for (const auto& line : lines) expected.emplace_back(StartsWith(line));
    EXPECT_THAT(until("websocket ended"), testing::ElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace hubbub::net::test
