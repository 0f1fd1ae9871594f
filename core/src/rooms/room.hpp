// A room: an ordered log, the state that its plugins compute from the log, and the members.
//
// Lives on the thread of its home shard. No call blocks. A message is decided on by its plugin, given the current state. If it is
// logged, it is then applied to the state, appended to the log, and sent to all members once it is committed. Answers and newcomers
// that come up meanwhile wait behind it in one order (see Order). So each member sees every message exactly once, in its greeting or
// live, and nobody is told of anything that a crash could undo.
#pragma once

#include <chrono>
#include <exception>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/envelope.hpp"
#include "protocol/repetition.hpp"
#include "rooms/audiences.hpp"
#include "rooms/conduct.hpp"
#include "rooms/door.hpp"
#include "rooms/fold.hpp"
#include "rooms/home.hpp"
#include "rooms/join_request.hpp"
#include "rooms/journal.hpp"
#include "rooms/pacer.hpp"
#include "rooms/presence.hpp"
#include "rooms/room_member.hpp"
#include "rooms/state_sizes.hpp"
#include "rooms/turn.hpp"
#include "rooms/world.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Room final : private PluginOwner,
                   private Presence::Out,
                   private Conduct::Owner,
                   private Turn::Owner,
                   private Journal::Owner,
                   private Door::Owner,
                   private Pacer::Owner {
 public:
  Room(std::string name, Home& home);
  ~Room();

  const std::string& name() const { return name_; }

  // If the room is full, or too much waits for the store, the connection is closed and does not become a member.
  void join(JoinRequest request);

  void receive(RoomMember& from, plugins::RouteKey route, Envelope&& envelope);

  // Takes a message from a guest, who is not a member. `tell` is called once, with the outcome of the message.
  void say(const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell);

  // Answers a message that was refused before it reached the room. The answer keeps its place among the room's other answers, unless too
  // much waits for the store.
  void answer(RoomMember& to, const Refusal& refusal, const std::string& ref);
  void answer(RoomMember& to, const Frame& frame);

  // Closes the member's connection, behind the answers to what the member has said.
  void expel(RoomMember& member, CloseCode code, const std::string& reason);

  // Destroys the member: now, or, if messages of the member wait, once these have been heard.
  void leave(RoomMember& member);

  // Hands the next page to a member that is still being brought up to date. Feed::done() is called once, now or later.
  void feed(RoomMember& member);

  // Stores a snapshot of the state once everything under way is done, so that the room opens fast next time.
  void close();

  // Reopens with the current plugins once everything under way is done. Messages that come meanwhile wait.
  void reload();

  // Whether nobody is in the room and nothing is under way, not even a call on it: it may be destroyed.
  bool is_idle() const;

 private:
  // Encodes a plugin's message with `encode`. If `encode` throws, the plugin is blamed, `asker` is told, and there is no frame.
  template <class Encode>
  std::optional<Frame> try_encode(std::size_t plugin, const Asker& asker, Encode encode) {
    try {
      return encode();
    } catch (const std::exception& error) {
      blame(plugin, error.what(), asker);
      return {};
    }
  }

  // Wakes a plugin, see wake_after().
  struct Alarm {
    std::size_t plugin;
    std::unique_ptr<runtime::Timer> timer;
    std::chrono::steady_clock::time_point not_before;  // the plugin must not be woken earlier
  };

  // Exists only while the room is not open.
  struct Shut {
    std::deque<SenderRef> speakers;           // senders whose messages wait, in the order of each sender's oldest message
    std::shared_ptr<Roster> previous_roster;  // the plugins that members know; null if these are the current ones
    std::set<std::string> were_out;           // names of plugins that were out, so that members were not greeted by them
    std::unique_ptr<runtime::Timer> retry;
    bool failing = false;                     // the last attempt to open the room failed, which was logged
  };
  Shut& shut();

  // Turn::Owner
  void end_turn() override;
  void doubt(const char* why) override;

  // Journal::Owner
  void let_out(Frame frame, const Asker& asker, std::uint64_t seq) override;
  void refuse_unavailable(const Asker& asker) override;
  void reopen() override;
  std::optional<std::string> state() override { return fold_->snapshot(); }

  // Door::Owner
  bool is_open() const override { return phase_ == Phase::open; }
  const plugins::Registry& registry() const override { return roster_->registry(); }
  Fold& fold() override { return *fold_; }
  void on_admitted(RoomMember& member, const Joining& joining) override;

  // PluginOwner
  const std::string& room_name() const override { return name_; }
  std::size_t member_count() const override { return admitted_; }
  std::int64_t time() const override { return shard_.unix_ms(); }
  std::chrono::steady_clock::time_point now() const override { return shard_.now(); }
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

  // Pacer::Owner
  Sender* find_sender(MemberId member) override { return find({member}); }
  void release(Sender& sender, plugins::RouteKey route, Envelope&& envelope) override;
  void skip(Sender& sender, const Envelope& envelope) override;

  // Presence::Out
  void broadcast(Frame frame);
  void deliver(Frame frame) override;
  void send(const RoomMember& to, const Frame& frame) override { audiences_.at(to.place).send(to.member_id, frame); }

  Asker asker_for(std::size_t plugin, const std::string& type);
  void wake(std::size_t plugin);
  StateSizes& sizes();

  // Opening: the state is computed from the log.
  void open();
  template <class Step>
  void attempt(Step step);
  void read(std::uint64_t after, std::uint64_t through, std::function<void(const store::Reading&)> take);
  void restore(const store::Opening& opening, bool from_snapshot);
  bool fold_anew(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records);
  void take_newest_plugins();
  void opened(const store::Opening& opening, std::uint64_t covered);
  void introduce_plugins();
  void retry_later(const char* why);

  void probe_others(const ClientKey& key, const Member& newcomer);

  // Messages wait with their senders until they can be heard: the room must be open, a sender that is a member must have been let in (or
  // have left), and what the log has of the sender must be read.
  bool can_hear(const RoomMember& member) const {
    return phase_ == Phase::open && (member.admitted || member.left) && !member.awaits_log();
  }
  bool can_hear(const Sender& sender) const {
    return sender.member ? can_hear(*sender.member) : phase_ == Phase::open && !sender.awaits_log;
  }
  void once_heard(const SenderRef& by, std::size_t weight, Said::Hear callback);
  template <class Ask>
  void once_read(Sender& sender, const SenderRef& by, std::size_t weight, Said::Hear callback, Ask ask);
  void hear(const SenderRef& by);
  void hear_oldest(Sender& sender, bool heard);
  void hear_plugins(bool heard);
  bool has_posts() const { return plugins_ && !plugins_->said.empty(); }  // which are published at the end of the turn
  void hear_next_speaker();
  void list_speaker(const SenderRef& by, Sender& sender, bool first);
  Sender* find(const SenderRef& by);  // null if the sender has gone

  // For a message that was not checked yet, or was checked with previous plugins: it is checked and judged once it can be heard.
  void admit_once_heard(Envelope&& envelope, const Asker& asker);
  void admit(Sender& sender, Envelope&& envelope, const Asker& asker);

  // Messages. `route` is null if no plugin declares the message's type.
  void judge(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker);
  void decide(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker);
  void publish(const plugins::Route* route, std::size_t plugin, Message&& message, Sender& sender, const Asker& asker, std::uint64_t asked);
  void append(std::size_t plugin, Entry&& entry, Frame&& frame, Sender& sender, const Asker& asker, std::uint64_t asked);
  bool fits(std::size_t plugin);
  void blame(std::size_t plugin, const char* why, const Asker& asker);
  Pacer& pacer();
  std::uint64_t client_of(Sender& sender) const;
  void recall(Sender& sender, Envelope&& envelope, const Asker& asker);
  bool is_answered_by_commit(const Asker& asker, std::uint64_t ref, std::uint64_t asked);
  void acknowledge_again(Sender& sender, const Asker& asker, std::uint64_t seq, std::uint64_t ref, plugins::RouteKey route, Envelope&& envelope);

  // Sending: these two in order,
  void reply(const Asker& asker, Frame frame);
  void refuse(const Asker& asker, const Refusal& refusal);

  // and these at once.
  void tell(const Asker& asker, const Refusal& refusal);
  void send_to(MemberId to, const Frame& frame);

  void start_grace();

  static constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts to open the room, or to close it when it is empty

  // Bounds of what waits for the store, and of what waits for the room to open. Beyond them messages are refused. While too much waits for
  // the store, newcomers are turned away, too. Answers that do not depend on the state are then sent at once: the member's outbox bounds
  // them.
  static constexpr std::size_t most_waiting = 10'000;
  static constexpr std::size_t most_waiting_bytes = 64 << 20;
  bool is_behind() const { return journal_.size() >= most_waiting || journal_.weight() >= most_waiting_bytes; }

  enum class Phase {
    opening,      // the log is being read
    open,
    reopening,    // the state does not match the log: the log is read again as soon as nothing is being committed
    unavailable,  // the log could not be read; the room tries again after retry_interval
  };

  // First what every message needs, side by side: with many rooms nothing of it is in a cache.
  Phase phase_ = Phase::opening;
  runtime::Shard& shard_;
  World& world_;
  Figures& figures_;
  RoomMembers& members_;
  std::size_t admitted_ = 0;    // members that are present
  Audiences audiences_;
  std::unique_ptr<Sender> plugins_;  // the plugins, as the sender of messages of their own; made for the first of these
  Turn turn_{*this};
  Journal journal_;
  Door door_;
  std::shared_ptr<Roster> roster_;  // of the plugins in fold_
  std::optional<Conduct> conduct_;  // of these plugins
  std::optional<Fold> fold_;
  const std::string name_;
  const std::string json_name_;

  Home& home_;
  std::size_t waiting_ = 0;           // messages that wait to be heard, without those that wait at the door,
  std::size_t waiting_bytes_ = 0;     // and about how many bytes they take
  MemberId speaker_ = 0;              // whose waiting message is being heard now
  std::size_t all_members_ = 0;       // with those on their way in
  Presence presence_;
  std::vector<Alarm> alarms_;  // of plugins that have ever called wake_after()

  // Most rooms do not need these most of the time.
  std::unique_ptr<Shut> shut_;
  std::unique_ptr<Pacer> pacer_;       // made for the first message
  std::unique_ptr<StateSizes> sizes_;  // made for the first snapshot
  std::unique_ptr<runtime::Timer> grace_;
};

}  // namespace hubbub::rooms
