#include "runtime/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace hubbub::runtime {
namespace {

constexpr std::size_t ahead = 2;  // how many watchers ahead to prefetch from memory

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

std::uint32_t events_of(Interest interest) {
  return (interest.reading ? std::uint32_t{EPOLLIN} : 0U) | (interest.writing ? std::uint32_t{EPOLLOUT} : 0U);
}

}  // namespace

Poller::Poller() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!set_) fail("epoll_create1");
}

void Poller::add(int descriptor, Watcher& watcher, Interest interest) {
  if (!control(EPOLL_CTL_ADD, descriptor, watcher, events_of(interest))) fail("epoll_ctl");
}

bool Poller::change(int descriptor, Watcher& watcher, Interest interest) {
  return control(EPOLL_CTL_MOD, descriptor, watcher, events_of(interest));
}

bool Poller::add_shared(int socket, Watcher& watcher) {
  return control(EPOLL_CTL_ADD, socket, watcher, EPOLLIN | EPOLLEXCLUSIVE);
}

void Poller::add_alarm(int descriptor, Watcher& watcher) {
  if (!control(EPOLL_CTL_ADD, descriptor, watcher, EPOLLIN | EPOLLET)) fail("epoll_ctl");
}

void Poller::remove(int descriptor, Watcher& watcher) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  for (auto& event : untold_) {
    if (event.data.ptr == &watcher) event.data.ptr = nullptr;
  }
  std::erase(again_, &watcher);
  std::erase(telling_again_, &watcher);
}

void Poller::wait(int milliseconds) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  telling_again_.swap(again_);
  const auto count = ::epoll_wait(set_.get(), events_.data(), static_cast<int>(events_.size()), telling_again_.empty() ? milliseconds : 0);
  untold_ = std::span{events_}.first(static_cast<std::size_t>(std::max(count, 0)));
}

bool Poller::tell_next() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!telling_again_.empty()) {
    auto& watcher = *telling_again_.back();
    telling_again_.pop_back();
    watcher.on_ready(false, false);
    return true;
  }
  if (untold_.empty()) return false;
  const auto event = untold_.front();
  untold_ = untold_.subspan(1);
  if (untold_.size() > ahead) __builtin_prefetch(untold_[ahead].data.ptr);
  if (!event.data.ptr) return true;
  const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;  // reported as readable: reading then returns the error
  static_cast<Watcher*>(event.data.ptr)->on_ready(failed || (event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0);
  return true;
}

bool Poller::control(int operation, int descriptor, Watcher& watcher, std::uint32_t events) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  return ::epoll_ctl(set_.get(), operation, descriptor, &event) == 0;
}

}  // namespace hubbub::runtime
