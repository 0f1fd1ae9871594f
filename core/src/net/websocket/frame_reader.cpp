#include "net/websocket/frame_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "net/websocket/deflate.hpp"
#include "net/websocket/frame_header.hpp"
#include "net/websocket/utf8_check.hpp"
#include "protocol/close_code.hpp"

namespace hubbub::net {
namespace {

using Kind = Received::Kind;
using Op = FrameHeader::Op;

constexpr unsigned rsv1 = 4;

Received failure(CloseCode code, const char* why) { return {Kind::failure, static_cast<std::uint16_t>(code), {}, why}; }
Received violation(const char* why) { return failure(CloseCode::protocol_error, why); }
Received too_big() { return failure(CloseCode::too_big, "a message that is too big"); }
Received not_utf8() { return failure(CloseCode::invalid_text, "text that is not UTF-8"); }

Received message(std::uint8_t opcode, std::string_view payload) {
  return {opcode == Op::text ? Kind::text : Kind::binary, 0, payload};
}

Received inflated(std::uint8_t opcode, std::string_view compressed, const ReadRules& rules) {
  std::string_view payload;
  switch (rules.inflater->inflate(compressed, rules.max_message, payload)) {
    case Inflater::Result::ok: break;
    case Inflater::Result::too_big: return too_big();
    case Inflater::Result::corrupt: return failure(CloseCode::invalid_text, "a message that does not inflate");
  }
  if (opcode == Op::text && !is_utf8(payload)) return not_utf8();
  return message(opcode, payload);
}

// RFC 6455, 7.4, and what has been registered since.
bool may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

Received close_frame(std::string_view payload) {
  if (payload.empty()) return {Kind::close, no_code};
  if (payload.size() == 1) return violation("a close frame with half a code");
  const unsigned code = static_cast<std::uint8_t>(payload[0]) * 256U + static_cast<std::uint8_t>(payload[1]);
  if (!may_be_sent(code)) return violation("a close frame with a code that must not be sent");
  const auto reason = payload.substr(2);
  if (!is_utf8(reason)) return failure(CloseCode::invalid_text, "a close frame whose reason is not UTF-8");
  return {Kind::close, static_cast<std::uint16_t>(code), reason};
}

}  // namespace

struct FrameReader::Unfinished {
  std::array<char, FrameHeader::longest> header;  // of a frame whose header is incomplete
  std::size_t header_size = 0;
  std::optional<FrameHeader> frame;  // whose payload is incomplete
  std::string control;               // the payload so far, if that is a control frame

  std::uint8_t opcode = 0;  // of the message; 0 if none has begun
  bool compressed = false;
  Utf8Check utf8;
  std::string payload;
};

FrameReader::FrameReader() = default;
FrameReader::FrameReader(FrameReader&&) noexcept = default;
FrameReader& FrameReader::operator=(FrameReader&&) noexcept = default;
FrameReader::~FrameReader() = default;

FrameReader::Unfinished& FrameReader::unfinished() {
  if (!unfinished_) unfinished_ = std::make_unique<Unfinished>();
  return *unfinished_;
}

bool FrameReader::in_message() const {
  return unfinished_ && (unfinished_->opcode != 0 || unfinished_->frame || unfinished_->header_size != 0);
}

Received FrameReader::next(std::span<char>& input, const ReadRules& rules) {
  if (!in_message()) unfinished_.reset();  // the payload of the last call may have been in there; it is not valid any more
  while (true) {
    FrameHeader header;
    if (unfinished_ && unfinished_->frame) {
      header = *unfinished_->frame;
    } else {
      if (!take_header(input, header)) return {};
      if (const auto verdict = judge(header, rules); verdict.kind != Kind::nothing) return verdict;
    }
    const auto piece = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(header.left, input.size())));
    input = input.subspan(piece.size());
    header.unmask(piece);

    const std::string_view payload{piece.data(), piece.size()};
    const auto received = header.is_control() ? take_control(header, payload) : take_data(header, payload, rules);
    if (received.kind != Kind::nothing || header.left != 0) return received;
  }
}

// Returns false if `input` ends within the header; the bytes so far are kept.
bool FrameReader::take_header(std::span<char>& input, FrameHeader& header) {
  const bool begun = unfinished_ && unfinished_->header_size != 0;
  if (!begun && input.size() >= 2 && input.size() >= FrameHeader::size(input[1])) {
    const auto bytes = input.first(FrameHeader::size(input[1]));
    input = input.subspan(bytes.size());
    header = FrameHeader::read({bytes.data(), bytes.size()});
    return true;
  }
  while (!input.empty()) {
    auto& kept = unfinished();
    kept.header[kept.header_size++] = input.front();
    input = input.subspan(1);
    if (kept.header_size >= 2 && kept.header_size == FrameHeader::size(kept.header[1])) {
      header = FrameHeader::read({kept.header.data(), std::exchange(kept.header_size, 0)});
      return true;
    }
  }
  return false;
}

// Returns the failure if a frame with this header must not come now, else `nothing`.
Received FrameReader::judge(const FrameHeader& header, const ReadRules& rules) const {
  const bool begun = unfinished_ && unfinished_->opcode != 0;
  const bool first = header.opcode == Op::text || header.opcode == Op::binary;
  if (!first && header.opcode != Op::continuation && (header.opcode < Op::close || header.opcode > Op::pong)) {
    return violation("a reserved opcode");
  }
  if (!header.masked) return violation("a frame that is not masked");
  if ((header.reserved & ~(first && rules.inflater ? rsv1 : 0U)) != 0) return violation("a reserved bit");
  if (header.is_control()) {
    if (!header.fin) return violation("a control frame in fragments");
    if (header.left > 125 || !header.shortest) return violation("a control frame of more than 125 bytes");
    return {};
  }
  if (begun && first) return violation("a message within a message");
  if (!begun && !first) return violation("a continuation of nothing");
  if (!header.shortest) return violation("a length that is not in its shortest form");
  if (header.left >> 63U != 0) return violation("a length of more than 63 bits");

  const bool compressed = begun ? unfinished_->compressed : header.reserved != 0;
  const std::size_t most = compressed ? most_deflated(rules.max_message) : rules.max_message;
  const std::size_t so_far = begun ? unfinished_->payload.size() : 0;
  return so_far > most || header.left > most - so_far ? too_big() : Received{};
}

Received FrameReader::take_control(const FrameHeader& header, std::string_view piece) {
  const bool resumed = unfinished_ && unfinished_->frame;
  if (resumed || header.left != 0) {
    auto& kept = unfinished();
    if (!resumed) kept.control.clear();
    piece = kept.control += piece;
    if (header.left != 0) {
      kept.frame = header;
      return {};
    }
    kept.frame.reset();
  }
  if (header.opcode == Op::close) return close_frame(piece);
  return {header.opcode == Op::ping ? Kind::ping : Kind::pong, 0, piece};
}

Received FrameReader::take_data(const FrameHeader& header, std::string_view piece, const ReadRules& rules) {
  const bool complete = header.fin && header.left == 0;
  const bool compressed = header.reserved != 0;
  if (complete && !in_message()) {
    if (compressed) return inflated(header.opcode, piece, rules);
    if (header.opcode == Op::text && !is_utf8(piece)) return not_utf8();
    return message(header.opcode, piece);
  }

  auto& kept = unfinished();
  if (kept.opcode == 0) {
    kept.opcode = header.opcode;
    kept.compressed = compressed;
  }
  const bool checked = kept.opcode == Op::text && !kept.compressed;
  if (checked && !kept.utf8.feed(piece)) return not_utf8();
  kept.payload += piece;
  kept.frame.reset();
  if (header.left != 0) kept.frame = header;
  if (!complete) return {};

  if (checked && !kept.utf8.complete()) return not_utf8();
  const auto opcode = std::exchange(kept.opcode, std::uint8_t{0});
  return kept.compressed ? inflated(opcode, kept.payload, rules) : message(opcode, kept.payload);
}

}  // namespace hubbub::net
