#include "plugins/service_instance.hpp"

#include <stdexcept>
#include <utility>

#include "plugins/calls.hpp"

namespace hubbub::plugins {

ServiceInstance::ServiceInstance(const abi::ServicePlugin& table, Options& options, const char* name, const char* build)
    : service_(nullptr, Owner{&table, name, build}) {
  const Call call{name, build, nullptr, "its constructor"};
  Service* made = nullptr;
  std::string fault;
  if (table.create(options, made, fault) != abi::Ending::done) throw std::runtime_error("its constructor failed: " + fault);
  service_.reset(made);
}

void ServiceInstance::Owner::operator()(Service* service) const noexcept {
  const Call call{name, build, nullptr, "its destructor"};
  table->destroy(service);
}

std::optional<Fault> ServiceInstance::run(const char* name, const std::function<abi::Ending(std::string& fault)>& call) {
  const Call published{owner().name, owner().build, nullptr, name};
  std::string fault;
  const auto outcome = call(fault);
  if (outcome == abi::Ending::done) return {};
  return Fault{outcome == abi::Ending::unfit, std::move(fault)};
}

std::optional<Fault> ServiceInstance::start() {
  return run("start", [this](std::string& fault) { return owner().table->start(*service_, fault); });
}
std::optional<Fault> ServiceInstance::on_timer() {
  return run("on_timer", [this](std::string& fault) { return owner().table->on_timer(*service_, fault); });
}
std::optional<Fault> ServiceInstance::stop() {
  return run("stop", [this](std::string& fault) { return owner().table->stop(*service_, fault); });
}

}  // namespace hubbub::plugins
