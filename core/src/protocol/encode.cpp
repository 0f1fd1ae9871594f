#include "protocol/encode.hpp"

namespace hubbub {
namespace {

std::string begin(std::string_view type) {
  std::string buffer(Frame::headroom, '\0');
  buffer.reserve(256);
  return buffer.append(R"({"type":)").append(type).append(R"(,"content":)");
}

}  // namespace

const std::string_view system_sender = R"("nickname":"System")";

Frame encode(const Outgoing& message, Delivery delivery) {
  std::string buffer = begin(message.type);
  append_json(buffer, message.content);
  buffer.append(R"(,"room":)").append(message.room).append(",").append(message.sender);
  if (message.seq != 0) buffer.append(R"(,"seq":)").append(std::to_string(message.seq));
  if (message.ts != 0) buffer.append(R"(,"ts":)").append(std::to_string(message.ts));
  if (!message.ref.empty()) buffer.append(R"(,"ref":)").append(message.ref);
  return Frame::seal(std::move(buffer.append("}")), Opcode::text, delivery);
}

std::string sender_fields(std::string_view nickname, std::string_view id) {
  std::string fields = R"("nickname":)" + json_text(nickname);
  if (!id.empty()) fields += R"(,"id":)" + json_text(id);
  return fields;
}

Frame encode_error(const Refusal& refusal, std::string_view room, std::string_view ref) {
  std::string buffer = begin(R"("error")");
  buffer.append(json_text(refusal.text)).append(R"(,"code":")").append(to_string(refusal.code)).append(R"(")");
  if (refusal.code == ErrorCode::rate_limited) {
    buffer.append(R"(,"retry_after_ms":)").append(std::to_string(refusal.retry_after.count()));
  }
  if (!ref.empty()) buffer.append(R"(,"ref":)").append(ref);
  buffer.append(R"(,"room":)").append(room).append(",").append(system_sender).append("}");
  return Frame::seal(std::move(buffer));
}

Frame encode_system(std::string_view text, std::string_view room) {
  std::string buffer = begin(R"("system")");
  buffer.append(json_text(text)).append(R"(,"room":)").append(room).append(",").append(system_sender).append("}");
  return Frame::seal(std::move(buffer), Opcode::text, Delivery::may_drop());
}

Frame encode_users_update(std::span<const std::string_view> nicknames, std::size_t total, std::string_view room,
                          Delivery delivery) {
  std::string buffer = begin(R"("users_update")");
  buffer.append("[");
  for (const auto nickname : nicknames) {
    if (buffer.back() != '[') buffer.append(",");
    append_json_text(buffer, nickname);
  }
  buffer.append("]");
  if (total > nicknames.size()) buffer.append(R"(,"count":)").append(std::to_string(total));
  buffer.append(R"(,"room":)").append(room).append("}");
  return Frame::seal(std::move(buffer), Opcode::text, delivery);
}

Frame encode_welcome(const Welcome& welcome) {
  std::string buffer = begin(R"("welcome")");
  buffer.append(R"({"id":)").append(json_text(welcome.id));
  buffer.append(R"(,"nickname":)").append(json_text(welcome.nickname));
  buffer.append(R"(,"epoch":)").append(json_text(welcome.epoch));
  buffer.append(R"(,"seq":)").append(std::to_string(welcome.seq));
  buffer.append(R"(,"recovered":)").append(welcome.recovered ? "true" : "false");
  buffer.append(R"(,"types":)").append(welcome.types).append(R"(},"room":)").append(welcome.room).append("}");
  return Frame::seal(std::move(buffer));
}

}  // namespace hubbub
