#include "net/loop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <exception>

namespace hubbub::net {
namespace {

// What one turn runs at most before it writes: enough to merge well, too little to be noticed as a delay.
constexpr int turn_length = 512;

template <class Call>
void guarded(Call call) {
  try {
    call();
  } catch (const std::exception& error) {
    spdlog::error("a task of the event loop failed: {}", error.what());
  } catch (...) {
    spdlog::error("a task of the event loop failed");
  }
}

}  // namespace

void Loop::forget(const Writer& writer) {
  const auto same = [&](const Writer* other) { return other == &writer; };
  std::erase_if(writers_, same);
  std::replace_if(writing_.begin(), writing_.end(), same, nullptr);
}

void Loop::run() {
  const auto work = asio::make_work_guard(context_);
  while (running_) {
    guarded([this] { run_what_is_ready(); });
    write_what_was_collected();
  }
}

void Loop::stop() {
  asio::post(context_, [this] { running_ = false; });
}

void Loop::run_what_is_ready() {
  context_.run_one();
  for (int i = 1; i < turn_length && running_ && context_.poll_one() != 0; ++i) {
  }
}

void Loop::write_what_was_collected() {
  // Writing finds out who has gone, and telling the others of it makes new output.
  while (!writers_.empty()) {
    writing_.swap(writers_);
    for (std::size_t i = 0; i < writing_.size(); ++i) {
      if (auto* writer = writing_[i]) guarded([&] { writer->write_collected(); });
    }
    writing_.clear();
  }
}

}  // namespace hubbub::net
