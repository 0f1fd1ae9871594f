// The room as one of its plugins sees it. Passes each call of the plugin on to the room, with the plugin's number.
#pragma once

#include <hubbub/plugin.hpp>
#include <hubbub/server_view.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "plugins/instance.hpp"

namespace hubbub::rooms {

// What a room does for its plugins, and what it is told about them. `plugin` is the number in the registry. Called on the room's thread.
class PluginOwner {
 public:
  virtual const std::string& room_name() const = 0;
  virtual std::size_t member_count() const = 0;
  virtual std::int64_t time() const = 0;                          // ms since 1970
  virtual std::chrono::steady_clock::time_point now() const = 0;  // to measure how long something takes
  virtual ServerFigures server_figures() const = 0;
  virtual ServerRooms fullest_rooms(std::size_t most, std::size_t people) const = 0;
  virtual void post(std::size_t plugin, Message message) = 0;
  virtual void send(std::size_t plugin, const Member& to, Message message) = 0;
  virtual void wake_after(std::size_t plugin, std::chrono::milliseconds delay) = 0;

  // Whether the plugin is switched off, so that calls are left out if they can be.
  virtual bool is_off(std::size_t plugin) const = 0;

  // A call on the plugin has ended. `fault` is null if it did not fail, or if that is not the plugin's fault.
  virtual void called(std::size_t plugin, const char* call, std::chrono::nanoseconds took, const plugins::Fault* fault) = 0;

  // The plugin is out from now on, see Fold.
  virtual void put_out(std::size_t plugin, const std::string& why) = 0;

  // The state of the plugin has `bytes` as JSON text.
  virtual void measured(std::size_t plugin, std::size_t bytes) = 0;

 protected:
  ~PluginOwner() = default;
};

class PluginRoom final : public hubbub::Room, public ServerView {
 public:
  PluginRoom(PluginOwner& owner, std::size_t plugin) : owner_(owner), plugin_(plugin) {}

  // From now on the plugin's calls do nothing, for its object is being destroyed, and perhaps the room, too.
  void turn_deaf() { is_deaf_ = true; }

  const std::string& name() const override { return owner_.room_name(); }
  std::size_t members() const override { return owner_.member_count(); }
  std::int64_t unix_ms() const override { return owner_.time(); }
  ServerFigures figures() const override { return owner_.server_figures(); }
  ServerRooms fullest_rooms(std::size_t most, std::size_t people) const override {
    return owner_.fullest_rooms(most, people);
  }
  void post(Message message) override {
    if (!is_deaf_) owner_.post(plugin_, std::move(message));
  }
  void send(const Member& to, Message message) override {
    if (!is_deaf_) owner_.send(plugin_, to, std::move(message));
  }
  void wake_after(std::chrono::milliseconds delay) override {
    if (!is_deaf_) owner_.wake_after(plugin_, delay);
  }

 private:
  void* find_extension(std::string_view name) override {
    return name == ServerView::extension_name ? static_cast<ServerView*>(this) : nullptr;
  }

  PluginOwner& owner_;
  std::size_t plugin_;
  bool is_deaf_ = false;
};

}  // namespace hubbub::rooms
