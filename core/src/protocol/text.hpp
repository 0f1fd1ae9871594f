// Rules for the short texts that come from outside: ids, nicknames, room names. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

// The number of characters (Unicode scalar values) in `text`; nothing if it is not valid UTF-8 (RFC 3629).
std::optional<std::size_t> characters(std::string_view text);

// Whether valid UTF-8 `text` holds a control character: C0, DEL, C1, or a line or paragraph separator.
bool has_control(std::string_view text);

// `text` with each byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_text(std::string_view text);

// `text` without the white space at its ends (Unicode white space, one to three bytes each).
std::string_view trim(std::string_view text);

// Whether `text` is 1–64 of A–Z a–z 0–9 . _ : -
bool is_id(std::string_view text);

// Whether valid UTF-8 `text` holds invisible characters that could make it look like another text or change the text around it:
// characters that change the writing direction, have no width, or are fillers. Joiners, variation selectors and the tags of
// flags are allowed where a script or an emoji needs them. Also true if `text` has no visible character at all.
bool has_hidden(std::string_view text);

// Whether `text` is 1–64 characters of valid UTF-8 without control characters: the rule for room names and trimmed nicknames.
bool is_name(std::string_view text);

}  // namespace hubbub
