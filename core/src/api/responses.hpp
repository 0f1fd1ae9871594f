// Small responses that several handlers give. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/http/answer.hpp"
#include "protocol/json.hpp"

namespace hubbub::api {

inline net::Response json_response(unsigned status, const Json& body) {
  return {status,
          {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}},
          body.dump() + "\n"};
}

// An error in words for the person who made the request.
inline net::Response error_response(unsigned status, std::string_view what) {
  return json_response(status, {{"error", what}});
}

// `allowed` has the methods that are possible here: at least one.
inline net::Response method_not_allowed(std::span<const std::string_view> allowed) {
  std::string in_words, listed;
  for (const auto method : allowed) {
    const bool is_last = method == allowed.back();
    if (!listed.empty()) in_words += is_last ? " and " : ", ", listed += ", ";
    in_words += method, listed += method;
  }
  auto response = error_response(405, "only " + in_words + (allowed.size() == 1 ? " is" : " are") + " possible here");
  response.headers.emplace_back("Allow", listed);
  return response;
}

// `to` is percent-encoded.
inline net::Response redirect(std::string to) {
  return {302, {{"Location", std::move(to)}, {"Cache-Control", "no-cache"}}, std::string{}};
}

}  // namespace hubbub::api
