#include "config/changes.hpp"

namespace hubbub::config {

std::vector<std::string> changed_options(const Config& one, const Config& other) {
  std::vector<std::string> changed;
  const auto compare = [&](const char* name, const auto& here, const auto& there) {
    if (here != there) changed.emplace_back(name);
  };
  compare("server.host", one.server.host, other.server.host);
  compare("server.port", one.server.port, other.server.port);
  compare("server.threads", one.server.threads, other.server.threads);
  compare("server.static", one.server.static_directory, other.server.static_directory);
  compare("server.connections", one.server.connections, other.server.connections);
  compare("server.shutdown_timeout", one.server.shutdown_timeout, other.server.shutdown_timeout);
  compare("http.header_limit", one.http.header_limit, other.http.header_limit);
  compare("http.body_limit", one.http.body_limit, other.http.body_limit);
  compare("http.timeout", one.http.timeout, other.http.timeout);
  compare("http.content_security_policy", one.http.content_security_policy, other.http.content_security_policy);
  compare("websocket.enabled", one.websocket.enabled, other.websocket.enabled);
  compare("websocket.max_message", one.websocket.max_message, other.websocket.max_message);
  compare("websocket.max_depth", one.websocket.max_depth, other.websocket.max_depth);
  compare("websocket.ping_interval", one.websocket.ping_interval, other.websocket.ping_interval);
  compare("websocket.pong_timeout", one.websocket.pong_timeout, other.websocket.pong_timeout);
  compare("websocket.message_timeout", one.websocket.message_timeout, other.websocket.message_timeout);
  compare("websocket.close_timeout", one.websocket.close_timeout, other.websocket.close_timeout);
  compare("websocket.outbox", one.websocket.outbox, other.websocket.outbox);
  compare("websocket.compression", one.websocket.compression, other.websocket.compression);
  compare("websocket.rate.messages", one.websocket.rate.messages, other.websocket.rate.messages);
  compare("websocket.rate.burst", one.websocket.rate.burst, other.websocket.rate.burst);
  compare("websocket.rate.size", one.websocket.rate.size, other.websocket.rate.size);
  compare("websocket.rate.burst_size", one.websocket.rate.burst_size, other.websocket.rate.burst_size);
  compare("websocket.rate.strikes", one.websocket.rate.strikes, other.websocket.rate.strikes);
  compare("rooms.members", one.rooms.members, other.rooms.members);
  compare("rooms.open", one.rooms.open, other.rooms.open);
  compare("rooms.grace", one.rooms.grace, other.rooms.grace);
  compare("rooms.presence.interval", one.rooms.presence.interval, other.rooms.presence.interval);
  compare("rooms.presence.absence", one.rooms.presence.absence, other.rooms.presence.absence);
  compare("rooms.presence.announce", one.rooms.presence.announce, other.rooms.presence.announce);
  compare("rooms.presence.list", one.rooms.presence.list, other.rooms.presence.list);
  compare("store.type", one.store.type, other.store.type);
  compare("store.path", one.store.path, other.store.path);
  compare("store.synchronous", one.store.synchronous, other.store.synchronous);
  compare("store.size", one.store.size, other.store.size);
  compare("store.retention.messages", one.store.retention.messages, other.store.retention.messages);
  compare("store.retention.size", one.store.retention.size, other.store.retention.size);
  compare("store.retention.age", one.store.retention.age, other.store.retention.age);
  compare("store.rooms", one.store.rooms, other.store.rooms);
  compare("store.snapshot_every", one.store.snapshot_every, other.store.snapshot_every);
  return changed;
}

}  // namespace hubbub::config
