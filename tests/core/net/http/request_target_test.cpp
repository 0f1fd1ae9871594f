#include "net/http/request_target.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hubbub::net {
namespace {

std::string path_of(std::string_view method, std::string_view target) {
  const auto parsed = parse_target(method, target);
  return !parsed ? "none" : (parsed->needs_slash ? "/" : "") + std::string{parsed->path};
}

TEST(RequestTarget, has_the_same_path_in_every_form) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/", "/"},
      {"/a?b", "/a?b"},
      {"//a", "//a"},
      {"http://host/a?b", "/a?b"},
      {"HTTPS://host:8100/a", "/a"},
      {"http://[::1]:80/a", "/a"},
      {"http://host", "/"},
      {"http://host?x=1", "/?x=1"},
      {"*", "none"},
      {"", "none"},
      {"a", "none"},
      {"host:80", "none"},
      {"http:///a", "none"},
      {"http://:80/a", "none"},
      {"http://user@host/a", "none"},
      {"http://user:word@host/a", "none"},
      {"http://host:x/a", "none"},
      {"http://host:123456/a", "none"},
      {"http://[::1/a", "none"},
      {"ftp://host/a", "none"},
      {"http:/host/a", "none"},
  };
  for (const auto& [target, path] : cases) EXPECT_EQ(path_of("GET", target), path) << target;
}

TEST(RequestTarget, is_an_asterisk_of_OPTIONS_and_an_authority_of_CONNECT_alone) {
  EXPECT_EQ(path_of("OPTIONS", "*"), "*");
  EXPECT_EQ(path_of("OPTIONS", "/a"), "/a");
  EXPECT_EQ(path_of("CONNECT", "host:80"), "host:80");
  EXPECT_EQ(path_of("CONNECT", "host"), "none");
  EXPECT_EQ(path_of("CONNECT", "/a"), "none");
}

TEST(Host, is_a_host_and_maybe_a_port_or_nothing) {
  for (const auto* host : {"", "a", "a.b-c:80", "127.0.0.1:", "[::1]", "[::1]:8100", "x_y", "%C3%A9"}) EXPECT_TRUE(is_host(host)) << host;
  for (const auto* host : {"a b", "a/b", "user@a", "a:b", "a,b c", "[::1", "[]", ":80", "a:80:90", "::1", "a\"", "caf\xc3\xa9"}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
}

}  // namespace
}  // namespace hubbub::net
