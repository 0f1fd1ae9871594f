#include "store/memory.hpp"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "protocol/random_id.hpp"
#include "protocol/tail.hpp"
#include "runtime/log.hpp"

namespace hubbub::store {
namespace {

// A record in as little memory as possible, because there may be a great many: the payload of its frame is the object's tail.
class Message final : public WithTail<Message> {
 public:
  static std::unique_ptr<const Message> of(const Record& record, std::size_t author) {
    return make({record.frame.payload()}, record, author);
  }

  std::string_view payload() const { return {tail(), payload_size_}; }

  const std::int64_t ts;
  const Repetition repetition;
  const std::uint32_t author;

 private:
  friend class WithTail<Message>;
  Message(const Record& record, std::size_t its_author)
      : ts(record.ts),
        repetition(record.repetition),
        author(static_cast<std::uint32_t>(its_author)),
        payload_size_(static_cast<std::uint32_t>(record.frame.payload().size())) {}

  const std::uint32_t payload_size_;
};

class MemoryLog final : public Log {
 public:
  // Keeps the whole recording, even above the store's size.
  MemoryLog(MemoryStore& store, Retention retention, Recording recording)
      : store_(store),
        retention_(retention),
        epoch_(std::move(recording.epoch)),
        first_(recording.first),
        snapshot_(std::move(recording.snapshot)) {
    for (const auto& record : recording.records) {
      store_.take(record.frame.payload().size(), true);
      keep(record);
    }
  }
  ~MemoryLog() override { store_.give_back(bytes_); }

  void open(std::function<void(std::optional<Opening>)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    done(Opening{epoch_, last(), snapshot_});
  }

  void append(const Record& record, std::function<void(Append)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (record.seq != last() + 1 || !store_.take(record.frame.payload().size())) return done(Append::unavailable);
    keep(record);
    done(Append::committed);
  }

  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done, Reader, std::size_t most) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (after < first_ - 1 || after > through || through > last()) return done({Reading::Result::trimmed, {}});
    Reading reading{Reading::Result::whole, {}};
    std::size_t weight = 0;
    for (auto seq = after + 1; seq <= through; ++seq) {
      const auto& kept = message(seq);
      const auto& [plugin, version] = authors_[kept.author];
      Record record{seq, kept.ts, plugin, version, kept.repetition, Frame::copy(kept.payload())};
      weight += record.frame.weight();
      if (weight > most && !reading.records.empty()) break;
      reading.records.push_back(std::move(record));
    }
    done(std::move(reading));
  }

  void recall(std::uint64_t, std::function<void(bool)> done) override { done(true); }

  std::optional<std::uint64_t> find(std::uint64_t ref) const override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto found = known_.find(ref);
    return found == known_.end() ? std::nullopt : std::optional{found->second};
  }

  void put(Snapshot snapshot) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    snapshot_ = std::move(snapshot);
    trim();
  }

 private:
  std::uint64_t last() const { return first_ + messages_.size() - 1; }

  const Message& message(std::uint64_t seq) const { return *messages_[static_cast<std::size_t>(seq - first_)]; }

  std::size_t author_of(const Record& record) {
    const auto found = std::ranges::find_if(authors_, [&](const auto& author) {
      return author.first == record.plugin && author.second == record.version;
    });
    if (found != authors_.end()) return static_cast<std::size_t>(found - authors_.begin());
    authors_.emplace_back(record.plugin, record.version);
    return authors_.size() - 1;
  }

  void keep(const Record& record) {
    bytes_ += record.frame.payload().size();
    messages_.push_back(Message::of(record, author_of(record)));
    if (record.repetition.ref != 0) known_[record.repetition.ref] = record.seq;
  }

  void trim() {
    const auto now = messages_.empty() ? 0 : messages_.back()->ts;  // by the room's own clock
    auto end = messages_.begin();  // of the messages to remove
    for (; end != messages_.end() && first_ <= snapshot_->seq; ++end, ++first_) {
      const auto& oldest = **end;
      const auto count = static_cast<std::size_t>(messages_.end() - end);
      const bool kept = count <= retention_.messages && bytes_ <= retention_.bytes &&
                        now - oldest.ts <= retention_.age.count();
      if (kept) break;
      bytes_ -= oldest.payload().size();
      store_.give_back(oldest.payload().size());
      const auto found = known_.find(oldest.repetition.ref);
      if (found != known_.end() && found->second == first_) known_.erase(found);
    }
    messages_.erase(messages_.begin(), end);
  }

  MemoryStore& store_;
  Retention retention_;
  std::string epoch_;
  std::uint64_t first_ = 1;  // the seq of the oldest message that is kept, or of the next one
  std::vector<std::unique_ptr<const Message>> messages_;
  std::vector<std::pair<std::string, std::string>> authors_;  // plugins, each with its version
  std::size_t bytes_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> known_;  // from a ref's number to its newest seq
  std::optional<Snapshot> snapshot_;
};

}  // namespace

std::shared_ptr<Log> MemoryStore::log(const std::string& room, Post) {
  const std::lock_guard lock{mutex_};
  auto& kept = by_room_[room];
  if (auto log = kept.in_use.lock()) return log;
  if (!kept.log) kept.log = std::make_unique<MemoryLog>(*this, retention_, Recording{random_id()});
  if (kept.place) unused_.erase(*std::exchange(kept.place, {}));
  kept.log->hand_over();
  std::shared_ptr<Log> log{kept.log.get(), [this, room](Log*) { release(room); }};
  kept.in_use = log;
  return log;
}

void MemoryStore::begin(const std::string& room, Recording recording) {
  auto made = std::make_unique<MemoryLog>(*this, retention_, std::move(recording));
  const std::lock_guard lock{mutex_};
  by_room_[room].log = std::move(made);
}

void MemoryStore::release(const std::string& room) {
  const std::lock_guard lock{mutex_};
  const auto kept = by_room_.find(room);
  // Since the last handle was released, another thread may have taken a new one, and may even have released that too.
  if (kept == by_room_.end() || !kept->second.in_use.expired() || kept->second.place) return;
  kept->second.place = unused_.insert(unused_.begin(), room);
  while (unused_.size() > rooms_) forget_longest_unused();
}

bool MemoryStore::take(std::size_t bytes, bool in_any_case) {
  used_ += bytes;
  if (used_ <= size_) return true;
  const std::lock_guard lock{mutex_};
  while (used_ > size_ && !unused_.empty()) forget_longest_unused();
  if (used_ <= size_ || in_any_case) return true;
  used_ -= bytes;
  if (full_.failed(std::chrono::steady_clock::now())) {
    log::error("the store is full, messages are refused as unavailable: raise store.size, or shorten store.retention");
  }
  return false;
}

void MemoryStore::forget_longest_unused() {
  by_room_.erase(unused_.back());
  unused_.pop_back();
}

}  // namespace hubbub::store
