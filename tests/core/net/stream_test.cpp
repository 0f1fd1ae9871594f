#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

// With what the client sends cut off at each of its bytes in turn: the rest is never heard of.
TEST(Stream, ThatEndsAnywhereInAFrameEndsItsConnectionAndNobodyElses) {
  const auto handshake = handshake_request();
  const auto frames = frame(text, "first") + frame(text, std::string(200, 'x')) + frame(text, "one, ", {.fin = false}) + frame(continuation, "two");
  for (std::size_t bytes = 0; bytes <= frames.size(); ++bytes) {
    std::string heard;
    std::atomic<int> closed = 0;
    Server server{Open{[&](Sink&) {
                    auto session = std::make_unique<Session>();
                    session->message = [&heard](std::string_view payload, Opcode) { heard.append(payload).append("|"); };
                    session->closed = [&closed] { ++closed; };
                    return session;
                  }},
                  patient(), made_of<EndsAfter>(handshake.size() + bytes)};
    Client client{server.port()};
    client.send(handshake + frames);
    client.read_to_end();
    ASSERT_TRUE(server.all_gone()) << bytes;
    EXPECT_EQ(closed, 1) << bytes;
    const auto expected = std::string{bytes >= 11 ? "first|" : ""} + (bytes >= 219 ? std::string(200, 'x') + "|" : "") + (bytes == frames.size() ? "one, two|" : "");
    EXPECT_EQ(heard, expected) << bytes;
  }
}

TEST(Stream, ThatEndsAnywhereInARequestEndsItsConnectionUnanswered) {
  const std::string request = "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nwhole";
  for (std::size_t bytes = 0; bytes <= request.size(); ++bytes) {
    Server server{[](const Request&) -> Answer { return Response{200, {}, "answered"}; }, patient(), made_of<EndsAfter>(bytes)};
    Client client{server.port()};
    client.send(request);
    EXPECT_EQ(client.read_to_end().ends_with("answered"), bytes == request.size()) << bytes;
    EXPECT_TRUE(server.all_gone()) << bytes;
  }
}

}  // namespace
}  // namespace hubbub::net::test
