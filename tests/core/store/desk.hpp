// Makes the test's thread a room's thread: it runs the tasks that a store posts to it while it waits for an answer.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/log.hpp"

namespace hubbub::store {

inline std::uint64_t client(const std::string& sender) { return client_number({}, sender); }

class Desk {
 public:
  Desk() = default;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() { inside_->tasks.clear(); }  // tasks that nobody waited for keep their poster alive

  Post post() {
    return [inside = inside_](std::function<void()> task) {
      const std::lock_guard lock{inside->mutex};
      inside->tasks.push_back(std::move(task));
      inside->changed.notify_one();
    };
  }

  // Runs posted tasks until `arrived`.
  void wait_until(const std::function<bool()>& arrived) {
    while (!arrived()) {
      std::unique_lock lock{inside_->mutex};
      if (!inside_->changed.wait_for(lock, std::chrono::seconds{60}, [this] { return !inside_->tasks.empty(); })) {
        throw std::runtime_error{"waited in vain for the store to answer"};
      }
      const auto task = std::move(inside_->tasks.front());
      inside_->tasks.pop_front();
      lock.unlock();
      task();
    }
  }

  // Calls `ask` repeatedly until it returns true.
  void wait_until_so(const std::function<bool()>& ask) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!ask()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"waited in vain for what the store does on its own"};
    }
  }

  template <class Answer>
  Answer ask(const std::function<void(std::function<void(Answer)>)>& call) {
    std::optional<Answer> answer;
    call([&](Answer given) { answer.emplace(std::move(given)); });
    wait_until([&] { return answer.has_value(); });
    return std::move(*answer);
  }

  // A room's log, opened.
  std::shared_ptr<Log> log(Store& store, const std::string& room) {
    auto log = store.log(room, post());
    open(*log);
    return log;
  }

  Append append(Log& log, const Record& record) {
    return ask<Append>([&](auto done) { log.append(record, done); });
  }
  std::optional<Opening> open(Log& log) {
    return ask<std::optional<Opening>>([&](auto done) { log.open(done); });
  }
  Reading read(Log& log, std::uint64_t after, std::uint64_t through) {
    return ask<Reading>([&](auto done) { log.read(after, through, done); });
  }
  bool recall(Log& log, const std::string& sender) {
    return ask<bool>([&](auto done) { log.recall(client(sender), done); });
  }

  void fill(Log& log, std::uint64_t first, std::uint64_t last);

  // The seqs that are read; nothing if the log does not reach back that far.
  std::optional<std::vector<std::uint64_t>> seqs(Log& log, std::uint64_t after, std::uint64_t through) {
    const auto reading = read(log, after, through);
    if (reading.result != Reading::Result::whole) return {};
    std::vector<std::uint64_t> all;
    for (const auto& entry : reading.records) all.push_back(entry.seq);
    return all;
  }

 private:
  struct Inside {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> tasks;
  };
  std::shared_ptr<Inside> inside_ = std::make_shared<Inside>();
};

inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline Record record(std::uint64_t seq, const std::string& ref = {}, const std::string& sender = "john", std::size_t size = 100) {
  const auto its = client(sender);
  const auto repetition = ref.empty() ? Repetition{} : Repetition{its, ref_number(its, ref), seq};
  return {seq, now_ms(), "probe", "1.0", repetition, Frame::copy(std::string(size, 'x'))};
}

inline std::optional<std::uint64_t> find(const Log& log, const std::string& sender, const std::string& ref) {
  return log.find(ref_number(client(sender), ref));
}

inline void Desk::fill(Log& log, std::uint64_t first, std::uint64_t last) {
  for (auto seq = first; seq <= last; ++seq) ASSERT_EQ(append(log, record(seq, std::to_string(seq))), Append::committed);
}

using Seqs = std::vector<std::uint64_t>;

// A directory that is removed after the test.
class Folder {
 public:
  Folder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() / ("hubbub-store-" + std::to_string(random()));
    std::filesystem::create_directory(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace hubbub::store
