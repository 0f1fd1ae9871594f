// A server: its plugins, its store, a shard per thread with rooms and connections, and the listener in front.
//
// A process may have several, and start and stop each as often as it likes. Signals, the limits of the process and the level of the
// log are not the server's: see process.hpp. Any thread may call all of this.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "plugins/watchdog.hpp"

namespace hubbub {

class Server {
 public:
  // Loads the plugins of the configuration: those that are linked into the program, and the others from their libraries. Throws
  // config::Error with all that is wrong with them.
  explicit Server(config::Config config, plugins::LinkedPlugins linked = {});
  ~Server();  // stops it
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the store, takes the port, and serves from then on. Throws std::runtime_error that says what is in the way and what to do;
  // then nothing of the attempt is left, and start() may be called again. Throws std::logic_error if the server runs already.
  void start();

  // The port that it listens on, 0 if it does not run.
  std::uint16_t port() const;

  // The names of the plugins in use: those for rooms and then the services, each in the order of the configuration.
  std::vector<std::string> plugins() const;

  // The outcome of reload().
  struct Reloaded {
    std::vector<std::string> after_restart;  // options such as server.port that have changed, and are in use only after the next start()
    std::vector<std::string> plugins;        // changes such as "added chat 0.1.0", one for each plugin that is no longer the same
  };

  // Replaces the plugins and their limits by those of another configuration. Throws config::Error if the plugins cannot be loaded; then
  // everything stays as it is. Waits for each shard, so it does not return while a plugin's call hangs there.
  Reloaded reload(config::Config config);

  // The first half of stop(): accepts no more connections, and closes every connection with 1001. Returns at once.
  void close();

  // Closes every connection with 1001, lets queued frames leave within websocket.close_timeout and server.shutdown_timeout, stores the
  // state of each room, and returns when all threads have ended. So it does not return while a plugin's call hangs, nor before a reload()
  // on another thread. Does nothing if the server does not run.
  void stop();

 private:
  struct Run;

  const plugins::LinkedPlugins linked_;
  plugins::Watchdog watchdog_;  // before the first plugin is loaded

  std::mutex turn_;  // start(), reload() and the second half of stop(), one after the other
  config::Config config_;  // the newest whose plugins could be loaded; under turn_

  mutable std::mutex mutex_;
  std::shared_ptr<const plugins::Registry> registry_;  // under the mutex
  std::unique_ptr<Run> run_;                            // null if it does not run; changed under turn_ and mutex_, so read under either
};

}  // namespace hubbub
