// The plugins of this server and the message types they handle. Built from the config, then immutable: all threads may read it at
// the same time. When the config is read again, a new registry replaces it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.hpp"
#include "plugins/instance.hpp"
#include "plugins/schema.hpp"
#include "plugins/service_instance.hpp"

namespace hubbub::plugins {

// A loaded plugin: its tables and its options.
class LoadedPlugin {
 public:
  LoadedPlugin(const abi::Table& table, const abi::RoomPlugin& room_plugin, config::PluginSection section);

  const std::string& name() const { return section_.name; }
  std::string_view version() const { return table_->version; }
  const char* build() const { return build_; }  // see build_of()
  const std::filesystem::path& file() const { return section_.library; }

  // Whether the plugin has something to do in this room before somebody sends one of its messages.
  bool minds_room(const std::string& room) const;

  // Which calls its class has its own functions for.
  bool minds_opening() const { return room_->minds_opening; }
  bool minds_joining() const { return room_->minds_joining; }
  bool minds_leaving() const { return room_->minds_leaving; }
  bool minds_newcomers() const { return room_->minds_newcomers; }

  // Makes the object for one room. `room` is the room's name, or null; it must outlive the object. Throws std::runtime_error if the
  // plugin's constructor throws.
  Instance instantiate(const std::string* room = nullptr) const;

  // Whether the plugin works for the whole server, and the call that does this work. on_server() must be called only if there is
  // such a call. It returns the time after which the plugin wants the next call, and throws std::runtime_error if the plugin throws.
  bool has_server_call() const { return calls_ != nullptr; }
  std::chrono::milliseconds on_server(const ServerFigures& figures, std::int64_t unix_ms) const;

 private:
  const abi::Table* table_;
  const abi::RoomPlugin* room_;
  const abi::ServerCalls* calls_;  // null if it has none
  const char* build_;
  config::PluginSection section_;
};

// A loaded service: its tables and its options.
class LoadedService {
 public:
  LoadedService(const abi::Table& table, const abi::ServicePlugin& service, config::PluginSection section);

  const std::string& name() const { return section_.name; }

  // Whether `other` is the same build, with the same options and the same text in all files that the options name.
  bool is_same(const LoadedService& other) const;

  // Makes the object. Throws std::runtime_error if the service's constructor throws.
  ServiceInstance instantiate() const;

 private:
  const abi::Table* table_;
  const abi::ServicePlugin* service_;
  const char* build_;
  config::PluginSection section_;
};

// Names a route. Unlike a pointer to the route, a key may be kept when the registry is replaced: other registries do not find it.
struct RouteKey {
  std::uint64_t generation;  // of the registry
  std::uint16_t number;      // tells the types of the registry apart

  bool operator==(const RouteKey&) const = default;
};

// All that the server needs to know to handle a message of one type.
struct Route {
  Type type;
  Schema schema;
  std::string json_type;  // the name as JSON text
  std::size_t plugin;     // its place in Registry::plugins()
  RouteKey key;
};

// A plugin that is linked into the program.
struct LinkedPlugin {
  std::string name;
  const abi::Table& table;  // what its library would export as hubbub_plugin; must stay valid forever
};
using LinkedPlugins = std::vector<LinkedPlugin>;

class Registry {
 public:
  // Loads every plugin of the config. A plugin in `linked` is taken from there, unless its section names a file. Throws config::Error
  // with all mistakes, each with file and line: a missing or broken library, a library that was built for another server, options
  // that the plugin refuses, two plugins that claim one type.
  explicit Registry(const config::Plugins& config, const LinkedPlugins& linked = {});

  // The route of a type, or null if no plugin handles the type.
  const Route* find(std::string_view type) const;

  // The route of this key, or null if the key is from another registry.
  const Route* find(RouteKey key) const { return key.generation == generation_ ? by_number_[key.number] : nullptr; }

  // The plugins for rooms, and the services; each in the order of the configuration.
  std::span<const LoadedPlugin> plugins() const { return plugins_; }
  std::span<const LoadedService> services() const { return services_; }

  const config::PluginLimits& limits() const { return limits_; }

  // The types that a client may send, as a JSON array.
  const std::string& sendable_types() const { return sendable_types_; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  const std::uint64_t generation_;  // tells the registries of this process apart
  const config::PluginLimits limits_;
  std::vector<LoadedPlugin> plugins_;
  std::vector<LoadedService> services_;
  std::unordered_map<std::string, Route, Hash, std::equal_to<>> routes_;
  std::vector<const Route*> by_number_;
  std::string sendable_types_;
};

}  // namespace hubbub::plugins
