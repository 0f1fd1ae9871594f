// Encodes the server's messages as finished frames. What many messages share (a room's name, a member's name) is passed in as
// JSON text, so that it is escaped only once. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"

namespace hubbub {

// A message from a member or a plugin, as the room's members receive it.
struct Outgoing {
  std::string_view type;  // JSON text
  const Json& content;
  std::string_view room;    // JSON text
  std::string_view sender;  // `"nickname":…,"id":…`, see sender_fields
  std::uint64_t seq = 0;    // 0: not logged, left out
  std::int64_t ts = 0;      // 0: left out
  std::string_view ref;     // JSON text; empty: left out
};
// Throws std::runtime_error, as append_json() does, if the content cannot be written as JSON.
Frame encode(const Outgoing& message, Delivery delivery);

// The fields that say who sent a message. An empty `id` is left out (the room itself is the sender).
std::string sender_fields(std::string_view nickname, std::string_view id);

// The sender fields of messages from the room itself.
extern const std::string_view system_sender;

// Bytes of the refusal's text that are not UTF-8 are replaced.
Frame encode_error(const Refusal& refusal, std::string_view room, std::string_view ref);

Frame encode_system(std::string_view text, std::string_view room);

// If `total` exceeds the number of nicknames, the list is capped, and the message carries `total` as its count.
Frame encode_users_update(std::span<const std::string_view> nicknames, std::size_t total, std::string_view room,
                          Delivery delivery);

struct Welcome {
  std::string_view room;  // JSON text
  std::string_view id, nickname, epoch;
  std::uint64_t seq;
  bool recovered;
  std::string_view key;  // the client sends it when it reconnects
  std::string_view types;  // a JSON array
};
Frame encode_welcome(const Welcome& welcome);

// The answer to a ping.
Frame encode_pong(std::string_view ref);

// `types` is a JSON array.
Frame encode_types(std::string_view types, std::string_view room);

}  // namespace hubbub
