// How the server recognises a message that its sender sends again because it saw no acknowledgement.
//
// Ids are public, and so is a ref once it is broadcast. So each client has a key that only the client and the server know:
// `welcome` carries the key, and the client sends it when it reconnects. The client's number is a hash of key and id, the
// message's number a hash of the client's number and the ref. The key cannot be derived from either, so both may be stored in a
// log. Pure functions. Their results are stored, so they must never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/json.hpp"

namespace hubbub {

struct ClientKey {
  std::uint64_t first = 0, second = 0;
};

// 128 random bits.
ClientKey random_client_key();

// The key for a client that brings none. `number` must not have been used before; `secret` is the server's own key.
ClientKey new_client_key(const ClientKey& secret, std::uint64_t number);

// A key as 22 characters of base64url, and the inverse: nothing if `text` is not a key.
std::string text_of(const ClientKey& key);
std::optional<ClientKey> read_client_key(std::string_view text);

// Hash of key and id; never 0.
std::uint64_t client_number(const ClientKey& key, std::string_view id);

// What a log stores with a message to recognise its repetition. All are 0 if the sender gave no ref.
struct Repetition {
  std::uint64_t client = 0;  // see client_number
  std::uint64_t ref = 0;     // see ref_number
  std::uint64_t asked = 0;   // see asked_number
};

// Hash of the client's number and `ref`, which is JSON text; never 0.
std::uint64_t ref_number(std::uint64_t client, std::string_view ref);

// Hash of the type and content that a client sent. Does not depend on the order of an object's fields.
std::uint64_t asked_number(std::string_view type, const Json& content);

}  // namespace hubbub
