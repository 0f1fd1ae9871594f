#include "net/loop.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <exception>
#include <utility>

namespace hubbub::net {
namespace {

// What one turn runs at most before it writes: enough to merge well, too little to be noticed as a delay.
constexpr int turn_length = 512;

constexpr std::size_t buffer_size = 64 * 1024;  // bytes: what is read from one connection at once

template <class Call>
void guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    spdlog::error("a task of the event loop failed: {}", error.what());
  } catch (...) {
    spdlog::error("a task of the event loop failed");
  }
}

}  // namespace

Loop::Loop() : buffer_(buffer_size) { poller_descriptor_.assign(::dup(poller_.descriptor())); }

void Loop::run_all(std::vector<rooms::Task>& tasks) {
  for (auto& task : tasks) guarded(task);
}

void Loop::run() {
  const auto work = asio::make_work_guard(context_);
  while (running_) {
    run_what_is_ready();
    write_what_was_collected();
    ended_.clear();
  }
}

void Loop::stop() {
  asio::post(context_, [this] { running_ = false; });
}

// While connections are busy, each turn asks for them itself: having Asio wait for them costs two more system calls.
void Loop::run_what_is_ready() {
  if (!watching_) {
    bool any = false;
    guarded([&] { any = poller_.poll(); });
    if (!any) watch_poller();
  }
  guarded([this] {
    const bool idle = watching_;
    auto ran = idle ? context_.run_one() : context_.poll_one();
    const auto polled = [&] { return idle && !watching_; };
    for (int i = 1; i < turn_length && running_ && ran != 0 && !polled(); ++i) ran = context_.poll_one();
  });
}

void Loop::watch_poller() {
  watching_ = true;
  poller_descriptor_.async_wait(asio::posix::descriptor_base::wait_read, [this](const error_code&) {
    watching_ = false;
    poller_.poll();
  });
}

void Loop::write_what_was_collected() {
  // Writing finds out who has gone, and telling the others of it makes new output.
  while (!batches_.empty() || !writers_.empty()) {
    batches_.empty() ? write_all(writers_, writing_) : write_all(batches_, writing_batches_);
  }
}

template <class Writer>
void Loop::write_all(std::vector<Writer>& writers, std::vector<Writer>& writing) {
  writing.swap(writers);
  for (const auto& writer : writing) guarded([&] { writer->on_turn_end(); });
  writing.clear();
}

}  // namespace hubbub::net
