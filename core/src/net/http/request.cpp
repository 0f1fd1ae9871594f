#include "net/http/request.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace hubbub::net {

KeptRequest::KeptRequest(const Request& request, std::span<const std::string_view> headers)
    : method_(request.method), target_(request.target), body_(request.body) {
  for (const auto name : headers) headers_.emplace_back(name, request.header(name));
  const auto header = [this](std::string_view name) -> std::string_view {
    const auto found = std::ranges::find_if(headers_, [name](const auto& kept) { return equal_ignoring_case(kept.first, name); });
    return found == headers_.end() ? std::string_view{} : found->second;
  };
  request_ = {method_, target_, header, request.websocket, request.connection, request.peer, body_};
}

}  // namespace hubbub::net
