// Takes what a room has decided into the log and out of the room. It numbers the messages, appends them to the log, makes a snapshot
// now and then, and lets everything out in one order (see Order): each message once it is committed, and later decisions behind it.
//
// If the log cannot commit a message, the state that the message changed is void, and so is everything that was decided later. The
// owner is told first, then the asker of each of these.
//
// Lives on the room's thread. Knows the log and the order, but neither plugins nor members.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "rooms/asker.hpp"
#include "rooms/fifo.hpp"
#include "rooms/order.hpp"
#include "rooms/turn.hpp"
#include "runtime/own_thread.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

class Journal {
 public:
  // The room.
  class Owner {
   public:
    // The message is committed, with this seq.
    virtual void let_out(Frame frame, const Asker& asker, std::uint64_t seq) = 0;

    // What the asker asked for could not be stored.
    virtual void refuse_unavailable(const Asker& asker) = 0;

    // The state is to be read again as soon as nothing is being committed.
    virtual void reopen() = 0;

    // The state after all messages appended so far, as JSON text. Nothing if a plugin fails to tell its state.
    virtual std::optional<std::string> state() = 0;

   protected:
    ~Owner() = default;
  };

  // `turn` and `owner` outlive the journal. `snapshot_every` is a number of messages.
  Journal(std::shared_ptr<store::Log> log, std::size_t snapshot_every, Turn& turn, Owner& owner)
      : log_(std::move(log)), snapshot_every_(snapshot_every), turn_(turn), owner_(owner) {}
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  store::Log& log() { return *log_; }

  // The log has been read. `snapshot_seq` is the last message in the newest snapshot that can be used; 0 if there is none.
  void begin(const store::Opening& opening, std::uint64_t snapshot_seq);

  const std::string& epoch() const { return epoch_; }
  std::uint64_t next() const { return next_; }            // the seq of the next message
  std::uint64_t last() const { return next_ - 1; }        // of the last message that was appended
  std::uint64_t committed() const { return committed_; }  // of the last message that is in the log

  // Logs a message whose seq is next(), and which is already applied to the state. Makes a snapshot, too, after `snapshot_every`
  // messages or `snapshot_bytes` bytes of messages, or if `snapshot_now`.
  void append(store::Record&& record, const Asker& asker, std::size_t snapshot_bytes, bool snapshot_now = false);

  // If a message with this ref is being committed, returns the hash of what its sender asked for (Repetition::asked); otherwise nothing.
  std::optional<std::uint64_t> committing(std::uint64_t ref) const;

  // Runs `step` behind all earlier steps: at once, if none of them waits. `weight` is about how many bytes `step` holds.
  void then(Order::Step step, std::size_t weight = 0) { order_.then(std::move(step), weight); }

  // Likewise, with the log's records after `after` up to and including `through`, or the first of them (see store::Log::read). Later
  // steps wait meanwhile.
  using Step = std::function<void(store::Reading reading, bool holds)>;
  void then_read(std::uint64_t after, std::uint64_t through, Step step, std::size_t most = ~std::size_t{0});

  // Keeps a snapshot of the state, if the newest one is older.
  void keep_state();

  bool is_empty() const { return order_.empty(); }       // no step waits
  std::size_t size() const { return order_.size(); }      // how many steps wait,
  std::size_t weight() const { return order_.weight(); }  // and how many bytes they hold

 private:
  struct Commit {
    store::Record record;
    Asker asker;
    std::unique_ptr<store::Snapshot> snapshot;  // of the state after this message; null if none is due
  };

  template <class Call>
  void ask(Order::Ticket ticket, Call call);
  void end_oldest(bool holds);
  std::unique_ptr<store::Snapshot> snapshot();
  void put(store::Snapshot snapshot);

  // What every message needs comes first, side by side.
  std::shared_ptr<store::Log> log_;
  std::uint64_t next_ = 1;
  std::uint64_t committed_ = 0;
  Order order_;
  Fifo<Commit> commits_;  // what is being committed, oldest first
  std::uint64_t snapshot_due_ = 0;     // with the message of this seq
  std::size_t logged_bytes_ = 0;       // since the last attempt to make a snapshot
  std::unordered_map<std::uint64_t, std::uint64_t> committing_;  // Repetition::asked by Repetition::ref, of commits_
  const std::size_t snapshot_every_;   // messages
  std::size_t between_snapshots_ = 0;  // messages; more than snapshot_every_ if the last attempt failed
  std::uint64_t snapshot_seq_ = 0;     // the last message in the newest snapshot
  std::string epoch_;
  Turn& turn_;
  Owner& owner_;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms
