// Rules for the short texts that come from outside: ids, nicknames, room names. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

// The number of characters (Unicode scalar values) in `text`, or nothing when it is not valid UTF-8 (RFC 3629).
std::optional<std::size_t> characters(std::string_view text);

// Whether valid UTF-8 `text` holds a control character: C0, DEL, C1, or a line or paragraph separator.
bool has_control(std::string_view text);

// `text` with U+FFFD in place of each byte that is no part of valid UTF-8.
std::string valid_text(std::string_view text);

// `text` without white space at its ends (Unicode's, of one to three bytes).
std::string_view trim(std::string_view text);

// 1–64 of A–Z a–z 0–9 . _ : -
bool is_id(std::string_view text);

// Whether valid UTF-8 `text` holds what nobody sees and what makes it look like another, or its surroundings: characters that
// turn the direction of writing, that have no width, or that only stand for something missing. Those that scripts and emoji
// need are no such, where they need them: joiners, variation selectors, the tags of flags. So is a text that nobody sees at all.
bool has_hidden(std::string_view text);

// 1–64 characters of valid UTF-8 without control characters: a room name, or a nickname once trimmed.
bool is_name(std::string_view text);

}  // namespace hubbub
