#include "api/join_parameters.hpp"

#include <boost/url.hpp>
#include <charconv>
#include <optional>

#include "api/target.hpp"
#include "protocol/random_id.hpp"
#include "protocol/text.hpp"

namespace hubbub::api {
namespace {

namespace urls = boost::urls;

std::optional<std::string> find(const urls::url_view& url, std::string_view name) {
  for (const auto parameter : url.encoded_params()) {
    urls::encoding_opts options;
    options.space_as_plus = true;
    if (parameter.key.decode(options) == name) return parameter.value.decode(options);
  }
  return {};
}

constexpr const char* hidden = "must not contain characters that are invisible or change the direction of writing";

}  // namespace

std::variant<rooms::JoinRequest, std::string> parse_join(std::string_view target) {
  const auto escaped = escaped_target(target);
  const auto url = urls::parse_origin_form(escaped);
  if (!url) return "the query is not a well-formed URL";

  rooms::JoinRequest request;
  request.room = find(*url, "room").value_or("general");
  if (!is_name(request.room)) return "room: must be 1 to 64 characters of UTF-8 without control characters";
  if (has_hidden(request.room)) return std::string{"room: "} + hidden;
  request.member.id = find(*url, "id").value_or(random_id());
  if (!is_id(request.member.id)) return "id: must be 1 to 64 of the characters A-Z a-z 0-9 . _ : -";
  request.member.nickname = trim(find(*url, "nickname").value_or("Guest"));
  if (!is_name(request.member.nickname)) {
    return "nickname: must be 1 to 64 characters of UTF-8 without control characters";
  }
  if (has_hidden(request.member.nickname)) return std::string{"nickname: "} + hidden;

  if (const auto key = find(*url, "key")) {
    request.key = read_client_key(*key);
    if (!request.key) return wrong_key;
  }
  const auto since = find(*url, "since");
  auto epoch = find(*url, "epoch");
  if (since.has_value() != epoch.has_value()) return "since, epoch: must be given both or not at all";
  if (since) {
    std::uint64_t seq = 0;
    const auto* end = since->data() + since->size();
    const auto parsed = std::from_chars(since->data(), end, seq);
    if (since->empty() || parsed.ec != std::errc{} || parsed.ptr != end) return "since: must be a whole number from 0";
    if (!is_id(*epoch)) return "epoch: must be the one that welcome gave";
    request.since = {std::move(*epoch), seq};
  }
  return request;
}

}  // namespace hubbub::api
