// A client of the tests' own: a plain blocking socket on loopback, and as much of RFC 6455 as it takes to send any frame,
// right or wrong, and to read what a server answers. It shares no code with the server. Whatever waits has a deadline,
// and throws when it passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::net::test {

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);  // 0: as large as the system likes
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  void send(std::string_view bytes);
  std::string read(std::size_t bytes);           // exactly so many
  std::string read_through(std::string_view end);  // up to and with it
  std::string read_to_end();                     // until the server closes; a reset counts as that
  std::size_t read_until_quiet(int milliseconds);  // how many bytes came until none had come for so long; they are gone
  bool has_something();                          // or an end, to be read without waiting
  bool is_open();                                // false once the server has closed and everything was read
  void shut();                                   // closes the sending half
  void reset();                                  // closes with RST
  std::uint16_t port() const;                    // its own

 private:
  bool receive();  // false at the end

  int socket_;
  std::string received_;
};

// A response, without its body where it has none.
struct Reply {
  std::string head;
  std::string body;
  int status() const;
  std::string header(std::string_view name) const;
};
Reply read_reply(Client& client, bool has_body = true);
Reply get(Client& client, std::string_view target, std::string_view headers = "");

enum Op : unsigned { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Received {
  bool fin = true;
  unsigned reserved = 0;
  unsigned opcode = 0;
  std::string payload;
  bool operator==(const Received&) const = default;
};

struct FrameShape {
  bool fin = true;
  bool masked = true;
  unsigned reserved = 0;
};

// The bytes of one frame of a client.
std::string frame(unsigned opcode, std::string_view payload, FrameShape shape = {});
std::string close_payload(unsigned code, std::string_view reason = "");

class WebsocketClient : public Client {
 public:
  // Shakes hands, and throws where the server does not.
  explicit WebsocketClient(std::uint16_t port, std::string_view headers = "", int receive_buffer = 0, std::string_view target = "/socket");

  const Reply& handshake() const { return handshake_; }
  Received receive();

  // The next frame must be a close frame; its code (1005 for none) and, after that, its reason.
  unsigned receive_close(std::string* reason = nullptr);

 private:
  Reply handshake_;
};

// A well-formed request for a WebSocket.
std::string handshake_request(std::string_view headers = "", std::string_view target = "/socket");

}  // namespace hubbub::net::test
