// The services of a server (see hubbub/service.hpp). Each has one object, which is made when a reload brings the service's library or
// section, and destroyed when a reload changes or removes either.
//
// Belongs to one shard and is used on that shard's thread alone. May be made and destroyed while the shard does not run.
#pragma once

#include <list>
#include <memory>

#include "plugins/registry.hpp"
#include "rooms/world.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Services {
 public:
  Services(runtime::Shard& shard, const World& world);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Runs these services and no others from now on. A service that has not changed keeps its object.
  void use(std::shared_ptr<const plugins::Registry> registry);

  // Stops all services.
  void stop();

 private:
  class Running;

  runtime::Shard& shard_;
  const World& world_;
  std::shared_ptr<const plugins::Registry> registry_;
  std::list<Running> services_;  // in the order of the configuration
};

}  // namespace hubbub::rooms
