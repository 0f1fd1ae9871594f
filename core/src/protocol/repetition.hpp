// What a message is known by that its sender sends again, because it did not see it acknowledged.
//
// An id is public, and so is a ref once it is broadcast. So each client has a key that only it and the server know: `welcome`
// tells it, and the client brings it when it comes back. From the key and the id follows the number of the client, from that and
// the ref the number of the repetition; neither can be led back to the key, so they may stand in a log. Pure functions, whose
// results are stored: they must stay the same.
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

// Each is one of 2^128.
ClientKey random_client_key();

// The key of a client that brings none, by a number that no other has had; `secret` is the server's own.
ClientKey new_client_key(const ClientKey& secret, std::uint64_t number);

// 22 characters of base64url, and back.
std::string text_of(const ClientKey& key);
std::optional<ClientKey> read_client_key(std::string_view text);

// Never 0.
std::uint64_t client_number(const ClientKey& key, std::string_view id);

// What a log keeps of a message. All are 0 if its sender gave no ref.
struct Repetition {
  std::uint64_t client = 0;
  std::uint64_t ref = 0;    // of the client and its ref, never 0
  std::uint64_t asked = 0;  // of the type and content that the client sent
};

// Of `ref` as JSON text.
std::uint64_t ref_number(std::uint64_t client, std::string_view ref);

// Equal for equal types and contents, in whatever order an object's fields stand.
std::uint64_t asked_number(std::string_view type, const Json& content);

}  // namespace hubbub
