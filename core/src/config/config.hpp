// The server's whole configuration as one value: config.yaml, overridden by the environment, checked.
//
// Plain structs whose initial values are the defaults. config.yaml in the root of the repository shows the same defaults with
// their bounds; a test compares the two. Loaded on one thread; immutable afterwards.
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
  std::uint16_t port = 8100;                          // 0: any free port
  unsigned threads = 0;                               // 1–256; 0: one per core (`auto`)
  std::filesystem::path static_directory;             // absolute once loaded; the server's own pages if none is named
  std::size_t connections = 10'000;                   // at the same time; 1–1000000
  milliseconds shutdown_timeout = 10s;                // 0s–10m: for closing and draining everybody

  bool operator==(const Server&) const = default;
};

struct Http {
  std::size_t header_limit = 16 * KiB;  // 1KiB–1MiB
  std::size_t body_limit = 64 * KiB;    // 0B–64MiB
  milliseconds timeout = 30s;           // 1s–1h: for a request to arrive, and for the next request on an idle connection
  std::string content_security_policy = {};  // of static files; empty: a strict one

  bool operator==(const Http&) const = default;
};

// How much one connection may send.
struct Rate {
  std::int64_t messages = 500;         // a second, in the long run; 1–1000000
  std::int64_t burst = 1000;           // at once after a pause; 1–1000000
  std::size_t size = 1 * MiB;          // 1KiB–1GiB: bytes a second in the long run, after decompression
  std::size_t burst_size = 8 * MiB;    // 1KiB–1GiB: at once after a pause
  std::int64_t strikes = 1000;         // refused messages in a row before the connection is closed with 4502; 1–1000000

  bool operator==(const Rate&) const = default;
};

struct Websocket {
  bool enabled = true;                 // false: no hub, /api/ws is 404
  std::size_t max_message = 64 * KiB;  // 128B–64MiB
  std::size_t max_depth = 32;          // of nested JSON; 1–128
  milliseconds ping_interval = 25s;    // 1s–1h
  milliseconds pong_timeout = 20s;     // 1s–1h: without a pong for this long, the connection is closed with 4001
  milliseconds message_timeout = 30s;  // 1s–1h: from a message's first byte to its last
  milliseconds close_timeout = 5s;     // 100ms–1m: for the other side's half of the close handshake
  std::size_t outbox = 1 * MiB;        // 4KiB–1GiB: bytes waiting for one reader; above it the reader is closed with 4000
  bool compression = false;            // permessage-deflate
  Rate rate;

  bool operator==(const Websocket&) const = default;
};

struct Presence {
  milliseconds interval = 250ms;  // 10ms–1m: users_update at most this often in one room
  milliseconds absence = 2s;      // 0s–1m: a member who is back within this time counts as never gone
  std::size_t announce = 100;     // 0–100000: in rooms with more members, joining and leaving is not announced
  std::size_t list = 100;         // 1–100000: nicknames in users_update; a longer list is capped and carries a count

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
  std::size_t messages = 10'000;  // 1–100000000: the newest messages that a room's log keeps
  std::size_t size = 64 * MiB;    // 64KiB–1024GiB: their total size
  milliseconds age = 24h * 30;    // 1m–36500d: their greatest age

  bool operator==(const Retention&) const = default;
};

struct Store {
  std::string type = "sqlite";                    // or memory
  std::filesystem::path path = "data/hubbub.db";  // absolute once loaded
  std::string synchronous = "normal";             // or full
  std::size_t size = 4 * GiB;  // 1MiB–1048576GiB: of all rooms together
  Retention retention = {};
  std::size_t rooms = 10'000;         // 1–10000000: logs of closed rooms that `memory` keeps
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
  Section section;   // its section of the configuration, with its options
  std::filesystem::path library = {};  // the file to load; empty: NAME.so in one of the directories

  // The reader that the plugin reads its options from. Its problems() are this plugin's alone.
  OptionsReader reader() const;
};

// When a plugin counts as misbehaving. A plugin with `faults` failed calls in one room within the time `within` is switched off
// in that room for the time `off`.
struct PluginLimits {
  milliseconds budget = 20ms;    // 1ms–1m: for one call; a longer call is logged as a warning
  std::size_t faults = 10;       // 1–1000
  milliseconds within = 10s;     // 1s–1h
  milliseconds off = 30s;        // 1s–1d
  std::size_t state = 64 * MiB;  // 1KiB–4GiB: its state in one room, as JSON text; above it, messages that add are refused
  milliseconds hang = 2s;        // 100ms–1h: a call that has not returned by then counts as hanging

  bool operator==(const PluginLimits&) const = default;
};

struct Plugins {
  std::vector<std::filesystem::path> directories;  // absolute; searched in this order: the user's, then the server's
  bool watch = false;                              // reload when a file that belongs to the configuration has changed
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
  std::filesystem::path file;          // the file it was read from, absolute; empty if there was none
  std::shared_ptr<const Files> files;  // the files that options name; complete once the plugins have read their options
  std::chrono::system_clock::time_point read = {};  // when load() began
};

// Thrown by load(). `config` is what could be read, with defaults in place of wrong values, so that plugins can still judge
// their own options.
class Mistakes : public Error {
 public:
  Mistakes(std::vector<std::string> problems, Config read) : Error(std::move(problems)), config(std::move(read)) {}

  const Config config;
};

// Reads the configuration; without a file, from the defaults and the environment only. Relative paths start at the file's
// directory, or at the working directory if there is no file. Throws Mistakes with all problems, except those of the plugins'
// own options, which only the plugins can judge. If `may_wait`, the file may be a pipe that the process was given, such as
// /dev/stdin.
Config load(const std::optional<std::filesystem::path>& file, const Environment& environment, bool may_wait = false);

// For a start without --config: reads the config.yaml that came with the server or, if there is none, enables all bundled
// plugins. Relative paths start at the working directory, because the server's own directory is often not writable.
Config load_own(const Environment& environment);

// Every option of the server itself, without the plugins'.
std::vector<Description> core_options();

}  // namespace hubbub::config
