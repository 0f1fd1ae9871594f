// Messages of the server as finished frames. Each piece that is the same for many messages (a room's name, a member's
// name) comes in as JSON text already, so that it is escaped once. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"

namespace hubbub {

// A message of a member or of a plugin, as the room's members get it. Throws std::runtime_error, as append_json() does, if
// `content` cannot be written as JSON.
struct Outgoing {
  std::string_view type;  // JSON text
  const Json& content;
  std::string_view room;    // JSON text
  std::string_view sender;  // `"nickname":…,"id":…`, see sender_fields
  std::uint64_t seq = 0;    // 0: not logged, left out
  std::int64_t ts = 0;      // 0: left out
  std::string_view ref;     // JSON text; empty: left out
};
Frame encode(const Outgoing& message, Delivery delivery);

// The fields that say who sent a message. Without an id (the room itself speaks) it is left out.
std::string sender_fields(std::string_view nickname, std::string_view id);

// Who the room itself speaks as.
extern const std::string_view system_sender;

// Of the refusal's text, what is not UTF-8 is replaced.
Frame encode_error(const Refusal& refusal, std::string_view room, std::string_view ref);

Frame encode_system(std::string_view text, std::string_view room);

// `total` above the number of nicknames makes it a capped list, which carries the true count.
Frame encode_users_update(std::span<const std::string_view> nicknames, std::size_t total, std::string_view room,
                          Delivery delivery);

struct Welcome {
  std::string_view room;  // JSON text
  std::string_view id, nickname, epoch;
  std::uint64_t seq;
  bool recovered;
  std::string_view key;  // that the client brings when it comes back
  std::string_view types;  // a JSON array
};
Frame encode_welcome(const Welcome& welcome);

// The answer to a ping.
Frame encode_pong(std::string_view ref);

// `types` is a JSON array.
Frame encode_types(std::string_view types, std::string_view room);

}  // namespace hubbub
