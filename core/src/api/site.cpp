#include "api/site.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "api/responses.hpp"
#include "plugins/watchdog.hpp"

namespace hubbub::api {
namespace {

// The rooms are not named, because whoever knows a room's name can join it.
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

Router own_routes(const StaticFiles& files, runtime::Shard& outside, std::optional<RoomEndpoint> rooms) {
  Router router;
  if (rooms) {
    router.add({"GET", "/api/ws", [rooms = *rooms](const net::Request& request, const Parameters&) { return rooms.answer(request); }});
  }
  router.add({"GET", "/static/{*}", [&files, &outside](const net::Request& request, const Parameters& parameters, net::Reply reply) {
                 // If a plugin on that shard does not return, the pages must still be served: they show what is wrong.
                 if (outside.hangs()) return reply.answer(files.answer(request, parameters["*"]));
                 auto kept = std::make_shared<const net::KeptRequest>(request, StaticFiles::headers);
                 outside.post([&files, kept = std::move(kept), path = std::string{parameters["*"]}, reply = std::move(reply)] {
                   reply.answer(files.answer(kept->request(), path));
                 });
               }});
  for (const auto* path : {"/", "/static"}) {
    router.add({"GET", path, [](const net::Request&, const Parameters&) -> net::Answer { return redirect("/static/"); }});
  }
  router.add({"GET", "/healthz", [](const net::Request&, const Parameters&) -> net::Answer { return health(); }});
  return router;
}

}  // namespace

Site::Site(const StaticFiles& files, runtime::Shard& outside, std::optional<RoomEndpoint> rooms)
    : own_(own_routes(files, outside, std::move(rooms))), router_(own_) {}

void Site::use(const std::vector<Route>& routes) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  router_ = own_;
  for (const auto& route : routes) router_.add(route);
}

void Site::answer(const net::Request& request, net::Reply reply) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  auto found = router_.find(request);
  if (auto* refused = std::get_if<net::Response>(&found)) return reply.answer(std::move(*refused));
  const auto& [route, parameters] = std::get<Router::Found>(found);
  if (const auto* later = std::get_if<AnswersLater>(&route->handler)) return (*later)(request, parameters, std::move(reply));
  reply.answer(std::get<AnswersNow>(route->handler)(request, parameters));
}

std::optional<std::size_t> Site::most_body(const net::Request& head) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto found = router_.find(head);
  const auto* match = std::get_if<Router::Found>(&found);
  return match ? match->route->most_body : std::nullopt;
}

// A handler that answers in its call, and uses no body, gives the same answer before the body has come.
std::optional<net::Response> Site::refuse(const net::Request& head) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  constexpr unsigned first_refusal = 400;
  auto found = router_.find(head);
  if (auto* refused = std::get_if<net::Response>(&found)) return std::move(*refused);
  const auto& [route, parameters] = std::get<Router::Found>(found);
  const auto* now = std::get_if<AnswersNow>(&route->handler);
  if (!now || route->most_body) return {};
  auto answer = (*now)(head, parameters);
  auto* response = std::get_if<net::Response>(&answer);
  return response && response->status >= first_refusal ? std::optional{std::move(*response)} : std::nullopt;
}

}  // namespace hubbub::api
