#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <deque>
#include <initializer_list>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/net/server.hpp"
#include "net/http/response_head.hpp"

namespace hubbub::net::test {
namespace {

using testing::HasSubstr;
using testing::Not;

Answer say_what_was_asked(const Request& request) {
  return Response{200, {{"X-Asked", "yes"}}, std::string{request.method} + " " + std::string{request.target} + " " +
                                                 std::string{request.body}};
}

// A file without a name, of `size` bytes.
runtime::Descriptor file_of(std::size_t size) {
  runtime::Descriptor file{::memfd_create("served", MFD_CLOEXEC)};
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>('a' + i % 23);
  if (::write(file.get(), content.data(), size) != static_cast<ssize_t>(size)) throw std::runtime_error{"write"};
  return file;
}

std::string ask(Server& server, std::string_view request) {
  Client client{server.port()};
  client.send(request);
  return client.read_to_end();
}

int status_of(Server& server, std::string_view request) { return std::stoi(ask(server, request).substr(9, 3)); }

constexpr auto hasty_timeout = 250ms;

config::Config hasty() {
  auto config = patient();
  config.http.timeout = hasty_timeout;
  return config;
}

TEST(Http, AnswersWithWhatTheRequestHandlerSays) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  const auto reply = get(client, "/some/where?x=%20y");
  EXPECT_THAT(reply.head, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(reply.header("X-Asked"), "yes");
  EXPECT_EQ(reply.header("Server"), "hubbub");
  EXPECT_EQ(reply.header("Date").size(), std::string_view{"Sun, 06 Nov 1994 08:49:37 GMT"}.size());
  EXPECT_EQ(reply.body, "GET /some/where?x=%20y ");
}

TEST(Http, KeepsTheConnectionForTheNextRequest) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  for (const auto* target : {"/1", "/2", "/3"}) EXPECT_THAT(get(client, target).body, HasSubstr(target));
}

TEST(Http, ClosesWhereTheClientSaysSo) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/", "Connection: close\r\n").header("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Http, ServesHttp10WhichKeepsTheConnectionOnlyOnRequest) {
  Server server{say_what_was_asked};
  EXPECT_THAT(ask(server, "GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close\r\n"));
  Client client{server.port()};
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(read_reply(client).header("Connection"), "keep-alive");
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(read_reply(client).header("Connection"), "close");
}

TEST(Http, AnswersRequestsSentAheadInTheirOrder) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: here\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(read_reply(client).body, "GET /" + std::to_string(i) + " ");
}

TEST(Http, TakesARequestByteByByteAndEmptyLinesBeforeIt) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  for (const char byte : std::string_view{"\r\n\r\nPOST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello"}) {
    client.send({&byte, 1});
  }
  EXPECT_EQ(read_reply(client).body, "POST /x hello");
}

TEST(Http, TakesAChunkedBody) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  client.send("POST /x HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(read_reply(client).body, "POST /x abcdefg");
}

TEST(Http, AsksForTheBodyOfAClientThatWaitsToBeAsked) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  client.send("POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_through("\r\n\r\n"), testing::StartsWith("HTTP/1.1 100 "));
  client.send("hello");
  EXPECT_EQ(read_reply(client).body, "POST /x hello");
  client.send("POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
  EXPECT_EQ(read_reply(client).status(), 200);
  EXPECT_EQ(status_of(server, "POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"), 413);
  EXPECT_EQ(status_of(server, "POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: tea\r\n\r\n"), 417);
}

TEST(Http, TakesAnExpectationInAnyCaseAndNoneOfAClientThatCannotHaveOne) {
  Server server{say_what_was_asked};
  for (const auto* expect : {"100-continue", "100-Continue", "100-CONTINUE"}) {
    Client client{server.port()};
    client.send(std::string{"POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: "} + expect + "\r\n\r\n");
    EXPECT_EQ(client.read_through("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    EXPECT_EQ(read_reply(client).body, "POST /x hello");
  }
  for (const auto* expect : {"100-continue", "tea"}) {  // RFC 9110, 10.1.1
    Client client{server.port()};
    client.send(std::string{"POST /x HTTP/1.0\r\nContent-Length: 5\r\nExpect: "} + expect + "\r\n\r\n");
    Client other{server.port()};
    for (int i = 0; i < 2; ++i) get(other, "/");  // so that the head has been looked at without the body
    client.send("hello");
    EXPECT_EQ(read_reply(client).body, "POST /x hello");
  }
  Client client{server.port()};  // with nothing to be asked for
  client.send("GET /x HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(read_reply(client).status(), 200);
}

TEST(Http, SaysTheTimeOfEachAnswer) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  std::string first, last;
  do {
    const auto before = std::time(nullptr);
    last = get(client, "/").header("Date");
    const auto after = std::time(nullptr);
    bool is_between = false;
    for (auto when = before; when <= after; ++when) is_between = is_between || last == http_date(when);
    EXPECT_TRUE(is_between) << last;
    if (first.empty()) first = last;
  } while (first == last && !HasFailure());  // until the next second has come
}

TEST(Http, SendsNoBodyForHeadButItsLength) {
  Server server{[](const Request& request) -> Answer {
    if (request.target == "/file") return Response{200, {}, FileSlice{file_of(1000), 0, 1000}};
    return Response{200, {}, "twelve bytes"};
  }};
  Client client{server.port()};
  for (const auto& [target, length] : {std::pair{"/text", "12"}, {"/file", "1000"}}) {
    client.send("HEAD " + std::string{target} + " HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_EQ(read_reply(client, false).header("Content-Length"), length);
  }
  EXPECT_EQ(get(client, "/text").body, "twelve bytes");
}

TEST(Http, SendsNoBodyWith204And304) {
  Server server{[](const Request& request) -> Answer { return Response{request.target == "/204" ? 204U : 304U, {}, "x"}; }};
  Client client{server.port()};
  for (const auto* target : {"/204", "/304"}) {
    const auto reply = get(client, target);
    EXPECT_EQ(reply.header("Content-Length"), "");
  }
  EXPECT_EQ(get(client, "/304").status(), 304);
}

TEST(Http, SendsFilesAndPartsOfThem) {
  constexpr std::size_t size = 5'000'000;
  Server server{[](const Request& request) -> Answer {
    if (request.target == "/part") return Response{206, {}, FileSlice{file_of(size), 1000, 100'000}};
    return Response{200, {}, FileSlice{file_of(size), 0, size}};
  }};
  Client client{server.port()};
  const auto whole = get(client, "/").body;
  ASSERT_EQ(whole.size(), size);
  for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(whole[i], static_cast<char>('a' + i % 23));
  EXPECT_EQ(get(client, "/part").body, whole.substr(1000, 100'000));
}

TEST(Http, ClosesWhereAFileBecameShorter) {
  Server server{[](const Request&) -> Answer { return Response{200, {}, FileSlice{file_of(10), 0, 1000}}; }};
  const LogLines log;
  Client client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("Content-Length: 1000"));
  EXPECT_EQ(server.on_shard([&] { return log.take("a file became shorter while it was sent").size(); }), 1U);
}

TEST(Http, AsksTheSameOfEveryRequestOfAConnection) {
  Server server{say_what_was_asked};
  for (const auto& [wrong, status] : std::initializer_list<std::pair<std::string, int>>{
           {"GET / HTTP/1.1\r\n\r\n", 400},
           {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip\r\n\r\na", 400},
           {"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\nExpect: tea\r\n\r\n", 417}}) {
    Client client{server.port()};
    EXPECT_EQ(get(client, "/").status(), 200);
    client.send(wrong);
    EXPECT_EQ(read_reply(client).status(), status) << wrong;
    EXPECT_EQ(client.read_to_end(), "") << wrong;
  }
}

TEST(Http, RefusesWhatIsNotHttp) {
  Server server{say_what_was_asked};
  for (const std::string_view nonsense :
       {"hello\r\n\r\n", "\x16\x03\x01\x02", "GET\r\n\r\n", "GET / \r\n\r\n", "GET / HTTP/x.y\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: here\r\n\r\n", "GET /a  HTTP/1.1\r\nHost: here\r\n\r\n", "GET /a b HTTP/2.0\r\nHost: here\r\n\r\n",
        "GET /a\tb HTTP/1.1\r\nHost: here\r\n\r\n", "GET /\x7F HTTP/1.1\r\nHost: here\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: here\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nHost : here\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "G\x01T / HTTP/1.1\r\nHost: here\r\n\r\n", "GET / HTTP/1.1\r\nHost: here\r\nX: \x01\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: gzip\r\n\r\na",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const auto answer = ask(server, nonsense);
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 400 Bad Request\r\n")) << nonsense;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << nonsense;
    EXPECT_THAT(answer, HasSubstr("{\"error\":\"")) << nonsense;
  }
}

TEST(Http, RefusesOtherVersions) {
  Server server{say_what_was_asked};
  for (const auto* version : {"2.0", "0.9", "1.2", "3.0"}) {
    EXPECT_EQ(status_of(server, "GET / HTTP/" + std::string{version} + "\r\nHost: here\r\n\r\n"), 505) << version;
  }
  EXPECT_EQ(status_of(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST(Http, RefusesLongHeads) {
  auto config = patient();
  config.http.header_limit = 1024;
  Server server{say_what_was_asked, config};
  const std::string long_text(1000, 'x');
  EXPECT_EQ(status_of(server, "GET /" + long_text + long_text + " HTTP/1.1\r\nHost: here\r\n\r\n"), 431);
  EXPECT_EQ(status_of(server, "GET / HTTP/1.1\r\nHost: here\r\nX: " + long_text + "\r\nY: " + long_text), 431);
  EXPECT_EQ(status_of(server, "GET /" + long_text.substr(400) + " HTTP/1.1\r\nHost: here\r\nX: " + long_text.substr(400) + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of(server, "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nX: " + long_text.substr(100) + "\r\n\r\n"), 200);
}

TEST(Http, TakesHeadsAndBodiesUpToTheirLimitsAndNoLongerOnes) {
  auto config = patient();
  config.http.header_limit = 1024;
  config.http.body_limit = 1000;
  Server server{say_what_was_asked, config};
  const auto head = [](std::size_t size) {
    const std::string rest = " HTTP/1.1\r\nHost: here\r\nConnection: close\r\nX: " + std::string(500, 'x') + "\r\n\r\n";
    return "GET /" + std::string(size - rest.size() - 5, 'y') + rest;
  };
  EXPECT_EQ(status_of(server, head(1024)), 200);
  EXPECT_EQ(status_of(server, head(1025)), 431);
  const auto body = [](std::size_t size, bool chunked) {
    const std::string start = "POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n", text(size, 'x');
    const std::string hex = size == 1000 ? "3e8" : "3e9";
    return chunked ? start + "Transfer-Encoding: chunked\r\n\r\n" + hex + "\r\n" + text + "\r\n0\r\n\r\n"
                   : start + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + text;
  };
  for (const bool chunked : {false, true}) {
    EXPECT_EQ(status_of(server, body(1000, chunked)), 200);
    EXPECT_EQ(status_of(server, body(1001, chunked)), 413);
  }
}

TEST(Http, TakesABodyThatIsLongerThanAHeadMayBeHoweverItComes) {
  auto config = patient();
  config.http.header_limit = 1024;
  Server server{say_what_was_asked, config};
  const std::string start = "POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n", text(5000, 'x');
  EXPECT_EQ(status_of(server, start + "Content-Length: 5000\r\n\r\n" + text), 200);
  EXPECT_EQ(status_of(server, start + "Transfer-Encoding: chunked\r\n\r\n1388\r\n" + text + "\r\n0\r\n\r\n"), 200);
}

TEST(Http, TellsAMalformedHeadFromALongOneHoweverMuchFollows) {
  auto config = patient();
  config.http.header_limit = 1024;
  Server server{say_what_was_asked, config};
  for (const auto* lengths : {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 99999999999999999999999\r\n", "Content-Length: x\r\n"}) {
    const std::string head = std::string{"POST / HTTP/1.1\r\nHost: here\r\n"} + lengths + "\r\n";
    EXPECT_EQ(status_of(server, head), 400) << lengths;
    EXPECT_EQ(status_of(server, head + std::string(6000, 'x')), 400) << lengths;
  }
}

TEST(Http, RefusesLongBodiesAndTheAnswerArrives) {
  auto config = patient();
  config.http.body_limit = 1000;
  Server server{say_what_was_asked, config};
  const std::string long_text(5'000'000, 'x');
  EXPECT_EQ(status_of(server, "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5000000\r\n\r\n" + long_text), 413);
  EXPECT_EQ(status_of(server, "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n4c4b40\r\n" + long_text), 413);
  Client client{server.port()};
  client.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n" + long_text.substr(0, 1000));
  EXPECT_EQ(read_reply(client).status(), 200);
}

TEST(Http, AnswersEachRequestThatIsRefusedInAnyCaseBeforeItsBodyComes) {
  Server server{say_what_was_asked};
  Client client{server.port()};
  for (int i = 0; i < 3; ++i) {
    client.send("DELETE / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_EQ(read_reply(client).status(), 405) << i;
    client.send(std::string(1000, 'x'));
    EXPECT_EQ(get(client, "/next").status(), 200) << i;
  }
}

// Behind a refusal the next request is answered, or the connection is closed: nothing is taken for what it is not.
TEST(Http, KeepsTheConnectionAfterARefusalOnlyIfItKnowsWhereTheNextRequestBegins) {
  auto config = patient();
  config.http.body_limit = 1'000'000;
  Server server{say_what_was_asked, config};
  for (const auto& [head, bytes, is_kept] : std::initializer_list<std::tuple<std::string, std::size_t, bool>>{
           {"HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n", 10, true},
           {"HTTP/1.1\r\nHost: here\r\nContent-Length: 65536\r\n", 65536, true},
           {"HTTP/1.1\r\nHost: here\r\nContent-Length: 65537\r\n", 0, false},
           {"HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\nExpect: 100-continue\r\n", 0, false},
           {"HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\nConnection: close\r\n", 0, false},
           {"HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n", 0, false},
           {"HTTP/1.0\r\nContent-Length: 10\r\n", 0, false},
           {"HTTP/1.0\r\nContent-Length: 10\r\nConnection: keep-alive\r\n", 10, true}}) {
    SCOPED_TRACE(head);
    Client client{server.port()};
    client.send("DELETE / " + head + "\r\n");
    const auto reply = read_reply(client);
    EXPECT_EQ(reply.status(), 405);
    EXPECT_EQ(reply.header("Connection") != "close", is_kept);
    client.send(std::string(bytes, 'x') + "GET /next HTTP/1.1\r\nHost: here\r\n\r\n");
    if (is_kept) {
      EXPECT_EQ(read_reply(client).body, "GET /next ");
    } else {
      EXPECT_EQ(client.read_to_end(), "");
    }
  }
}

TEST(Http, RefusesChunkLinesAndTrailersWithoutEnd) {
  Server server{say_what_was_asked};
  const std::string chunked = "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n", without_end(5'000'000, 'x');
  EXPECT_EQ(status_of(server, chunked + "1;" + without_end), 431);
  EXPECT_EQ(status_of(server, chunked + "1\r\na\r\n1;" + without_end), 431);
  EXPECT_EQ(status_of(server, chunked + "0\r\nX: " + without_end), 431);
}

TEST(Http, KeepsTheTrailersBehindABodyOutOfTheHeaders) {
  Server server{[](const Request& request) -> Answer {
    return Response{200, {}, std::string{request.websocket ? "a WebSocket " : ""} + std::string{request.header("X-Some")} + "|" +
                                 std::string{request.header("X-Other")}};
  }};
  Client client{server.port()};
  for (const std::string chunk : {"", "3\r\nabc\r\n"}) {
    client.send("GET / HTTP/1.1\r\nHost: here\r\nX-Some: head\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunk +
                "0\r\nX-Some: trailer\r\nX-Other: trailer\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    const auto reply = read_reply(client);
    EXPECT_EQ(reply.status(), 200);
    EXPECT_EQ(reply.body, "head|");
    EXPECT_NE(reply.header("Connection"), "close");
  }
}

TEST(Http, JoinsHeadersOfTheSameName) {
  std::string seen;
  Server server{[&](const Request& request) -> Answer {
    seen = request.header("x-some");
    return Response{200, {}, std::string{request.header("X-none")}};
  }};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/", "X-Some: a\r\nOther: z\r\nX-some: b,c\r\n").body, "");
  EXPECT_EQ(server.on_shard([&] { return seen; }), "a, b,c");
}

TEST(Http, Answers500WhereTheRequestHandlerFailsAndServesOn) {
  Server server{[](const Request& request) -> Answer {
    if (request.target == "/throw") throw std::runtime_error{"on purpose"};
    if (request.target == "/odd") throw 42;
    if (request.target == "/upgrade") return Upgrade{"", echo};
    if (request.target == "/header") return Response{200, {{"X", "a\r\nSet-Cookie: b"}}, "text"};
    return Response{200, {}, "fine"};
  }};
  Client client{server.port()};
  for (const auto* target : {"/throw", "/odd", "/upgrade", "/header"}) {
    const auto reply = get(client, target);
    EXPECT_EQ(reply.status(), 500) << target;
    EXPECT_THAT(reply.head, Not(HasSubstr("Set-Cookie")));
    EXPECT_THAT(reply.body, Not(HasSubstr("on purpose")));
  }
  EXPECT_EQ(get(client, "/").body, "fine");
}

TEST(Http, DropsWhoNeverSendsARequest) {
  Server server{say_what_was_asked, hasty()};
  Client client{server.port()};
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
}

TEST(Http, DropsWhoNeverFinishesARequest) {
  Server server{say_what_was_asked, hasty()};
  std::deque<Client> clients;
  for (const std::string_view start :
       {"G", "GET / HTTP/1.1\r\nHost: here\r\n", "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc",
        "GET /socket HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upg"}) {
    clients.emplace_back(server.port()).send(start);
  }
  for (auto& client : clients) EXPECT_THAT(client.read_to_end(), testing::StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(server.all_gone());
}

TEST(Http, DropsWhoSendsARequestTooSlowly) {
  Server server{say_what_was_asked, hasty()};
  Client client{server.port()};
  std::string answer;
  try {
    for (;;) {
      client.send("x");
      std::this_thread::sleep_for(5ms);  // the pace of the client, not a wait for something
    }
  } catch (const std::exception&) {
  }
  EXPECT_TRUE(server.all_gone());
}

TEST(Http, DropsWhoSendsOnAndOnWhenTheTimeIsUp) {
  auto config = hasty();
  config.http.body_limit = config::GiB;
  Server server{say_what_was_asked, config};
  std::string chunks;
  while (chunks.size() < 100'000) chunks += "1\r\nx\r\n";
  Client client{server.port()};
  client.send("POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THROW(
      for (;;) client.send(chunks), std::exception);
  EXPECT_TRUE(server.all_gone());
}

TEST(Http, DropsWhoDoesNotUseAKeptConnection) {
  Server server{say_what_was_asked, hasty()};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Http, DropsWhoDoesNotReadTheAnswer) {
  constexpr std::size_t size = 50'000'000;
  Server server{[](const Request& request) -> Answer {
                  if (request.target == "/file") return Response{200, {}, FileSlice{file_of(size), 0, size}};
                  return Response{200, {}, std::string(size, 'x')};
                },
                hasty()};
  for (const auto* target : {"/file", "/text"}) {
    Client client{server.port(), 4096};
    client.send("GET " + std::string{target} + " HTTP/1.1\r\nHost: here\r\n\r\n");
    client.read_through("\r\n\r\n");
    EXPECT_TRUE(server.all_gone());
    EXPECT_LT(client.read_to_end().size(), size);
  }
}

// What is about a pace is tried again where the machine was too busy to keep it.
constexpr int attempts = 40;

TEST(Http, DropsWhoDoesNotCloseBehindTheLastAnswerSoonerThanWhoMayAskForMore) {
  Server server{say_what_was_asked};  // whose http.timeout is a minute
  Client client{server.port()};
  EXPECT_EQ(get(client, "/", "Connection: close\r\n").status(), 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(server.all_gone());
}

TEST(Http, WaitsForWhoReadsSteadilyHoweverLongThatTakes) {
  constexpr std::size_t size = 20'000'000, piece = 50'000;
  Server server{[](const Request& request) -> Answer {
                  if (request.target == "/file") return Response{200, {}, FileSlice{file_of(size), 0, size}};
                  return Response{200, {}, std::string(size, 'x')};
                },
                hasty()};
  for (const auto* target : {"/file", "/text"}) {
    bool whole = false;
    for (int attempt = 0; attempt < attempts && !whole; ++attempt) {
      try {
        Client client{server.port(), 65'536};
        client.send("GET " + std::string{target} + " HTTP/1.1\r\nHost: here\r\n\r\n");
        client.read_through("\r\n\r\n");
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t read = 0; read < size; read += piece) {
          client.read(piece);
          std::this_thread::sleep_until(start + 3 * hasty().http.timeout * read / size);  // the pace of the client, not a wait for something
        }
        whole = true;
      } catch (const std::exception&) {
      }
    }
    EXPECT_TRUE(whole) << target;
  }
}

constexpr auto late = hasty_timeout * 6 / 10;

// Whatever the machine does meanwhile, both are looked after in one sweep: the first to come is refused no later than the last is cut.
TEST(Http, GivesAFirstRequestThatBeginsLateNoNewTime) {
  Server server{say_what_was_asked, hasty()};
  Client first{server.port()};
  while (server.count().live() != 1) std::this_thread::yield();
  Client last{server.port()};
  std::this_thread::sleep_for(late);  // the pace of the client, not a wait for something
  EXPECT_NO_THROW(first.send("G"));
  EXPECT_EQ(last.read_to_end(), "");
  server.on_shard([] {});  // so that the sweep is over
  EXPECT_TRUE(first.has_something());
}

TEST(Http, GivesAnyOtherRequestItsOwnTime) {
  Server server{say_what_was_asked, hasty()};
  std::string answer;
  for (int attempt = 0; attempt < attempts && answer.empty(); ++attempt) {  // it is empty if the request came too late
    Client client{server.port()};
    EXPECT_EQ(get(client, "/").status(), 200);
    std::this_thread::sleep_for(late);  // the pace of the client, not a wait for something
    const auto start = std::chrono::steady_clock::now();
    try {
      client.send("G");
    } catch (const std::exception&) {
    }
    answer = client.read_to_end();
    if (answer.empty()) continue;
    EXPECT_GE(std::chrono::steady_clock::now() - start, hasty_timeout);
  }
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 408 "));
}

TEST(Http, ASocketThatCannotBeServedConcernsNobodyElse) {
  Server server{say_what_was_asked};
  // The listener hands sockets over in the middle of accepting others.
  EXPECT_NO_THROW(server.on_shard([&] { server.connections().adopt({net::Stream{runtime::Descriptor{1 << 30}}, {}, *server.count().take()}); }));
  EXPECT_TRUE(server.all_gone());
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
}

TEST(Http, LetsClientsGoAtAnyMoment) {
  Server server{[](const Request&) -> Answer { return Response{200, {}, std::string(10'000'000, 'x')}; }};
  for (const std::string_view part : {"", "GE", "GET / HTTP/1.1\r\nHost: here\r\n\r\n"}) {
    Client{server.port()}.send(part);
    Client client{server.port()};
    client.send(part);
    client.reset();
  }
  EXPECT_TRUE(server.all_gone());
}

}  // namespace
}  // namespace hubbub::net::test
