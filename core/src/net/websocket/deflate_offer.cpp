#include "net/websocket/deflate_offer.hpp"

#include <algorithm>
#include <vector>

#include "net/websocket/deflate.hpp"

namespace hubbub::net {
namespace {

struct Parameter {
  std::string name;
  std::optional<std::string> value;
};

struct Offer {
  std::string extension;
  std::vector<Parameter> parameters;
};

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

// Text that is read from its front. Each call takes what it reads, and the white space behind it.
class Text {
 public:
  explicit Text(std::string_view text) : rest_(text) { skip_space(); }

  bool empty() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  // A token in lower case, because names are compared without regard to case. Empty if there is none.
  std::string token() {
    const auto size = std::ranges::find_if_not(rest_, is_token_character) - rest_.begin();
    std::string token{rest_.substr(0, static_cast<std::size_t>(size))};
    for (char& c : token) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    rest_.remove_prefix(token.size());
    skip_space();
    return token;
  }

  // A token, or a quoted string that holds a token (RFC 6455, 9.1). Empty if there is neither.
  std::string value() {
    if (!rest_.starts_with('"')) return token();
    std::string unquoted;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && ++at == rest_.size()) return {};
      unquoted += rest_[at];
    }
    if (at >= rest_.size() || !std::ranges::all_of(unquoted, is_token_character)) return {};
    rest_.remove_prefix(at + 1);
    skip_space();
    return unquoted;
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

std::optional<Offer> read_offer(Text& text) {
  Offer offer{text.token(), {}};
  if (offer.extension.empty()) return {};
  while (text.take(';')) {
    Parameter parameter{text.token(), {}};
    if (parameter.name.empty()) return {};
    if (text.take('=')) {
      parameter.value = text.value();
      if (parameter.value->empty()) return {};
    }
    offer.parameters.push_back(std::move(parameter));
  }
  return offer;
}

// RFC 7230, 7: a list may have empty elements.
std::optional<std::vector<Offer>> read_offers(std::string_view header) {
  std::vector<Offer> offers;
  Text text{header};
  while (true) {
    while (text.take(',')) {
    }
    if (text.empty()) return offers;
    auto offer = read_offer(text);
    if (!offer || !(text.empty() || text.take(','))) return {};
    offers.push_back(std::move(*offer));
  }
}

// Returns 8 to 15 for such a number without a leading zero, and 0 for any other text.
int window_bits(std::string_view value) {
  if (value == "8" || value == "9") return value[0] - '0';
  if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') return 10 + value[1] - '0';
  return 0;
}

// The value of client_max_window_bits does not matter: it promises a smaller window than the inflater's, which is the largest.
bool acceptable(const Parameter& parameter) {
  const auto& [name, value] = parameter;
  if (name == "server_no_context_takeover" || name == "client_no_context_takeover") return !value;
  if (name == "server_max_window_bits") return value && window_bits(*value) != 0;
  return name == "client_max_window_bits" && (!value || window_bits(*value) != 0);
}

std::optional<Deflation> accept(const Offer& offer) {
  if (offer.extension != "permessage-deflate") return {};
  Deflation deflation{largest_window, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"};
  for (auto parameter = offer.parameters.begin(); parameter != offer.parameters.end(); ++parameter) {
    const bool repeated = std::any_of(offer.parameters.begin(), parameter, [&](const auto& earlier) { return earlier.name == parameter->name; });
    if (repeated || !acceptable(*parameter)) return {};
    if (parameter->name != "server_max_window_bits") continue;
    deflation.window_bits = window_bits(*parameter->value);
    deflation.response += "; server_max_window_bits=" + *parameter->value;
  }
  return deflation;
}

}  // namespace

std::optional<Deflation> negotiate_deflate(std::string_view header) {
  const auto offers = read_offers(header);
  if (!offers) return {};
  for (const auto& offer : *offers) {
    if (auto deflation = accept(offer)) return deflation;
  }
  return {};
}

}  // namespace hubbub::net
