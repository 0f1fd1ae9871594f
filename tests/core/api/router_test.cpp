#include "api/router.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

namespace hubbub::api {
namespace {

struct RouterTest : ::testing::Test {
  RouterTest() {
    add("GET", "/");
    add("GET", "/rooms/{room}");
    add("POST", "/rooms/{room}");
    add("DELETE", "/rooms/{room}/members/{id}");
    add("GET", "/files/{*}");
    add("GET", "/rooms/general");
  }
  void add(std::string method, std::string pattern) {
    router.add({std::move(method), std::move(pattern), [](const net::Request&, const Parameters&) -> net::Answer { return net::Response{}; }});
  }

  // The pattern and parameters of the route that is found, or the status and the header Allow of the refusal.
  std::string found(std::string_view method, std::string_view target) const {
    const auto result = router.find({method, target, [](std::string_view) { return std::string_view{}; }});
    if (const auto* refused = std::get_if<net::Response>(&result)) {
      auto text = std::to_string(refused->status);
      for (const auto& [name, value] : refused->headers) {
        if (name == "Allow") text += " " + value;
      }
      return text;
    }
    const auto& [route, parameters] = std::get<Router::Found>(result);
    auto text = route->method + " " + route->pattern;
    for (const auto* name : {"room", "id", "*"}) {
      if (!parameters[name].empty()) text.append(" ").append(name).append("=").append(parameters[name]);
    }
    return text;
  }

  Router router;
};

TEST_F(RouterTest, finds_a_route_by_method_and_path_whatever_the_query) {
  EXPECT_EQ(found("GET", "/"), "GET /");
  EXPECT_EQ(found("GET", "/?x=/rooms/a"), "GET /");
  EXPECT_EQ(found("GET", "/rooms/a"), "GET /rooms/{room} room=a");
  EXPECT_EQ(found("POST", "/rooms/a"), "POST /rooms/{room} room=a");
  EXPECT_EQ(found("DELETE", "/rooms/a/members/b?c"), "DELETE /rooms/{room}/members/{id} room=a id=b");
}

TEST_F(RouterTest, answers_HEAD_as_GET) {
  EXPECT_EQ(found("HEAD", "/rooms/a"), "GET /rooms/{room} room=a");
}

TEST_F(RouterTest, decodes_each_part_of_the_path_for_itself) {
  EXPECT_EQ(found("GET", "/rooms/a%2Fb%20c"), "GET /rooms/{room} room=a/b c");
  EXPECT_EQ(found("GET", "/r%6Foms/a"), "GET /rooms/{room} room=a");
  EXPECT_EQ(found("GET", "/files/a/b%2E/%2f"), "GET /files/{*} *=a/b.//");
}

TEST_F(RouterTest, gives_all_that_is_left_to_a_star_even_nothing) {
  EXPECT_EQ(found("GET", "/files/"), "GET /files/{*}");
  EXPECT_EQ(found("GET", "/files/a"), "GET /files/{*} *=a");
  EXPECT_EQ(found("GET", "/files"), "404");
}

TEST_F(RouterTest, takes_the_first_of_several_that_fit) {
  EXPECT_EQ(found("GET", "/rooms/general"), "GET /rooms/{room} room=general");
}

TEST_F(RouterTest, refuses_what_is_nowhere_with_404_and_what_is_there_otherwise_with_405) {
  for (const auto* path : {"/nowhere", "/rooms", "/rooms/", "/rooms/a/", "/rooms/a/members", "//", "/rooms//members/b"}) EXPECT_EQ(found("GET", path), "404") << path;
  EXPECT_EQ(found("DELETE", "/rooms/a"), "405 GET, HEAD, POST");
  EXPECT_EQ(found("POST", "/files/a"), "405 GET, HEAD");
  EXPECT_EQ(found("GET", "/rooms/a/members/b"), "405 DELETE");
  EXPECT_EQ(found("POST", "/nowhere"), "404");
  EXPECT_EQ(found("PUT", "/nowhere"), "405 GET, HEAD, POST, DELETE") << "no route has this method";
  EXPECT_EQ(found("GET", "/%zz"), "400");
}

}  // namespace
}  // namespace hubbub::api
