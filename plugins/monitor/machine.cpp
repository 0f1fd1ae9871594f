#include "machine.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace monitor {
namespace {

const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
const auto page_size = static_cast<double>(sysconf(_SC_PAGESIZE));

// proc(5): user nice system idle iowait irq softirq steal; the last two are part of user and nice.
void read_cpu(Machine& machine) {
  std::ifstream stat{"/proc/stat"};
  std::string name;
  stat >> name;
  double value = 0;
  for (int field = 0; field < 8 && stat >> value; ++field) {
    machine.cpu_all += value / ticks_per_second;
    if (field != 3 && field != 4) machine.cpu_busy += value / ticks_per_second;
  }
}

void read_memory(Machine& machine) {
  std::ifstream meminfo{"/proc/meminfo"};
  double available = 0;
  for (std::string line; std::getline(meminfo, line);) {
    std::istringstream fields{line};
    std::string name;
    double kib = 0;
    fields >> name >> kib;
    if (name == "MemTotal:") machine.memory_all = kib * 1024;
    if (name == "MemAvailable:") available = kib * 1024;
  }
  machine.memory_used = machine.memory_all - available;
}

void read_network(Machine& machine) {
  std::ifstream devices{"/proc/net/dev"};
  for (std::string line; std::getline(devices, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || line.substr(0, colon).ends_with(" lo") || line.starts_with("lo:")) continue;
    std::istringstream fields{line.substr(colon + 1)};
    double value = 0;
    for (int field = 0; field < 9 && fields >> value; ++field) {
      if (field == 0) machine.received += value;
      if (field == 8) machine.sent += value;
    }
  }
}

void read_process(Machine& machine) {
  std::ifstream stat{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{stat}, {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields{text.substr(name_end + 1)};
  std::string field;
  for (int number = 3; fields >> field && number <= 24; ++number) {  // as proc(5) numbers them
    if (number == 14 || number == 15) machine.process_cpu += std::stod(field) / ticks_per_second;
    if (number == 24) machine.process_memory = std::stod(field) * page_size;
  }
}

}  // namespace

Machine measure(const std::string& disk) {
  Machine machine;
  read_cpu(machine);
  read_memory(machine);
  read_network(machine);
  read_process(machine);
  std::ifstream{"/proc/loadavg"} >> machine.load[0] >> machine.load[1] >> machine.load[2];
  std::ifstream{"/proc/uptime"} >> machine.uptime;
  struct statvfs system {};
  if (statvfs(disk.c_str(), &system) == 0) {
    const auto block = static_cast<double>(system.f_frsize);
    machine.disk_all = block * static_cast<double>(system.f_blocks - system.f_bfree + system.f_bavail);  // without the blocks reserved for root
    machine.disk_used = block * static_cast<double>(system.f_blocks - system.f_bfree);
  }
  return machine;
}

}  // namespace monitor
