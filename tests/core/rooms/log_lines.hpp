// What is logged, for tests to look at. Made and asked on the thread that logs, or while no other does.
#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::rooms {

// What is logged while it lives.
class LogLines {
 public:
  LogLines() {
    sink_->set_pattern("%v");
    spdlog::default_logger()->sinks().push_back(sink_);
  }
  ~LogLines() { std::erase(spdlog::default_logger()->sinks(), sink_); }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  // Those with this in them, since it was last asked for.
  std::vector<std::string> take(const std::string& part) {
    std::istringstream stream{std::exchange(text_, std::ostringstream{}).str()};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
      if (line.find(part) != line.npos) lines.push_back(line);
    }
    return lines;
  }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::sinks::sink> sink_ = std::make_shared<spdlog::sinks::ostream_sink_st>(text_);
};

}  // namespace hubbub::rooms
