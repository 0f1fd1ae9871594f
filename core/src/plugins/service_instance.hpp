// A service's object in the server. It passes calls on and turns an exception of the service into text; it decides nothing. Every
// call is published while it lasts (see Call). Used on one thread only.
#pragma once

#include <hubbub/plugin.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugins/instance.hpp"

namespace hubbub::plugins {

class ServiceInstance {
 public:
  // Makes the object. `name` and `build` (see build_of) must outlive it. Throws std::runtime_error with the text of the exception if the
  // service's constructor throws.
  ServiceInstance(const abi::ServicePlugin& table, Options& options, const char* name, const char* build);

  void set_host(Host& host) { owner().table->set_host(*service_, host); }

  // Each returns the exception if the service throws.
  std::optional<Fault> start();
  std::optional<Fault> on_timer();
  std::optional<Fault> stop();

  // Makes a call that the service has left with the server. `name` says what it is for.
  std::optional<Fault> run(const char* name, const std::function<abi::Ending(std::string& fault)>& call);

 private:
  struct Owner {
    const abi::ServicePlugin* table;
    const char* name;
    const char* build;
    void operator()(Service* service) const noexcept;
  };
  const Owner& owner() const { return service_.get_deleter(); }

  std::unique_ptr<Service, Owner> service_;
};

}  // namespace hubbub::plugins
