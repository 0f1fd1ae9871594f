#include "protocol/encode.hpp"

#include <array>
#include <charconv>

#include "protocol/text.hpp"

namespace hubbub {
namespace {

constexpr std::size_t kept_capacity = 64 * 1024;  // bytes of buffer kept for the next message

// The decimal text of a whole number; empty for 0.
class Digits {
 public:
  explicit Digits(auto number) {
    if (number != 0) size_ = static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr - text_.data());
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 20> text_;
  std::size_t size_ = 0;
};

// `name` (with its comma) if the field has a value, else nothing.
std::string_view named(std::string_view name, std::string_view value) { return value.empty() ? std::string_view{} : name; }

}  // namespace

const std::string_view system_sender = R"("nickname":"System")";

Frame encode(const Outgoing& message, Delivery delivery) {
  thread_local std::string content;  // reused: this is the hot path
  content.clear();
  append_json(content, message.content);
  const Digits seq{message.seq}, ts{message.ts};
  const auto frame = Frame::of({R"({"type":)", message.type, R"(,"content":)", content, R"(,"room":)", message.room, ",", message.sender,
                                named(R"(,"seq":)", seq.text()), seq.text(), named(R"(,"ts":)", ts.text()), ts.text(),
                                named(R"(,"ref":)", message.ref), message.ref, "}"},
                               Opcode::text, delivery);
  if (content.capacity() > kept_capacity) content = {};
  return frame;
}

std::string sender_fields(std::string_view nickname, std::string_view id) {
  std::string fields = R"("nickname":)" + json_text(nickname);
  if (!id.empty()) fields += R"(,"id":)" + json_text(id);
  return fields;
}

Frame encode_error(const Refusal& refusal, std::string_view room, std::string_view ref) {
  const bool has_wait = refusal.retry_after.count() > 0;
  const auto wait = has_wait ? R"(,"retry_after_ms":)" + std::to_string(refusal.retry_after.count()) : std::string{};
  return Frame::of({R"({"type":"error","content":)", json_text(valid_text(refusal.text)), R"(,"code":")", to_string(refusal.code), R"(")", wait,
                    named(R"(,"ref":)", ref), ref, R"(,"room":)", room, ",", system_sender, "}"});
}

Frame encode_system(std::string_view text, std::string_view room) {
  return Frame::of({R"({"type":"system","content":)", json_text(text), R"(,"room":)", room, ",", system_sender, "}"}, Opcode::text,
                   Delivery::may_drop());
}

Frame encode_users_update(std::span<const std::string_view> nicknames, std::size_t total, std::string_view room,
                          Delivery delivery) {
  std::string list = "[";
  for (const auto nickname : nicknames) {
    if (list.size() > 1) list += ',';
    append_json_text(list, nickname);
  }
  const auto count = total > nicknames.size() ? R"(,"count":)" + std::to_string(total) : std::string{};
  return Frame::of({R"({"type":"users_update","content":)", list, "]", count, R"(,"room":)", room, "}"}, Opcode::text, delivery);
}

Frame encode_welcome(const Welcome& welcome) {
  return Frame::of({R"({"type":"welcome","content":{"id":)", json_text(welcome.id), R"(,"nickname":)", json_text(welcome.nickname),
                    R"(,"epoch":)", json_text(welcome.epoch), R"(,"seq":)", std::to_string(welcome.seq), R"(,"recovered":)",
                    welcome.recovered ? "true" : "false", R"(,"key":)", json_text(welcome.key), R"(,"types":)", welcome.types, R"(},"room":)", welcome.room, "}"});
}

Frame encode_pong(std::string_view ref) {
  return Frame::of({R"({"type":"pong","content":null)", named(R"(,"ref":)", ref), ref, "}"});
}

Frame encode_types(std::string_view types, std::string_view room) {
  return Frame::of({R"({"type":"types","content":)", types, R"(,"room":)", room, "}"});
}

}  // namespace hubbub
