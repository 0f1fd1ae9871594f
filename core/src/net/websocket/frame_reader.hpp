// Takes messages and control frames out of the bytes that a client sends (RFC 6455, 5; RFC 7692, 6): unmasks them, puts
// fragments together, inflates, checks that text is UTF-8, and says what a client that breaks the rules is to be closed with.
//
// No I/O and no thread: one belongs to each connection, and is told the connection's bytes in order, in pieces of any size.
// It holds heap memory only while a frame or message is incomplete, and then as much as has come, whatever a header claims.
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
  std::uint16_t code = 0;         // close: the client's, 1005 where it gave none; failure: what to close with, 1002, 1007 or 1009
  std::string_view payload = {};  // of a message, a ping or a pong; of a close frame the reason
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

  // Takes the next complete message or control frame off the front of `input`, which is unmasked in place; `nothing` once
  // all of it has been taken. The payload is valid until the next call, that of another reader with the same inflater
  // included, and only as long as the bytes of `input` are left alone: a message that stands whole and unfragmented in it is
  // a view into it. After a close or a failure there is nothing more to be read. The rules stay the same from call to call.
  Received next(std::span<char>& input, const ReadRules& rules);

  // Whether a message has begun, or the first byte of any frame, and is not complete. A control frame within a message does
  // not complete it.
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
