// bench_limit PORT [--announce]: the fastest possible server of rooms, as a measure for others. One thread and epoll:
// it sends each text frame unchanged, without its mask, to everybody in the sender's room, with one send per member and turn.
//
// It does not look into messages: it parses, checks, stamps, numbers and stores nothing. It listens on 127.0.0.1; port 0 is
// any free port. With --announce it announces joining and leaving as the protocol says: a line at once, in rooms of up to
// 100, and the list at most every 250 ms. It closes a connection that sends a fragmented message or one over 1 MiB, or that
// leaves 64 MiB unread.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "limit_handshake.hpp"
#include "runtime/descriptor.hpp"
#include "wire.hpp"

namespace {

using namespace hubbub::bench;
using hubbub::runtime::Descriptor;
using Clock = std::chrono::steady_clock;
using std::size_t;
using namespace std::chrono_literals;

constexpr size_t longest_message = 1 << 20;
constexpr size_t longest_request = 16 << 10;
constexpr size_t longest_outbox = 64 << 20;
constexpr size_t listed = 100;  // names in a list, and members of a room that lines are sent to
constexpr auto between_lists = 250ms;
constexpr int accepted_in_a_row = 64;

struct Room;

// Exists only while bytes of a connection wait: bytes of an incomplete message, or bytes that its socket did not take.
struct Waiting {
  std::string in, out;
};

struct Connection {
  Descriptor socket;
  bool gone = false;
  unsigned seat = 0;     // in its room
  Room* room = nullptr;  // none before the handshake
  std::unique_ptr<Waiting> waiting;
  std::string nickname;  // as it stands in the request; empty if nobody is announced
};

struct Room {
  std::string name;
  std::vector<Connection*> members;
  std::string batch;  // the frames of this turn
  Clock::time_point next_list{};  // not before
  bool list_is_due = false;
};

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::system_category(), what}; }

class Limit {
 public:
  Limit(std::uint16_t port, bool announce)
      : announce_(announce), epoll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const int yes = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_.get(), SOMAXCONN) != 0 ||
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      fail("cannot listen");
    }
    watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN, nullptr);
    std::printf("listening on http://127.0.0.1:%u\n", unsigned{ntohs(address.sin_port)});
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 1024> events;
    for (;;) {
      const int patience = !gone_.empty() ? 0 : due_.empty() ? -1 : 10;  // ms
      const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), patience);
      if (ready < 0 && errno != EINTR) fail("cannot wait");
      for (int i = 0; i < ready; ++i) {
        const auto& event = events[static_cast<size_t>(i)];
        auto* connection = static_cast<Connection*>(event.data.ptr);
        if (!connection) {
          accept();
          continue;
        }
        if (event.events & EPOLLOUT) flush(*connection);
        if (event.events & ~EPOLLOUT) read(*connection);
      }
      bury();  // first, so that members who leave are announced in this turn, too
      send_lists();
      send_batches();
    }
  }

 private:
  void watch(int operation, int socket, std::uint32_t wanted, Connection* connection) {
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = connection;
    if (::epoll_ctl(epoll_.get(), operation, socket, &event) != 0) fail("cannot watch a socket");
  }

  void accept() {
    for (int i = 0; i < accepted_in_a_row; ++i) {
      Descriptor socket{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (!socket) {
        if (errno == EMFILE || errno == ENFILE) fail("cannot accept");
        return;
      }
      const int yes = 1;
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      auto* connection = new Connection;  // deleted by bury()
      connection->socket = std::move(socket);
      watch(EPOLL_CTL_ADD, connection->socket.get(), EPOLLIN, connection);
    }
  }

  void read(Connection& connection) {
    if (connection.gone) return;
    size_t kept = 0;
    if (connection.waiting) {
      kept = connection.waiting->in.copy(buffer_.data(), buffer_.size());
      connection.waiting->in.clear();
      forget_waiting(connection);
    }
    const auto count = ::recv(connection.socket.get(), buffer_.data() + kept, buffer_.size() - kept, 0);
    if (count <= 0) return count < 0 && errno == EAGAIN ? keep(connection, {buffer_.data(), kept}) : drop(connection);
    std::string_view bytes{buffer_.data(), kept + static_cast<size_t>(count)};
    if (!connection.room && !shake_hands(connection, bytes)) return;
    while (!connection.gone && !bytes.empty() && take_frame(connection, bytes)) continue;
    if (!connection.gone) keep(connection, bytes);
  }

  // Whether the handshake is done; then `bytes` begin after the request.
  bool shake_hands(Connection& connection, std::string_view& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == bytes.npos) {
      bytes.size() < longest_request ? keep(connection, bytes) : drop(connection);
      return false;
    }
    const auto head = bytes.substr(0, end + 2);
    const auto key = header(head, "Sec-WebSocket-Key");
    auto target = head.substr(0, head.find("\r\n"));
    target = target.substr(std::min(target.find(' ') + 1, target.size()));
    target = target.substr(0, target.find(' '));
    if (key.empty()) {
      deliver(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      drop(connection);
      return false;
    }
    deliver(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                            accept_key(key) + "\r\n\r\n");
    join(connection, parameter(target, "room", "general"), parameter(target, "nickname", "Guest"));
    bytes.remove_prefix(end + 4);
    return true;
  }

  // Whether there was a complete frame; it is removed from `bytes`.
  bool take_frame(Connection& connection, std::string_view& bytes) {
    const auto head = read_head(bytes);
    if (!head) return false;
    if (!head->masked || !(head->first & final_bit) || head->payload > longest_message) return drop(connection), false;
    if (bytes.size() < head->frame()) return false;
    const auto* key = bytes.data() + head->size - 4;
    const auto payload = bytes.substr(head->size, head->payload);
    bytes.remove_prefix(head->frame());
    const auto echo = [&](std::string& to, Opcode opcode) {
      mask(append_frame(to, final_bit | opcode, payload.size()), key, payload);
    };
    switch (head->opcode()) {
      case text_frame: echo(batch_of(*connection.room), text_frame); break;
      case pong_frame: break;
      case ping_frame: {
        std::string answer;
        echo(answer, pong_frame);
        deliver(connection, answer);
        break;
      }
      case close_frame: {
        std::string answer;
        echo(answer, close_frame);
        deliver(connection, answer);
        [[fallthrough]];
      }
      default: drop(connection);
    }
    return true;
  }

  void keep(Connection& connection, std::string_view in) {
    if (in.empty()) return;
    if (!connection.waiting) connection.waiting = std::make_unique<Waiting>();
    connection.waiting->in = in;
  }

  static void forget_waiting(Connection& connection) {
    if (connection.waiting->in.empty() && connection.waiting->out.empty()) connection.waiting.reset();
  }

  void deliver(Connection& connection, std::string_view bytes) {
    if (connection.gone) return;
    const bool waits = connection.waiting && !connection.waiting->out.empty();
    if (!waits) {
      const auto sent = ::send(connection.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return drop(connection);
      bytes.remove_prefix(sent < 0 ? 0 : static_cast<size_t>(sent));
      if (bytes.empty()) return;
      watch(EPOLL_CTL_MOD, connection.socket.get(), EPOLLIN | EPOLLOUT, &connection);
      if (!connection.waiting) connection.waiting = std::make_unique<Waiting>();
    }
    if (connection.waiting->out.size() + bytes.size() > longest_outbox) return drop(connection);
    connection.waiting->out += bytes;
  }

  void flush(Connection& connection) {
    if (connection.gone || !connection.waiting) return;
    auto& out = connection.waiting->out;
    const auto sent = ::send(connection.socket.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return drop(connection);
    out.erase(0, sent < 0 ? 0 : static_cast<size_t>(sent));
    if (!out.empty()) return;
    watch(EPOLL_CTL_MOD, connection.socket.get(), EPOLLIN, &connection);
    forget_waiting(connection);
  }

  std::string& batch_of(Room& room) {
    if (room.batch.empty()) with_batch_.push_back(&room);
    return room.batch;
  }

  void send_batches() {
    for (auto* room : with_batch_) {
      for (auto* member : room->members) deliver(*member, room->batch);
      room->batch.clear();
    }
    with_batch_.clear();
  }

  void join(Connection& connection, std::string_view name, std::string_view nickname) {
    auto& room = rooms_[std::string{name}];
    if (!room) {
      room = std::make_unique<Room>();
      room->name = name;
    }
    connection.room = room.get();
    connection.seat = static_cast<unsigned>(room->members.size());
    room->members.push_back(&connection);
    if (!announce_) return;
    connection.nickname = nickname;
    announce(*room, nickname, "joined");
  }

  void leave(Connection& connection) {
    auto& room = *connection.room;
    room.members.back()->seat = connection.seat;
    room.members[connection.seat] = room.members.back();
    room.members.pop_back();
    if (announce_ && !room.members.empty()) announce(room, connection.nickname, "left");
    if (room.members.empty() && !room.list_is_due) close(room);
  }

  void announce(Room& room, std::string_view nickname, const char* what) {
    if (room.members.size() <= listed) {
      std::string line = R"({"type":"system","content":")";
      line.append(nickname).append(" ").append(what).append(R"( the room","room":")").append(room.name);
      append_frame(batch_of(room), text_frame, line.append(R"(","nickname":"System"})"));
    }
    if (!std::exchange(room.list_is_due, true)) due_.push_back(&room);
  }

  void send_lists() {
    if (due_.empty()) return;
    const auto now = Clock::now();
    std::erase_if(due_, [&](Room* room) {
      if (room->next_list > now) return false;
      room->list_is_due = false;
      room->next_list = now + between_lists;
      room->members.empty() ? close(*room) : append_list(*room);
      return true;
    });
  }

  void append_list(Room& room) {
    std::string list = R"({"type":"users_update","content":[)";
    const auto count = std::min(room.members.size(), listed);
    for (size_t i = 0; i < count; ++i) list.append(i == 0 ? "\"" : ",\"").append(room.members[i]->nickname).append("\"");
    list.append(R"(],"room":")").append(room.name).append("\"");
    if (room.members.size() > listed) list.append(R"(,"count":)").append(std::to_string(room.members.size()));
    append_frame(batch_of(room), text_frame, list.append("}"));
  }

  void close(Room& room) {
    std::erase(with_batch_, &room);
    rooms_.erase(std::string{room.name});
  }

  void drop(Connection& connection) {
    if (!std::exchange(connection.gone, true)) gone_.push_back(&connection);
  }

  // Only a room and events of this turn, which is over, point to them.
  void bury() {
    for (auto* connection : gone_) {
      if (connection->room) leave(*connection);
      delete connection;
    }
    gone_.clear();
  }

  const bool announce_;
  Descriptor epoll_, listener_;
  std::string buffer_ = std::string(longest_message + 65536, '\0');
  std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
  std::vector<Room*> with_batch_;
  std::vector<Connection*> gone_;
  std::vector<Room*> due_;  // those whose members are owed a list
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"How fast a server of rooms can be: a raw epoll loop that looks into no message."};
  std::uint16_t port = 0;
  bool announce = false;
  app.add_option("PORT", port, "0 takes a free one")->required();
  app.add_flag("--announce", announce, "Tell a room who joins and leaves");
  CLI11_PARSE(app, argc, argv);
  try {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    Limit{port, announce}.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_limit: %s\n", error.what());
    return 1;
  }
}
