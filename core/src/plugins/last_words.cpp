#include "plugins/last_words.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "plugins/calls.hpp"
#include "plugins/suspects.hpp"

namespace hubbub::plugins {
namespace {

constexpr std::array<std::pair<int, const char*>, 6> faults = {
    {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}, {SIGSYS, "SIGSYS"}}};
std::array<struct sigaction, faults.size()> others{};  // the previous handlers, which run next: the default, or a sanitizer's report
::pid_t process = 0;  // a child process that a plugin forked has another id and says nothing

// A line of text in a fixed buffer: a signal handler must not allocate.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const auto fits = std::min(text.size(), text_.size() - 1 - size_);
    std::memcpy(text_.data() + size_, text.data(), fits);
    size_ += fits;
    return *this;
  }
  void write() {
    text_[size_] = '\n';
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text_.data(), size_ + 1);
  }

 private:
  std::array<char, 1536> text_;
  std::size_t size_ = 0;
};

// The address of the instruction that the thread was at; 0 on other kinds of processor.
std::uintptr_t place_of(const void* context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  return 0;
#endif
}

void say(std::string_view how, const Call* call, std::uintptr_t place) {
  Line line;
  line << "hubbub ends by " << how;
  if (!call) {
    const auto* plugin = plugin_at(place);
    if (plugin) {
      // The main thread runs a plugin's code outside of a call only after main(): destructors and exit handlers of the library.
      const bool at_end = ::syscall(SYS_gettid) == process;
      line << ": plugin=" << plugin << (at_end ? " at the end of the process" : " on a thread of its own");
    } else {
      line << ", outside of any plugin's call";
    }
  } else {
    line << ":";
    if (call->room) line << " room=" << *call->room;
    line << " plugin=" << call->plugin << " " << call->name;
    if (!call->type().empty()) line << " type=" << call->type();
  }
  line.write();
}

void note(const Call& call) {
  if (!call.message || !call.room) return;
  const auto& message = *call.message;
  note_suspect(call.plugin, call.build, *call.room, message.sender, message.ref, message.type, message.asked);
}

void on_fault(int signal, siginfo_t* info, void* context) {
  const auto before = errno;
  const auto* const found = std::ranges::find(faults, signal, &std::pair<int, const char*>::first);
  if (::getpid() == process) {
    const auto* call = call_of_this_thread();
    say(found->second, call, place_of(context));
    if (call) note(*call);
  }
  errno = before;
  const auto& next = others[static_cast<std::size_t>(found - faults.begin())];
  if ((next.sa_flags & SA_SIGINFO) != 0 && next.sa_sigaction) return next.sa_sigaction(signal, info, context);
  if (info->si_code <= 0) ::raise(signal);  // a process sent the signal; a processor fault happens again by itself
}

// Handles the end of the process. Does nothing unless a plugin's call ends it.
void on_end(std::string_view how, int status) {
  const auto* call = call_of_this_thread();
  if (!call || ::getpid() != process) return;
  say(how, call, 0);
  note(*call);
  // At once, because other threads still run; and never with the status of success.
  end_now(status == 0 ? 1 : status);
}

}  // namespace

void promise_last_words() {
  process = ::getpid();
  runtime::Thread::current();  // so that the main thread, too, has a stack for signal handlers
  for (std::size_t i = 0; i < faults.size(); ++i) {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | static_cast<int>(SA_RESETHAND);
    ::sigaction(faults[i].first, &action, &others[i]);
  }
  ::at_quick_exit([] { on_end("quick_exit()", 0); });
  notice_exit();
}

void notice_exit() {
  ::on_exit([](int status, void*) { on_end("exit()", status); }, nullptr);
}

void end_now(int status) {
  ::syscall(SYS_exit_group, status);
  __builtin_unreachable();
}

void note_hanging_calls() {
  for (const auto& call : calls_under_way()) {
    if (!call.has_message || !call.thread->hangs()) continue;
    note_suspect(call.plugin, call.build, call.room, call.sender, call.ref, call.message_type, call.asked);
  }
}

}  // namespace hubbub::plugins

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HUBBUB_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HUBBUB_SANITIZED
#endif
#endif

#ifndef HUBBUB_SANITIZED
// Replaces the C library's _exit(), which calls no registered handler. Sanitizers have an _exit() of their own.
extern "C" void _exit(int status) {
  hubbub::plugins::on_end("_exit()", status);
  hubbub::plugins::end_now(status);
}
extern "C" void _Exit(int status) { _exit(status); }
#endif
