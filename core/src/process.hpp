// A server as a process of its own: signals, the limits of the process, the level of the log, and when the configuration is read
// again.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "config/config.hpp"
#include "server.hpp"

namespace hubbub {

class Process {
 public:
  // Reads the configuration again, as it was read for the constructor. Throws config::Error.
  using ReadConfig = std::function<config::Config()>;

  // Sets the level of the log, and loads the plugins. Throws config::Error with all that is wrong with them. To be called before there are
  // other threads.
  Process(config::Config config, ReadConfig read_config);

  // Serves until SIGINT or SIGTERM, then stops the server and returns. Reads the configuration again at SIGHUP, and with plugins.watch when
  // a file has changed; if the configuration cannot be used, everything stays as it is. Ends the process with status 1 if a plugin has not
  // returned within server.shutdown_timeout, and at a second SIGINT or SIGTERM. Throws what Server::start() throws.
  void run();

 private:
  enum class Wish { none, reload, stop };

  // On the main thread, which waits for signals and for nothing else.
  void ask(Wish what);
  void wait_until_finished(const sigset_t& signals, std::chrono::steady_clock::time_point deadline);

  // On the keeper's thread, which may have to wait for plugins.
  void keep_current();
  Wish next_wish();
  void reload();

  const ReadConfig read_config_;
  const config::Config config_;
  config::Config newest_ = config_;     // whose plugins the server uses
  config::Config last_read_ = config_;  // whether it could be used or not
  Server server_;

  std::mutex mutex_;
  std::condition_variable wished_;
  Wish wish_ = Wish::none;  // under the mutex
  std::atomic<bool> finished_ = false;
};

}  // namespace hubbub
