#include "config/config.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <hubbub/shown.hpp>
#include <limits>
#include <utility>

#include "config/own_files.hpp"
#include "config/yaml.hpp"
#include "protocol/plugin_name.hpp"

namespace hubbub::config {
namespace {

namespace fs = std::filesystem;

// The caller's bounds fit `Number`, so the casts lose nothing.
template <typename Number>
void read_count(OptionsReader& in, std::string_view name, Number& count, std::int64_t least, std::int64_t most) {
  count = static_cast<Number>(in.integer(name, static_cast<std::int64_t>(count), least, most));
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const bool whole = text.find('\0') == text.npos;
  return whole && (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
                   inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

// 0 for `auto`; nothing if `text` is not a valid number of threads.
std::optional<unsigned> parse_threads(const std::string& text) {
  if (text == "auto") return 0;
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool valid = !text.starts_with('0') && error == std::errc{} && end == text.data() + text.size() && count >= 1 && count <= 256;
  return valid ? std::optional{count} : std::nullopt;
}

bool is_threads(const std::string& text) { return parse_threads(text).has_value(); }

bool is_path(const std::string& text) { return !text.empty() && text.find('\0') == text.npos; }

bool is_path_or_empty(const std::string& text) { return text.empty() || is_path(text); }

std::string shown_path(const fs::path& path) { return escaped(path.string(), 1000, ""); }

// Returns the directory that the option names, or an empty path. A missing directory is a mistake. Otherwise the files that the user
// expects in it would be missing, or be replaced by the server's own files, and nobody would be told.
fs::path read_directory(OptionsReader& in, std::string_view name, const fs::path& base) {
  const auto written = in.matching(name, "", "the path of a directory", is_path_or_empty);
  if (written.empty()) return {};
  auto directory = (base / written).lexically_normal();
  std::error_code error;
  if (!fs::is_directory(directory, error)) in.note(name, "there is no directory " + shown_path(directory) + "; create it or name another");
  return directory;
}

// Notes what keeps a file from being at `file`. Missing directories above it are no mistake: the store creates them.
void note_unusable_place(OptionsReader& in, std::string_view name, const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) return in.note(name, shown_path(file) + " is a directory; name a file in it");
  auto above = file.parent_path();
  while (!fs::exists(above, error) && above.has_relative_path()) above = above.parent_path();
  if (!fs::is_directory(above, error)) in.note(name, shown_path(above) + " is no directory, so no file can be in it; name another file");
}

// Whether `text` can be the value of an HTTP header.
bool is_policy_or_empty(const std::string& text) {
  return text.size() <= 4000 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void read(OptionsReader& in, Server& server, const fs::path& base) {
  server.host = in.matching("host", server.host, "an IP address such as 127.0.0.1, 0.0.0.0 or \"::\"", is_address);
  read_count(in, "port", server.port, 0, 65'535);
  server.threads = *parse_threads(in.matching("threads", "auto", "auto or a whole number from 1 to 256", is_threads));
  const auto pages = read_directory(in, "static", base);
  server.static_directory = pages.empty() ? own_pages() : pages;
  read_count(in, "connections", server.connections, 1, 1'000'000);
  server.shutdown_timeout = in.duration("shutdown_timeout", server.shutdown_timeout, 0s, 10min);
}

void read(OptionsReader& in, Http& http) {
  http.header_limit = in.size("header_limit", http.header_limit, 1 * KiB, 1 * MiB);
  http.body_limit = in.size("body_limit", http.body_limit, 0, 64 * MiB);
  http.timeout = in.duration("timeout", http.timeout, 1s, 1h);
  http.content_security_policy =
      in.matching("content_security_policy", "", "a policy on one line, of at most 4000 printable ASCII characters", is_policy_or_empty);
}

void read(OptionsReader& in, Websocket& websocket) {
  websocket.enabled = in.boolean("enabled", websocket.enabled);
  websocket.max_message = in.size("max_message", websocket.max_message, 128, 64 * MiB);
  read_count(in, "max_depth", websocket.max_depth, 1, 128);
  websocket.ping_interval = in.duration("ping_interval", websocket.ping_interval, 1s, 1h);
  websocket.pong_timeout = in.duration("pong_timeout", websocket.pong_timeout, 1s, 1h);
  websocket.message_timeout = in.duration("message_timeout", websocket.message_timeout, 1s, 1h);
  websocket.close_timeout = in.duration("close_timeout", websocket.close_timeout, 100ms, 1min);
  websocket.outbox = in.size("outbox", websocket.outbox, 4 * KiB, 1 * GiB);
  websocket.compression = in.boolean("compression", websocket.compression);
  OptionsReader& rate = in.section("rate");
  read_count(rate, "messages", websocket.rate.messages, 1, 1'000'000);
  read_count(rate, "burst", websocket.rate.burst, 1, 1'000'000);
  websocket.rate.size = rate.size("size", websocket.rate.size, 1 * KiB, 1 * GiB);
  websocket.rate.burst_size = rate.size("burst_size", websocket.rate.burst_size, 1 * KiB, 1 * GiB);
  read_count(rate, "strikes", websocket.rate.strikes, 1, 1'000'000);
}

void read(OptionsReader& in, Rooms& rooms) {
  read_count(in, "members", rooms.members, 1, 1'000'000);
  read_count(in, "open", rooms.open, 1, 10'000'000);
  rooms.grace = in.duration("grace", rooms.grace, 0s, 24h);
  OptionsReader& presence = in.section("presence");
  rooms.presence.interval = presence.duration("interval", rooms.presence.interval, 10ms, 1min);
  rooms.presence.absence = presence.duration("absence", rooms.presence.absence, 0s, 1min);
  read_count(presence, "announce", rooms.presence.announce, 0, 100'000);
  read_count(presence, "list", rooms.presence.list, 1, 100'000);
}

void read(OptionsReader& in, Store& store, const fs::path& base) {
  store.type = in.choice("type", store.type, {"sqlite", "memory"});
  const auto written = in.matching("path", store.path.string(), "the path of a file", is_path);
  store.path = (base / written).lexically_normal();
  if (store.type == "sqlite") note_unusable_place(in, "path", store.path);
  store.synchronous = in.choice("synchronous", store.synchronous, {"normal", "full"});
  store.size = in.size("size", store.size, 1 * MiB, 1024 * 1024 * GiB);
  OptionsReader& retention = in.section("retention");
  read_count(retention, "messages", store.retention.messages, 1, 100'000'000);
  store.retention.size = retention.size("size", store.retention.size, 64 * KiB, 1024 * GiB);
  store.retention.age = retention.duration("age", store.retention.age, 1min, 24h * 36'500);
  read_count(in, "rooms", store.rooms, 1, 10'000'000);
  read_count(in, "snapshot_every", store.snapshot_every, 1, 1'000'000);
}

void read(OptionsReader& in, Log& log) {
  log.level = in.choice("level", log.level, {"trace", "debug", "info", "warn", "error", "off"});
}

void read(OptionsReader& in, PluginLimits& limits) {
  limits.budget = in.duration("budget", limits.budget, 1ms, 1min);
  read_count(in, "faults", limits.faults, 1, 1000);
  limits.within = in.duration("within", limits.within, 1s, 1h);
  limits.off = in.duration("off", limits.off, 1s, 24h);
  limits.state = in.size("state", limits.state, 1 * KiB, 4 * GiB);
  limits.hang = in.duration("hang", limits.hang, 100ms, 1h);
}

// Reads only the server's own options: where plugins are, their limits, and which are enabled.
void read(OptionsReader& in, Plugins& plugins, const fs::path& base) {
  const auto users = read_directory(in, "directory", base);
  if (!users.empty()) plugins.directories.push_back(users);
  plugins.directories.push_back(own_plugins());
  read(in.section("limits"), plugins.limits);
  plugins.watch = in.boolean("watch", plugins.watch);
  in.leave_rest();
  for (const auto& name : in.names()) {
    if (name == "directory" || name == "limits" || name == "watch") continue;
    if (!is_plugin_name(name)) {
      in.note(name, "a plugin's name is lower-case letters, digits and underscores, beginning with a letter");
      continue;
    }
    OptionsReader& options = in.section(name);
    options.leave_rest();
    if (options.boolean("enabled", true)) plugins.enabled.push_back({name, in.inner(name)});
  }
}

Config read_all(OptionsReader& root, const fs::path& base) {
  Config config;
  read(root.section("server"), config.server, base);
  read(root.section("http"), config.http);
  read(root.section("websocket"), config.websocket);
  read(root.section("rooms"), config.rooms);
  read(root.section("store"), config.store, base);
  read(root.section("log"), config.log);
  read(root.section("plugins"), config.plugins, base);
  return config;
}

// Without this check, HUBBUB_SERVER_PORT (one underscore where two belong) would be ignored in silence.
void note_single_underscores(const Environment& environment, const OptionsReader& root, std::vector<Problem>& problems) {
  for (const auto& option : root.described()) {
    const std::string meant = variable_for(option.name);
    std::string written = meant;
    for (auto at = written.find("__"); at != written.npos; at = written.find("__")) written.erase(at, 1);
    if (written != meant && environment.contains(written)) {
      problems.push_back({{.variable = written}, "is not an option; did you mean " + meant + "?"});
    }
  }
}

}  // namespace

OptionsReader PluginSection::reader() const {
  OptionsReader reader{section};
  reader.boolean("enabled", true);  // the server's own option in every plugin's section: marks it as known
  return reader;
}

namespace {

// Reads the configuration out of `tree`. `file` is the file it came from, or empty. Relative paths start at `base`.
Config load(Tree tree, const fs::path& file, const fs::path& base, const Environment& environment) {
  const auto began = std::chrono::system_clock::now();
  overlay(tree, environment);
  const auto written = std::make_shared<const Tree>(std::move(tree));
  const auto files = std::make_shared<Files>(base);
  OptionsReader root{{.path = "", .node = {written, &written->root}, .where = {.file = file.string()}, .files = files}};
  Config config = read_all(root, base);
  config.files = files;
  config.read = began;
  if (!file.empty()) config.file = fs::absolute(file);
  std::vector<Problem> problems = written->problems;
  for (auto& problem : root.found()) problems.push_back(std::move(problem));
  note_single_underscores(environment, root, problems);
  if (!problems.empty()) throw Mistakes{in_file_order(std::move(problems)), std::move(config)};
  return config;
}

// The tree of a file that has an empty section for each bundled plugin.
Tree with_own_plugins() {
  std::string text = "plugins:\n";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{own_plugins(), error}) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() == ".so" && is_plugin_name(name)) text += "  " + name + ": {}\n";
  }
  return read_yaml(text, {});
}

}  // namespace

Config load(const std::optional<fs::path>& file, const Environment& environment, bool may_wait) {
  if (!file) return load(Tree{}, {}, fs::current_path(), environment);
  return load(read_yaml_file(*file, may_wait), *file, fs::absolute(*file).parent_path(), environment);
}

Config load_own(const Environment& environment) {
  const auto file = own_config();
  if (fs::exists(file)) return load(read_yaml_file(file, false), file, fs::current_path(), environment);
  return load(with_own_plugins(), {}, fs::current_path(), environment);
}

std::vector<Description> core_options() {
  OptionsReader root{{.path = ""}};
  read_all(root, {});
  return root.described();
}

}  // namespace hubbub::config
