#include "result.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

namespace hubbub::bench {

bool Result::is_sound() const {
  return tally.lost == 0 && tally.disordered == 0 && tally.refused == 0 && tally.closed == 0 && tally.untimed == 0;
}

std::string Result::lines() const {
  std::string text;
  const auto line = [&]<class... Values>(fmt::format_string<Values...> pattern, Values&&... values) {
    fmt::format_to(std::back_inserter(text), pattern, std::forward<Values>(values)...);
    text += '\n';
  };
  const auto mebibytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
  const auto& latency = tally.latency;

  line("joined     {} connections in {:.2f} s", options.connections + options.idle, join_seconds);
  if (seconds > 0) {
    line("sent       {:.0f} messages/s", static_cast<double>(tally.sent) / seconds);
    line("delivered  {:.0f} messages/s, {} in {:.2f} s", static_cast<double>(tally.delivered) / seconds, tally.delivered, seconds);
    line("latency    p50 {:.0f} µs, p90 {:.0f}, p99 {:.0f}, p99.9 {:.0f}, at most {:.0f}", latency.percentile_us(0.5),
         latency.percentile_us(0.9), latency.percentile_us(0.99), latency.percentile_us(0.999), latency.max_us());
  }
  if (server) {
    line("server     process {} on processor {}{}", server->pid, fmt::join(server->processors, ","),
         server->apart ? "" : ", which the generator uses too: taskset keeps them apart");
    line("           joining took {:.1f} µs of its processor a connection", server->join_us);
    if (seconds > 0) {
      line("           a delivery took {:.3f} µs of it; {:.0f}% busy, {:.0f}% with soft interrupts", server->delivery_us,
           server->busy * 100, server->softirq_busy * 100);
    }
    line("           {:.1f} MiB with everybody there, {:.0f} bytes a connection, {:.0f} for each one more; {:.1f} MiB at the end",
         mebibytes(server->resident), server->bytes_each, server->bytes_each_more, mebibytes(server->resident_after));
    line("           {} descriptors with everybody there, {} at the end", server->descriptors, server->descriptors_after);
  }
  if (seconds > 0) {
    line("generator  {:.0f}% busy{}", generator_busy * 100,
         generator_is_full() ? ": it is the bottleneck, the server may be able to do more" : "");
  }
  if (is_sound()) {
    line("sound      nothing was lost, and every room had one order");
  } else {
    line("NOT SOUND  {} deliveries lost, {} rooms out of order, {} messages refused, {} connections closed, {} deliveries too late "
         "to be timed", tally.lost, tally.disordered, tally.refused, tally.closed, tally.untimed);
    if (!tally.refusal.empty()) line("           the first refusal: {}", tally.refusal);
  }
  return text;
}

std::string Result::json() const {
  nlohmann::ordered_json json{
      {"connections", options.connections},
      {"idle", options.idle},
      {"rooms", options.rooms},
      {"join_seconds", join_seconds},
      {"seconds", seconds},
      {"sent", tally.sent},
      {"delivered", tally.delivered},
      {"deliveries_per_second", seconds > 0 ? static_cast<double>(tally.delivered) / seconds : 0},
      {"latency_us",
       {{"p50", tally.latency.percentile_us(0.5)},
        {"p90", tally.latency.percentile_us(0.9)},
        {"p99", tally.latency.percentile_us(0.99)},
        {"p999", tally.latency.percentile_us(0.999)},
        {"max", tally.latency.max_us()}}},
      {"sound", is_sound()},
      {"lost", tally.lost},
      {"disordered", tally.disordered},
      {"refused", tally.refused},
      {"refusal", tally.refusal},
      {"closed", tally.closed},
      {"untimed", tally.untimed},
      {"generator", {{"busy", generator_busy}, {"full", generator_is_full()}}},
      {"server", nullptr},
  };
  if (server) {
    json["server"] = {{"pid", server->pid},
                      {"processors", server->processors},
                      {"apart", server->apart},
                      {"busy", server->busy},
                      {"softirq_busy", server->softirq_busy},
                      {"cpu_us_per_delivery", server->delivery_us},
                      {"cpu_us_per_join", server->join_us},
                      {"resident_bytes", server->resident},
                      {"resident_bytes_per_connection", server->bytes_each},
                      {"resident_bytes_per_connection_more", server->bytes_each_more},
                      {"resident_bytes_after", server->resident_after},
                      {"descriptors", server->descriptors},
                      {"descriptors_after", server->descriptors_after}};
  }
  return json.dump(2) + "\n";
}

}  // namespace hubbub::bench
