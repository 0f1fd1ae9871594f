// How a process ends in which a plugin ends it: what it says, with which status, and what it leaves for the next start.
#include "plugins/last_words.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "plugins/calls.hpp"
#include "plugins/suspects.hpp"

// Sanitizers have an _exit and handlers of signals of their own: with these, tests/e2e/dying.test.mjs is what there is.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace hubbub::plugins {
namespace {

namespace fs = std::filesystem;
using ::testing::ExitedWithCode;
using ::testing::KilledBySignal;

const std::string cellar = "cellar";

struct LastWords : ::testing::Test {
  LastWords() {
    std::string name = (fs::temp_directory_path() / "hubbub-last-words-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = folder / "hubbub.db.crash";
  }
  ~LastWords() override { fs::remove_all(folder); }

  // In a process of its own.
  template <class End>
  void in_a_message(End end) const {
    const auto kept = prepare();
    const InHand message{"jane", "7", "deed", 42};
    const Call call{"deadly", "b1", &cellar, "on_message"};
    end();
  }
  template <class End>
  void in_a_call(End end) const {
    const auto kept = prepare();
    const Call call{"deadly", "b1", &cellar, "on_timer"};
    end();
  }
  template <class End>
  void outside(End end) const {
    const auto kept = prepare();
    end();
  }
  [[nodiscard]] SuspectsFile prepare() const {
    promise_last_words();
    return {file, {}};
  }

  // Whether that message, and nothing else, is known at the next start. It is forgotten then.
  bool is_noted() const {
    const auto now = std::time(nullptr);
    const Suspects all{file, now};
    const bool noted = all.hold("b1", cellar, "jane", "7", "deed", 42, now);
    EXPECT_EQ(all.all().size(), noted ? 1U : 0U);
    fs::remove(file);
    return noted;
  }

  fs::path folder, file;
};

TEST_F(LastWords, of_a_process_that_ends_itself_in_a_call_say_so_and_it_never_ends_as_if_all_were_well) {
  EXPECT_EXIT(in_a_message([] { std::exit(0); }), ExitedWithCode(1), "^hubbub ends by exit\\(\\): room=cellar plugin=deadly on_message type=deed\n$");
  EXPECT_TRUE(is_noted());
  EXPECT_EXIT(in_a_message([] { std::exit(7); }), ExitedWithCode(7), "hubbub ends by exit\\(\\): room=cellar plugin=deadly on_message type=deed");
  EXPECT_TRUE(is_noted());
  EXPECT_EXIT(in_a_message([] { std::quick_exit(0); }), ExitedWithCode(1), "hubbub ends by quick_exit\\(\\): room=cellar plugin=deadly on_message type=deed");
  EXPECT_TRUE(is_noted());
  EXPECT_EXIT(in_a_message([] { ::_exit(0); }), ExitedWithCode(1), "hubbub ends by _exit\\(\\): room=cellar plugin=deadly on_message type=deed");
  EXPECT_TRUE(is_noted());
  EXPECT_EXIT(in_a_message([] { std::_Exit(3); }), ExitedWithCode(3), "hubbub ends by _exit\\(\\): room=cellar plugin=deadly on_message type=deed");
  EXPECT_TRUE(is_noted());
}

TEST_F(LastWords, of_a_process_that_ends_by_a_signal_in_a_call_say_so_and_it_ends_by_that_signal) {
  EXPECT_EXIT(in_a_message([] { std::abort(); }), KilledBySignal(SIGABRT), "^hubbub ends by SIGABRT: room=cellar plugin=deadly on_message type=deed\n$");
  EXPECT_TRUE(is_noted());
  for (const auto& [signal, name] : {std::pair{SIGSEGV, "SIGSEGV"}, std::pair{SIGBUS, "SIGBUS"}, std::pair{SIGFPE, "SIGFPE"}, std::pair{SIGILL, "SIGILL"},
                                     std::pair{SIGSYS, "SIGSYS"}}) {
    EXPECT_EXIT(in_a_message([signal = signal] { ::raise(signal); }), KilledBySignal(signal),
                "^hubbub ends by " + std::string{name} + ": room=cellar plugin=deadly on_message type=deed\n$");
    EXPECT_TRUE(is_noted()) << name;
  }
}

TEST_F(LastWords, of_a_call_that_is_made_for_no_message_leave_nothing_to_refuse) {
  EXPECT_EXIT(in_a_call([] { std::exit(0); }), ExitedWithCode(1), "^hubbub ends by exit\\(\\): room=cellar plugin=deadly on_timer\n$");
  EXPECT_FALSE(is_noted());
  EXPECT_EXIT(in_a_call([] { std::abort(); }), KilledBySignal(SIGABRT), "^hubbub ends by SIGABRT: room=cellar plugin=deadly on_timer\n$");
  EXPECT_FALSE(is_noted());
}

TEST_F(LastWords, of_a_process_that_no_plugin_ends_are_none_of_its_status_and_only_of_a_signal) {
  for (const int status : {0, 3}) {
    EXPECT_EXIT(outside([status] { std::exit(status); }), ExitedWithCode(status), "^$");
    EXPECT_EXIT(outside([status] { ::_exit(status); }), ExitedWithCode(status), "^$");
    EXPECT_EXIT(outside([status] { end_now(status); }), ExitedWithCode(status), "^$");
  }
  EXPECT_EXIT(in_a_message([] { end_now(5); }), ExitedWithCode(5), "^$") << "the log has been told";
  EXPECT_EXIT(outside([] { std::abort(); }), KilledBySignal(SIGABRT), "^hubbub ends by SIGABRT, outside of any plugin's call\n$");
  EXPECT_FALSE(is_noted());
}

// At the second signal, when another thread is still in a call.
TEST_F(LastWords, of_a_server_that_is_told_to_end_at_once_leave_the_messages_of_calls_that_hang_and_no_others) {
  for (const bool hangs : {true, false}) {
    const auto end = [&] {
      const auto kept = prepare();
      std::promise<void> there;
      std::thread{[&] {
        const InHand message{"jane", "7", "deed", 42};
        const Call call{"deadly", "b1", &cellar, "on_message"};
        runtime::Thread::current()->set_hangs(hangs);
        there.set_value();
        for (;;) ::pause();
      }}.detach();
      there.get_future().wait();
      note_hanging_calls();
      end_now(5);
    };
    EXPECT_EXIT(end(), ExitedWithCode(5), "^$");
    EXPECT_EQ(is_noted(), hangs);
  }
}

}  // namespace
}  // namespace hubbub::plugins

#endif
