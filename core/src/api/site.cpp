#include "api/site.hpp"

#include <boost/url.hpp>
#include <chrono>
#include <utility>

#include "api/responses.hpp"
#include "api/target.hpp"
#include "plugins/watchdog.hpp"

namespace hubbub::api {
namespace {

// Rooms are not named: whoever knows a room's name can go in.
net::Response health() {
  const auto hanging = plugins::hanging_calls();
  if (hanging.empty()) return json_response(200, {{"status", "ok"}});
  auto calls = Json::array();
  for (const auto& call : hanging) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(call.time).count();
    calls.push_back({{"plugin", call.plugin}, {"call", call.name}, {"type", call.type}, {"seconds", seconds}});
  }
  return json_response(503, {{"status", "hanging"}, {"calls", std::move(calls)}});
}

}  // namespace

net::Answer Site::answer(const net::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
  const auto target = escaped_target(request.target);
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return error_response(400, "the path is not a well-formed URL");
  const std::string path = url->path();
  if (path == "/api/ws" && rooms_) return rooms_->answer(request);
  constexpr std::string_view files = "/static/";
  if (path.starts_with(files)) return files_.answer(request, std::string_view{path}.substr(files.size()));
  if (path == "/" || path == "/static") return redirect("/static/");
  if (path == "/healthz") return health();
  return error_response(404, "there is nothing here; the pages are under /static/");
}

// No answer depends on a body.
std::optional<net::Response> Site::refuse(const net::Request& head) {
  constexpr unsigned first_refusal = 400;
  auto its = answer(head);
  auto* response = std::get_if<net::Response>(&its);
  return response && response->status >= first_refusal ? std::optional{std::move(*response)} : std::nullopt;
}

}  // namespace hubbub::api
