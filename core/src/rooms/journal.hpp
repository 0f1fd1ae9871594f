// What a room has decided, on its way into the log and out to everybody: it numbers the messages, hands them to the log, keeps a
// snapshot now and then, and lets out in one order what has been decided (see Order): each message once it is committed, and behind
// it all that rests on it.
//
// If the log does not take a message, the state that it changed is void, and so is all that was decided behind it. The owner is
// told first, then whoever asked for any of that.
//
// Lives on the room's thread. Knows the log and the order of things, but neither plugins nor members.
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
#include "store/log.hpp"

namespace hubbub::rooms {

class Journal {
 public:
  // The room.
  class Owner {
   public:
    // The message is committed, under this seq.
    virtual void let_out(Frame frame, const Asker& asker, std::uint64_t seq) = 0;

    // What was asked for could not be stored.
    virtual void refuse_unavailable(const Asker& asker) = 0;

    // The state is to be read again as soon as nothing is being committed.
    virtual void reopen() = 0;

    // The state after all that has been appended, as JSON text. Nothing if a plugin fails to tell its own.
    virtual std::optional<std::string> state() = 0;

   protected:
    ~Owner() = default;
  };


  // The log and the others outlive it.
  Journal(std::shared_ptr<store::Log> log, std::size_t snapshot_every, Turn& turn, Owner& owner)
      : log_(std::move(log)), snapshot_every_(snapshot_every), turn_(turn), owner_(owner) {}
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  store::Log& log() { return *log_; }

  // The log has been read. `covered` is the last message that a snapshot which can be used covers.
  void begin(const store::Opening& opening, std::uint64_t covered);

  const std::string& epoch() const { return epoch_; }
  std::uint64_t next() const { return next_; }            // the seq of the next message
  std::uint64_t last() const { return next_ - 1; }        // the last message that was decided
  std::uint64_t committed() const { return committed_; }  // the last one of these that is in the log

  // Logs a message whose seq is next(), and which has changed the state. A snapshot is made if one is due, which it is after `large`
  // bytes of messages too, or `now`.
  void append(store::Record&& record, const Asker& asker, std::size_t large, bool now = false);

  // What the sender of the message with this ref that is being committed asked for (see Repetition), if there is one.
  std::optional<std::uint64_t> committing(std::uint64_t ref) const;

  // Runs `step` behind all that was decided before: at once, if none of that is being committed. `weight` is about what it holds, in
  // bytes.
  void then(Order::Step step, std::size_t weight = 0) { order_.then(std::move(step), weight); }

  // Likewise with what the log has after `after` up to and with `through` (see store::Log::read); what is decided meanwhile waits.
  using Step = std::function<void(store::Reading reading, bool holds)>;
  void then_read(std::uint64_t after, std::uint64_t through, Step step, std::size_t weight = 0, store::Log::Reader reader = {},
                 std::size_t most = ~std::size_t{0});

  // Keeps a snapshot of the state, if the newest one is older.
  void keep_state();

  bool is_empty() const { return order_.empty(); }       // nothing waits
  std::size_t size() const { return order_.size(); }      // how many steps wait,
  std::size_t weight() const { return order_.weight(); }  // and how many bytes they hold

 private:
  struct Commit {
    store::Record record;
    Asker asker;
    std::unique_ptr<store::Snapshot> snapshot;  // with that message, if there is one to be kept
  };

  template <class Call>
  void ask(Order::Ticket ticket, Call call);
  void end(bool holds);
  std::unique_ptr<store::Snapshot> snapshot();
  void put(store::Snapshot snapshot);

  // First what every message needs, side by side.
  std::shared_ptr<store::Log> log_;
  std::uint64_t next_ = 1;
  std::uint64_t committed_ = 0;
  Order order_;
  Fifo<Commit> commits_;  // in the order, oldest first
  std::uint64_t snapshot_due_ = 0;     // with this message
  std::size_t logged_bytes_ = 0;       // since a snapshot was last tried
  std::unordered_map<std::uint64_t, std::uint64_t> committing_;  // what was asked for, by the number of the ref
  const std::size_t snapshot_every_;   // messages
  std::size_t between_snapshots_ = 0;  // more, if the last attempt failed
  std::uint64_t covered_ = 0;          // by the newest snapshot
  std::string epoch_;
  Turn& turn_;
  Owner& owner_;
};

}  // namespace hubbub::rooms
