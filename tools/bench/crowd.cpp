#include "crowd.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "wire.hpp"

namespace hubbub::bench {
namespace {

using namespace std::chrono_literals;

constexpr unsigned opening_at_once = 128;
constexpr std::uint64_t first_ref = 1ull << 52;  // so that all have 16 digits, and are exact as numbers of JavaScript
constexpr std::size_t ref_digits = 16;
constexpr std::string_view ref_key = R"("ref":)";
constexpr std::string_view request_key = "dGhlIHNhbXBsZSBub25jZQ==", accept_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";  // RFC 6455's own

[[noreturn]] void fail(const std::string& what) { throw std::system_error{errno, std::system_category(), what}; }

std::int64_t nanoseconds(Crowd::Clock::duration time) { return std::chrono::nanoseconds{time}.count(); }

Crowd::Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Crowd::Clock::duration>(std::chrono::duration<double>{count});
}

// Sixteen digits at once, by adding neighbours, or something absurd if they are none.
std::uint64_t parse_ref(const char* digits) {
  const auto eight = [](const char* text) {
    std::uint64_t value = 0;
    std::memcpy(&value, text, 8);
    value = (value & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
    value = (value & 0x00ff00ff00ff00ff) * 6553601 >> 16;
    return (value & 0x0000ffff0000ffff) * 42949672960001 >> 32;
  };
  return eight(digits) * 100'000'000 + eight(digits + 8);
}

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

struct Crowd::Room {
  std::string name;
  unsigned members = 0;
  std::uint64_t owed = 0;     // messages that each member should have by now
  Member* witness = nullptr;  // who checks that each sender's messages come in their order; the others, that theirs is the same
  bool disordered = false;
};

struct Crowd::Member {
  net::Descriptor socket;
  State state = State::connecting;
  bool reads = true;
  bool complete = false;  // knows that everybody is there
  bool compressed = false;
  Room* room = nullptr;
  Sender* sender = nullptr;
  std::uint64_t received = 0;
  std::uint64_t order = 0;  // a hash of all that was received, in its order
  std::string rest;         // of a frame that is incomplete
  std::string unsent;
  std::unique_ptr<Inflater> inflater;  // where the server carries its window over
};

struct Crowd::Sender {
  struct Sent {
    std::uint32_t number = 0;
    Clock::time_point when;
  };
  Member* member = nullptr;
  std::uint32_t sent = 0, returned = 0;  // the numbers of its messages begin with 1
  std::uint32_t witnessed = 0;           // the last one that its room's witness has
  std::vector<Sent> times;               // of the newest, by number modulo size
};

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

void Crowd::join() {
  const auto began = now_ = last_heard_ = Clock::now();
  for (std::size_t next = 0; complete_ < members_.size();) {
    const auto due = [&] { return options_.connect_rate > 0 ? began + seconds(static_cast<double>(next) / options_.connect_rate) : began; };
    while (next < members_.size() && opening_ < opening_at_once && due() <= Clock::now()) connect(members_[next++]);
    turn(next < members_.size() && opening_ < opening_at_once ? due() : now_ + 100ms);
    if (now_ - last_heard_ > seconds(options_.patience) && due() <= now_) {
      throw std::runtime_error{"only " + std::to_string(complete_) + " of " + std::to_string(members_.size()) +
                               " connections know that everybody is there, and nothing more comes"};
    }
    if (tally_.closed > 0) throw std::runtime_error{"the server closed a connection while people joined"};
  }
}

void Crowd::connect(Member& member) {
  const auto* address = reinterpret_cast<const sockaddr*>(address_.data());
  member.socket = net::Descriptor{::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!member.socket) fail("cannot open another connection");
  const int yes = 1, smallest = 1;
  const linger at_once{1, 0};  // so that many runs after another do not use up the ports
  ::setsockopt(member.socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::setsockopt(member.socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!member.reads) ::setsockopt(member.socket.get(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
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

void Crowd::talk(Clock::duration duration) {
  now_ = Clock::now();
  const auto end = now_ + duration;
  if (!std::exchange(talking_, true)) began_ = now_;
  for (auto& sender : senders_) wake(sender);
  while (now_ < end) {
    say_due();
    const auto next = began_ + seconds(static_cast<double>(due_ + 1) / (options_.rate * static_cast<double>(senders_.size())));
    turn(options_.rate > 0 && !senders_.empty() ? std::min(next, end) : end);
  }
}

// The open loop: senders take turns, so that all of them together are evenly spread.
void Crowd::say_due() {
  if (options_.rate <= 0 || senders_.empty()) return;
  const auto all = options_.rate * static_cast<double>(senders_.size());
  for (;; ++due_) {
    const auto when = began_ + seconds(static_cast<double>(due_ + 1) / all);
    if (when > now_) return;
    auto& sender = senders_[due_ % senders_.size()];
    if (sender.member->state != State::open) continue;
    say(sender, when);
    flush(*sender.member);
  }
}

// The closed loop.
void Crowd::wake(Sender& sender) {
  if (!talking_ || options_.rate > 0 || sender.member->state != State::open) return;
  while (sender.sent - sender.returned < options_.in_flight) say(sender, now_);
  flush(*sender.member);
}

void Crowd::say(Sender& sender, Clock::time_point when) {
  const auto number = ++sender.sent;
  sender.times[number % sender.times.size()] = {number, when};
  const auto ref = first_ref + (static_cast<std::uint64_t>(&sender - senders_.data()) << 32) + number;
  std::to_chars(text_.data() + digits_, text_.data() + digits_ + ref_digits, ref);
  constexpr const char* key = "\x37\xfa\x21\x3d";
  const auto compressed = sender.member->compressed;
  const auto payload = compressed ? deflater_.deflate(text_) : std::string_view{text_};
  mask(append_frame(sender.member->unsent, final_bit | (compressed ? compressed_bit : 0) | text_frame, payload.size(), key), key, payload);
  ++sender.member->room->owed;
  ++tally_.sent;
}

void Crowd::turn(Clock::time_point until) {
  const auto left = std::max<std::int64_t>(nanoseconds(until - Clock::now()), 0);
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  std::array<epoll_event, 1024> events;
  const int ready = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (ready < 0 && errno != EINTR) fail("cannot wait");
  now_ = Clock::now();
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
  ++(member.reads ? tally_.closed : tally_.slow_closed);
  if (member.reads) tally_.lost += member.room->owed - member.received;
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

// Whether it is complete; what follows it is left in `bytes`.
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
  if (options_.dialect == Dialect::socket_io) {
    constexpr const char* key = "\0\0\0\0";
    mask(append_frame(member.unsent, final_bit | text_frame, 2, key), key, "40");
  }
  if (!options_.presence || !member.reads) complete_ += !std::exchange(member.complete, true);
  return true;
}

void Crowd::take_frames(Member& member, std::string_view& bytes) {
  while (member.state == State::open) {
    const auto head = read_head(bytes);
    if (!head || bytes.size() < head->frame()) return;
    const auto payload = bytes.substr(head->size, head->payload);
    bytes.remove_prefix(head->frame());
    constexpr const char* key = "\0\0\0\0";
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
      case ping_frame: mask(append_frame(member.unsent, final_bit | pong_frame, payload.size(), key), key, payload); break;
      case close_frame: on_closed(member); break;
      default: break;
    }
  }
}

void Crowd::on_text(Member& member, std::string_view text, bool shared) {
  const auto tail = ref_key.size() + ref_digits + suffix_.size();
  if (text.size() > tail && text.ends_with(suffix_) && text.substr(text.size() - tail).starts_with(ref_key)) {
    const auto ref = parse_ref(text.data() + text.size() - suffix_.size() - ref_digits);
    if (shared) inflated_.keep(ref);
    return on_delivery(member, ref);
  }
  const auto begins = text.substr(0, 48);
  if (begins.find(R"("type":"users_update")") != begins.npos) return on_list(member, text);
  if (begins.find(R"("type":"error")") != begins.npos) return on_refusal(member, text);
  if (options_.dialect == Dialect::socket_io && text == "2") {
    constexpr const char* key = "\0\0\0\0";
    mask(append_frame(member.unsent, final_bit | text_frame, 1, key), key, "3");
  }
}

void Crowd::on_delivery(Member& member, std::uint64_t ref) {
  auto& room = *member.room;
  const auto index = (ref - first_ref) >> 32;
  const auto number = static_cast<std::uint32_t>(ref);
  if (index >= senders_.size() || senders_[index].member->room != &room) {
    room.disordered = true;  // it comes from somewhere else
    return;
  }
  auto& sender = senders_[index];
  ++tally_.delivered;
  const auto& sent = sender.times[number & (sender.times.size() - 1)];
  sent.number == number ? tally_.latency.add(nanoseconds(now_ - sent.when)) : void(++tally_.untimed);
  ++member.received;
  member.order = (member.order ^ ref) * 0x9e3779b97f4a7c15;
  member.order ^= member.order >> 32;
  if (&sender == member.sender) ++sender.returned;
  if (&member == room.witness) {
    room.disordered |= number <= sender.witnessed;
    sender.witnessed = number;
  }
}

void Crowd::on_list(Member& member, std::string_view text) {
  if (member.complete) return;
  const auto begin = text.find('['), end = text.find(']', begin);
  auto count = static_cast<unsigned>(std::ranges::count(text.substr(begin, end - begin), '"') / 2);
  if (const auto at = text.rfind(R"("count":)"); at != text.npos) std::from_chars(text.data() + at + 8, text.data() + text.size(), count);
  if (count >= member.room->members) complete_ += !std::exchange(member.complete, true);
}

void Crowd::on_refusal(Member& member, std::string_view text) {
  ++tally_.refused;
  if (tally_.refusal.empty()) tally_.refusal = text;
  --member.room->owed;
  if (member.sender) ++member.sender->returned;
}

std::uint64_t Crowd::owed() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) {
    if (member.reads && member.state == State::open) sum += member.room->owed - std::min(member.received, member.room->owed);
  }
  return sum;
}

void Crowd::settle() {
  talking_ = false;
  now_ = last_heard_ = Clock::now();
  while (owed() > 0 && now_ - last_heard_ < seconds(options_.patience)) turn(last_heard_ + seconds(options_.patience));
  tally_.lost += owed();
  for (const auto& member : members_) {
    auto& room = *member.room;
    if (!member.reads) continue;
    const bool both = member.received == room.owed && room.witness->received == room.owed;
    room.disordered |= member.received > room.owed || (both && member.order != room.witness->order);
  }
  tally_.disordered = static_cast<std::uint64_t>(std::ranges::count(rooms_, true, &Room::disordered));
}

void Crowd::reset_tally() {
  tally_.sent = tally_.delivered = tally_.untimed = 0;
  tally_.latency = {};
}

}  // namespace hubbub::bench
