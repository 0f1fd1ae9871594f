// All that a start of the server needs to know, as one value: config.yaml with the environment over it, checked.
//
// Plain structs whose initial values are the defaults; config.yaml in the root of the repository shows the same ones,
// with the bounds, and a test holds the two together. Loaded once on the main thread, then only read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/files.hpp"
#include "config/options_reader.hpp"
#include "config/problem.hpp"

namespace hubbub::config {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;
constexpr std::size_t GiB = 1024 * MiB;

struct Server {
  std::string host = "127.0.0.1";                     // an IP address; loopback until there is authentication
  std::uint16_t port = 8100;                          // 0: any free one
  unsigned threads = 0;                               // 1–256; 0: one per core (`auto`)
  std::filesystem::path static_directory;             // absolute once loaded; the server's own pages where none is named
  std::size_t connections = 10'000;                   // at the same time; 1–1000000
  milliseconds shutdown_timeout = 10s;                // 0s–10m: for closing and draining everybody

  bool operator==(const Server&) const = default;
};

struct Http {
  std::size_t header_limit = 16 * KiB;  // 1KiB–1MiB
  std::size_t body_limit = 64 * KiB;    // 0B–64MiB
  milliseconds timeout = 30s;           // 1s–1h: for a request to arrive, and for the next one on a kept connection
  std::string content_security_policy = {};  // of static files; empty: a strict one

  bool operator==(const Http&) const = default;
};

// How much one connection may send.
struct Rate {
  std::int64_t messages = 500;         // a second, in the long run; 1–1000000
  std::int64_t burst = 1000;           // at once after a pause; 1–1000000
  std::size_t size = 1 * MiB;          // 1KiB–1GiB: of those messages a second, inflated
  std::size_t burst_size = 8 * MiB;    // 1KiB–1GiB: at once after a pause
  std::int64_t strikes = 1000;         // refused ones in a row before it is closed with 4502; 1–1000000

  bool operator==(const Rate&) const = default;
};

struct Websocket {
  bool enabled = true;                 // false: no hub, /api/ws is 404
  std::size_t max_message = 64 * KiB;  // 128B–64MiB
  std::size_t max_depth = 32;          // of nested JSON; 1–128
  milliseconds ping_interval = 25s;    // 1s–1h
  milliseconds pong_timeout = 20s;     // 1s–1h: then closed with 4001
  milliseconds message_timeout = 30s;  // 1s–1h: from a message's first byte to its last
  milliseconds close_timeout = 5s;     // 100ms–1m: for the other side's half of the close handshake
  std::size_t outbox = 1 * MiB;        // 4KiB–1GiB: waiting for one slow reader before it is closed with 4000
  bool compression = false;            // permessage-deflate
  Rate rate;

  bool operator==(const Websocket&) const = default;
};

struct Presence {
  milliseconds interval = 250ms;  // 10ms–1m: users_update at most this often in one room
  milliseconds absence = 2s;      // 0s–1m: whoever is back within this time was never away
  std::size_t announce = 100;     // 0–100000: members above which nobody's joining and leaving is announced
  std::size_t list = 100;         // 1–100000: nicknames in users_update; above it is capped and carries a count

  bool operator==(const Presence&) const = default;
};

struct Rooms {
  std::size_t members = 10'000;  // in one room; 1–1000000
  std::size_t open = 10'000;     // rooms in memory; 1–10000000
  milliseconds grace = 30s;      // 0s–1d: how long an empty room stays open
  Presence presence;

  bool operator==(const Rooms&) const = default;
};

struct Retention {
  std::size_t messages = 10'000;  // that a room's log keeps; 1–100000000
  std::size_t size = 64 * MiB;    // 64KiB–1024GiB: and their size together
  milliseconds age = 24h * 30;    // 1m–36500d: and how old they may become

  bool operator==(const Retention&) const = default;
};

struct Store {
  std::string type = "sqlite";                    // or memory
  std::filesystem::path path = "data/hubbub.db";  // absolute once loaded
  std::string synchronous = "normal";             // or full
  std::size_t size = 4 * GiB;  // 1MiB–1048576GiB: of all rooms together
  Retention retention = {};
  std::size_t rooms = 10'000;         // 1–10000000: whose logs `memory` keeps, beside those of open rooms
  std::size_t snapshot_every = 1000;  // messages; 1–1000000

  bool operator==(const Store&) const = default;
};

struct Log {
  std::string level = "info";  // trace, debug, info, warn, error or off

  bool operator==(const Log&) const = default;
};

// One enabled plugin. May be copied and used from any thread.
struct PluginSection {
  std::string name;  // [a-z][a-z0-9_]*
  Section section;   // where it was written, with its options
  std::filesystem::path library = {};  // the file it is loaded from; empty: NAME.so in one of the directories

  // A reader for the plugin to ask; its problems() are what is wrong with this plugin's options.
  OptionsReader reader() const;
};

// From when on a plugin is taken to misbehave.
struct PluginLimits {
  milliseconds budget = 20ms;  // 1ms–1m: of one call; what takes longer is warned about
  std::size_t faults = 10;     // 1–1000: in one room
  milliseconds within = 10s;   // 1s–1h: and within so much time; then
  milliseconds off = 30s;      // 1s–1d: it is off there for so long
  std::size_t state = 64 * MiB;  // 1KiB–4GiB: of one room, as JSON text; then what would add to it is refused
  milliseconds hang = 2s;      // 100ms–1h: what has not returned by then is said to hang

  bool operator==(const PluginLimits&) const = default;
};

struct Plugins {
  std::vector<std::filesystem::path> directories;  // absolute; the first that has a plugin's library: the user's, the server's
  bool watch = false;                              // read the configuration again when a file that belongs to it has changed
  std::vector<PluginSection> enabled;              // in the order of the file
  PluginLimits limits;
};

struct Config {
  Server server;
  Http http;
  Websocket websocket;
  Rooms rooms;
  Store store;
  Log log;
  Plugins plugins;
  std::filesystem::path file;          // that it was read from, absolute; empty where there was none
  std::shared_ptr<const Files> files;  // that options name: the plugins' once these have been asked
  std::chrono::system_clock::time_point read = {};  // when load() began
};

// What load() throws: what could be read besides, with defaults in place of what is wrong, so that plugins can judge their options.
class Mistakes : public Error {
 public:
  Mistakes(std::vector<std::string> problems, Config read) : Error(std::move(problems)), config(std::move(read)) {}

  const Config config;
};

// Without a file: the defaults and the environment. Relative paths start at the file's directory, or the working
// directory where there is no file. Throws Mistakes with all problems, except those of the plugins' own options, which
// only the plugins can judge. The file may be a pipe that the process was given, such as /dev/stdin, if `may_wait`.
Config load(const std::optional<std::filesystem::path>& file, const Environment& environment, bool may_wait = false);

// Without a file that anybody names: the server's own config.yaml, or, where it has come without, all of its own plugins.
// Relative paths start at the working directory, for the server's own files are often not to be written beside.
Config load_own(const Environment& environment);

// Every option of the server's own sections.
std::vector<Description> core_options();

}  // namespace hubbub::config
