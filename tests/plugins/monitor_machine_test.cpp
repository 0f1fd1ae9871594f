// Compares the figures of the machine with other sources in the system.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <hubbub/testing.hpp>
#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using hubbub::testing::Client;
using hubbub::testing::Json;
using hubbub::testing::Room;

class MonitorMachine : public testing::Test {
 protected:
  Json figures() {
    room.advance(1s);
    return john.next("system_metrics")["content"];
  }

  Room room{HUBBUB_PLUGIN_DIR "/monitor.so", {{"interval", "1s"}, {"rooms", {"general"}}}};
  Client& john = room.join("John");
};

// From /proc/meminfo, in percent.
double memory() {
  std::map<std::string, double> sizes;
  std::ifstream file{"/proc/meminfo"};
  for (std::string name, line; file >> name && std::getline(file, line);) sizes[name] = std::stod(line);
  return 100 * (1 - sizes["MemAvailable:"] / sizes["MemTotal:"]);
}

double disk() {
  struct statvfs system {};
  EXPECT_EQ(::statvfs("/", &system), 0);
  const auto used = static_cast<double>(system.f_blocks - system.f_bfree);
  return 100 * used / (used + static_cast<double>(system.f_bavail));
}

// Bytes received and sent so far, without loopback.
std::pair<double, double> network() {
  std::pair<double, double> sum;
  std::ifstream file{"/proc/net/dev"};
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    std::istringstream name{line.substr(0, colon)}, numbers{line.substr(colon + 1)};
    std::string device;
    name >> device;
    std::array<double, 9> fields{};
    for (auto& field : fields) numbers >> field;
    if (device != "lo") sum.first += fields[0], sum.second += fields[8];
  }
  return sum;
}

// Seconds of all processors: busy, and in total.
std::pair<double, double> processors() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  file >> name;
  std::array<double, 8> fields{};  // user nice system idle iowait irq softirq steal
  double all = 0;
  for (auto& field : fields) file >> field, all += field;
  return {all - fields[3] - fields[4], all};
}

TEST_F(MonitorMachine, gives_the_systems_figures_for_memory_disk_load_and_uptime) {
  const auto memory_before = memory(), disk_before = disk();
  std::array<double, 3> load_before{}, load{};
  ASSERT_EQ(::getloadavg(load_before.data(), 3), 3);
  const auto seen = figures();
  ASSERT_EQ(::getloadavg(load.data(), 3), 3);
  struct sysinfo system {};
  ASSERT_EQ(::sysinfo(&system), 0);
  EXPECT_NEAR(seen["memory"].get<double>(), (memory_before + memory()) / 2, 5);
  EXPECT_NEAR(seen["disk"].get<double>(), (disk_before + disk()) / 2, 2);
  for (const auto& [name, which] : std::map<std::string, std::size_t>{{"load1", 0}, {"load5", 1}, {"load15", 2}}) {  // in hundredths
    EXPECT_GE(seen[name].get<double>(), std::min(load_before[which], load[which]) - 0.011) << name;
    EXPECT_LE(seen[name].get<double>(), std::max(load_before[which], load[which]) + 0.011) << name;
  }
  EXPECT_NEAR(seen["uptime"].get<double>(), static_cast<double>(system.uptime), 10);
}

TEST_F(MonitorMachine, gives_the_systems_figures_for_its_own_process) {
  const auto seen = figures();
  double pages = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> pages;
  const auto bytes = pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
  EXPECT_NEAR(seen["server_memory"].get<double>(), bytes, bytes / 4);
}

TEST_F(MonitorMachine, gives_the_load_of_the_processors) {
  figures();
  const auto [busy, all] = processors();
  for (const auto until = std::clock() + CLOCKS_PER_SEC / 2; std::clock() < until;) {
  }
  const auto seen = figures();
  const auto [busy_then, all_then] = processors();
  EXPECT_NEAR(seen["cpu"].get<double>(), 100 * (busy_then - busy) / (all_then - all), 15);
  EXPECT_GT(seen["cpu"], 0);
}

TEST_F(MonitorMachine, counts_network_traffic_but_not_loopback) {
  figures();
  const auto before = network();
  const int to = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  const std::string much(50'000, 'x');
  for (int i = 0; i < 1000; ++i) ::sendto(to, much.data(), much.size(), 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::close(to);
  const auto seen = figures();
  const auto after = network();
  const auto most = 10'000'000 + 2 * (after.first - before.first + after.second - before.second);  // with other traffic
  EXPECT_LE(seen["network"], most);
  EXPECT_NEAR(seen["network"].get<double>(), seen["received"].get<double>() + seen["sent"].get<double>(), 1);
}

TEST_F(MonitorMachine, writes_whole_numbers_without_a_fraction) {
  const auto seen = figures();
  for (const auto& [name, value] : seen.items()) {
    EXPECT_TRUE(!value.is_number() || value.is_number_integer() == (value == std::floor(value.get<double>()))) << name << " is " << value;
  }
  for (const auto* name : {"ts", "connections", "rooms", "uptime", "server_memory"}) EXPECT_TRUE(seen[name].is_number_integer()) << name;
}

}  // namespace
