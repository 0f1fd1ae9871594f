#include "server_process.hpp"

#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace hubbub::bench {
namespace {

namespace fs = std::filesystem;

std::string of(pid_t pid, const std::string& file) { return "/proc/" + std::to_string(pid) + "/" + file; }

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

template <class Call>
void for_each_process(Call call) {
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (is_number(name)) call(static_cast<pid_t>(std::stol(name)));
  }
}

// The inodes of the sockets that listen on the port.
std::vector<std::string> listeners(std::uint16_t port) {
  std::vector<std::string> found;
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file{table};
    std::string line;
    std::getline(file, line);  // the headings
    while (std::getline(file, line)) {
      std::istringstream fields{line};
      std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      const auto at = std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16);
      if (state == "0A" && at == port) found.push_back("socket:[" + inode + "]");
    }
  }
  return found;
}

double clock_us(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) throw std::runtime_error{"the server has ended"};
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

bool kernel_keeps_softirq_apart() {
  utsname name{};
  ::uname(&name);
  for (const auto& path : {std::string{"/proc/config.gz"}, std::string{"/boot/config-"} + name.release}) {
    const auto file = ::gzopen(path.c_str(), "rb");  // also reads files that are not compressed
    if (!file) continue;
    bool apart = false;
    for (char line[1024]; !apart && ::gzgets(file, line, sizeof line);) {
      apart = std::string_view{line}.starts_with("CONFIG_IRQ_TIME_ACCOUNTING=y");
    }
    ::gzclose(file);
    return apart;
  }
  return false;
}

std::vector<int> allowed(pid_t pid) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (::sched_getaffinity(pid, sizeof set, &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<std::size_t>(i), &set)) processors.push_back(i);
  }
  return processors;
}

}  // namespace

std::optional<pid_t> ServerProcess::listening_on(std::uint16_t port) {
  const auto sockets = listeners(port);
  std::optional<pid_t> found;
  for_each_process([&](pid_t pid) {
    std::error_code unreadable;  // another user's, or it has ended
    for (fs::directory_iterator entry{of(pid, "fd"), unreadable}, end; !found && entry != end; entry.increment(unreadable)) {
      const auto target = fs::read_symlink(entry->path(), unreadable).string();
      if (std::ranges::find(sockets, target) != sockets.end()) found = pid;
    }
  });
  return found;
}

ServerProcess::ServerProcess(pid_t pid) : pid_(pid), processors_(allowed(pid)), softirq_apart_(kernel_keeps_softirq_apart()) {
  if (::clock_getcpuclockid(pid, &clock_) != 0) throw std::runtime_error{"there is no process " + std::to_string(pid)};
  for_each_process([&](pid_t other) {
    std::string name;
    std::getline(std::ifstream{of(other, "comm")}, name);
    clockid_t clock{};
    if (!name.starts_with("ksoftirqd/") || ::clock_getcpuclockid(other, &clock) != 0) return;
    if (std::ranges::find(processors_, std::stoi(name.substr(10))) != processors_.end()) ksoftirqd_.push_back(clock);
  });
}

std::vector<int> ServerProcess::processors() const { return allowed(pid_); }

bool ServerProcess::is_apart() const {
  const auto ours = allowed(0);
  return std::ranges::none_of(processors_, [&](int processor) { return std::ranges::find(ours, processor) != ours.end(); });
}

double ServerProcess::cpu_us() const {
  auto sum = clock_us(clock_);
  if (!is_apart()) return sum;
  if (softirq_apart_) return sum + softirq_us();
  for (const auto clock : ksoftirqd_) sum += clock_us(clock);
  return sum;
}

double ServerProcess::softirq_us() const {
  std::ifstream file{"/proc/stat"};
  double ticks = 0;
  for (std::string line; std::getline(file, line) && line.starts_with("cpu");) {
    std::istringstream fields{line};
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
    fields >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
    if (name == "cpu") continue;  // all of them together
    if (std::ranges::find(processors_, std::stoi(name.substr(3))) != processors_.end()) ticks += softirq;
  }
  return ticks * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t ServerProcess::resident_bytes() const {
  std::ifstream file{of(pid_, "smaps_rollup")};  // exact; statm lacks the pages that each processor has not added yet
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Rss:")) return std::stoull(line.substr(4)) * 1024;
  }
  throw std::runtime_error{"the memory of process " + std::to_string(pid_) + " is not to be seen"};
}

std::size_t ServerProcess::descriptors() const {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{of(pid_, "fd")}, {}));
}

}  // namespace hubbub::bench
