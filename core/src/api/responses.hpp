// Small responses that several places give.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "net/http/site.hpp"
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

inline net::Response method_not_allowed() {
  auto response = error_response(405, "only GET and HEAD are possible here");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

// `to` is percent-encoded.
inline net::Response redirect(std::string to) {
  return {302, {{"Location", std::move(to)}, {"Cache-Control", "no-cache"}}, std::string{}};
}

}  // namespace hubbub::api
