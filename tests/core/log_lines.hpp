// What is logged, for tests to look at. Made and gone while no other thread logs; asked on any.
#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

// What is logged while it lives, without times and levels.
class LogLines {
 public:
  LogLines() { spdlog::default_logger()->sinks().push_back(sink_); }
  ~LogLines() { std::erase(spdlog::default_logger()->sinks(), sink_); }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  // Those with this in them, since it was last asked for.
  std::vector<std::string> take(const std::string& part) const { return sink_->take(part); }

  // Waits for one with this in it. Returns it behind all that came before it and were not asked for yet.
  std::vector<std::string> until(const std::string& part) const { return sink_->until(part); }

 private:
  class Sink final : public spdlog::sinks::base_sink<std::mutex> {
   public:
    std::vector<std::string> take(const std::string& part) {
      const std::lock_guard lock{mutex_};
      std::erase_if(lines_, [&](const auto& line) { return line.find(part) == line.npos; });
      return std::exchange(lines_, {});
    }
    std::vector<std::string> until(const std::string& part) {
      std::unique_lock lock{mutex_};
      const auto found = [&] { return std::ranges::find_if(lines_, [&](const auto& line) { return line.find(part) != line.npos; }); };
      if (!changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return found() != lines_.end(); })) {
        std::string all;
        for (const auto& line : lines_) all += "\n" + line;
        throw std::runtime_error("waited in vain for a line with: " + part + all);
      }
      const auto end = found() + 1;
      std::vector<std::string> came{lines_.begin(), end};
      lines_.erase(lines_.begin(), end);
      return came;
    }

   private:
    void sink_it_(const spdlog::details::log_msg& message) override {
      lines_.emplace_back(message.payload.data(), message.payload.size());
      changed_.notify_all();
    }
    void flush_() override {}

    std::condition_variable_any changed_;
    std::vector<std::string> lines_;
  };

  std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
};

}  // namespace hubbub
