// A room: an ordered log, the state that its plugins fold from it, and the members who watch.
//
// Everything about one room happens on one thread, its home shard's; no call blocks. A message is decided by its plugin
// against the state so far, applied, appended to the log, and sent to everyone once it is committed. Whatever is decided
// meanwhile goes out behind it, in one order (see Order): answers, and newcomers too, so that each sees every message
// exactly once, in its greeting or live, and nobody is told of anything that a crash could undo.
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

class Room final : private RoomServices, private Presence::Out, private Conduct::Owner, private Turn::Owner, private Journal::Owner, private Door::Owner {
 public:
  Room(std::string name, Home& home);
  ~Room();

  const std::string& name() const { return name_; }

  // If the room is full, the connection is closed and was never a member.
  void join(JoinRequest request);

  void receive(RoomMember& from, plugins::RouteKey route, Envelope&& envelope);

  // Takes a message of somebody who is not a member. `tell` is called once, with what became of the message.
  void say(const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell);
  void forget(const Sender& guest);

  // Answers a message that was refused before it reached the room, in its place among the room's answers.
  void answer(RoomMember& to, const Refusal& refusal, const std::string& ref);
  void answer(RoomMember& to, const Frame& frame);
  void expel(RoomMember& member, CloseCode code, const std::string& reason);

  // Destroys the member: now, or once everything that it has said has been heard.
  void leave(RoomMember& member);

  // Called when a member that is still being brought up to date can take more. Answered by one call of Feed::done(), now or later.
  void feed(RoomMember& member);

  // Stores a snapshot of the state once everything under way is done, so that the room opens fast next time.
  void close();

  // Reopens with the current plugins once everything under way is done. Messages that come meanwhile wait.
  void reload();

  // Whether nobody is in the room and nothing is under way.
  bool is_idle() const;

 private:
  // The frame that `encode` makes of what a plugin has handed over. If that throws, there is none, the plugin is to blame, and
  // whoever asked for it is told.
  template <class Encode>
  std::optional<Frame> made_by(std::size_t plugin, const Asker& asker, Encode encode) {
    try {
      return encode();
    } catch (const std::exception& error) {
      blame(plugin, error.what(), asker);
      return {};
    }
  }

  // When a plugin wants to be woken.
  struct Alarm {
    std::size_t plugin;
    std::unique_ptr<runtime::Timer> timer;
    std::chrono::steady_clock::time_point rested;  // it is woken no earlier
  };

  // What there is only while the room is not open.
  struct Shut {
    std::deque<SenderRef> speakers;      // who has said something, in the order of the first that waits of each
    std::shared_ptr<Roster> before;      // whose plugins its members know, if there are others now
    std::set<std::string> were_out;      // plugins that its members have not been greeted by
    std::unique_ptr<runtime::Timer> retry;
    bool failing = false;                // the last attempt to open it failed, and that was said
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
  void send(const RoomMember& to, const Frame& frame) override { audiences_.at(to.place).send(to.member_id, frame); }

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

  void probe_others(const ClientKey& key, const Member& newcomer);

  // What somebody says is heard once the room is open, the speaker is in it if it is to be a member, and what the same client said
  // before is known.
  bool can_hear(const RoomMember& member) const {
    return phase_ == Phase::open && (member.admitted || member.left) && !member.is_being_recalled();
  }
  bool can_hear(const Sender& sender) const { return sender.member ? can_hear(*sender.member) : phase_ == Phase::open; }
  void once_heard(const SenderRef& by, std::size_t weight, Said::Hear hear);
  void hear(const SenderRef& by);
  void hear_listed();
  void list(const SenderRef& by, Sender& sender, bool first);
  Sender* find(const SenderRef& by);  // null if it has gone

  // What was looked at with other plugins, or not at all; at once, or as soon as it can be heard.
  void judge_later(Envelope&& envelope, const Asker& asker);
  void judge_anew(Sender& sender, Envelope&& envelope, const Asker& asker);

  // Messages. Without a sender, a plugin posted it; without a route, it has a type that nobody declares.
  void judge(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker);
  void decide(Sender& sender, const plugins::Route& route, Envelope&& envelope, const Asker& asker);
  void publish(const plugins::Route* route, std::size_t plugin, Message&& message, Sender* sender, const Asker& asker, std::uint64_t asked);
  void append(std::size_t plugin, Entry&& entry, Frame&& frame, Sender* sender, const Asker& asker, std::uint64_t asked);
  bool fits(std::size_t plugin);
  void blame(std::size_t plugin, const char* why, const Asker& asker);
  Pacer& pacer();
  std::uint64_t client_of(Sender& sender) const;
  void recall(Sender& sender, Envelope&& envelope, const Asker& asker);
  bool answers_with_its_commit(const Asker& asker, std::uint64_t ref, std::uint64_t asked);
  void acknowledge_again(const Asker& asker, std::uint64_t seq, std::uint64_t ref, Envelope&& envelope);

  // Out: in order, and at once.
  void reply(const Asker& asker, Frame frame);
  void refuse(const Asker& asker, const Refusal& refusal);
  void tell(const Asker& asker, const Refusal& refusal);
  void send_to(MemberId to, const Frame& frame);

  void publish_posts();
  void rest();

  static constexpr std::chrono::milliseconds retry_interval{1000};  // between attempts at what cannot be done now

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
  runtime::Shard& shard_;
  World& world_;
  Figures& figures_;
  RoomMembers& members_;
  std::size_t admitted_ = 0;    // members that are present
  Audiences audiences_;
  std::vector<std::pair<std::size_t, Message>> posts_;  // by plugins, for the end of the turn
  Turn turn_{*this};
  Journal journal_;
  Door door_;
  std::shared_ptr<Roster> roster_;  // the fold's
  std::optional<Conduct> conduct_;  // of its plugins
  std::optional<Fold> fold_;
  const std::string name_;
  const std::string json_name_;

  Home& home_;
  std::size_t waiting_ = 0;         // how much has been said that waits, but for what waits at the door,
  std::size_t waiting_bytes_ = 0;   // and about how many bytes it takes
  MemberId heard_ = 0;              // whose words are being heard
  std::size_t here_ = 0;        // members, with those on their way in
  Presence presence_;
  std::vector<Alarm> alarms_;  // of plugins that ever wanted to be woken

  // What most rooms have no need of most of the time.
  std::unique_ptr<Shut> shut_;
  std::unique_ptr<Pacer> pacer_;       // once somebody has said something
  std::unique_ptr<StateSizes> sizes_;  // once there was a snapshot
  std::unique_ptr<runtime::Timer> grace_;
};

}  // namespace hubbub::rooms
