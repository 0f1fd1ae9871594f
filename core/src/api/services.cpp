#include "api/services.hpp"

#include <hubbub/plugin.hpp>
#include <hubbub/routes.hpp>
#include <hubbub/shown.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "api/responses.hpp"
#include "api/service_rooms.hpp"
#include "plugins/service_instance.hpp"
#include "protocol/ascii.hpp"
#include "runtime/log.hpp"
#include "runtime/occasional.hpp"

namespace hubbub::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_waiting = 1000;  // requests to one service
constexpr auto restart_wait = 1min;
constexpr auto again = "; it is tried again in a minute";

// A request that waits for a service, as the service sees it.
class Request final : public HttpRequest {
 public:
  // `turn` says that it waits, as long as it exists.
  Request(const net::Request& request, std::span<const std::string_view> headers, Parameters parameters, std::shared_ptr<const void> turn)
      : kept_(request, headers), parameters_(std::move(parameters)), peer_(request.peer.ip()), turn_(std::move(turn)) {}

  std::string_view method() const override { return kept_.request().method; }
  std::string_view target() const override { return kept_.request().target; }
  std::string_view parameter(std::string_view name) const override { return parameters_[name]; }
  std::string_view header(std::string_view name) const override { return kept_.request().header(name); }
  std::string_view body() const override { return kept_.request().body; }
  std::string_view peer() const override { return peer_; }

 private:
  const net::KeptRequest kept_;
  const Parameters parameters_;
  const std::string peer_;
  const std::shared_ptr<const void> turn_;
};

// RFC 9110, 5.6.2 and 5.5.
bool is_header(const std::pair<std::string, std::string>& header) {
  constexpr std::string_view in_names = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  const auto in_value = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); };
  const auto& [name, value] = header;
  const auto is_name = std::ranges::all_of(name, [&](char c) { return in_names.find(ascii_lower(c)) != in_names.npos; });
  return !name.empty() && is_name && std::ranges::all_of(value, in_value);
}

bool is_the_servers(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {"Connection", "Content-Length", "Date", "Server", "Transfer-Encoding", "Upgrade"};
  return std::ranges::any_of(names, [&](std::string_view each) { return equal_ignoring_case(each, name); });
}

class Reply final : public HttpReply {
 public:
  explicit Reply(net::Reply reply) : reply_(std::move(reply)) {}

  void answer(unsigned status, std::vector<std::pair<std::string, std::string>> headers, std::string body) override {
    constexpr unsigned first = 200, last = 599;
    if (status < first || status > last) throw std::invalid_argument("a status must be from 200 to 599");
    for (const auto& header : headers) {
      if (!is_header(header)) throw std::invalid_argument("the header " + escaped(header.first) + " has a character that it must not have");
      if (is_the_servers(header.first)) throw std::invalid_argument("the server itself gives the header " + header.first);
    }
    reply_.answer(net::Response{status, std::move(headers), std::move(body)});
  }

 private:
  const net::Reply reply_;
};

}  // namespace

// One running service, and the server as the service sees it.
class Services::Running final : public Host, public ServerView, public Routes {
 public:
  Running(Services& all, const plugins::LoadedService& loaded, std::uint64_t number)
      : all_(all), loaded_(loaded), number_(number), timer_(all.shard_.make_timer([this] { on_timer(); })) {
    start();
  }
  ~Running() { stop(); }

  const plugins::LoadedService& loaded() const { return loaded_; }
  std::uint64_t number() const { return number_; }

  std::int64_t unix_ms() const override { return all_.shard_.unix_ms(); }
  void wake_after(std::chrono::milliseconds delay) override { timer_->arm(std::max(delay, shortest_wake)); }
  void log(std::string_view text) override { log::info("plugin={} {}", loaded_.name(), escaped(text)); }

  ServerFigures figures() const override { return all_.world_.server_figures(all_.registry_->plugins()); }
  ServerRooms fullest_rooms(std::size_t most, std::size_t people) const override {
    return all_.world_.directory->fullest(most, people);
  }

  // The routes for the connections' shards. Their handlers post each request to this one.
  void add_routes_to(std::vector<api::Route>& routes) const {
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      const auto& route = routes_[i].route;
      auto pass = [&all = all_, number = number_, waiting = waiting_, i, headers = route.headers](
                      const net::Request& request, const Parameters& parameters, net::Reply reply) {
        if (all.shard_.hangs()) return reply.answer(error_response(503, "a service does not return; try again later"));
        const std::shared_ptr<void> turn{nullptr, [waiting](void*) { --*waiting; }};
        if (++*waiting > most_waiting) return reply.answer(error_response(503, "too many requests wait for a service; try again later"));
        const std::vector<std::string_view> names{headers.begin(), headers.end()};
        auto kept = std::make_shared<const Request>(request, names, parameters, turn);
        all.shard_.post([&all, number, i, kept = std::move(kept), reply = std::move(reply)] { all.answer(number, i, *kept, reply); });
      };
      routes.push_back({route.method, route.pattern, AnswersLater{std::move(pass)}, route.most_body});
    }
  }

  bool has_route(std::size_t route) const { return route < routes_.size(); }

  void answer(std::size_t route, const HttpRequest& request, const net::Reply& reply) {
    const auto fault = object_->run("a route's handler", [&](std::string& text) {
      return routes_[route].handler(request, std::make_shared<Reply>(reply), text);
    });
    if (!fault) return;
    if (fault->unfit) return reply.answer(error_response(400, "the request is not as it should be"));
    if (failures_.is_due()) report("a route's handler", fault->text);
    reply.answer(error_response(500, "internal error"));  // does nothing if it is answered already
  }

 private:
  struct Added {
    Routes::Route route;
    GuardedHandler handler;
  };

  void* find_extension(std::string_view name) override {
    if (name == ServerView::extension_name) return static_cast<ServerView*>(this);
    if (name == Rooms::extension_name) return static_cast<Rooms*>(&rooms());
    if (name == Routes::extension_name) return static_cast<Routes*>(this);
    return nullptr;
  }

  ServiceRooms& rooms() {
    if (!rooms_) {
      rooms_.emplace(all_.world_, all_.shard_, [this](const char* name, const auto& call) {
        if (const auto fault = object_->run(name, call); fault && failures_.is_due()) report(name, fault->text);
      });
    }
    return *rooms_;
  }

  void add_guarded(Routes::Route&& route, GuardedHandler&& handler) override {
    HUBBUB_ASSERT_OWN_THREAD(all_.shard_);
    if (!route.pattern.starts_with('/')) throw std::invalid_argument("a route's pattern must begin with /");
    routes_.push_back({std::move(route), std::move(handler)});
    all_.routes_changed();
  }

  void start() {
    try {
      object_ = loaded_.instantiate();
      object_->set_host(*this);
      const auto fault = object_->start();
      if (!fault) return;
      report("start", fault->text, again);
      forget();
    } catch (const std::exception& error) {  // thrown by the constructor
      report("start", error.what(), again);
    }
    timer_->arm(restart_wait);
  }

  void on_timer() {
    if (!object_) return start();
    if (const auto fault = object_->on_timer()) {
      report("on_timer", fault->text, again);
      timer_->arm(restart_wait);
    }
  }

  void stop() {
    if (!object_) return;
    if (const auto fault = object_->stop()) report("stop", fault->text);
    forget();
  }

  // Destroys the object, and then what it has left with the server.
  void forget() {
    object_.reset();
    rooms_.reset();
    if (!routes_.empty()) all_.routes_changed();
    routes_.clear();
  }

  void report(const char* call, std::string_view fault, const char* then = "") const {
    log::error("plugin={} {} failed: {}{}", loaded_.name(), call, escaped(fault), then);
  }

  Services& all_;
  const plugins::LoadedService loaded_;
  const std::uint64_t number_;
  const std::unique_ptr<runtime::Timer> timer_;
  std::optional<plugins::ServiceInstance> object_;  // nothing after a start that failed
  std::optional<ServiceRooms> rooms_;               // made when the service asks for it
  std::deque<Added> routes_;                        // a handler may add one
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);  // requests
  runtime::Occasional failures_;  // bounds the lines about what strangers may cause
};

Services::Services(runtime::Shard& shard, rooms::World& world, Publish publish)
    : shard_(shard), world_(world), publish_(std::move(publish)) {}
Services::~Services() = default;

void Services::stop() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  services_.clear();
}

void Services::use(std::shared_ptr<const plugins::Registry> registry) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  registry_ = std::move(registry);
  const auto all = registry_->services();
  services_.remove_if([&](const Running& running) {
    return std::ranges::none_of(all, [&](const auto& loaded) { return loaded.is_same(running.loaded()); });
  });
  for (const auto& loaded : all) {
    const auto is_running = std::ranges::any_of(services_, [&](const Running& running) { return loaded.is_same(running.loaded()); });
    if (!is_running) services_.emplace_back(*this, loaded, ++last_number_);
  }
}

// All changes of one turn are published at once.
void Services::routes_changed() {
  if (std::exchange(publishing_, true)) return;
  shard_.post([this] {
    publishing_ = false;
    std::vector<Route> routes;
    for (const auto& running : services_) running.add_routes_to(routes);
    publish_(routes);
  });
}

// The service may have stopped since the request came.
void Services::answer(std::uint64_t service, std::size_t route, const HttpRequest& request, const net::Reply& reply) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  const auto found = std::ranges::find(services_, service, &Running::number);
  if (found != services_.end() && found->has_route(route)) return found->answer(route, request, reply);
  reply.answer(error_response(503, "the service has stopped; try again later"));
}

}  // namespace hubbub::api
