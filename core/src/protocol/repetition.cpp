#include "protocol/repetition.hpp"

#include <algorithm>
#include <bit>
#include <random>

#include "protocol/number_text.hpp"
#include "protocol/sip_hash.hpp"

namespace hubbub {
namespace {

constexpr std::size_t number_size = 11;  // characters

std::uint64_t not_zero(std::uint64_t number) { return std::max<std::uint64_t>(number, 1); }

// The same for signed and unsigned whole numbers, so that equal numbers hash alike. Only numbers from 2^63 up stay unsigned:
// their bits are also those of a negative number.
Json::value_t kind(const Json& json) {
  if (!json.is_number_integer()) return json.type();
  const bool is_large = json.is_number_unsigned() && json.get<std::uint64_t>() >> 63U != 0;
  return is_large ? Json::value_t::number_unsigned : Json::value_t::number_integer;
}

void add(SipHash& hash, const Json& json) {
  hash.add(static_cast<std::uint64_t>(kind(json)));
  switch (json.type()) {
    case Json::value_t::object:
      hash.add(json.size());
      for (const auto& [name, value] : json.items()) add(hash.add(name), value);
      return;
    case Json::value_t::array:
      hash.add(json.size());
      for (const auto& value : json) add(hash, value);
      return;
    case Json::value_t::string: hash.add(std::string_view{json.get_ref<const std::string&>()}); return;
    case Json::value_t::boolean: hash.add(json.get<bool>() ? 1 : 0); return;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: hash.add(json.get<std::uint64_t>()); return;
    case Json::value_t::number_float: hash.add(std::bit_cast<std::uint64_t>(json.get<double>())); return;
    default: return;
  }
}

}  // namespace

ClientKey random_client_key() {
  std::random_device random;
  const auto number = [&] { return (std::uint64_t{random()} << 32) | random(); };
  return {number(), number()};
}

ClientKey new_client_key(const ClientKey& secret, std::uint64_t number) {
  const auto half = [&](std::uint64_t which) { return SipHash{secret.first, secret.second}.add(number).add(which).result(); };
  return {half(0), half(1)};
}

std::string text_of(const ClientKey& key) { return number_text(key.first) + number_text(key.second); }

std::optional<ClientKey> read_client_key(std::string_view text) {
  if (text.size() != 2 * number_size) return {};
  const auto first = read_number_text(text.substr(0, number_size)), second = read_number_text(text.substr(number_size));
  return first && second ? std::optional{ClientKey{*first, *second}} : std::nullopt;
}

std::uint64_t client_number(const ClientKey& key, std::string_view id) {
  return not_zero(SipHash{key.first, key.second}.add(id).result());
}

std::uint64_t ref_number(std::uint64_t client, std::string_view ref) { return not_zero(SipHash{client, 0}.add(ref).result()); }

std::uint64_t asked_number(std::string_view type, const Json& content) {
  SipHash hash{0, 0};
  add(hash.add(type), content);
  return hash.result();
}

}  // namespace hubbub
