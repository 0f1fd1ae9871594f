// Puts the floors together: the plugins, the store, a shard per thread with its rooms and its connections, and the
// listener in front.
#pragma once

#include <memory>

#include "config/config.hpp"

namespace hubbub {

class Server {
 public:
  // Loads the plugins. Throws config::Error with all that is wrong with them.
  explicit Server(config::Config config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until SIGINT or SIGTERM, then closes everyone with 1001, lets what is queued leave within the deadline, and
  // returns. Throws std::runtime_error where the port cannot be had.
  void run();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hubbub
