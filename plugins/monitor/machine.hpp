// Figures of this machine and this process, read from Linux's /proc: what has been counted since it started, and what is now.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace monitor {

struct Machine {
  // Counted since the machine started; for the process, since that did.
  double cpu_busy = 0, cpu_all = 0;   // seconds, of all processors together
  double received = 0, sent = 0;      // bytes, over all interfaces but loopback
  double process_cpu = 0;             // seconds

  // Now.
  double memory_used = 0, memory_all = 0;  // bytes
  double disk_used = 0, disk_all = 0;      // bytes, of the file system at hand
  std::array<double, 3> load{};            // of the last 1, 5 and 15 minutes
  double process_memory = 0;               // bytes in memory
  double uptime = 0;                       // seconds
};

// Reads them all; 0 stands for what this system does not tell. Takes about a tenth of a millisecond. `disk` is a path on
// the file system that is asked about. Any thread may call it.
Machine measure(const std::string& disk);

}  // namespace monitor
