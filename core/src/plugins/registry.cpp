#include "plugins/registry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>

#include "plugins/calls.hpp"
#include "plugins/library.hpp"
#include "protocol/text.hpp"

namespace hubbub::plugins {
namespace {

// The types that the server itself sends or answers.
constexpr std::array<std::string_view, 7> reserved = {"error", "ping", "pong", "system", "types", "users_update", "welcome"};

constexpr std::size_t longest_type = 64;  // bytes

std::atomic<std::uint64_t> last_generation = 0;

void check_name(const Type& type) {
  const auto& name = type.name();
  if (name.empty() || name.size() > longest_type || !is_name(name)) {
    throw std::runtime_error("declares the type \"" + name + "\": a type has 1 to 64 bytes and no control characters");
  }
  if (std::ranges::find(reserved, name) != reserved.end()) {
    throw std::runtime_error("claims the type " + name + ", which is the server's own");
  }
}

Schema compile(const Type& type) {
  try {
    return Schema{type.schema()};
  } catch (const std::exception& error) {
    throw std::runtime_error("has an unusable schema for the type " + type.name() + ": " + error.what());
  }
}

const abi::Table& load(config::PluginSection& section, const std::vector<std::filesystem::path>& directories, const LinkedPlugins& linked) {
  const auto inside = std::ranges::find(linked, section.name, &LinkedPlugin::name);
  if (section.library.empty() && inside != linked.end()) {
    check_linked(section.name, inside->table);
    return inside->table;
  }
  if (section.library.empty()) section.library = find_library(section.name, directories);
  return load_library(section.library);
}

}  // namespace

LoadedPlugin::LoadedPlugin(const abi::Table& table, const abi::RoomPlugin& room_plugin, config::PluginSection section)
    : table_(&table), room_(&room_plugin), calls_(abi::find_offer<abi::ServerCalls>(table)), build_(build_of(table)), section_(std::move(section)) {}

Instance LoadedPlugin::instantiate(const std::string* room) const {
  auto options = section_.reader();
  return Instance{*room_, options, build_, room};
}

bool LoadedPlugin::minds_room(const std::string& room) const {
  if (!room_->minds_room) return true;
  const Call call{table_->name, build_, &room, "minds_room"};
  auto options = section_.reader();
  return room_->minds_room(room, options);
}

std::chrono::milliseconds LoadedPlugin::on_server(const ServerFigures& figures, std::int64_t unix_ms) const {
  const Call call{table_->name, build_, nullptr, "on_server"};
  auto options = section_.reader();
  std::chrono::milliseconds next{};
  std::string fault;
  if (calls_->on_server(figures, unix_ms, options, next, fault) != abi::Ending::done) throw std::runtime_error(fault);
  return next;
}

LoadedService::LoadedService(const abi::Table& table, const abi::ServicePlugin& service, config::PluginSection section)
    : table_(&table), service_(&service), build_(build_of(table)), section_(std::move(section)) {}

bool LoadedService::is_same(const LoadedService& other) const {
  const auto options = [](const config::Section& section) { return section.node ? section.node->json() : Json{}; };
  const auto &ours = section_.section, &theirs = other.section_.section;
  return table_ == other.table_ && section_.name == other.section_.name && options(ours) == options(theirs) &&
         (ours.files == theirs.files || (ours.files && theirs.files && ours.files->is_same(*theirs.files)));
}

ServiceInstance LoadedService::instantiate() const {
  auto options = section_.reader();
  return ServiceInstance{*service_, options, table_->name, build_};
}

Registry::Registry(const config::Plugins& config, const LinkedPlugins& linked) : generation_(++last_generation), limits_(config.limits) {
  std::vector<config::Problem> problems;
  for (auto section : config.enabled) {
    const auto note = [&](const std::string& text) {
      problems.push_back({section.section.where, section.section.path + ": " + text});
    };
    try {
      const auto& table = load(section, config.directories, linked);
      if (section.name != table.name) {
        throw std::runtime_error((section.library.empty() ? "the plugin in the program" : "the library " + section.library.filename().string()) +
                                 " calls itself " + table.name + "; a plugin's file must have the plugin's name");
      }
      check_needs(table);
      auto options = section.reader();
      if (const auto* service = abi::find_offer<abi::ServicePlugin>(table)) {
        const ServiceInstance trial{*service, options, table.name, build_of(table)};
        if (auto found = options.found(); !found.empty()) {
          problems.insert(problems.end(), found.begin(), found.end());
        } else {
          services_.emplace_back(table, *service, std::move(section));
        }
        continue;
      }
      const auto& its = room_plugin(table);
      auto types = declared_types(its, options);
      const Instance trial{its, options};  // so that options that its constructor refuses are refused now
      if (auto found = options.found(); !found.empty()) {
        problems.insert(problems.end(), found.begin(), found.end());
        continue;
      }
      std::vector<Route> routes;
      for (auto& type : types) {
        check_name(type);
        if (const auto* other = find(type.name())) {
          throw std::runtime_error("claims the type " + type.name() + ", which " + plugins_[other->plugin].name() +
                                   " handles; disable one of the two");
        }
        auto schema = compile(type);
        auto json_type = json_text(type.name());
        const auto number = static_cast<std::uint16_t>(routes_.size() + routes.size());
        routes.push_back({std::move(type), std::move(schema), std::move(json_type), plugins_.size(), {generation_, number}});
      }
      for (auto& route : routes) {
        auto name = route.type.name();
        if (!routes_.emplace(name, std::move(route)).second) throw std::runtime_error("declares the type " + name + " twice");
      }
      plugins_.emplace_back(table, its, std::move(section));
    } catch (const std::exception& error) {
      note(error.what());
    }
  }
  if (!problems.empty()) throw config::Error{config::in_file_order(std::move(problems))};

  std::vector<std::string> sendable;
  by_number_.resize(routes_.size());
  for (const auto& [name, route] : routes_) {
    by_number_[route.key.number] = &route;
    if (!route.type.is_from_server()) sendable.push_back(name);
  }
  std::ranges::sort(sendable);
  sendable_types_ = Json(sendable).dump();
}

const Route* Registry::find(std::string_view type) const {
  const auto found = routes_.find(type);
  return found == routes_.end() ? nullptr : &found->second;
}

}  // namespace hubbub::plugins
