// How somebody comes into a room: is greeted or resumes, is brought up to date as its connection takes it, and is let in.
#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/room.hpp"

namespace hubbub::rooms {
namespace {

using std::chrono::milliseconds;
using Stage = Arrival::Stage;
using Result = store::Reading::Result;

constexpr std::size_t largest_page = 64 * 1024;  // bytes: what is read, compressed and written for one reader at once
constexpr std::uint64_t few = 100;              // messages that may be read while what the room has decided waits behind them
constexpr auto cheap = std::chrono::milliseconds{1};  // a greeting that is made at once
constexpr auto moment = std::chrono::milliseconds{2};  // in which it shows whether a connection is there to stay
constexpr auto kept_for = std::chrono::seconds{10};     // a large greeting, at most: what it shows may all have been removed since
constexpr std::size_t most_looked_at = 1000;            // members, each time that somebody comes back

}  // namespace

Door& Room::door() {
  if (!door_) door_ = std::make_unique<Door>();
  return *door_;
}

std::size_t Room::page() const { return std::min(world_.config.websocket.outbox / 4, largest_page); }

void Room::close_door() {
  if (door_ && !door_->is_needed()) door_.reset();
}

// Where the room is not open, everybody is greeted who is not in it yet as soon as it is.
void Room::greet(MemberId member) {
  const auto* resident = residents_.find(member);
  if (!resident || phase_ != Phase::open) return;
  auto& arrival = door().arriving.at(member);
  arrival.newest = next_seq_ - 1;
  if (resident->left) return hear(arrival);
  const auto& since = arrival.since;
  if (since && since->epoch == epoch_ && since->seq < next_seq_) {
    arrival.at = since->seq;
    if (next_seq_ - 1 - arrival.at <= few) return call_in(*resident, arrival);
    arrival.stage = Stage::reading;
    return want_page(member, arrival);
  }
  arrival.since.reset();
  if (const auto wait = greeting_wait(moment); wait.count() > 0) {
    arrival.stage = Stage::waiting;
    return greet_after(wait);
  }
  greet_now(*resident, arrival);
}

void Room::greet_now(const Resident& resident, Arrival& arrival) {
  const auto who = resident.who();
  const auto began = std::chrono::steady_clock::now();
  arrival.forget_greeting();
  std::size_t weight = 0;
  for (std::size_t i = 0; i < registry().plugins().size(); ++i) {
    const auto greeting = fold_->greeting(i, who);
    weight += greeting.weight;
    for (const auto& part : greeting.parts) arrival.greet_with(part);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  if (took >= cheap) {  // the others do not wait, so they owe nothing
    greetings_.spent(took, shard_.now());
    home_.feed.greetings.spent(took, shard_.now());
  }
  if (weight > page()) keep_greetings_for_a_while();
  arrival.at = arrival.newest = next_seq_ - 1;
  if (weight <= page()) return call_in(resident, arrival);
  arrival.stage = Stage::called;
  order_.then([this, member = resident.member](bool holds) {
    const auto* newcomer = residents_.find(member);
    if (!newcomer) return;
    auto& its = door().arriving.at(member);
    its.stage = Stage::waiting;
    if (!holds || newcomer->left) return greet(member);  // or else it is only heard
    its.stage = Stage::reading;
    want_page(member, its);
  });
}

// A greeting that costs something is made once for all who come in a moment, and takes a share of the time and no more. If it has
// to wait at all, it waits for `least` or longer; zero says that it may be made now.
milliseconds Room::greeting_wait(milliseconds least) const {
  if (!world_.spares_greetings || fold_->greeting_cost() < cheap) return {};
  const auto now = shard_.now();
  return std::max(std::chrono::ceil<milliseconds>(std::max(greetings_.wait(now), home_.feed.greetings.wait(now))), least);
}

void Room::greet_after(milliseconds wait) {
  if (std::exchange(door_->greets_later, true)) return;
  if (!door_->greeter) {
    door_->greeter = shard_.make_timer([this] {
      turn([this] {
        door_->greets_later = false;
        greet_waiting();
      });
    });
  }
  door_->greeter->arm(wait);
}

void Room::greet_waiting() {
  if (phase_ != Phase::open) return;
  std::vector<MemberId> waiting;
  for (const auto& [member, arrival] : door_->arriving) {
    if (arrival.stage == Stage::waiting) waiting.push_back(member);
  }
  auto least = milliseconds{};
  for (const auto member : waiting) {
    if (phase_ != Phase::open) return;  // what one of them said has failed: the others are greeted when the state is read again
    const auto* resident = residents_.find(member);
    auto* arrival = arrival_of(member);
    if (!resident || resident->left || !arrival) continue;
    if (const auto wait = greeting_wait(least); wait.count() > 0) return greet_after(wait);
    least = moment;
    greet_now(*resident, *arrival);
  }
}

void Room::keep_greetings_for_a_while() {
  if (forgetter_) return;
  forgetter_ = shard_.make_timer([this] {
    if (fold_) fold_->forget_greetings();
    forgetter_.reset();
  });
  forgetter_->arm(kept_for);
}

// Lets somebody in with what little it has not been given yet, in its turn among what the room has decided.
void Room::call_in(const Resident& resident, Arrival& arrival) {
  arrival.stage = Stage::called;
  const auto member = resident.member;
  const auto call = std::make_shared<Call>();
  call->through = next_seq_ - 1;
  const auto enter = [this, member, call](bool holds) { let_in(member, *call, holds); };
  if (arrival.at == call->through) return order_.then(enter);
  const auto ticket = order_.hold(enter);
  const auto take = [this, ticket, call](store::Reading missed) {
    turn([&] {
      call->missed = std::move(missed);
      order_.release(ticket);
    });
  };
  ask(ticket, [&] { log_->read(arrival.at, call->through, take, arrival.reader, page()); });
}

void Room::let_in(MemberId member, Call& call, bool holds) {
  auto* resident = residents_.find(member);
  if (!resident) return;
  auto& arrival = door().arriving.at(member);
  arrival.stage = arrival.begun ? Stage::stalled : Stage::waiting;
  if (resident->left) return hear(arrival);
  const bool resumes = arrival.begun || arrival.since;  // and rests on nothing but the log
  if (call.missed.result == Result::whole && (resumes || holds)) {
    std::vector<Frame> page = arrival.next_page(~std::size_t{0});
    for (auto& record : call.missed.records) {
      arrival.at = record.seq;
      page.push_back(std::move(record.frame));
    }
    if (arrival.at == call.through) return admit(*resident, with_welcome(*resident, arrival, std::move(page)));
    return hand_over(*resident, arrival, std::move(page));
  }
  if (!arrival.begun) {
    // Recovery is whole or not at all: who cannot resume is greeted as a newcomer, to the current state. What was not committed was
    // not there to be missed.
    if (holds && call.missed.result != Result::whole) arrival.since.reset();
    return greet(member);
  }
  if (call.missed.result == Result::trimmed && holds) return give_up(*resident);
  if (call.missed.result == Result::unavailable) reopen();
  if (phase_ == Phase::open) go_on(member, arrival);
}

// Its connection has room for more.
void Room::feed(Resident& resident) {
  turn([&] { feed_one(resident); });
}

void Room::feed_one(Resident& resident) {
  struct Answer {  // whatever is thrown
    ~Answer() {
      if (feed) feed->done();
    }
    Feed* feed;
  } answer{&home_.feed};
  auto* found = arrival_of(resident.member);
  if (!found) return;
  auto& arrival = *found;
  arrival.in_feed = false;
  if (arrival.stage != Stage::reading) return;
  if (phase_ != Phase::open) {
    arrival.stage = arrival.begun ? Stage::stalled : Stage::waiting;
    return;
  }
  if (!arrival.is_greeted()) {
    hand_over(resident, arrival, arrival.next_page(page()));
  } else if (arrival.at >= committed_ || next_seq_ - 1 - arrival.at <= few) {
    call_in(resident, arrival);
  } else if (const auto* page = door_->pages.find(arrival.at)) {
    arrival.at = page->last;
    hand_over(resident, arrival, *page->frames);
  } else {
    answer.feed = nullptr;  // it comes with the page
    read_page(resident.member, arrival);
  }
}

void Room::read_page(MemberId member, const Arrival& arrival) {
  ++door_->reading;
  const auto after = arrival.at;
  const auto take = [this, member, after](store::Reading reading) {
    turn([&] {
      --door_->reading;
      close_door();
      home_.feed.done();
      take_page(member, after, std::move(reading));
    });
  };
  try {
    log_->read(after, std::min(committed_, Pages::end(after)), take, arrival.reader, page());
  } catch (...) {
    take({});
    throw;
  }
}

void Room::take_page(MemberId member, std::uint64_t after, store::Reading reading) {
  auto* resident = residents_.find(member);
  auto* found = arrival_of(member);
  if (!resident || !found || found->stage != Stage::reading) return;
  auto& its = *found;
  if (reading.result == Result::whole) {
    auto frames = std::make_shared<std::vector<Frame>>();
    for (auto& record : reading.records) frames->push_back(std::move(record.frame));
    const auto weight = weight_of(*frames);
    its.at = reading.records.back().seq;
    door_->pages.keep({after, its.at, frames, weight});
    return hand_over(*resident, its, *frames);
  }
  if (!its.begun) {
    its.since.reset();
    its.stage = Stage::waiting;
    return greet(member);
  }
  if (reading.result == Result::trimmed) return give_up(*resident);
  its.stage = Stage::stalled;
  if (phase_ == Phase::open) reopen();
}

void Room::go_on(MemberId member, Arrival& arrival) {
  arrival.stage = Stage::reading;
  want_page(member, arrival);
}

void Room::want_page(MemberId member, Arrival& arrival) {
  if (!std::exchange(arrival.in_feed, true)) home_.feed.ask(member);
}

void Room::hand_over(Resident& resident, Arrival& arrival, std::vector<Frame> page) {
  arrival.stage = Stage::reading;
  if (resident.left) return greet(resident.member);
  audiences_.catch_up(resident.place, resident.member, with_welcome(resident, arrival, std::move(page)),
                      [&feed = home_.feed, &home = shard_, member = resident.member] {
                        home.post([&feed, member] { feed.ask(member); });
                      });
}

// The welcome goes with the first page: only then is it known how somebody comes in.
std::vector<Frame> Room::with_welcome(const Resident& resident, Arrival& arrival, std::vector<Frame> page) const {
  if (!std::exchange(arrival.begun, true) && arrival.welcome) {
    page.insert(page.begin(), welcome(resident.who(), arrival));
  }
  return page;
}

Frame Room::welcome(const Member& who, const Arrival& arrival) const {
  return encode_welcome({json_name_, who.id, who.nickname, epoch_, arrival.newest, arrival.since.has_value(), text_of(arrival.key),
                         registry().sendable_types()});
}

// A client that comes back may have lost its connection on a path that went silent, of which nobody here has heard yet.
void Room::probe_others(const ClientKey& key, const Member& newcomer) {
  if (presence_.size() > most_looked_at) return;
  const auto client = client_number(key, newcomer.id);
  for (const auto* one : presence_.members()) {
    if (one->id() != newcomer.id) continue;
    if (client_of(*residents_.find(one->member)) == client) audiences_.probe(one->place, one->member);
  }
}

// What is next for it has been forgotten since. It comes again, and is greeted like a newcomer then.
void Room::give_up(const Resident& resident) {
  spdlog::info("room={} connection={} too slow: the log no longer reaches back to what it is given next", shown_name(name_), resident.member);
  audiences_.close(resident.place, resident.member, CloseCode::too_slow, "too slow");
}

void Room::admit(Resident& resident, std::vector<Frame> page) {
  auto arrival = std::move(door_->arriving.extract(resident.member).mapped());
  close_door();
  resident.admitted = true;
  audiences_.admit(resident.place, resident.member, std::move(page));
  if (!resident.present) {
    resident.present = true;
    ++admitted_;
    if (phase_ == Phase::open) fold_->on_join(resident.who());  // else when the room is open again
    figures_.members.add(1);
    presence_.add(resident, arrival.since.has_value());
  } else if (presence_.lists() != arrival.lists) {
    presence_.tell(resident);  // who has come and gone meanwhile
  }
  hear(arrival);
}

// A member is given something that takes a while: it comes in once more, and nobody notices.
void Room::suspend(Resident& resident, std::vector<Frames> greeting) {
  auto& arrival = door().arriving.try_emplace(resident.member, std::nullopt, false, ClientKey{}).first->second;
  for (auto& frames : greeting) arrival.greet_with(std::move(frames));
  arrival.begun = true;
  arrival.at = next_seq_ - 1;
  arrival.lists = presence_.lists();
  resident.admitted = false;
  audiences_.suspend(resident.place, resident.member);
  go_on(resident.member, arrival);
}

// What it said before it was let in. It may be gone afterwards.
void Room::hear(Arrival& arrival) {
  arrival.weight = 0;
  for (const auto& step : std::exchange(arrival.said, {})) guard([&] { step(true); });
}

}  // namespace hubbub::rooms
