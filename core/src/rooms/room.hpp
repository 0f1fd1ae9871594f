// A room: an ordered log, the state that its plugins fold from it, and the members who watch.
//
// Everything about one room happens on one thread, its home shard's; no call blocks. A message is decided by its plugin
// against the state so far, applied, appended to the log, and sent to everyone once it is committed. What comes meanwhile
// waits its turn in one queue, newcomers too, so that each sees every message exactly once: in its greeting or live.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "protocol/envelope.hpp"
#include "rooms/audience.hpp"
#include "rooms/fold.hpp"
#include "rooms/pacer.hpp"
#include "rooms/presence.hpp"
#include "rooms/shard.hpp"

namespace hubbub::rooms {

// A shard that members may live on.
struct Place {
  Shard& shard;
  Seats& seats;
};

// What all rooms of a server share. Immutable while it runs.
struct World {
  const config::Rooms& settings;
  std::size_t snapshot_every;
  const plugins::Registry& registry;
  store::Store& store;
  std::vector<Place> places;
};

struct JoinRequest {
  std::string room;
  Member member;         // `connection` is the MemberId
  std::size_t place = 0; // where the connection lives
  bool welcome = false;  // whether it speaks hubbub.v1
  struct Position {
    std::string epoch;
    std::uint64_t seq;
  };
  std::optional<Position> since;  // resume after this position
};

class Room final : private RoomServices {
 public:
  // `on_empty` is told, at the end of a call, that the room has been empty for the time of grace and may be destroyed
  // once that call has returned.
  Room(std::string name, Shard& shard, World& world, std::function<void()> on_empty);
  ~Room();

  void join(JoinRequest request);
  void receive(MemberId from, const plugins::Route& route, Envelope envelope);
  void leave(MemberId member);

  bool is_empty() const { return residents_.empty(); }

 private:
  struct Resident {
    JoinRequest request;
    std::string fields;  // who it is, as in every message of its
    bool admitted = false;
  };

  // A message that is being committed, or a newcomer behind such messages.
  struct Pending {
    enum class State { waiting, ready, failed };
    State state = State::waiting;
    std::uint64_t seq = 0;  // 0: a newcomer
    MemberId member = 0;    // the sender, or the newcomer; 0 when a plugin posted it
    std::string sender_id;
    std::string ref;
    std::vector<Frame> frames;  // the message, or the greeting
    std::optional<store::Snapshot> snapshot;  // to be kept once this is committed
  };

  // One call into the room: what plugins post during it goes out when the outermost one ends.
  class Turn;

  // RoomServices
  const std::string& room_name() const override { return name_; }
  std::size_t member_count() const override { return presence_.size(); }
  std::int64_t time() const override { return shard_.unix_ms(); }
  void post(std::size_t plugin, Message message) override;
  void send(std::size_t plugin, const Member& to, Message message) override;
  void wake_after(std::size_t plugin, std::chrono::milliseconds delay) override;

  // Opening: the state from the log.
  void open();
  void restore(const store::Opening& opening);
  void opened(std::uint64_t last);
  void retry_later(const char* why);
  void reopen();
  void when_open(Task task);

  // Joining.
  void greet(MemberId member);
  void recover(MemberId member, std::uint64_t since);
  void admit(const Pending& newcomer);
  Frame welcome(const Resident& resident, bool recovered) const;

  // Messages. Without a sender, a plugin posted it.
  void decide(MemberId from, const plugins::Route& route, Envelope envelope);
  void publish(std::size_t plugin, Message message, const Resident* sender, std::string ref);
  void append(const plugins::Route& route, Message message, const Resident* sender, std::string ref);
  bool is_repeated(const Resident& sender, const std::string& ref);
  void committed(std::uint64_t seq, store::Append result);
  void settle();

  // Out.
  void broadcast(const Frame& frame);
  void send_to(const Resident& resident, const Frame& frame);
  void refuse(const Resident& resident, Refusal refusal, std::string_view ref);
  template <class Call>
  void on_audience(std::size_t place, Call call);

  Resident* find(MemberId member);
  void end_turn();

  const std::string name_;
  const std::string json_name_;
  Shard& shard_;
  World& world_;
  std::function<void()> on_empty_;
  std::shared_ptr<store::Log> log_;
  std::string epoch_;

  enum class Phase { opening, open, unavailable };
  Phase phase_ = Phase::opening;
  bool reopening_ = false;          // open again as soon as nothing is pending
  std::deque<Task> waiting_;        // until the room is open
  std::optional<Fold> fold_;
  std::uint64_t next_seq_ = 1;      // of the next message to be accepted
  std::deque<Pending> pending_;     // in the room's order: messages being committed, newcomers behind them

  std::map<MemberId, Resident> residents_;
  std::vector<std::shared_ptr<Audience>> audiences_;  // by place; null where no member lives
  Presence presence_;
  Pacer pacer_;
  std::deque<std::pair<std::size_t, Message>> posts_;  // by plugins, for the end of the turn
  int turns_ = 0;
  std::map<std::size_t, std::unique_ptr<Timer>> plugin_timers_;
  std::unique_ptr<Timer> retry_;
  std::unique_ptr<Timer> grace_;
};

}  // namespace hubbub::rooms
