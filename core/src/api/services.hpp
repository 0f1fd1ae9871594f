// The services of a server (see hubbub/service.hpp). Each has one object, which is made when a reload brings the service's library or
// section, and destroyed when a reload changes or removes either.
//
// Belongs to one shard and is used on that shard's thread alone. May be made while the shard does not run, and destroyed
// too, after stop().
#pragma once

#include <hubbub/routes.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "api/router.hpp"
#include "plugins/registry.hpp"
#include "rooms/world.hpp"
#include "runtime/shard.hpp"

namespace hubbub::api {

class Services {
 public:
  // `publish` is called on the shard's thread with the routes of all services whenever these have changed. Any thread may call the routes'
  // handlers, as long as this object exists. The shard and the world outlive it.
  using Publish = std::function<void(const std::vector<Route>& routes)>;
  Services(runtime::Shard& shard, rooms::World& world, Publish publish);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Runs these services and no others from now on. A service that has not changed keeps its object.
  void use(std::shared_ptr<const plugins::Registry> registry);

  // Stops all services.
  void stop();

 private:
  class Running;

  void routes_changed();
  void answer(std::uint64_t service, std::size_t route, const HttpRequest& request, const net::Reply& reply);

  runtime::Shard& shard_;
  rooms::World& world_;
  const Publish publish_;
  std::shared_ptr<const plugins::Registry> registry_;
  std::list<Running> services_;    // in the order of the configuration
  std::uint64_t last_number_ = 0;  // of a service
  bool publishing_ = false;        // a task that publishes the routes is under way
};

}  // namespace hubbub::api
