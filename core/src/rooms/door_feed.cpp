// How somebody on the way in is handed what brings it up to date, as its connection takes it.
#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/door.hpp"

namespace hubbub::rooms {

using Stage = Arrival::Stage;
using Result = store::Reading::Result;

void Door::feed(Resident& resident) {
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
  if (!owner_.is_open()) {
    arrival.stage = arrival.begun ? Stage::stalled : Stage::waiting;
    return;
  }
  if (!arrival.is_greeted()) {
    hand_over(resident, arrival, arrival.next_page(page()));
  } else if (arrival.at >= journal_.committed() || journal_.last() - arrival.at <= few) {
    call_in(resident, arrival);
  } else if (const auto* page = arrivals_->pages.find(arrival.at)) {
    arrival.at = page->last;
    hand_over(resident, arrival, *page->frames);
  } else {
    answer.feed = nullptr;  // it comes with the page
    read_page(resident.member, arrival);
  }
}

void Door::read_page(MemberId member, const Arrival& arrival) {
  ++arrivals_->reading;
  const auto after = arrival.at;
  const auto take = [this, member, after](store::Reading reading) {
    turn_([&] {
      --arrivals_->reading;
      forget_arrivals();
      home_.feed.done();
      take_page(member, after, std::move(reading));
    });
  };
  try {
    journal_.log().read(after, std::min(journal_.committed(), Pages::end(after)), take, arrival.reader, page());
  } catch (...) {
    take({});
    throw;
  }
}

void Door::take_page(MemberId member, std::uint64_t after, store::Reading reading) {
  auto* resident = home_.residents.find(member);
  auto* found = arrival_of(member);
  if (!resident || !found || found->stage != Stage::reading) return;
  auto& its = *found;
  if (reading.result == Result::whole) {
    auto frames = std::make_shared<std::vector<Frame>>();
    for (auto& record : reading.records) frames->push_back(std::move(record.frame));
    const auto weight = weight_of(*frames);
    its.at = reading.records.back().seq;
    arrivals_->pages.keep({after, its.at, frames, weight});
    return hand_over(*resident, its, *frames);
  }
  if (!its.begun) {
    its.since.reset();
    its.stage = Stage::waiting;
    return arrivals_->again.push_back(member);
  }
  if (reading.result == Result::trimmed) return give_up(*resident);
  its.stage = Stage::stalled;
  if (owner_.is_open()) owner_.reopen();
}

void Door::go_on(MemberId member, Arrival& arrival) {
  arrival.stage = Stage::reading;
  if (!std::exchange(arrival.in_feed, true)) home_.feed.ask(member);
}

void Door::hand_over(const Resident& resident, Arrival& arrival, std::vector<Frame> page) {
  arrival.stage = Stage::reading;
  if (resident.left) return;
  audiences_.at(resident.place).catch_up(resident.member, with_welcome(resident, arrival, std::move(page)),
                      [&feed = home_.feed, &home = home_.shard, member = resident.member] {
                        home.post([&feed, member] { feed.ask(member); });
                      });
}

// The welcome goes with the first page: only then is it known how somebody comes in.
std::vector<Frame> Door::with_welcome(const Resident& resident, Arrival& arrival, std::vector<Frame> page) const {
  if (!std::exchange(arrival.begun, true) && arrival.welcome) {
    const auto who = resident.who();
    page.insert(page.begin(), encode_welcome({json_name_, who.id, who.nickname, journal_.epoch(), arrival.newest, arrival.since.has_value(),
                                              text_of(arrival.key), owner_.registry().sendable_types()}));
  }
  return page;
}

// What is next for it has been forgotten since. It comes again, and is greeted like a newcomer then.
void Door::give_up(const Resident& resident) {
  spdlog::info("room={} connection={} too slow: the log no longer reaches back to what it is given next", shown_name(name_), resident.member);
  audiences_.at(resident.place).close(resident.member, CloseCode::too_slow, "too slow");
}

}  // namespace hubbub::rooms
