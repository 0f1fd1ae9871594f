// Compares the frame codec with Beast's websocket::stream: the same bytes in, the same messages, control frames, and code
// to close with out, with and without permessage-deflate. All allowed differences are listed below.
// The codec's events must not depend on the pieces in which the bytes arrive, either.
//
//   fuzz_codec [libFuzzer's options] FOLDER…
//
// tools/fuzz runs it.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>
#include <set>

#include "beast_side.hpp"
#include "frame_grammar.hpp"
#include "net/websocket/deflate.hpp"
#include "net/websocket/deflate_offer.hpp"
#include "net/websocket/frame_header.hpp"
#include "net/websocket/frame_reader.hpp"
#include "net/websocket/utf8_check.hpp"
#include "protocol/text.hpp"

namespace hubbub::fuzz {
namespace {

using Kind = Event::Kind;

// Each piece is a copy of exactly its size, so that AddressSanitizer notices reads beyond it.
std::vector<Event> read_with_codec(const Script& script, bool in_pieces) {
  static net::Inflater inflater;
  const net::ReadRules rules{script.max_message, script.deflate ? &inflater : nullptr};
  net::FrameReader reader;
  std::vector<Event> events;
  std::size_t at = 0;
  for (std::size_t cut = 0; at < script.bytes.size(); ++cut) {
    const auto size = in_pieces && cut < script.cuts.size() ? script.cuts[cut] : script.bytes.size();
    std::vector<char> piece(script.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            script.bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, script.bytes.size())));
    at += piece.size();
    std::span<char> input{piece};
    while (true) {
      const auto received = reader.next(input, rules);
      if (received.kind == Kind::nothing) break;
      events.push_back({received.kind, received.code, std::string{received.payload}});
      if (received.kind == Kind::close || received.kind == Kind::failure) return events;
    }
    if (!input.empty()) std::abort();
  }
  return events;
}

bool is_message(const Event& event) { return event.kind == Kind::text || event.kind == Kind::binary; }

// The message in which the two differ, parsed from the bytes.
struct Message {
  bool text = false;
  bool compressed = false;
  bool complete = false;
  std::string payload = {};
  std::uint64_t claimed = 0;  // bytes, by the headers
  bool top_bit = false;       // one of them has a length of more than 63 bits
  bool context = false;       // another was compressed, before it
  unsigned close_code = 0;    // of the close frame within it, or after the last message
};

Message message_at(const Script& script, std::size_t number) {
  Message message;
  bool begun = false;
  for (std::string_view rest = script.bytes; rest.size() >= 2 && rest.size() >= net::FrameHeader::size(rest[1]);) {
    auto header = net::FrameHeader::read(rest);
    const bool first = header.opcode == net::FrameHeader::text || header.opcode == net::FrameHeader::binary;
    const bool expected = header.is_control() ? header.fin && header.left <= 125 : first != begun && header.opcode <= net::FrameHeader::binary;
    const bool may_come = expected && header.masked && header.shortest && (header.reserved & ~(first ? 4U : 0U)) == 0;
    if (!may_come || (first && message.complete && number-- == 0)) break;
    if (first) {
      message = {.text = header.opcode == net::FrameHeader::text,
                 .compressed = (header.reserved & 4U) != 0,
                 .context = message.context || message.compressed};
    }
    message.top_bit |= header.left >> 63U != 0;
    if (!header.is_control()) message.claimed += header.left;

    rest.remove_prefix(net::FrameHeader::size(rest[1]));
    std::string payload{rest.substr(0, header.left)};
    rest.remove_prefix(payload.size());
    header.unmask({payload.data(), payload.size()});
    if (header.opcode == net::FrameHeader::close) {  // the last frame that is read
      if (payload.size() >= 2) message.close_code = static_cast<std::uint8_t>(payload[0]) * 256U + static_cast<std::uint8_t>(payload[1]);
      break;
    }
    if (header.is_control()) continue;
    message.payload += payload;
    message.complete = header.fin && header.left == 0;
    begun = !message.complete;
  }
  return message;
}

struct Inflated {
  std::string payload = {};
  bool corrupt = false;
  bool has_final_block = false;
};

// The end of an empty block, which senders remove from every message.
const std::string tail{"\x00\x00\xFF\xFF", 4};

// Inflates up to `most` bytes, with zlib alone.
Inflated inflate(std::string_view compressed, std::size_t most) {
  Inflated made;
  z_stream stream{};
  inflateInit2(&stream, -15);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::array<char, 4096> buffer;
  for (bool more = true; more && made.payload.size() < most;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    made.payload.append(buffer.data(), buffer.size() - stream.avail_out);
    made.corrupt = status != Z_OK && status != Z_BUF_ERROR && status != Z_STREAM_END;
    if (status == Z_STREAM_END) {
      made.has_final_block = true;
      inflateReset(&stream);
    }
    more = !made.corrupt && (stream.avail_in != 0 || stream.avail_out == 0);
  }
  inflateEnd(&stream);
  return made;
}

// Whether the tail ends an empty block, so that another block can follow.
bool ends_between_blocks(const std::string& compressed, std::size_t most) {
  const std::string another{"\x00\x07\x00\xF8\xFF" "another", 12};
  return inflate(compressed + tail + another, most).payload == inflate(compressed, most).payload + "another";
}

// Why the two may differ in this message; null if they may not. `ours` and `theirs` are the first events that differ,
// `nothing` if one of the two waits for more.
const char* reason(const Event& ours, const Event& theirs, const Message& message, const Script& script) {
  const auto fails = [](const Event& event, int code) { return event.kind == Kind::failure && event.code == code; };

  if (message.close_code == 1014 && fails(theirs, 1002)) return "1014 has been registered since RFC 6455";
  if (message.close_code >= 5000 && fails(ours, 1002)) return "RFC 6455, 7.4.2: there are no codes from 5000 on";
  if (fails(ours, 1002) && message.top_bit) return "RFC 6455, 5.2: the first bit of a length must be 0; Beast takes it for a size";
  if (!message.compressed) {
    const bool cut_off = fails(ours, 1007) && theirs.kind == Kind::text && !characters(theirs.payload);
    return cut_off ? "RFC 6455, 8.1: where the last fragment is empty, Beast does not see that a character is cut off" : nullptr;
  }

  const auto most = script.max_message + 100'000;
  const auto made = inflate(message.payload + (message.complete ? tail : ""), most);
  const bool cut_off = message.complete && !ends_between_blocks(message.payload, most);
  net::Utf8Check utf8;
  std::set<int> wrong;
  if (fails(ours, 1009) && message.claimed > net::most_deflated(script.max_message)) return "RFC 6455, 10.4: a limit of ours, for memory";
  if (made.payload.size() > script.max_message) wrong.insert(1009);
  if (made.corrupt || (message.text && !utf8.feed(made.payload))) wrong.insert(1007);

  // zlib alone decides if Beast's opinion does not count.
  const auto right = [&] {
    if (is_message(ours)) return message.complete && wrong.empty() && ours.payload == made.payload;
    if (ours.kind == Kind::failure && message.complete) return wrong.contains(ours.code) || (cut_off && ours.code == 1007);
    return ours.kind != Kind::nothing || !message.complete;  // there may be control frames within it
  };
  if (!right()) return nullptr;
  if (made.has_final_block) return "RFC 7692, 7.2.3.4: there may be final blocks; Beast fails";
  if (message.context) return "RFC 7692, 7.1.1: no context takeover was negotiated; Beast keeps its inflater as the last message left it";
  if (cut_off) return "RFC 7692, 7.2.2: Beast does not see that a block is cut off, and goes on with what ends every message";
  // RFC 7692, 6.2, leaves open when a message is inflated. Beast inflates bytes as they arrive, so it may fail before the message
  // ends, and of two errors in a message it may find the other one.
  return theirs.kind == Kind::failure && wrong.contains(theirs.code) ? "RFC 7692, 6.2: inflated earlier" : nullptr;
}

std::string printed(const Event& event) {
  static constexpr std::array names = {"nothing", "text", "binary", "ping", "pong", "close", "failure"};
  return std::string{names.at(static_cast<std::size_t>(event.kind))} + " " + std::to_string(event.code) + ", " +
         std::to_string(event.payload.size()) + " bytes";
}

[[noreturn]] void fail(const Script& script, const std::string& what) {
  std::fprintf(stderr, "%s\n%s compression, at most %zu bytes a message, in", what.c_str(),
               script.deflate ? "with" : "without", script.max_message);
  for (std::size_t at = 0, cut = 0; at < script.bytes.size(); ++cut) {
    std::fputs("\n ", stderr);
    const auto size = cut < script.cuts.size() ? script.cuts[cut] : script.bytes.size();
    for (const auto byte : script.bytes.substr(at, size)) std::fprintf(stderr, " %02x", static_cast<unsigned char>(byte));
    at += size;
  }
  std::fputs("\n", stderr);
  std::abort();  // libFuzzer keeps the input
}

void compare(const Script& script) {
  const auto ours = read_with_codec(script, true);
  if (ours != read_with_codec(script, false)) fail(script, "what the codec says depends on the pieces");
  auto theirs = read_with_beast(script);
  std::size_t at = 0, messages = 0;
  for (; at < ours.size() && at < theirs.size() && ours[at] == theirs[at]; ++at) messages += is_message(ours[at]) ? 1 : 0;
  if (at == ours.size() && at == theirs.size()) return;
  const auto our = at < ours.size() ? ours[at] : Event{}, their = at < theirs.size() ? theirs[at] : Event{};
  if (reason(our, their, message_at(script, messages), script)) return;
  fail(script, "after " + std::to_string(at) + " events: ours " + printed(our) + "; Beast's " + printed(their));
}

// The grammar of Sec-WebSocket-Extensions (RFC 6455, 9.1).
std::regex extension_list() {
  const std::string character = R"([!#-'*+\-.0-9A-Z^-z|~])", space = R"([ \t]*)";
  const auto token = character + "+", quoted = "\"(" + character + R"(|\\)" + character + ")+\"";
  const auto parameter = token + "(" + space + "=" + space + "(" + token + "|" + quoted + "))?";
  const auto extension = token + "(" + space + ";" + space + parameter + ")*" + space;
  return std::regex{"[ \t,]*(" + extension + "(,[ \t,]*|$))*"};
}

void compare_offers(const std::string& offers) {
  const auto ours = net::negotiate_deflate(offers);
  const auto theirs = negotiate_with_beast(offers);
  static const auto whole = extension_list();
  static const std::regex bits{"server_max_window_bits=([0-9]+)"};
  if (!std::regex_match(offers, whole)) {
    if (!ours) return;  // Beast accepts the part before the error
    std::fprintf(stderr, "took what is not in the grammar: %s\n", offers.c_str());
    std::abort();
  }
  if (!ours && theirs.empty()) return;
  // Beast reads only the first offer, drops a parameter without a value before a comma, and takes quotes as part of
  // the value.
  if (offers.find_first_of(",\"") != offers.npos) return;
  std::smatch found;
  const int their_bits = std::regex_search(theirs, found, bits) ? std::stoi(found[1]) : 15;
  if (ours && !theirs.empty() && std::max(ours->window_bits, 9) == their_bits) return;  // Beast answers 8 with 9
  std::fprintf(stderr, "%s: ours %s; Beast's %s\n", offers.c_str(), ours ? ours->response.c_str() : "none", theirs.c_str());
  std::abort();
}

}  // namespace
}  // namespace hubbub::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  if (input.ConsumeIntegralInRange(0, 15) == 15) {
    hubbub::fuzz::compare_offers(hubbub::fuzz::make_offers(input));
  } else {
    hubbub::fuzz::compare(hubbub::fuzz::make_script(input));
  }
  return 0;
}
