// A client library that does its own I/O lives on a shard by way of one small adapter: it says which descriptor it wants to be told
// of and for what, and when it wants to be called at the latest, as curl's multi, libpq and hiredis do.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "runtime/descriptor.hpp"
#include "runtime/io_shard.hpp"
#include "runtime/loop.hpp"

namespace hubbub::runtime {
namespace {

using namespace std::chrono_literals;

// Sends a line and waits for a line, over its own socket. It knows nothing of shards.
class Library {
 public:
  struct Host {
    virtual void want(int descriptor, bool reading, bool writing) = 0;
    virtual void want_call_after(std::chrono::milliseconds delay) = 0;

   protected:
    ~Host() = default;
  };
  using Answer = std::function<void(const std::string&)>;

  Library(Host& host, Descriptor socket) : host_(host), socket_(std::move(socket)) {}

  void ask(std::string line, std::chrono::milliseconds patience, Answer answer) {
    unsent_ = std::move(line) + "\n";
    answer_ = std::move(answer);
    host_.want(socket_.get(), false, true);
    host_.want_call_after(patience);
  }
  void on_writable() {
    const auto sent = ::write(socket_.get(), unsent_.data(), unsent_.size());
    if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
    if (unsent_.empty()) host_.want(socket_.get(), true, false);
  }
  void on_readable() {
    std::array<char, 16> some{};
    const auto count = ::read(socket_.get(), some.data(), some.size());
    if (count < 0 && is_for_later(errno)) return;
    if (count <= 0) return finish("it has gone");
    received_.append(some.data(), static_cast<std::size_t>(count));
    if (received_.ends_with('\n')) finish(received_.substr(0, received_.size() - 1));
  }
  void on_time() { finish("no answer"); }

 private:
  void finish(const std::string& result) {
    host_.want(socket_.get(), false, false);
    received_.clear();
    if (answer_) std::exchange(answer_, nullptr)(result);
  }

  Host& host_;
  Descriptor socket_;
  std::string unsent_, received_;
  Answer answer_;
};

// The adapter between a shard and the library.
class Adapter final : public Library::Host, public Poller::Watcher {
 public:
  Adapter(IoShard& shard, Descriptor socket)
      : shard_(shard), timer_(shard.make_timer([this] { library.on_time(); })), library(*this, std::move(socket)) {}
  ~Adapter() { stop(); }

  void stop() {
    if (watched_ >= 0) shard_.loop().poller().remove(std::exchange(watched_, -1), *this);
    timer_->cancel();
  }

  void want(int descriptor, bool reading, bool writing) override {
    auto& poller = shard_.loop().poller();
    const Interest interest{.reading = reading, .writing = writing};
    const bool wants_any = reading || writing;
    if (watched_ >= 0 && wants_any) {
      poller.change(descriptor, *this, interest);
    } else if (wants_any) {
      poller.add(descriptor, *this, interest);
    } else if (watched_ >= 0) {
      poller.remove(descriptor, *this);  // or a peer that has gone would be told of in each turn
    }
    watched_ = wants_any ? descriptor : -1;
    if (!wants_any) timer_->cancel();
  }
  void want_call_after(std::chrono::milliseconds delay) override { timer_->arm(delay); }
  void on_ready(bool readable, bool writable) override {
    ++calls;
    if (writable) library.on_writable();
    if (readable && watched_ >= 0) library.on_readable();  // unless the library has just changed its mind
  }

 private:
  IoShard& shard_;
  int watched_ = -1;
  std::unique_ptr<Timer> timer_;

 public:
  Library library;
  int calls = 0;  // of on_ready
};

struct ForeignClient : ::testing::Test {
  ForeignClient() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    service = Descriptor{pair[1]};
    inside.start();
    outside.start();
    outside.post([this, socket = pair[0]] { client = std::make_shared<Adapter>(outside, Descriptor{socket}); });
  }
  ~ForeignClient() override {
    std::promise<void> gone;
    outside.post([&] {
      client.reset();
      gone.set_value();
    });
    gone.get_future().get();
  }

  // Asks, as from a room's thread, and gets the answer there.
  std::future<std::string> ask(const std::string& line, std::chrono::milliseconds patience = 1h) {
    auto told = std::make_shared<std::promise<std::string>>();
    inside.post([this, told, line, patience] {
      outside.post([this, told, line, patience] {
        client->library.ask(line, patience, [this, told](const std::string& answer) {
          inside.post([this, told, answer] { told->set_value((inside.is_current() ? "inside: " : "elsewhere: ") + answer); });
        });
      });
    });
    return told->get_future();
  }

  // The next bytes that the service receives, at least one.
  std::string hear() {
    std::array<char, 100> some{};
    for (;;) {
      const auto count = ::read(service.get(), some.data(), some.size());
      if (count >= 0) return {some.data(), static_cast<std::size_t>(count)};
      std::this_thread::yield();
    }
  }
  void say(const std::string& text) { EXPECT_EQ(::write(service.get(), text.data(), text.size()), static_cast<ssize_t>(text.size())); }

  template <class Call>
  auto on_outside(Call call) {
    std::packaged_task<decltype(call())()> packaged{std::move(call)};
    auto result = packaged.get_future();
    outside.post([&packaged] { packaged(); });
    return result.get();
  }

  IoShard inside{"inside"}, outside{"outside"};
  Descriptor service;
  std::shared_ptr<Adapter> client;  // on the outside shard
};

TEST_F(ForeignClient, posts_each_kind_of_answer_to_the_asker) {
  for (int i = 0; i < 3; ++i) {
    auto answer = ask("how are you?");
    EXPECT_EQ(hear(), "how are you?\n");
    for (const std::string part : {"f", "in", "e, thank you", "\n"}) say(part);
    EXPECT_EQ(answer.get(), "inside: fine, thank you");
  }
}

TEST_F(ForeignClient, is_called_after_its_timeout) {
  EXPECT_EQ(ask("are you there?", 20ms).get(), "inside: no answer");
  EXPECT_EQ(hear(), "are you there?\n");
  auto answer = ask("and now?");
  EXPECT_EQ(hear(), "and now?\n");
  say("yes\n");
  EXPECT_EQ(answer.get(), "inside: yes");
}

TEST_F(ForeignClient, is_told_that_the_other_end_has_closed) {
  auto answer = ask("are you there?");
  EXPECT_EQ(hear(), "are you there?\n");
  service = {};
  EXPECT_EQ(answer.get(), "inside: it has gone");
  const auto calls = [this] { return on_outside([this] { return client->calls; }); };
  const int before = calls();
  for (int turn = 0; turn < 10; ++turn) EXPECT_EQ(calls(), before) << "it wants nothing, so its shard sleeps";
}

TEST_F(ForeignClient, may_be_destroyed_by_its_own_answer) {
  std::promise<std::string> told;
  on_outside([&] {
    client->library.ask("are you there?", 1h, [&](const std::string& answer) {
      auto gone = std::exchange(client, nullptr);
      gone->stop();
      outside.loop().dispose(std::move(gone));
      told.set_value(answer);
    });
    return 0;
  });
  EXPECT_EQ(hear(), "are you there?\n");
  say("yes\n");
  EXPECT_EQ(told.get_future().get(), "yes");
}

}  // namespace
}  // namespace hubbub::runtime
