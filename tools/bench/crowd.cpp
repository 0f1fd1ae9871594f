#include "crowd.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "crowd_parts.hpp"
#include "wire.hpp"

namespace hubbub::bench {
namespace {

using namespace std::chrono_literals;

constexpr unsigned opening_at_once = 128;
constexpr std::string_view request_key = "dGhlIHNhbXBsZSBub25jZQ==", accept_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // RFC 6455's own

[[noreturn]] void fail(const std::string& what) { throw std::system_error{errno, std::system_category(), what}; }

std::vector<char> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    throw std::runtime_error{host + ": " + ::gai_strerror(error)};
  }
  const auto* bytes = reinterpret_cast<const char*>(found->ai_addr);
  std::vector<char> address(bytes, bytes + found->ai_addrlen);
  ::freeaddrinfo(found);
  return address;
}

std::string random_word() {
  std::random_device random;
  std::string word;
  for (int i = 0; i < 6; ++i) word.push_back("abcdefghijklmnopqrstuvwxyz"[random() % 26]);
  return word;
}

}  // namespace

Crowd::Crowd(const Options& options)
    : options_(options),
      address_(resolve(options.host, options.port)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(256 * 1024, '\0'),
      run_("load-" + random_word()),
      suffix_(options.dialect == Dialect::socket_io ? "}]" : "}") {
  const auto content = options.content.empty() ? '"' + std::string(options.payload, 'x') + '"' : options.content;
  text_ = R"({"type":")" + options.type + R"(","content":)" + content + "," + std::string{ref_key};
  if (options.dialect == Dialect::socket_io) text_ = R"(42["message",)" + text_;
  digits_ = text_.size();
  text_.append(ref_digits, '0').append(suffix_);

  rooms_.resize(options.rooms + (options.idle > 0 ? 1 : 0));
  for (std::size_t i = 0; i < rooms_.size(); ++i) rooms_[i].name = run_ + "-" + std::to_string(i);
  members_ = std::vector<Member>(options.connections + options.idle);
  const auto talkative = std::min<std::size_t>(options.connections, std::size_t{options.senders} * options.rooms);
  senders_.resize(talkative);
  const auto remembered = options.rate > 0 ? std::min(options.rate * 30, 1e6) : options.in_flight * 4.0;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& member = members_[i];
    member.room = &rooms_[i < options.connections ? i % options.rooms : options.rooms];
    member.reads = i < options.connections - options.slow || i >= options.connections;
    ++member.room->members;
    if (!member.room->witness && member.reads) member.room->witness = &member;
    if (i >= talkative) continue;
    member.sender = &senders_[i];
    senders_[i].member = &member;
    senders_[i].times.resize(std::bit_ceil(static_cast<std::size_t>(remembered) + 256));
  }
}

Crowd::~Crowd() = default;

void Crowd::join(const std::function<void()>& when_half_are_in) {
  const auto began = now_ = last_heard_ = Clock::now();
  auto end = members_.size() / 2;
  for (std::size_t next = 0; complete_ < members_.size();) {
    if (next == end && end < members_.size() && opening_ == 0) {
      when_half_are_in();
      end = members_.size();
    }
    const auto due = [&] { return options_.connect_rate > 0 ? began + seconds(static_cast<double>(next) / options_.connect_rate) : began; };
    while (next < end && opening_ < opening_at_once && due() <= Clock::now()) connect(members_[next++]);
    turn(next < end && opening_ < opening_at_once ? due() : now_ + 100ms);
    if (now_ - last_heard_ > seconds(options_.patience) && due() <= now_) {
      throw std::runtime_error{"only " + std::to_string(complete_) + " of " + std::to_string(members_.size()) +
                               " connections know that everybody is there, and nothing more comes"};
    }
    if (tally_.closed > 0) throw std::runtime_error{"the server closed a connection while people joined"};
  }
}

void Crowd::connect(Member& member) {
  const auto* address = reinterpret_cast<const sockaddr*>(address_.data());
  member.socket = runtime::Descriptor{::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!member.socket) fail("cannot open another connection");
  const int yes = 1, smallest = 1, segment = 536;
  const linger at_once{1, 0};  // so that many runs in a row do not use up the ports
  ::setsockopt(member.socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::setsockopt(member.socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!member.reads) {
    // A kernel buffers megabytes for a near peer, and little for one that seems far away: so soon the server must buffer.
    ::setsockopt(member.socket.get(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
    ::setsockopt(member.socket.get(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  }
  if (::connect(member.socket.get(), address, static_cast<socklen_t>(address_.size())) != 0 && errno != EINPROGRESS) {
    fail("cannot connect");
  }
  ++opening_;
  watch(EPOLL_CTL_ADD, member, EPOLLOUT);
}

void Crowd::watch(int operation, Member& member, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &member;
  if (::epoll_ctl(epoll_.get(), operation, member.socket.get(), &event) != 0) fail("cannot watch a socket");
}

void Crowd::turn(Clock::time_point until) {
  const auto began = Clock::now();
  const bool awake = options_.awake && talking_;
  const auto left = awake ? 0 : std::max<std::int64_t>(nanoseconds(until - began), 0);
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  std::array<epoll_event, 1024> events;
  const int ready = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (ready < 0 && errno != EINTR) fail("cannot wait");
  now_ = Clock::now();
  if (awake && ready <= 0) tally_.idle += now_ - began;
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    auto& member = *static_cast<Member*>(event.data.ptr);
    if (member.state == State::connecting && event.events & EPOLLERR) on_closed(member);
    if (event.events & EPOLLOUT) on_writable(member);
    if (event.events & ~EPOLLOUT) member.reads || member.state != State::open ? on_readable(member) : on_closed(member);
  }
}

void Crowd::on_writable(Member& member) {
  if (member.state == State::connecting) {
    const auto number = std::to_string(&member - members_.data());
    member.unsent = "GET " + options_.target + (options_.target.find('?') == std::string::npos ? "?" : "&") + "room=" + member.room->name +
                    "&nickname=m" + number + "&id=" + run_ + "-" + number + " HTTP/1.1\r\nHost: " + options_.host +
                    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                    std::string{request_key} + "\r\n";
    if (options_.dialect == Dialect::hubbub_v1) member.unsent += "Sec-WebSocket-Protocol: hubbub.v1\r\n";
    if (options_.compression) member.unsent += "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    member.unsent += "\r\n";
    member.state = State::upgrading;
  }
  if (member.state == State::closed) return;
  watch(EPOLL_CTL_MOD, member, EPOLLIN);
  flush(member);
}

void Crowd::flush(Member& member) {
  if (member.unsent.empty()) return;
  const auto sent = ::send(member.socket.get(), member.unsent.data(), member.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return on_closed(member);
  member.unsent.erase(0, sent < 0 ? 0 : static_cast<std::size_t>(sent));
  if (!member.unsent.empty()) watch(EPOLL_CTL_MOD, member, EPOLLIN | EPOLLOUT);
}

void Crowd::on_closed(Member& member) {
  if (member.state == State::connecting || member.state == State::upgrading) {
    const auto where = options_.host + " port " + std::to_string(options_.port);
    throw std::runtime_error{member.state == State::connecting ? "cannot connect to " + where + ": is the server there?"
                                                               : where + " closed a connection before it was a WebSocket"};
  }
  if (member.state == State::closed) return;
  member.state = State::closed;
  member.socket = {};
  if (!member.reads) return;
  ++tally_.closed;
  tally_.lost += member.room->owed - member.received;
}

void Crowd::on_readable(Member& member) {
  if (member.state == State::closed) return;
  const auto kept = member.rest.size();
  if (buffer_.size() < kept + 65536) buffer_.resize(2 * kept + 65536);
  member.rest.copy(buffer_.data(), kept);
  const auto count = ::recv(member.socket.get(), buffer_.data() + kept, buffer_.size() - kept, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return on_closed(member);
  now_ = last_heard_ = Clock::now();
  member.rest.clear();
  std::string_view bytes{buffer_.data(), kept + static_cast<std::size_t>(count)};
  if (member.state != State::upgrading || take_response(member, bytes)) take_frames(member, bytes);
  if (member.state == State::closed) return;
  member.rest = bytes;
  if (member.sender) wake(*member.sender);
  flush(member);
}

// Whether the response is complete; the bytes after it stay in `bytes`.
bool Crowd::take_response(Member& member, std::string_view& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return false;
  const auto head = bytes.substr(0, end);
  if (!head.starts_with("HTTP/1.1 101 ") || head.find(accept_key) == head.npos) {
    throw std::runtime_error{"the server refused a connection: " + std::string{bytes.substr(0, bytes.find("\r\n"))} + " " +
                             std::string{bytes.substr(end + 4)}};
  }
  bytes.remove_prefix(end + 4);
  member.compressed = head.find("permessage-deflate") != head.npos;
  if (member.compressed && head.find("server_no_context_takeover") == head.npos) member.inflater = std::make_unique<Inflater>();
  if (options_.compression && !member.compressed) throw std::runtime_error{"the server does not want compression"};
  member.state = State::open;
  --opening_;
  if (!member.reads) {
    bytes = {};
    watch(EPOLL_CTL_MOD, member, 0);
  }
  if (options_.dialect == Dialect::socket_io) append_masked_frame(member.unsent, final_bit | text_frame, "40");
  if (!options_.presence || !member.reads) complete_ += !std::exchange(member.complete, true);
  return true;
}

void Crowd::take_frames(Member& member, std::string_view& bytes) {
  while (member.state == State::open) {
    const auto head = read_head(bytes);
    if (!head || bytes.size() < head->frame()) return;
    const auto payload = bytes.substr(head->size, head->payload);
    bytes.remove_prefix(head->frame());
    switch (head->opcode()) {
      case text_frame:
        if (!head->compressed()) {
          on_text(member, payload, false);
        } else if (member.inflater) {
          on_text(member, member.inflater->inflate(payload, true), false);
        } else if (const auto ref = inflated_.find(payload)) {
          on_delivery(member, *ref);
        } else {
          on_text(member, inflater_.inflate(payload, false), true);
        }
        break;
      case ping_frame: append_masked_frame(member.unsent, final_bit | pong_frame, payload); break;
      case close_frame: on_closed(member); break;
      default: break;
    }
  }
}

}  // namespace hubbub::bench
