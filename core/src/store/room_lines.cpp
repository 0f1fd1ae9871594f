#include "store/room_lines.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "protocol/depth.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"
#include "protocol/number_text.hpp"
#include "protocol/plugin_name.hpp"
#include "protocol/repetition.hpp"
#include "protocol/text.hpp"
#include "store/last_seq.hpp"

namespace hubbub::store {
namespace {

using Line = nlohmann::ordered_json;

constexpr std::size_t deepest = 1000;                          // levels of a line: a deeper value can overflow the stack
constexpr std::uint64_t last_ms = (std::uint64_t{1} << 53) - 1;  // the largest whole number that JavaScript reads exactly

[[noreturn]] void refuse_field(const std::string& field, const std::string& rule) { throw std::runtime_error(field + ": must be " + rule); }

[[noreturn]] void refuse_seq(std::uint64_t right) { throw std::runtime_error("its seq must be " + std::to_string(right)); }

const Line& field(const Line& in, const char* name) {
  const auto found = in.find(name);
  if (found == in.end()) throw std::runtime_error(std::string{"'"} + name + "' not found");
  return *found;
}

std::uint64_t whole_number(const Line& in, const char* name, std::uint64_t least, std::uint64_t most) {
  const auto& value = field(in, name);
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number >= least && number <= most) return number;
  }
  refuse_field(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

const std::string& text(const Line& in, const char* name, bool (*fits)(std::string_view), const char* rule) {
  const auto& value = field(in, name);
  if (!value.is_string() || !fits(value.get_ref<const std::string&>())) refuse_field(name, rule);
  return value.get_ref<const std::string&>();
}

void check_text(const Line& in, const char* name, bool (*fits)(std::string_view), const char* rule) {
  if (in.contains(name)) text(in, name, fits, rule);
}

// An unknown field may be a misspelt one.
void check_fields(const Line& in, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : in.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      throw std::runtime_error("unknown field " + json_text(name));
    }
  }
}

bool is_nickname(std::string_view text) { return is_name(text) && trim(text) == text; }
bool is_type(std::string_view text) { return !text.empty() && text.size() <= longest_type; }
bool is_any(std::string_view) { return true; }

constexpr auto id_rule = "1 to 64 of the characters A-Z a-z 0-9 . _ : -";
constexpr auto name_rule = "1 to 64 characters without control characters";

// `message` must be a message as the members of `room` got it, with this `seq`.
void check_message(const Line& message, const std::string& room, std::uint64_t seq) {
  if (!message.is_object()) refuse_field("message", "an object");
  check_fields(message, {"type", "content", "room", "nickname", "id", "seq", "ts", "ref"});
  if (!message.contains("type") || !message.contains("content")) {
    throw std::runtime_error("its message must have a type and a content");
  }
  text(message, "type", is_type, "a text of 1 to 64 bytes");
  check_text(message, "nickname", is_nickname, name_rule);
  check_text(message, "id", is_id, id_rule);
  if (message.contains("room") && message["room"] != room) refuse_field("room", "the same in the line and in its message");
  if (const auto ref = message.find("ref"); ref != message.end()) {
    const bool fits = ref->is_number() || (ref->is_string() && characters(ref->get_ref<const std::string&>()) <= longest_ref);
    if (!fits) refuse_field("ref", "a number or a text of at most 64 characters");
  }
  if (whole_number(message, "seq", 1, last_seq) != seq) refuse_seq(seq);
}

std::uint64_t number(const Line& in, const char* name) {
  const auto& value = field(in, name);
  const auto number = value.is_string() ? read_number_text(value.get_ref<const std::string&>()) : std::nullopt;
  if (!number) refuse_field(name, "a number as 11 characters of base64url");
  return *number;
}

// The record's Repetition; all 0 if its sender gave no ref.
Repetition repetition(const Line& line) {
  if (!line.contains("client") && !line.contains("asked")) return {};
  const auto client = number(line, "client"), asked = number(line, "asked");
  std::string ref;  // as the envelope has it: dump() writes some fractions in another way
  append_json(ref, Json(field(line["message"], "ref")));
  return {client, ref_number(client, ref), asked};
}

}  // namespace

void RoomLines::take(std::string_view line) {
  ++number_;
  if (line.find('\0') != line.npos) throw std::runtime_error("parse error: JSON cannot contain a null byte");
  if (is_deeper_than(line, deepest)) throw std::runtime_error("parse error: deeper than " + std::to_string(deepest) + " levels");
  const auto json = Line::parse(line, nullptr, false);
  if (json.is_discarded()) throw std::runtime_error("parse error: the line is not JSON, perhaps because the file was cut short; export the room again");
  if (!json.is_object()) refuse_field("the line", "a JSON object");
  const auto room = text(json, "room", is_name, name_rule);
  if (json.contains("epoch")) return begin(room, json);
  if (room != room_ || rooms_.empty()) throw std::runtime_error("the line that begins this room is missing before it");
  if (has_snapshot_) throw std::runtime_error("this line comes after the snapshot, which must be the room's last line");
  json.contains("snapshot") ? put(json) : append(json);
}

void RoomLines::end() {
  if (first_ == 1 || has_snapshot_) return;
  number_ = began_;
  throw std::runtime_error("the log of " + json_text(room_) + " begins with message " + std::to_string(first_) +
                           ", and there is no snapshot of the state before it; export the whole room again");
}

void RoomLines::begin(const std::string& room, const Line& line) {
  end();
  check_fields(line, {"room", "epoch", "first"});
  const auto& epoch = text(line, "epoch", is_id, id_rule);
  first_ = whole_number(line, "first", 1, last_seq);
  if (!rooms_.insert(room).second) throw std::runtime_error("the room already began on an earlier line");
  to_.begin(room, epoch, first_);
  last_ = first_ - 1;
  room_ = room;
  began_ = number_;
  has_snapshot_ = false;
}

void RoomLines::append(const Line& line) {
  const auto& message = field(line, "message");
  check_fields(line, {"room", "seq", "plugin", "version", "client", "asked", "message"});
  const auto seq = whole_number(line, "seq", 1, last_seq);
  if (seq != last_ + 1) refuse_seq(last_ + 1);
  check_message(message, room_, seq);
  to_.append({seq,
              static_cast<std::int64_t>(whole_number(message, "ts", 0, last_ms)),
              text(line, "plugin", is_plugin_name, "the name of a plugin: lower-case letters, digits and underscores"),
              text(line, "version", is_any, "a text"),
              repetition(line),
              Frame::copy(message.dump())});
  last_ = seq;
}

void RoomLines::put(const Line& line) {
  check_fields(line, {"room", "snapshot", "state"});
  const auto& state = field(line, "state");
  if (!state.is_object()) refuse_field("state", "an object with the plugins' states by name");
  const auto seq = whole_number(line, "snapshot", 0, last_seq);
  if (seq + 1 < first_ || seq > last_) throw std::runtime_error("the snapshot's seq is not that of a record before it");
  to_.put({seq, state.dump()});
  has_snapshot_ = true;
}

}  // namespace hubbub::store
