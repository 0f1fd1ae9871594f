// Puts the floors together: the plugins, the store, a shard per thread with its rooms and its connections, and the
// listener in front.
#pragma once

#include <functional>
#include <memory>

#include "config/config.hpp"

namespace hubbub {

class Server {
 public:
  // Reads the configuration again, as it was read for the constructor. Throws config::Error.
  using ReadConfig = std::function<config::Config()>;

  // Loads the plugins. Throws config::Error with all that is wrong with them.
  Server(config::Config config, ReadConfig read_config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until SIGINT or SIGTERM, then closes everyone with 1001, lets what is queued leave within the deadline, and
  // returns. At SIGHUP, and with plugins.watch where a file has changed, it reads the configuration again and takes the plugins
  // that are in it then; where that fails, everything stays as it is. Ends the process with 1 if a plugin has not returned by the
  // deadline, or at a second SIGINT or SIGTERM. Throws std::runtime_error where the port cannot be had.
  void run();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hubbub
