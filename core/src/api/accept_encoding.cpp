#include "api/accept_encoding.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace hubbub::api {
namespace {

// Takes what stands before the next `separator` off the front of `text`.
std::string_view take_part(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = trim_blanks(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// Returns the weight in thousandths. Text that is no weight (RFC 9110, 12.4.2) counts as 0, so that the client gets no coding that it may
// not understand.
int weight_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) return 0;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return 0;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return std::min(weight, 1000);
}

}  // namespace

std::optional<std::string_view> chosen_coding(std::string_view header, std::span<const std::string_view> codings) {
  // The weight of one coding: its own, else that of `*`, else the default.
  const auto weight = [header](std::string_view coding) {
    std::optional<int> own, any;
    for (auto rest = header; !rest.empty();) {
      auto element = take_part(rest, ',');
      const auto name = take_part(element, ';');
      int given = 1000;
      while (!element.empty()) {
        auto value = take_part(element, ';');
        const auto parameter = take_part(value, '=');
        if (equal_ignoring_case(parameter, "q")) given = weight_of(value);
      }
      const bool is_meant = equal_ignoring_case(name, coding) || (coding == "gzip" && equal_ignoring_case(name, "x-gzip"));
      if (is_meant && !own) own = given;
      if (name == "*" && !any) any = given;
    }
    if (own) return *own;
    if (coding == identity) return any == 0 ? 0 : 1;  // acceptable unless it is ruled out, but the last choice
    return any.value_or(0);
  };
  std::optional<std::string_view> best;
  int most = 0;
  for (const auto coding : codings) {
    if (const int own = weight(coding); own > most) {
      most = own;
      best = coding;
    }
  }
  return best;
}

}  // namespace hubbub::api
