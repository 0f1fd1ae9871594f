// The kernel's figures about a server on this machine: processor time, memory, descriptors. Used on one thread.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hubbub::bench {

class ServerProcess {
 public:
  // The process that listens on this TCP port, if it is on this machine and readable for us.
  static std::optional<pid_t> listening_on(std::uint16_t port);

  // Throws std::runtime_error if there is no such process.
  explicit ServerProcess(pid_t pid);

  pid_t pid() const { return pid_; }
  std::vector<int> processors() const;  // those it may run on now

  // Processor time since its start, in µs, of all threads, including those that have ended. On loopback the kernel
  // delivers a packet within the sender's send(), as a soft interrupt. Most kernels count that as the sender's time; if the
  // kernel counts it separately (CONFIG_IRQ_TIME_ACCOUNTING), the soft interrupts of the server's processors are added, and
  // in any case the time of their ksoftirqd. This is right only if the server has its processors for itself.
  double cpu_us() const;

  // The part of it that was spent in soft interrupts, in µs, in steps of 10 ms: from /proc/stat, of its processors.
  double softirq_us() const;

  // Whether it shares no processor with this process; otherwise the two figures above mean little.
  bool is_apart() const;

  std::uint64_t resident_bytes() const;
  std::size_t descriptors() const;  // that it has open

 private:
  pid_t pid_;
  clockid_t clock_{};
  std::vector<int> processors_;
  std::vector<clockid_t> ksoftirqd_;
  bool softirq_apart_ = false;
};

}  // namespace hubbub::bench
