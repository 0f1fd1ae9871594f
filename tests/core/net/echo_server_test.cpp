// The echo server of the conformance suites, as the program it is.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "core/net/client.hpp"

namespace hubbub::net::test {
namespace {

class EchoServer {
 public:
  EchoServer() {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "echo_server";
    int out[2];
    if (::pipe(out) != 0) throw std::runtime_error{"pipe"};
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(out[1], 1);
      ::execl(program.c_str(), program.c_str(), "0", nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    std::string line;
    for (char c; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(out[0]);
    const std::string_view start = "listening on http://127.0.0.1:";
    if (!line.starts_with(start)) throw std::runtime_error{"it said: " + line};
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(start.size())));
  }
  ~EchoServer() {
    if (process_ > 0) stop(SIGKILL);
  }

  std::uint16_t port() const { return port_; }

  // Its exit status, or -1 where the signal ended it.
  int stop(int signal) {
    int status = 0;
    ::kill(process_, signal);
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

TEST(EchoServer, EchoesSixteenMebibytesAndEndsWithZero) {
  EchoServer server;
  WebsocketClient client{server.port()};
  std::string large(16U << 20U, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 24U);
  client.send(frame(binary, large));
  EXPECT_TRUE(client.receive() == (Received{true, 0, binary, large}));
  client.send(frame(text, ""));
  EXPECT_TRUE(client.receive() == (Received{true, 0, text, ""}));
  client.send(frame(binary, large + "x"));
  EXPECT_EQ(client.receive_close(), 1009U);
  client.reset();
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
}  // namespace hubbub::net::test
