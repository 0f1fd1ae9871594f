#include "station.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace monitor {
namespace {

constexpr std::size_t most_rooms = 50;
constexpr std::size_t most_people = 20;         // of one room
constexpr int intervals_to_compare = 3;    // an older measurement is from before the machine slept: do not compare with it
constexpr auto soon = std::chrono::seconds{1};  // the first interval, so that nobody waits long for the first figures

double rounded(double value) { return std::round(value * 10) / 10; }
double percent(double part, double whole) { return whole > 0 ? rounded(std::clamp(100 * part / whole, 0.0, 100.0)) : 0; }

// The growth of a counter. A counter that was reset counts as not grown.
double grown(double now, double before) { return std::max(now - before, 0.0); }

// Whole numbers are written without a fraction.
hubbub::Json number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

std::chrono::milliseconds Station::measure(const Settings& settings, std::int64_t now, const hubbub::ServerFigures& server) {
  const std::lock_guard lock{mutex_};
  forget(settings, now);
  const auto age = now - measured_;
  const auto machine = monitor::measure(settings.disk);
  latest_ = nullptr;
  if (measured_ != 0 && age > 0 && age <= intervals_to_compare * settings.interval.count()) {
    const auto sample = compare(machine, server, now);
    latest_ = hubbub::Json::object();
    for (std::size_t i = 0; i < names.size(); ++i) latest_[std::string{names[i]}] = number(sample[i]);
    latest_["uptime"] = number(std::floor(machine.uptime));
    latest_["plugins"] = plugin_times(server, static_cast<double>(age) / 1000);
    samples_.push_back(sample);
  }
  measured_ = now;
  machine_ = machine;
  server_ = server;
  const auto next = latest_.is_null() ? std::min<std::chrono::milliseconds>(soon, settings.interval) : settings.interval;
  next_ = now + next.count();
  return next;
}

hubbub::Json Station::latest(const Settings& settings, std::int64_t now) {
  const std::lock_guard lock{mutex_};
  const auto age = now - measured_;
  return age < 0 || age > intervals_to_compare * settings.interval.count() ? hubbub::Json{} : latest_;
}

std::chrono::milliseconds Station::until_next(const Settings& settings, std::int64_t now) {
  const std::lock_guard lock{mutex_};
  return std::clamp(std::chrono::milliseconds{next_ - now}, std::chrono::milliseconds{0}, settings.interval);
}

void Station::add_watcher(const std::string& room, std::uint64_t connection) {
  const std::lock_guard lock{watchers_mutex_};
  watchers_.emplace(room, connection);
}

void Station::remove_watcher(const std::string& room, std::uint64_t connection) {
  const std::lock_guard lock{watchers_mutex_};
  watchers_.erase({room, connection});
}

std::set<std::uint64_t> Station::take_watchers(const std::string& room) {
  const std::lock_guard lock{watchers_mutex_};
  std::set<std::uint64_t> connections;
  auto watcher = watchers_.lower_bound({room, 0});
  while (watcher != watchers_.end() && watcher->first == room) {
    connections.insert(watcher->second);
    watcher = watchers_.erase(watcher);
  }
  return connections;
}

bool Station::has_watchers_in(const std::string& room) {
  const std::lock_guard lock{watchers_mutex_};
  const auto first = watchers_.lower_bound({room, 0});
  return first != watchers_.end() && first->first == room;
}

hubbub::Json Station::connected(const Settings& settings, hubbub::Room& room) {
  const std::lock_guard lock{mutex_};
  const auto age = room.unix_ms() - looked_;
  if (!connected_.is_null() && age >= 0 && age < settings.interval.count() / 2) return connected_;
  const auto [fullest, more] = room.extension<hubbub::ServerView>()->fullest_rooms(most_rooms, most_people);
  auto rooms = hubbub::Json::array();
  for (const auto& [name, members, people] : fullest) {
    rooms.push_back({{"name", name}, {"members", members}, {"people", people}});
  }
  connected_ = {{"rooms", std::move(rooms)}, {"more", more}};
  looked_ = room.unix_ms();
  return connected_;
}

hubbub::Json Station::history(const Settings& settings, std::int64_t now) {
  const std::lock_guard lock{mutex_};
  forget(settings, now);
  auto lists = hubbub::Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& list = lists[std::string{names[i]}] = hubbub::Json::array();
    for (const auto& sample : samples_) list.push_back(number(sample[i]));
  }
  return lists;
}

Station::Sample Station::compare(const Machine& machine, const hubbub::ServerFigures& server, std::int64_t now) const {
  const double seconds = static_cast<double>(now - measured_) / 1000;
  const auto per_second = [seconds](auto after, auto before, double unit = 1) {
    return rounded(grown(static_cast<double>(after), static_cast<double>(before)) / seconds / unit);
  };
  const double received = per_second(machine.received, machine_.received), sent = per_second(machine.sent, machine_.sent);
  return {static_cast<double>(now),
          percent(grown(machine.cpu_busy, machine_.cpu_busy), grown(machine.cpu_all, machine_.cpu_all)),
          percent(machine.memory_used, machine.memory_all),
          percent(machine.disk_used, machine.disk_all),
          received + sent,
          received,
          sent,
          machine.load[0],
          machine.load[1],
          machine.load[2],
          static_cast<double>(server.connections),
          static_cast<double>(server.rooms),
          per_second(server.messages, server_.messages),
          per_second(server.deliveries, server_.deliveries),
          per_second(machine.process_cpu, machine_.process_cpu, 0.01),  // in percent
          machine.process_memory};
}

// In percent of one processor.
hubbub::Json Station::plugin_times(const hubbub::ServerFigures& server, double seconds) const {
  auto times = hubbub::Json::object();
  for (const auto& [name, time] : server.plugins) {
    const auto before = std::ranges::find(server_.plugins, name, &hubbub::ServerFigures::PluginTime::name);
    const auto spent = time - (before == server_.plugins.end() ? std::chrono::nanoseconds{} : before->time);
    times[name] = std::round(static_cast<double>(spent.count()) / 1e7 / seconds * 1000) / 1000;
  }
  return times;
}

void Station::forget(const Settings& settings, std::int64_t now) {
  const auto time = static_cast<double>(now), kept = static_cast<double>(settings.history.count());
  std::erase_if(samples_, [&](const auto& sample) { return sample[0] <= time - kept || sample[0] > time; });
  if (measured_ > now) measured_ = 0;  // the clock was set back
}

}  // namespace monitor
