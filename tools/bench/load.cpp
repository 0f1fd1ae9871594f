// bench_load [URL] [options]: puts load on a server of rooms, checks that no message is lost or out of order, and reports the
// cost. One thread; tools/bench/load builds and runs it. Ends with 0; 1 if something was lost; 2 for wrong arguments.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "crowd.hpp"
#include "options.hpp"
#include "result.hpp"
#include "server_process.hpp"

namespace {

using namespace hubbub::bench;
using Clock = Crowd::Clock;

std::string take_url(std::string_view url, Options& options) {
  if (!url.starts_with("ws://")) return "the URL must begin with ws://";
  url.remove_prefix(5);
  auto place = url.substr(0, url.find_first_of("/?"));
  if (place.size() < url.size()) options.target = url.substr(place.size());
  if (const auto colon = place.rfind(':'); colon != place.npos && place.find(']', colon) == place.npos) {
    const auto digits = place.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), options.port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return "the URL's port must be 1 to 65535";
    place = place.substr(0, colon);
  } else {
    options.port = 80;
  }
  if (place.starts_with('[') && place.ends_with(']')) place = place.substr(1, place.size() - 2);
  if (place.empty()) return "the URL has no host";
  options.host = place;
  return {};
}

// Reads the arguments, or ends the process.
Options read(int argc, char** argv) {
  Options options;
  CLI::App app{"Put a load on a server of rooms, and say what it cost."};
  app.get_formatter()->column_width(34);
  std::string url = "ws://127.0.0.1:8100";
  app.add_option("URL", url, "The server's address: ws://HOST:PORT, with a path if it is not the usual one")->capture_default_str();
  app.add_option("--connections", options.connections, "People in rooms")->check(CLI::Range(0, 1'000'000))->capture_default_str();
  app.add_option("--rooms", options.rooms, "Rooms that they spread over")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--senders", options.senders, "How many send in each room, or all")
      ->transform(CLI::Transformer(std::map<std::string, std::string>{{"all", std::to_string(everybody)}}))
      ->capture_default_str();
  app.add_option("--idle", options.idle, "More people, in a room of their own where nobody says anything")->check(CLI::Range(0, 1'000'000));
  app.add_option("--slow", options.slow, "How many of the people never read, and are no senders")->check(CLI::Range(0, 1'000'000));
  auto* in_flight = app.add_option("--in-flight", options.in_flight, "Messages of each sender on their way; the next when one is back")
                        ->check(CLI::Range(1, 100'000))
                        ->capture_default_str();
  app.add_option("--rate", options.rate, "Or so many a second from each sender, whether any come back or not")
      ->check(CLI::Range(0.001, 1e7))
      ->excludes(in_flight);
  auto* payload =
      app.add_option("--payload", options.payload, "Characters of a message")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  app.add_option("--content", options.content, "Or this JSON as its content")->excludes(payload);
  app.add_option("--type", options.type, "Of the messages")->capture_default_str();
  app.add_option("--protocol", options.dialect, "What is spoken: plain, hubbub.v1 or socket.io")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Dialect>{{"plain", Dialect::plain}, {"hubbub.v1", Dialect::hubbub_v1}, {"socket.io", Dialect::socket_io}}))
      ->type_name("NAME");
  app.add_flag("--compression", options.compression, "Speak permessage-deflate");
  app.add_flag("!--no-presence", options.presence, "Do not wait for users_update: who is connected is there");
  app.add_option("--connect-rate", options.connect_rate, "New connections a second; as many as possible if 0")->check(CLI::Range(0.0, 1e6));
  app.add_option("--warm-up", options.warm_up, "Seconds before anything is measured")->check(CLI::Range(0.0, 1e6))->capture_default_str();
  auto* time = app.add_option("--seconds", options.seconds, "Seconds to measure")->check(CLI::Range(0.0, 1e6))->capture_default_str();
  app.add_option("--deliveries", options.deliveries, "Or until so many messages have been delivered")
      ->check(CLI::Range(1.0, 1e12))
      ->excludes(time);
  app.add_option("--patience", options.patience, "Seconds without anything until what has not come is lost")
      ->check(CLI::Range(0.01, 1e6))
      ->capture_default_str();
  app.add_option("--pid", options.pid, "The server's process; else whoever listens on the port on this machine");
  app.add_flag("--json", options.json, "Print the result as JSON");
  const auto refuse = [&](const std::string& why) {
    if (!why.empty()) throw CLI::ValidationError{why};
  };
  try {
    app.parse(argc, argv);
    refuse(take_url(url, options));
    if (options.target.empty()) {
      options.target = options.dialect == Dialect::socket_io ? "/socket.io/?EIO=4&transport=websocket" : "/api/ws";
    }
    refuse(options.connections + options.idle == 0 ? "--connections and --idle are both 0" : "");
    refuse(options.connections > 0 && options.rooms > options.connections ? "--rooms must be at most --connections" : "");
    refuse(options.slow > 0 && options.slow + options.rooms > options.connections ? "--slow must leave somebody in each room who reads" : "");
    refuse(options.slow > 0 && std::uint64_t{options.senders} * options.rooms > options.connections - options.slow
               ? "--slow and --senders together are more people than there are"
               : "");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

double own_cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

Clock::duration seconds(double count) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{count}); }

std::optional<ServerProcess> server_of(const Options& options) {
  if (options.pid != 0) return ServerProcess{static_cast<pid_t>(options.pid)};
  if (options.host != "localhost" && !options.host.starts_with("127.") && options.host != "::1") return std::nullopt;
  const auto pid = ServerProcess::listening_on(options.port);
  return pid ? std::optional<ServerProcess>{*pid} : std::nullopt;
}

Result run(const Options& options) {
  Result result;
  result.options = options;
  const auto process = server_of(options);
  ServerFigures figures;
  if (process) {
    figures.pid = process->pid();
    figures.processors = process->processors();
    figures.apart = process->is_apart();
    figures.resident = process->resident_bytes();
  }
  const auto cpu_us = [&] { return process ? process->cpu_us() : 0; };
  const auto softirq_us = [&] { return process ? process->softirq_us() : 0; };

  // On its own processor it does not sleep: waking it up would cost the server time, and more of it the slower
  // the server is.
  result.options.awake = figures.apart;
  Crowd crowd{result.options};
  const auto people = options.connections + options.idle;
  auto cpu = cpu_us();
  auto began = Clock::now();
  std::uint64_t with_half = 0;
  crowd.join([&] { with_half = process ? process->resident_bytes() : 0; });
  result.join_seconds = since(began);
  figures.join_us = (cpu_us() - cpu) / people;
  if (process) {
    const auto resident = process->resident_bytes();
    const auto grown = [&](std::uint64_t from, unsigned by) { return (static_cast<double>(resident) - static_cast<double>(from)) / by; };
    figures.bytes_each = grown(figures.resident, people);
    figures.bytes_each_more = grown(with_half, people - people / 2);
    figures.resident = figures.resident_after = resident;
    figures.descriptors = figures.descriptors_after = process->descriptors();
  }

  if (process) result.server = figures;
  if (options.senders == 0 || options.connections == 0) return result;

  crowd.talk_for(seconds(options.warm_up));
  crowd.reset_tally();
  cpu = cpu_us();
  const auto softirq = softirq_us();
  const auto own = own_cpu_us();
  began = Clock::now();
  options.deliveries > 0 ? crowd.talk_until(options.deliveries) : crowd.talk_for(seconds(options.seconds));
  result.seconds = since(began);
  const auto idle_us = std::chrono::duration<double, std::micro>{crowd.tally().idle}.count();
  result.generator_busy = std::max(0.0, own_cpu_us() - own - idle_us) / 1e6 / result.seconds;
  const auto spent = cpu_us() - cpu;
  figures.busy = spent / 1e6 / result.seconds;
  figures.softirq_busy = (softirq_us() - softirq) / 1e6 / result.seconds;
  result.tally = crowd.tally();
  figures.delivery_us = result.tally.delivered == 0 ? 0 : spent / static_cast<double>(result.tally.delivered);
  if (process) {
    figures.resident_after = process->resident_bytes();
    figures.descriptors_after = process->descriptors();
  }

  crowd.settle();  // the messages that arrive now are not measured, but must arrive
  const auto& end = crowd.tally();
  result.tally.lost = end.lost;
  result.tally.disordered = end.disordered;
  result.tally.refused = end.refused;
  result.tally.refusal = end.refusal;
  result.tally.closed = end.closed;
  if (process) result.server = figures;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read(argc, argv);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  try {
    const auto result = run(options);
    std::fputs((options.json ? result.json() : result.lines()).c_str(), stdout);
    return result.is_sound() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
