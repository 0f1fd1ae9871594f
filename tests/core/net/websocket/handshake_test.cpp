#include <gtest/gtest.h>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

std::string without(std::string request, std::string_view line) {
  const auto at = request.find(line);
  if (at == std::string::npos) throw std::logic_error{"no such line"};
  return request.erase(at, request.find("\r\n", at) + 2 - at);
}

std::string with(std::string request, std::string_view line, std::string_view other) {
  request = without(std::move(request), line);
  return request.insert(request.find("\r\n") + 2, std::string{other} + "\r\n");
}

Reply reply_to(Server& server, std::string_view request) {
  Client client{server.port()};
  client.send(request);
  auto reply = read_reply(client);
  EXPECT_EQ(client.read_to_end(), "") << request;
  return reply;
}

TEST(Handshake, AnswersLikeTheExampleOfTheRfc) {
  Server server{Open{echo}};
  WebsocketClient client{server.port()};
  EXPECT_EQ(client.handshake().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(client.handshake().header("Upgrade"), "websocket");
  EXPECT_EQ(client.handshake().header("Connection"), "Upgrade");
  EXPECT_EQ(client.handshake().header("Server"), "hubbub");
  EXPECT_EQ(client.handshake().header("Sec-WebSocket-Protocol"), "");
  EXPECT_EQ(client.handshake().header("Sec-WebSocket-Extensions"), "");
}

TEST(Handshake, NamesTheSubprotocolThatTheRequestHandlerChose) {
  Server server{[](const Request& request) -> Answer {
    EXPECT_EQ(request.header("Sec-WebSocket-Protocol"), "other, hubbub.v1");
    return Upgrade{"hubbub.v1", echo};
  }};
  WebsocketClient client{server.port(), "Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: hubbub.v1\r\n"};
  EXPECT_EQ(client.handshake().header("Sec-WebSocket-Protocol"), "hubbub.v1");
}

TEST(Handshake, TakesTokensInAnyCaseAndAmongOthers) {
  Server server{Open{echo}};
  for (const auto& request :
       {with(handshake_request(), "Connection", "connection:  keep-alive , UPGRADE"),
        with(handshake_request(), "Connection", "Connection: Upgrade\t, keep-alive"),
        with(handshake_request(), "Connection", "Connection: keep-alive,\tUpgrade \t"),
        with(handshake_request(), "Upgrade", "upgrade: foo/2, WebSocket")}) {
    Client client{server.port()};
    client.send(request);
    EXPECT_EQ(read_reply(client).status(), 101) << request;
  }
}

TEST(Handshake, TakesFramesThatCameRightBehindIt) {
  Server server{Open{echo}};
  Client client{server.port()};
  client.send(handshake_request() + frame(text, "early") + frame(text, "too"));
  EXPECT_EQ(read_reply(client).status(), 101);
  EXPECT_EQ(client.read(7), "\x81\x05" "early");
  EXPECT_EQ(client.read(5), "\x81\x03" "too");
}

TEST(Handshake, RefusesWhatTheRfcDoesNotAllow) {
  Server server{[](const Request&) -> Answer { throw std::logic_error{"the handler must not be asked"}; }};
  const auto good = handshake_request();
  const auto key = [&](std::string_view value) { return with(good, "Sec-WebSocket-Key", "Sec-WebSocket-Key: " + std::string{value}); };
  auto post = good, old = good;
  post.replace(0, 3, "PUT");
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  for (const auto& request :
       {post, old, without(good, "Host"), with(good, "Host", "Host: "), without(good, "Connection"), with(good, "Connection", "Connection: keep-alive"),
        without(good, "Sec-WebSocket-Key"), key(""), key("c2hvcnQ="), key("dGhlIHNhbXBsZSBub25jZQ"),
        key("dGhlIHNhbXBsZSBub25jZTE="), key("dGhlIHNhbXBsZSBub25jZ!=="), key("====================AA=="),
        handshake_request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        handshake_request("Content-Length: 2\r\n") + "hi"}) {
    EXPECT_EQ(reply_to(server, request).status(), 400) << request;
  }
}

TEST(Handshake, NamesTheVersionToAClientOfAnother) {
  Server server{Open{echo}};
  for (const auto& request : {with(handshake_request(), "Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"),
                              with(handshake_request(), "Sec-WebSocket-Version", "Sec-WebSocket-Version: 013"),
                              without(handshake_request(), "Sec-WebSocket-Version")}) {
    const auto reply = reply_to(server, request);
    EXPECT_EQ(reply.status(), 426);
    EXPECT_EQ(reply.header("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(reply.header("Upgrade"), "websocket");
    EXPECT_EQ(reply.header("Connection"), "Upgrade, close");
  }
}

// It says one version; a list of them is what the server answers.
TEST(Handshake, TakesItsVersionAloneAndAsItIs) {
  Server server{Open{echo}};
  const auto of = [](const std::string& version) {
    return with(handshake_request(), "Sec-WebSocket-Version", "sec-websocket-version:" + version);
  };
  for (const auto* version : {"8, 13", "13, 8", "13,13", "13,", ",13", "13;x", "\"13\"", "+13", "13.0", "1 3", "130", "0x0d", "*", "",
                              "8\r\nSec-WebSocket-Version: 13", "13\r\nSec-WebSocket-Version: 8"}) {
    EXPECT_EQ(reply_to(server, of(version)).status(), 426) << version;
  }
  for (const auto* version : {"13", " 13", "\t 13 \t"}) {
    Client client{server.port()};
    client.send(of(version));
    EXPECT_EQ(read_reply(client).status(), 101) << version;
  }
}

TEST(Handshake, LeavesToTheRequestHandlerWhatToDoWithAGoodOne) {
  Server server{[](const Request& request) -> Answer {
    EXPECT_TRUE(request.websocket);
    return Response{403, {}, "no"};
  }};
  EXPECT_EQ(reply_to(server, handshake_request()).status(), 403);
}

TEST(Handshake, IgnoresOtherUpgrades) {
  Server server{[](const Request& request) -> Answer { return Response{request.websocket ? 500U : 200U, {}, "plain"}; }};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n").body, "plain");
  EXPECT_EQ(get(client, "/", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n").body, "plain");
}

}  // namespace
}  // namespace hubbub::net::test
