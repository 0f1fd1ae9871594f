#include "rooms/door.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "protocol/encode.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

using std::chrono::milliseconds;
using Stage = Joining::Stage;
using Result = store::Reading::Result;

constexpr std::size_t largest_page = 64 * 1024;  // bytes: what is read, compressed and written for one reader at once
constexpr auto cheap_greeting = std::chrono::milliseconds{1};  // a greeting that takes less is made without waiting
constexpr auto moment = std::chrono::milliseconds{2};  // the shortest wait of a newcomer: a connection that breaks at once is gone by then
constexpr auto kept_for = std::chrono::seconds{10};     // how long a large greeting is kept: all that it shows may have been removed since

}  // namespace

Joinings& Door::joinings() {
  if (!joinings_) joinings_ = std::make_unique<Joinings>();
  return *joinings_;
}

void Door::forget_joinings() {
  if (joinings_ && joinings_->all.empty() && joinings_->call.expired()) joinings_.reset();
}

Joining* Door::joining_of(MemberId id) { return joinings_ ? joinings_->find(id) : nullptr; }

std::vector<MemberId> Door::joining_members() const {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  std::vector<MemberId> all;
  if (!joinings_) return all;
  for (const auto& [id, joining] : joinings_->all) all.push_back(id);
  return all;
}

// The largest weight of a page.
std::size_t Door::page() const { return std::min(home_.world.config.websocket.outbox / 4, largest_page); }

// Joining, and continuing after a wait

void Door::join(const RoomMember& member, std::optional<Position> since, bool welcome, const ClientKey& key) {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  begin(member, joinings().all.try_emplace(member.member_id, std::move(since), welcome, key).first->second);
}

void Door::leave(MemberId id) {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  if (joinings_) joinings_->all.erase(id);
  forget_joinings();
}

void Door::open() {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  for (const auto id : joining_members()) {
    auto* joining = joining_of(id);
    const auto* member = home_.members.find(id);
    if (!joining || !member || member->left) continue;
    // The call that this member lined up for failed, if nobody is being called: perhaps there was no memory for it.
    if (joining->stage == Stage::lining_up && joinings_->call.expired()) joining->stage = joining->has_received ? Stage::stalled : Stage::waiting;
    if (joining->stage == Stage::stalled) ask_feed(id, *joining);
    if (joining->stage == Stage::waiting) begin(*member, *joining);
  }
}

void Door::begin_anew() {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  for (const auto id : std::exchange(joinings().to_begin_anew, {})) {
    auto* joining = joining_of(id);
    const auto* member = home_.members.find(id);
    if (joining && member && joining->stage == Stage::waiting) begin(*member, *joining);
  }
  forget_joinings();
}

void Door::drop_greetings() {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  for (const auto id : joining_members()) {
    auto& member = *home_.members.find(id);
    auto& joining = *joining_of(id);
    if (joining.has_received) {
      member.may_return = true;
      audiences_.at(member.place).close(id, CloseCode::too_slow, "there are other plugins now");
    } else if (!joining.is_greeted() && joining.stage == Stage::reading) {
      joining.forget_greeting();
      joining.stage = Stage::waiting;
    }
  }
}

// Greets a newcomer, or resumes. If the room is not open, open() calls this again.
void Door::begin(const RoomMember& member, Joining& joining) {
  if (!owner_.is_open() || member.left) return;
  joining.newest = journal_.last();
  const auto& since = joining.since;
  if (since && since->epoch == journal_.epoch() && since->seq <= journal_.last()) {
    joining.last_seq = since->seq;
    return journal_.last() - joining.last_seq <= few ? call_in(member, joining) : ask_feed(member.member_id, joining);
  }
  joining.since.reset();
  if (const auto wait = greeting_wait(moment); wait.count() > 0) {
    joining.stage = Stage::waiting;
    return greet_after(wait);
  }
  greet(member, joining);
}

// Greeting

void Door::greet(const RoomMember& member, Joining& joining) {
  const auto who = member.who();
  const auto began = home_.shard.now();
  joining.forget_greeting();
  std::size_t weight = 0;
  for (std::size_t i = 0; i < owner_.registry().plugins().size(); ++i) {
    const auto greeting = owner_.fold().greeting(i, who);
    weight += greeting.weight;
    for (const auto& part : greeting.parts) joining.greet_with(part);
  }
  const auto took = home_.shard.now() - began;
  if (took >= cheap_greeting) {  // cheaper greetings never wait, so their time does not count
    greetings_.spent(took, home_.shard.now());
    home_.feed.greetings.spent(took, home_.shard.now());
  }
  if (weight > page()) keep_greetings_for_a_while();
  joining.last_seq = joining.newest = journal_.last();
  if (weight <= page()) return call_in(member, joining);
  joining.stage = Stage::called;
  journal_.then([this, id = member.member_id](bool holds) {
    auto* found = joining_of(id);
    if (!found) return;
    found->stage = Stage::waiting;
    if (holds) ask_feed(id, *found);  // else it is greeted when the state has been read again
  });
}

// How long the next greeting must wait; zero: it may be made now. A cheap greeting never waits. Others wait for `least` or longer, so
// that one greeting serves everybody who comes meanwhile, and so that greetings take no more than their share of the time.
milliseconds Door::greeting_wait(milliseconds least) const {
  if (owner_.fold().greeting_cost() < cheap_greeting) return {};
  const auto now = home_.shard.now();
  return std::max(std::chrono::ceil<milliseconds>(std::max(greetings_.wait(now), home_.feed.greetings.wait(now))), least);
}

void Door::greet_after(milliseconds wait) {
  if (std::exchange(joinings_->greets_later, true)) return;
  if (!joinings_->greeter) {
    joinings_->greeter = home_.shard.make_timer([this] {
      turn_([this] {
        joinings_->greets_later = false;
        greet_waiting();
      });
    });
  }
  joinings_->greeter->arm(wait);
}

void Door::greet_waiting() {
  if (!owner_.is_open()) return;
  std::vector<MemberId> waiting;
  for (const auto& [id, joining] : joinings_->all) {
    if (joining.stage == Stage::waiting) waiting.push_back(id);
  }
  auto least = milliseconds{};
  for (const auto id : waiting) {
    if (!owner_.is_open()) return;  // a message of the previous one has failed: the others are greeted when the state has been read again
    const auto* member = home_.members.find(id);
    auto* joining = joining_of(id);
    if (!member || member->left || !joining) continue;
    if (const auto wait = greeting_wait(least); wait.count() > 0) return greet_after(wait);
    least = moment;
    greet(*member, *joining);
  }
}

void Door::keep_greetings_for_a_while() {
  if (forgetter_) return;
  forgetter_ = home_.shard.make_timer([this] {
    if (owner_.is_open()) owner_.fold().forget_greetings();
    forgetter_.reset();
  });
  forgetter_->arm(kept_for);
}

// Lets a member in, in order with everything that the room has decided, with the few messages that it still lacks.
void Door::call_in(const RoomMember& member, Joining& joining) {
  const auto through = journal_.last();
  if (joining.last_seq == through) {
    joining.stage = Stage::called;
    return journal_.then([this, id = member.member_id, through](bool holds) { let_in(id, through, {Result::whole, {}}, holds); });
  }
  joining.stage = Stage::lining_up;
  if (joinings_->call.expired()) call_next();
}

// The room's output waits while messages are read here. So there is one such reading at a time, however many members line up: it is for
// the first of them, and for all others that it can bring further.
void Door::call_next() {
  const auto lines_up = [](const auto& entry) { return entry.second.stage == Stage::lining_up; };
  const auto next = std::ranges::find_if(joinings_->all, lines_up);
  if (next == joinings_->all.end()) return;
  const auto first = next->first;
  const auto after = next->second.last_seq, through = journal_.last();
  auto call = std::make_shared<char>();
  joinings_->call = call;
  auto enter = [this, first, after, through, call = std::move(call)](const store::Reading& missed, bool holds) mutable {
    call.reset();
    const auto end = missed.records.empty() ? through : missed.records.back().seq;
    for (const auto id : joining_members()) {
      const auto* joining = joining_of(id);
      if (!joining || joining->stage != Stage::lining_up) continue;
      const auto last = joining->last_seq;
      const bool helps = missed.result == Result::whole && last >= after && (last < end || last == through);
      if (id == first || helps) let_in(id, through, missed, holds);
    }
    if (!joinings_) return;
    if (owner_.is_open()) call_next();
    for (auto& [id, joining] : joinings_->all) {
      if (!owner_.is_open() && joining.stage == Stage::lining_up) joining.stage = joining.has_received ? Stage::stalled : Stage::waiting;
    }
    forget_joinings();
  };
  journal_.then_read(after, through, std::move(enter), page());
}

void Door::let_in(MemberId id, std::uint64_t through, const store::Reading& missed, bool holds) {
  auto* member = home_.members.find(id);
  auto* found = joining_of(id);
  if (!member || !found) return;
  auto& joining = *found;
  joining.stage = joining.has_received ? Stage::stalled : Stage::waiting;
  if (member->left) return;
  const bool resumes = joining.has_received || joining.since;  // then what the member gets depends on the log alone
  if (missed.result == Result::whole && (resumes || holds)) {
    std::vector<Frame> page = joining.next_page(~std::size_t{0});
    for (const auto& record : missed.records) {
      if (record.seq <= joining.last_seq) continue;
      joining.last_seq = record.seq;
      page.push_back(record.frame);
    }
    if (joining.last_seq == through) return admit(*member, with_welcome(*member, joining, std::move(page)));
    return hand_over(*member, joining, std::move(page));
  }
  if (!joining.has_received) {
    // A client that cannot be given everything that it missed is greeted like a newcomer. If `holds` is false, some messages were not
    // committed: the client has not missed these, and may still resume.
    if (holds && missed.result != Result::whole) joining.since.reset();
    return joinings_->to_begin_anew.push_back(id);
  }
  if (missed.result == Result::trimmed && holds) return give_up(*member);
  if (missed.result == Result::unavailable) owner_.reopen();
  if (owner_.is_open()) ask_feed(id, joining);
}

void Door::admit(RoomMember& member, std::vector<Frame> page) {
  auto joining = std::move(joinings_->all.extract(member.member_id).mapped());
  forget_joinings();
  member.admitted = true;
  audiences_.at(member.place).admit(member.member_id, std::move(page));
  owner_.on_admitted(member, joining);
}

void Door::introduce(RoomMember& member, Parts greeting, std::uint64_t lists_seen) {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  if (greeting.weight > page()) {
    keep_greetings_for_a_while();
    return suspend(member, std::move(greeting.parts), lists_seen);
  }
  for (const auto& frames : greeting.parts) {
    for (const auto& frame : *frames) audiences_.at(member.place).send(member.member_id, frame);
  }
}

void Door::suspend(RoomMember& member, std::vector<Frames> greeting, std::uint64_t lists_seen) {
  auto& joining = joinings().all.try_emplace(member.member_id, std::nullopt, false, ClientKey{}).first->second;
  for (auto& frames : greeting) joining.greet_with(std::move(frames));
  joining.has_received = true;
  joining.last_seq = journal_.last();
  joining.lists_seen = lists_seen;
  member.admitted = false;
  audiences_.at(member.place).suspend(member.member_id);
  ask_feed(member.member_id, joining);
}

}  // namespace hubbub::rooms
