// Converts between the wire's UTF-8 and the UTF-16 that editors in browsers count in. Pure functions. The input must be valid, as all
// text in a Message is; then the output is valid too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

std::u16string to_utf16(std::string_view text);
std::string to_utf8(std::u16string_view units);

// The size of to_utf16(text).
std::size_t utf16_size(std::string_view text);

// The first and the second half of a surrogate pair.
inline bool is_high_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xD800; }
inline bool is_low_surrogate(char16_t unit) { return (unit & 0xFC00) == 0xDC00; }
