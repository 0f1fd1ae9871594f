// The services of a server (see hubbub/service.hpp): an object of each, from the reload in which its library or section comes to the
// one in which either changes or goes.
//
// Belongs to one shard and is used on its thread alone, but may be made and destroyed while that does not run.
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

  // Has these services, and no others, from now on. Those that are the same as before go on.
  void use(std::shared_ptr<const plugins::Registry> registry);

  // Stops all.
  void stop();

 private:
  class Running;

  runtime::Shard& shard_;
  const World& world_;
  std::shared_ptr<const plugins::Registry> registry_;
  std::list<Running> services_;  // in the order of the configuration
};

}  // namespace hubbub::rooms
