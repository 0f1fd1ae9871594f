// The people of a load: many connections on one thread that join rooms, send, and check what they receive. Everybody in a
// room must get everything, in the same order, and each sender's messages in the order of sending.
//
// A message has its sender and its number in `ref`, which servers send back as the last field. So no JSON is parsed here,
// because the load must cost less than the server it measures.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "histogram.hpp"
#include "inflater.hpp"
#include "runtime/descriptor.hpp"
#include "options.hpp"

namespace hubbub::bench {

// Counts since the last reset; loss and order are counted since the beginning.
struct Tally {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  Histogram latency;          // of deliveries; in an open loop from when a message was due
  std::uint64_t untimed = 0;  // deliveries so late that their time of sending is no longer known
  std::chrono::nanoseconds idle{};  // time spent awake with nothing to do

  std::uint64_t lost = 0;        // deliveries that were owed and never came
  std::uint64_t disordered = 0;  // rooms whose members saw different orders, or a sender's messages out of its order
  std::uint64_t refused = 0;     // messages that the server answered with an error
  std::string refusal;           // the first of these
  std::uint64_t closed = 0;      // reading connections that the server closed
};

class Crowd {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws std::runtime_error if the server's address cannot be resolved.
  explicit Crowd(const Options& options);
  ~Crowd();

  // Connects everybody, calls `when_half_are_in` on the way, and returns when everybody has seen everybody. Throws
  // std::runtime_error if the server refuses somebody, or if nothing arrives for the options' patience.
  void join(const std::function<void()>& when_half_are_in);

  // Both send and count. talk_until() ends after this many deliveries and refusals, or if nothing arrives for the options' patience.
  void talk_for(Clock::duration);
  void talk_until(std::uint64_t deliveries);

  // Stops sending, waits for outstanding messages, and counts those that are lost or out of order.
  void settle();

  const Tally& tally() const { return tally_; }
  void reset_tally();

 private:
  enum class State : std::uint8_t { connecting, upgrading, open, closed };
  struct Sender;
  struct Member;
  struct Room;

  void connect(Member&);
  void watch(int operation, Member&, std::uint32_t events);
  void begin_talk();
  void talk_once(Clock::time_point until);
  void turn(Clock::time_point until);
  void on_writable(Member&);
  void on_readable(Member&);
  void on_closed(Member&);
  bool take_response(Member&, std::string_view& bytes);
  void take_frames(Member&, std::string_view& bytes);
  void on_text(Member&, std::string_view text, bool shared);
  void on_delivery(Member&, std::uint64_t ref);
  void on_list(Member&, std::string_view text);
  void on_refusal(Member&, std::string_view text);
  void say_due();
  void say(Sender&, Clock::time_point when);
  void wake(Sender&);
  void flush(Member&);
  std::uint64_t owed() const;

  const Options options_;
  std::vector<char> address_;
  runtime::Descriptor epoll_;
  std::string buffer_;
  std::string run_;  // tells this run's rooms and members from those of another
  std::string text_;  // the frame to send, except for the digits of `ref`
  std::size_t digits_ = 0;  // the place of the digits in it
  std::string_view suffix_;  // the text after `ref` in a received message
  std::vector<Room> rooms_;
  std::vector<Member> members_;
  std::vector<Sender> senders_;
  Inflater inflater_;
  Deflater deflater_;
  InflatedRefs inflated_;
  unsigned opening_ = 0;   // connections that are being opened
  unsigned complete_ = 0;  // connections that have been told that everybody is there
  bool talking_ = false;
  Clock::time_point now_, began_;
  std::uint64_t due_ = 0;  // messages in the open loop so far
  Clock::time_point last_heard_;
  Tally tally_;
};

}  // namespace hubbub::bench
