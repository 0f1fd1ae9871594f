// Reads messages and control frames from the bytes that a client sends (RFC 6455, 5; RFC 7692, 6): unmasks them, joins fragments,
// inflates, checks that text is UTF-8, and returns the close code for a client that breaks the rules.
//
// No I/O. Each connection has a reader and hands it the bytes in order, in pieces of any size. A reader holds heap memory
// only while a frame or message is incomplete, and then only for the bytes that have come, whatever length a header claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hubbub::net {

class Inflater;
struct FrameHeader;

struct Received {
  enum class Kind : std::uint8_t { nothing, text, binary, ping, pong, close, failure };
  Kind kind = Kind::nothing;
  std::uint16_t code = 0;         // close: the client's code, 1005 for none; failure: the code to close with, 1002, 1007 or 1009
  std::string_view payload = {};  // of a message, ping or pong; the reason of a close frame
  const char* why = "";           // failure: for the log
};

struct ReadRules {
  std::size_t max_message;       // bytes, over all fragments and inflated
  Inflater* inflater = nullptr;  // null: permessage-deflate was not negotiated
};

class FrameReader {
 public:
  FrameReader();
  FrameReader(FrameReader&&) noexcept;
  FrameReader& operator=(FrameReader&&) noexcept;
  ~FrameReader();

  // Takes the next complete message or control frame off the front of `input`, which is unmasked in place. Returns `nothing` once
  // all of `input` has been taken. The payload is valid until the next call on any reader with the same inflater, and while the bytes of
  // `input` stay unchanged: a whole, unfragmented message is a view into `input`. After a close or a failure, nothing more may be read.
  // The rules must be the same in each call.
  Received next(std::span<char>& input, const ReadRules& rules);

  // Whether a message or a frame is incomplete. A control frame within a message does not complete the message.
  bool in_message() const;

 private:
  struct Unfinished;

  Unfinished& unfinished();
  bool take_header(std::span<char>& input, FrameHeader& header);
  Received judge(const FrameHeader& header, const ReadRules& rules) const;
  Received take_control(const FrameHeader& header, std::string_view piece);
  Received take_data(const FrameHeader& header, std::string_view piece, const ReadRules& rules);

  std::unique_ptr<Unfinished> unfinished_;
};

static_assert(sizeof(FrameReader) <= 24);  // most connections are idle, most of the time

}  // namespace hubbub::net
