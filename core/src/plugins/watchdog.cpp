#include "plugins/watchdog.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "config/quantity.hpp"
#include "plugins/calls.hpp"
#include "plugins/last_words.hpp"
#include "runtime/log.hpp"
#include "runtime/thread.hpp"

namespace hubbub::plugins {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_look_away{250};
constexpr std::chrono::minutes longest_silence{1};  // between two lines on a call that still hangs

// A call that was under way when the watchdog last looked.
struct Watched {
  std::uint64_t number;
  Clock::time_point since;
  std::time_t clock;     // the time of day at `since`
  Clock::duration next;  // the age at which the call is reported next
  HangingCall call;
  bool told = false;
};

std::mutex watching;
auto& watched = *new std::map<runtime::Thread*, Watched>;  // guarded by `watching`; never deleted: a thread may outlive main()

std::string words(const HangingCall& call) {
  const auto part = [](const char* name, const std::string& value) { return value.empty() ? "" : name + shown_name(value); };
  auto text = part("room=", call.room) + (call.room.empty() ? "" : " ");
  return text + "plugin=" + call.plugin + " " + call.name + part(" type=", call.type);
}

std::string seconds(Clock::duration time) {
  return config::duration_text(std::chrono::round<std::chrono::seconds>(std::max<Clock::duration>(time, std::chrono::seconds{1})));
}

std::string time_of_day(std::time_t time) {
  std::tm local{};
  char text[] = "hh:mm:ss";
  localtime_r(&time, &local);
  std::strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

}  // namespace

std::vector<HangingCall> hanging_calls() {
  const std::lock_guard lock{watching};
  std::vector<HangingCall> calls;
  for (const auto& [thread, its] : watched) {
    if (!its.told) continue;
    calls.push_back(its.call);
    calls.back().time = Clock::now() - its.since;
  }
  return calls;
}

// The watching thread, and the watchdogs that share it.
class Watchdog::Looker {
 public:
  // The only one in the process. It exists as long as somebody holds it.
  static std::shared_ptr<Looker> get() {
    static std::mutex making;
    static std::weak_ptr<Looker> known;
    const std::lock_guard lock{making};
    auto looker = known.lock();
    if (!looker) known = looker = std::make_shared<Looker>();
    return looker;
  }

  Looker() : thread_(runtime::start_thread("watchdog", [this] { run(); })) {}
  ~Looker();
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;

  void add(Watchdog& watchdog) {
    const std::lock_guard lock{mutex_};
    watchdogs_.push_back(&watchdog);
  }
  void remove(Watchdog& watchdog) {
    const std::lock_guard lock{mutex_};
    std::erase(watchdogs_, &watchdog);
  }
  template <class Change>
  void change(Change change) {
    const std::lock_guard lock{mutex_};
    change();
  }

 private:
  void run();
  void look();
  milliseconds patience() const;

  std::mutex mutex_;
  std::condition_variable stopping_;
  std::vector<Watchdog*> watchdogs_;  // guarded by the mutex
  bool stop_ = false;                 // likewise
  std::thread thread_;
};

Watchdog::Watchdog(milliseconds patience) : patience_(patience), looker_(Looker::get()) { looker_->add(*this); }
Watchdog::~Watchdog() { looker_->remove(*this); }

void Watchdog::set_patience(milliseconds patience) {
  looker_->change([&] { patience_ = patience; });
}

void Watchdog::lower_patience(milliseconds patience) {
  looker_->change([&] { patience_ = std::min(patience_, patience); });
}

void Watchdog::tell(std::function<void()> on_hang) {
  looker_->change([&] { on_hang_ = std::move(on_hang); });
}

Watchdog::Looker::~Looker() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
  const std::lock_guard lock{watching};
  for (auto& [thread, its] : std::exchange(watched, {})) thread->set_hangs(false);
}

// The least of all patiences, so that no watchdog hears of a call too late.
milliseconds Watchdog::Looker::patience() const {
  auto least = milliseconds::max();
  for (const auto* watchdog : watchdogs_) least = std::min(least, watchdog->patience_);
  return least;
}

void Watchdog::Looker::run() {
  std::unique_lock lock{mutex_};
  while (!stop_) {
    const auto pause = std::clamp<milliseconds>(patience() / 4, milliseconds{10}, longest_look_away);
    if (stopping_.wait_for(lock, pause, [this] { return stop_; })) return;
    try {
      look();
    } catch (const std::exception& error) {
      log::error("the watchdog failed: {}", error.what());
    }
  }
}

void Watchdog::Looker::look() {
  const auto now = Clock::now();
  const auto calls = calls_under_way();
  bool more = false;
  {
    const std::lock_guard guard{watching};
    std::erase_if(watched, [&](auto& entry) {
      auto& [thread, its] = entry;
      const auto goes_on = [&](const auto& call) { return call.thread == thread && call.number == its.number; };
      if (std::ranges::any_of(calls, goes_on)) return false;
      if (its.told) {
        thread->set_hangs(false);
        log::warn("{} has returned, after {}", words(its.call), seconds(now - its.since));
      }
      return true;
    });
    for (const auto& call : calls) {
      const auto [found, is_new] = watched.try_emplace(
          call.thread, Watched{call.number, now, std::time(nullptr), patience(), {call.plugin, call.room, call.name, call.type}});
      auto& its = found->second;
      const auto time = now - its.since;
      if (is_new || time < its.next) continue;
      its.next = std::min(2 * std::max(its.next, time), time + longest_silence);
      more = more || !its.told;
      its.told = true;
      call.thread->set_hangs(true);
      log::error("{} has not returned since {}, for {}: all other work of its thread waits until it returns or "
                 "the server is ended; /healthz answers 503", words(its.call), time_of_day(its.clock), seconds(time));
    }
  }
  for (const auto* watchdog : watchdogs_) {
    if (more && watchdog->on_hang_) watchdog->on_hang_();
  }
}

}  // namespace hubbub::plugins
