// What the kernel knows about a server on this machine: processor time, memory, descriptors. One thread.
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
  // The process that listens on this TCP port, if there is one here and we may look at it.
  static std::optional<pid_t> listening_on(std::uint16_t port);

  // Throws std::runtime_error where there is no such process.
  explicit ServerProcess(pid_t pid);

  pid_t pid() const { return pid_; }
  std::vector<int> processors() const;  // those it may run on now

  // Processor time since it began, in µs, all of its threads together, those that have ended too. On loopback the kernel
  // delivers a packet within the send() of whoever sends it, as a soft interrupt. Most kernels count that as the sender's
  // time; of one that keeps it apart (CONFIG_IRQ_TIME_ACCOUNTING) the soft interrupts of the server's processors are added,
  // and in any case what was left to their ksoftirqd. That takes a server that has its processors for itself.
  double cpu_us() const;

  // Of that, what was spent in soft interrupts, in µs, in steps of 10 ms: /proc/stat's of its processors.
  double softirq_us() const;

  // Whether it shares no processor with this process, without which the two figures above say little.
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
