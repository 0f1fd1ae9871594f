// A store for tests that answers when the test says so, in the order of the calls, and fails as it is told. What has been
// committed is kept in memory.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/rooms/scarce_memory.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {

class SlowStore final : public store::Store {
 public:
  explicit SlowStore(store::Retention retention = {}) : kept_(retention, 1000) {}

  bool fails_to_open = false;
  bool fails_to_append = false;
  bool fails_to_read = false;
  bool fails_to_recall = false;
  bool throws = false;  // whatever it is asked for
  std::optional<std::size_t> most_memory;  // bytes: there is no larger block for whoever is told what a log opened with
  std::function<void()> when_put;  // called when a room keeps a snapshot

  std::shared_ptr<store::Log> log(const std::string& room, store::Post post) override {
    may_throw();
    return std::make_shared<SlowLog>(*this, kept_.log(room, std::move(post)));
  }
  void drain() override {}

  // How many calls wait for their answer.
  std::size_t waiting() const { return waiting_.size(); }

  // Answers the oldest call, if any. To be called as on the room's thread.
  bool answer_one() {
    if (waiting_.empty()) return false;
    const auto answer = std::move(waiting_.front());
    waiting_.pop_front();
    answer();
    return true;
  }

  // What reads and what writes may overtake each other: the oldest call is answered after the others from now on.
  void put_off_oldest() {
    waiting_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }

 private:
  class SlowLog final : public store::Log {
   public:
    SlowLog(SlowStore& store, std::shared_ptr<store::Log> kept) : store_(store), kept_(std::move(kept)) {}

    void open(std::function<void(std::optional<store::Opening>)> done) override {
      later([&store = store_, kept = kept_, done] {
        if (store.fails_to_open) return done({});
        kept->open([&](std::optional<store::Opening> opening) {
          std::optional<ScarceMemory> scarce;
          if (store.most_memory) scarce.emplace(*store.most_memory);
          done(std::move(opening));
        });
      });
    }
    void append(const store::Record& record, std::function<void(store::Append)> done) override {
      later([&store = store_, kept = kept_, record, done] {
        store.fails_to_append ? done(store::Append::unavailable) : kept->append(record, done);
      });
    }
    void read(std::uint64_t after, std::uint64_t through, std::function<void(store::Reading)> done, Reader,
              std::size_t most) override {
      later([&store = store_, kept = kept_, after, through, done, most] {
        store.fails_to_read ? done({}) : kept->read(after, through, done, {}, most);
      });
    }
    void recall(std::uint64_t client, std::function<void(bool)> done) override {
      later([&store = store_, kept = kept_, client, done] {
        store.fails_to_recall ? done(false) : kept->recall(client, done);
      });
    }
    std::optional<std::uint64_t> find(std::uint64_t ref) const override { return kept_->find(ref); }
    void put(store::Snapshot snapshot) override {
      kept_->put(std::move(snapshot));
      if (store_.when_put) store_.when_put();
    }

   private:
    void later(std::function<void()> answer) {
      store_.may_throw();
      store_.waiting_.push_back(std::move(answer));
    }

    SlowStore& store_;
    std::shared_ptr<store::Log> kept_;
  };

  void may_throw() const {
    if (throws) throw std::runtime_error("the store was told to throw");
  }

  store::MemoryStore kept_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace hubbub::rooms
