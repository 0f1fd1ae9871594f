#include "store/memory.hpp"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "protocol/random_id.hpp"

namespace hubbub::store {
namespace {

// What a message is known by when it is sent again.
struct Key {
  Key(std::string_view its_sender, std::string_view its_ref) : sender(its_sender), ref(its_ref) {}
  std::string_view sender, ref;
  std::uint64_t hash = std::hash<std::string_view>{}(sender) * 31 + std::hash<std::string_view>{}(ref);
};

// A message that may be sent again, by its key, whose texts stand with the message and nowhere else.
struct Known {
  std::uint64_t hash, seq;
};

// A record as small as it can be, for there may be a great many: in one piece of memory, its texts right behind it.
class Message {
 public:
  static std::unique_ptr<const Message> make(const Record& record, std::size_t author);
  static void operator delete(void* memory) { ::operator delete(memory); }

  std::string_view payload() const { return {text(), payload_size_}; }  // of its frame
  std::string_view sender() const { return {text() + payload_size_, sender_size_}; }
  std::string_view ref() const { return {text() + payload_size_ + sender_size_, ref_size_}; }

  const std::int64_t ts;
  const std::uint32_t author;

 private:
  Message(const Record& record, std::size_t its_author)
      : ts(record.ts),
        author(static_cast<std::uint32_t>(its_author)),
        payload_size_(static_cast<std::uint32_t>(record.frame.payload().size())),
        sender_size_(static_cast<std::uint32_t>(record.sender.size())),
        ref_size_(static_cast<std::uint32_t>(record.ref.size())) {}

  const char* text() const { return reinterpret_cast<const char*>(this + 1); }

  const std::uint32_t payload_size_, sender_size_, ref_size_;
};

std::unique_ptr<const Message> Message::make(const Record& record, std::size_t author) {
  const std::array<std::string_view, 3> texts{record.frame.payload(), record.sender, record.ref};
  void* memory = ::operator new(sizeof(Message) + texts[0].size() + texts[1].size() + texts[2].size());
  auto* out = static_cast<char*>(memory) + sizeof(Message);
  for (const auto text : texts) {
    std::memcpy(out, text.data(), text.size());
    out += text.size();
  }
  return std::unique_ptr<const Message>{::new (memory) Message{record, author}};
}

class MemoryLog final : public Log {
 public:
  MemoryLog(Retention retention, Recording recording)
      : retention_(retention),
        epoch_(std::move(recording.epoch)),
        first_(recording.first),
        snapshot_(std::move(recording.snapshot)) {
    for (const auto& record : recording.records) keep(record);
  }

  bool answers_at_once() const override { return true; }

  void open(std::function<void(std::optional<Opening>)> done) override {
    done(Opening{epoch_, last(), snapshot_});
  }

  void append(const Record& record, std::function<void(Append)> done) override {
    if (record.seq != last() + 1) return done(Append::unavailable);
    keep(record);
    done(Append::committed);
  }

  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done) override {
    if (after < first_ - 1 || after > through || through > last()) return done({Reading::Result::trimmed, {}});
    Reading reading{Reading::Result::whole, {}};
    for (auto seq = after + 1; seq <= through; ++seq) {
      const auto& kept = message(seq);
      const auto& [plugin, version] = authors_[kept.author];
      reading.records.push_back({seq, kept.ts, plugin, version, std::string{kept.sender()}, std::string{kept.ref()}, Frame::copy(kept.payload())});
    }
    done(std::move(reading));
  }

  void watch(const std::string&, std::function<void(bool)> done) override { done(true); }
  void unwatch(const std::string&) override {}

  std::optional<std::uint64_t> find(std::string_view sender, std::string_view ref) const override {
    const auto found = known_.find(Key{sender, ref});
    return found == known_.end() ? std::nullopt : std::optional{found->seq};
  }

  void put(Snapshot snapshot) override {
    snapshot_ = std::move(snapshot);
    trim();
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::uint64_t operator()(const Key& key) const { return key.hash; }
    std::uint64_t operator()(const Known& known) const { return known.hash; }
  };
  struct Same {
    using is_transparent = void;
    const MemoryLog* log;
    bool operator()(const Known& known, const Key& key) const {
      const auto& message = log->message(known.seq);
      return message.sender() == key.sender && message.ref() == key.ref;
    }
    bool operator()(const Key& key, const Known& known) const { return (*this)(known, key); }
    bool operator()(const Known& one, const Known& other) const { return one.seq == other.seq; }
  };

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
    messages_.push_back(Message::make(record, author_of(record)));
    if (!record.ref.empty()) remember(record.seq);
  }

  // The newest of a key is the one that counts.
  void remember(std::uint64_t seq) {
    const Key key{message(seq).sender(), message(seq).ref()};
    if (const auto older = known_.find(key); older != known_.end()) known_.erase(older);
    known_.insert({key.hash, seq});
  }

  void trim() {
    const auto now = messages_.empty() ? 0 : messages_.back()->ts;  // of the room's own clock
    while (!messages_.empty() && first_ <= snapshot_->seq) {
      const auto& oldest = *messages_.front();
      const bool kept = messages_.size() <= retention_.messages && bytes_ <= retention_.bytes &&
                        now - oldest.ts <= retention_.age.count();
      if (kept) break;
      bytes_ -= oldest.payload().size();
      const auto found = known_.find(Key{oldest.sender(), oldest.ref()});
      if (found != known_.end() && found->seq == first_) known_.erase(found);
      messages_.pop_front();
      ++first_;
    }
  }

  Retention retention_;
  std::string epoch_;
  std::uint64_t first_ = 1;  // the seq of the oldest message that is kept, or of the next one
  std::deque<std::unique_ptr<const Message>> messages_;
  std::vector<std::pair<std::string, std::string>> authors_;  // plugins, each with its version
  std::size_t bytes_ = 0;
  boost::unordered_flat_set<Known, Hash, Same> known_{0, Hash{}, Same{this}};
  std::optional<Snapshot> snapshot_;
};

}  // namespace

std::shared_ptr<Log> MemoryStore::log(const std::string& room, Post) {
  const std::lock_guard lock{mutex_};
  auto& kept = by_room_[room];
  if (auto log = kept.in_use.lock()) return log;
  if (!kept.log) kept.log = std::make_unique<MemoryLog>(retention_, Recording{random_id()});
  if (kept.place) unused_.erase(*std::exchange(kept.place, {}));
  std::shared_ptr<Log> log{kept.log.get(), [this, room](Log*) { release(room); }};
  kept.in_use = log;
  return log;
}

void MemoryStore::begin(const std::string& room, Recording recording) {
  const std::lock_guard lock{mutex_};
  by_room_[room].log = std::make_unique<MemoryLog>(retention_, std::move(recording));
}

void MemoryStore::release(const std::string& room) {
  const std::lock_guard lock{mutex_};
  const auto kept = by_room_.find(room);
  // Between a last use and this call, another thread may have asked for the log, and even left it again.
  if (kept == by_room_.end() || !kept->second.in_use.expired() || kept->second.place) return;
  kept->second.place = unused_.insert(unused_.begin(), room);
  while (unused_.size() > rooms_) {
    by_room_.erase(unused_.back());
    unused_.pop_back();
  }
}

}  // namespace hubbub::store
