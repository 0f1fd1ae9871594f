// A service's object in the server. It passes calls on and turns what went wrong in the plugin into text; it decides nothing. Every
// call is told to others while it lasts (see Call). Lives on one thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <memory>
#include <optional>
#include <string>

namespace hubbub::plugins {

class ServiceInstance {
 public:
  // Makes the object. `name` and `build` (see build_of) outlive it. Throws std::runtime_error with what the plugin's constructor threw.
  ServiceInstance(const abi::ServicePlugin& table, Options& options, const char* name, const char* build);

  void set_host(Host& host) { owner().table->set_host(*service_, host); }

  // What the service threw, if it did.
  std::optional<std::string> start();
  std::optional<std::string> on_timer();
  std::optional<std::string> stop();

 private:
  struct Owner {
    const abi::ServicePlugin* table;
    const char* name;
    const char* build;
    void operator()(Service* service) const noexcept;
  };
  const Owner& owner() const { return service_.get_deleter(); }
  std::optional<std::string> ask(const char* call, abi::Outcome (*function)(Service&, std::string&) noexcept);

  std::unique_ptr<Service, Owner> service_;
};

}  // namespace hubbub::plugins
