// A room: an ordered log, the state that its plugins fold from it, and the members who watch.
//
// Everything about one room happens on one thread, its home shard's; no call blocks. A message is decided by its plugin
// against the state so far, applied, appended to the log, and sent to everyone once it is committed. Whatever is decided
// meanwhile goes out behind it, in one order (see Order): answers, and newcomers too, so that each sees every message
// exactly once, in its greeting or live, and nobody is told of anything that a crash could undo.
#pragma once

#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/envelope.hpp"
#include "protocol/repetition.hpp"
#include "rooms/arrival.hpp"
#include "rooms/audiences.hpp"
#include "rooms/conduct.hpp"
#include "rooms/door.hpp"
#include "rooms/feed.hpp"
#include "rooms/fold.hpp"
#include "rooms/order.hpp"
#include "rooms/pacer.hpp"
#include "rooms/presence.hpp"
#include "rooms/resident.hpp"
#include "rooms/roster.hpp"
#include "runtime/shard.hpp"
#include "rooms/state_sizes.hpp"
#include "rooms/time_share.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

struct JoinRequest {
  std::string room;
  Member member;         // `connection` is the MemberId
  std::size_t place = 0; // where the connection lives
  bool welcome = false;  // whether it speaks hubbub.v1
  using Position = rooms::Position;
  std::optional<Position> since;  // resume after this position
  std::optional<ClientKey> key;   // that an earlier connection of the client was told
};

// Whoever has made a room, and destroys it. Told from within a call on the room, which it outlives.
class RoomKeeper {
 public:
  virtual void on_lived_in(Room& room) = 0;  // somebody has come into a room that was empty
  virtual void on_empty(Room& room) = 0;
  virtual void on_idle(Room& room) = 0;  // it has been empty for the time of grace, and may be destroyed if it still is_idle()

 protected:
  ~RoomKeeper() = default;
};

// What the rooms of one shard share. All of it outlives them.
struct Home {
  runtime::Shard& shard;
  World& world;
  Residents& residents;  // whoever is in one of the rooms is entered here, and taken out again
  Feed& feed;
  RoomKeeper& keeper;
  std::shared_ptr<Roster> roster;  // the current one, which a room takes whenever it is opened
};

class Room final : private RoomServices, private Presence::Out, private Conduct::Owner {
 public:
  Room(std::string name, Home& home);
  ~Room();

  const std::string& name() const { return name_; }

  // Where the room is full, the connection is closed and was never a member.
  void join(JoinRequest request);

  void receive(Resident& sender, plugins::RouteKey route, Envelope&& envelope);

  // Refuses what did not get as far as the room, in its place among the room's answers.
  void answer(Resident& to, const Refusal& refusal, const std::string& ref);
  void answer(Resident& to, const Frame& frame);
  void expel(Resident& resident, CloseCode code, const std::string& reason);

  // The resident is destroyed, now or once what it has said has been looked at.
  void leave(Resident& resident);

  // One who is on the way in has room for more. Answered by one call of Feed::done(), now or later.
  void feed(Resident& resident);

  // Keeps a snapshot of its state as it is once all that is under way is done, so that it opens fast again.
  void close();

  // Opens anew with the plugins of now, once all that is under way is done. What is said meanwhile waits.
  void reload();

  // Nobody is in it, and nothing is under way.
  bool is_idle() const;

 private:
  // The frame that `encode` makes of what a plugin has handed over. If that throws, there is none, the plugin is to blame, and
  // the member is told whose message led to it (0: nobody's).
  template <class Encode>
  std::optional<Frame> made_by(std::size_t plugin, MemberId from, const std::string& ref, Encode encode) {
    try {
      return encode();
    } catch (const std::exception& error) {
      blame(plugin, error.what(), from, ref);
      return {};
    }
  }

  // Asks the log for something that waits at `ticket`. If the log throws, that fails.
  template <class Call>
  void ask(Order::Ticket ticket, Call call) {
    try {
      call();
    } catch (...) {
      reopen();
      order_.fail(ticket);
      throw;
    }
  }

  // An attempt to let somebody in.
  struct Call {
    std::uint64_t through = 0;  // the last message that there is
    store::Reading missed{store::Reading::Result::whole, {}};
  };

  // When a plugin wants to be woken.
  struct Alarm {
    std::size_t plugin;
    std::unique_ptr<runtime::Timer> timer;
    std::chrono::steady_clock::time_point rested;  // it is woken no earlier
  };

  // What there is only while the room is not open.
  struct Shut {
    std::list<Order::Step> waiting;      // what has been said; told whether the room is open, or cannot be opened
    std::shared_ptr<Roster> before;      // whose plugins its members know, if there are others now
    std::set<std::string> were_out;      // plugins that its members have not been greeted by
    std::unique_ptr<runtime::Timer> retry;
    bool failing = false;                // the last attempt to open it failed, and that was said
  };
  Shut& shut();

  // Makes one call into the room. When the outermost one ends, what plugins posted is published. What a call throws is logged,
  // and the room reads its state again: the call may have done half of what it had to do.
  template <class Call>
  void turn(Call call) {
    ++turns_;
    guard(call);
    if (turns_ == 1) guard([this] { end_turn(); });
    --turns_;
  }
  template <class Call>
  void guard(Call&& call) {
    try {
      call();
    } catch (const std::exception& error) {
      doubt(error.what());
    } catch (...) {
      doubt("something that is no std::exception was thrown");
    }
  }
  void doubt(const char* why);

  const plugins::Registry& registry() const { return roster_->registry(); }

  // RoomServices
  const std::string& room_name() const override { return name_; }
  std::size_t member_count() const override { return admitted_; }
  std::int64_t time() const override { return shard_.unix_ms(); }
  ServerFigures server_figures() const override;
  ServerRooms fullest_rooms(std::size_t most, std::size_t people) const override;
  void post(std::size_t plugin, Message message) override;
  void send(std::size_t plugin, const Member& to, Message message) override;
  void wake_after(std::size_t plugin, std::chrono::milliseconds delay) override;
  bool is_off(std::size_t plugin) const override { return conduct_->off_for(plugin).count() > 0; }
  void called(std::size_t plugin, const char* call, std::chrono::nanoseconds took, const plugins::Fault* fault) override;
  void put_out(std::size_t plugin, const std::string& why) override;
  void measured(std::size_t plugin, std::size_t bytes) override { sizes().measured(plugin, bytes); }

  // Conduct::Owner
  bool renew(std::size_t plugin) override;

  // Presence::Out
  void broadcast(Frame frame) override;
  void send(const Resident& to, const Frame& frame) override { audiences_.send(to.place, to.member, frame); }

  void wake(std::size_t plugin);
  StateSizes& sizes();

  // Opening: the state from the log.
  void open();
  void read(std::uint64_t after, std::uint64_t through, std::function<void(const store::Reading&)> take);
  void restore(const store::Opening& opening, bool from_snapshot);
  bool fold_anew(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records);
  void take_newest_plugins();
  void opened(const store::Opening& opening, std::uint64_t covered);
  void introduce_plugins();
  void retry_later(const char* why);
  void reopen();

  // Joining.
  void greet(MemberId member);
  void greet_now(const Resident& resident, Arrival& arrival);
  std::chrono::milliseconds greeting_wait(std::chrono::milliseconds least) const;
  void greet_after(std::chrono::milliseconds wait);
  void greet_waiting();
  void keep_greetings_for_a_while();
  void call_in(const Resident& resident, Arrival& arrival);
  void let_in(MemberId member, Call& call, bool holds);
  void feed_one(Resident& resident);
  void read_page(MemberId member, const Arrival& arrival);
  void take_page(MemberId member, std::uint64_t after, store::Reading reading);
  void go_on(MemberId member, Arrival& arrival);
  void hand_over(Resident& resident, Arrival& arrival, std::vector<Frame> page);
  std::vector<Frame> with_welcome(const Resident& resident, Arrival& arrival, std::vector<Frame> page) const;
  Frame welcome(const Member& who, const Arrival& arrival) const;
  void give_up(const Resident& resident);
  void probe_others(const ClientKey& key, const Member& newcomer);
  void want_page(MemberId member, Arrival& arrival);
  void admit(Resident& resident, std::vector<Frame> page);
  void suspend(Resident& resident, std::vector<Frames> greeting);
  void hear(Arrival& arrival);
  Arrival* arrival_of(MemberId member) { return door_ ? door_->find(member) : nullptr; }
  std::vector<MemberId> arriving() const { return door_ ? door_->members() : std::vector<MemberId>{}; }
  Door& door();
  void close_door();  // unless it is needed
  std::size_t page() const;  // what is handed over at once to one who arrives, by weight
  void once_in(Resident& resident, std::size_t weight, std::function<void(Resident&, bool open)> call);

  // What was looked at with other plugins, or may have been; at once, or as soon as the room is open.
  void judge_later(Resident& sender, Envelope&& envelope);
  void judge_anew(Resident& sender, Envelope&& envelope);

  // Messages. Without a sender, a plugin posted it; without a route, it has a type that nobody declares.
  void judge(Resident& sender, const plugins::Route& route, Envelope&& envelope);
  void decide(Resident& sender, const plugins::Route& route, Envelope&& envelope);
  void publish(const plugins::Route* route, std::size_t plugin, Message&& message, Resident* sender, const std::string& ref,
               std::uint64_t asked);
  void append(std::size_t plugin, Entry&& entry, Frame&& frame, Resident* sender, const std::string& ref, std::uint64_t asked);
  bool fits(std::size_t plugin);
  void blame(std::size_t plugin, const char* why, MemberId from, const std::string& ref);
  Pacer& pacer();
  std::uint64_t client_of(Resident& sender) const;
  void recall(Resident& sender, Envelope&& envelope);
  bool answers_with_its_commit(MemberId from, std::uint64_t number, const Envelope& envelope);
  void acknowledge_again(MemberId from, std::uint64_t seq, std::uint64_t ref, Envelope&& envelope);
  void let_out(std::uint64_t seq, Frame frame, std::optional<store::Snapshot>&& snapshot);
  std::optional<store::Snapshot> snapshot_if_due();
  void keep_state();
  void put(store::Snapshot snapshot);

  // Out: in order, where `ref` is what the sender would have to send again; and at once.
  void reply(MemberId to, Frame frame, const std::string& ref);
  void refuse(MemberId to, const Refusal& refusal, const std::string& ref);
  void refuse_unavailable(MemberId to, const std::string& ref);
  void broadcast_message(Frame frame);
  void send_to(MemberId to, const Frame& frame);

  void end_turn();
  void publish_posts();

  // Steps that wait for the store, and bytes of them. What comes beyond is refused.
  static constexpr std::size_t most_waiting = 10'000;
  static constexpr std::size_t most_waiting_bytes = 64 << 20;

  enum class Phase {
    opening,      // the log is being read
    open,
    reopening,    // the state is no longer the log's: it is read again as soon as nothing is being committed
    unavailable,  // the log cannot be read; tried again in a moment
  };

  // First what every message needs, side by side: with many rooms all of this has to come from memory.
  Phase phase_ = Phase::opening;
  int turns_ = 0;
  runtime::Shard& shard_;
  World& world_;
  Figures& figures_;
  Residents& residents_;
  std::shared_ptr<store::Log> log_;
  std::uint64_t next_seq_ = 1;  // of the next message to be accepted
  std::uint64_t committed_ = 0;  // the last of them that is in the log
  std::size_t admitted_ = 0;    // residents who are present
  Audiences audiences_;
  std::vector<std::pair<std::size_t, Message>> posts_;  // by plugins, for the end of the turn
  Order order_;
  std::shared_ptr<Roster> roster_;  // the fold's
  std::optional<Conduct> conduct_;  // of its plugins
  std::optional<Fold> fold_;
  std::unordered_map<std::uint64_t, std::uint64_t> committing_;  // messages with a ref: what was asked for, by the number of the ref
  const std::string name_;
  const std::string json_name_;

  Home& home_;
  std::string epoch_;
  std::size_t waiting_bytes_ = 0;   // of what residents who are in it have said, and waits for the room or for their past
  std::uint64_t covered_ = 0;   // by the newest snapshot
  std::uint64_t snapshot_due_ = 0;    // with this message
  std::size_t between_snapshots_ = 0; // messages: more than configured, if the last attempt failed
  std::size_t logged_bytes_ = 0;      // since the last attempt
  std::size_t here_ = 0;        // residents
  TimeShare greetings_{10, std::chrono::milliseconds{50}};
  Presence presence_;
  std::vector<Alarm> alarms_;  // of plugins that ever wanted to be woken

  // What most rooms have no need of most of the time.
  std::unique_ptr<Shut> shut_;
  std::unique_ptr<Door> door_;         // as long as somebody is on the way in
  std::unique_ptr<Pacer> pacer_;       // once somebody has said something
  std::unique_ptr<StateSizes> sizes_;  // once there was a snapshot
  std::unique_ptr<runtime::Timer> forgetter_;   // of large greetings
  std::unique_ptr<runtime::Timer> grace_;
};

}  // namespace hubbub::rooms
