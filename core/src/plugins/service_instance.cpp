#include "plugins/service_instance.hpp"

#include <stdexcept>

#include "plugins/calls.hpp"

namespace hubbub::plugins {

ServiceInstance::ServiceInstance(const abi::ServicePlugin& table, Options& options, const char* name, const char* build)
    : service_(nullptr, Owner{&table, name, build}) {
  const Call call{name, build, nullptr, "its constructor"};
  Service* made = nullptr;
  std::string fault;
  if (table.create(options, made, fault) != abi::Outcome::done) throw std::runtime_error("its constructor failed: " + fault);
  service_.reset(made);
}

void ServiceInstance::Owner::operator()(Service* service) const noexcept {
  const Call call{name, build, nullptr, "its destructor"};
  table->destroy(service);
}

std::optional<std::string> ServiceInstance::ask(const char* name, abi::Outcome (*function)(Service&, std::string&) noexcept) {
  const Call call{owner().name, owner().build, nullptr, name};
  std::string fault;
  if (function(*service_, fault) == abi::Outcome::done) return {};
  return fault;
}

std::optional<std::string> ServiceInstance::start() { return ask("start", owner().table->start); }
std::optional<std::string> ServiceInstance::on_timer() { return ask("on_timer", owner().table->on_timer); }
std::optional<std::string> ServiceInstance::stop() { return ask("stop", owner().table->stop); }

}  // namespace hubbub::plugins
