// How a member on the way in is brought up to date, page by page, as its connection takes the pages.
#include <hubbub/shown.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "protocol/encode.hpp"
#include "rooms/door.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {

using Stage = Joining::Stage;
using Result = store::Reading::Result;

void Door::feed(RoomMember& member) {
  HUBBUB_ASSERT_OWN_THREAD(home_.shard);
  struct Answer {  // also if something throws
    ~Answer() {
      if (feed) feed->done();
    }
    Feed* feed;
  } answer{&home_.feed};
  auto* found = joining_of(member.member_id);
  if (!found) return;
  auto& joining = *found;
  joining.in_feed = false;
  if (joining.stage != Stage::reading) return;
  if (!owner_.is_open()) {
    joining.stage = joining.has_received ? Stage::stalled : Stage::waiting;
    return;
  }
  if (!joining.is_greeted()) {
    hand_over(member, joining, joining.next_page(page()));
  } else if (joining.last_seq >= journal_.committed() || journal_.last() - joining.last_seq <= few) {
    call_in(member, joining);
  } else if (const auto* page = joinings_->pages.find(joining.last_seq)) {
    joining.last_seq = page->last;
    hand_over(member, joining, *page->frames);
  } else {
    answer.feed = nullptr;  // answered once the page has been read
    read_page(member.member_id, joining);
  }
}

void Door::read_page(MemberId id, const Joining& joining) {
  const auto after = joining.last_seq;
  auto take = turn_.answer([this, id, after](store::Reading reading) {
    home_.feed.done();
    take_page(id, after, std::move(reading));
  });
  try {
    journal_.log().read(after, std::min(journal_.committed(), Pages::end(after)), take, joining.reader, page());
  } catch (...) {
    take(store::Reading{});
    throw;
  }
}

void Door::take_page(MemberId id, std::uint64_t after, store::Reading reading) {
  auto* member = home_.members.find(id);
  auto* found = joining_of(id);
  if (!member || !found || found->stage != Stage::reading) return;
  auto& joining = *found;
  if (reading.result == Result::whole) {
    auto frames = std::make_shared<std::vector<Frame>>();
    for (auto& record : reading.records) frames->push_back(std::move(record.frame));
    const auto weight = weight_of(*frames);
    joining.last_seq = reading.records.back().seq;
    joinings_->pages.keep({after, joining.last_seq, frames, weight});
    return hand_over(*member, joining, *frames);
  }
  if (!joining.has_received) {
    joining.since.reset();
    joining.stage = Stage::waiting;
    return joinings_->to_begin_anew.push_back(id);
  }
  if (reading.result == Result::trimmed) return give_up(*member);
  joining.stage = Stage::stalled;
  if (owner_.is_open()) owner_.reopen();
}

void Door::ask_feed(MemberId id, Joining& joining) {
  joining.stage = Stage::reading;
  if (!std::exchange(joining.in_feed, true)) home_.feed.ask(id);
}

void Door::hand_over(const RoomMember& member, Joining& joining, std::vector<Frame> page) {
  joining.stage = Stage::reading;
  if (member.left) return;
  audiences_.at(member.place).catch_up(member.member_id, with_welcome(member, joining, std::move(page)),
                      [&feed = home_.feed, &home = home_.shard, id = member.member_id] {
                        home.post([&feed, id] { feed.ask(id); });
                      });
}

// Adds the welcome to the first page: not before is it certain whether the member resumes.
std::vector<Frame> Door::with_welcome(const RoomMember& member, Joining& joining, std::vector<Frame> page) const {
  if (!std::exchange(joining.has_received, true) && joining.welcome) {
    const auto who = member.who();
    page.insert(page.begin(), encode_welcome({json_name_, who.id, who.nickname, journal_.epoch(), joining.newest, joining.since.has_value(),
                                              text_of(joining.key), owner_.registry().sendable_types()}));
  }
  return page;
}

// The log no longer has the messages that the member needs next. The client comes back, and is then greeted like a newcomer.
void Door::give_up(const RoomMember& member) {
  log::write(home_.world.overtaken->is_due() ? log::Level::info : log::Level::debug,
             "room={} connection={} too slow: the log no longer has the messages that it needs next", shown_name(name_), member.member_id);
  audiences_.at(member.place).close(member.member_id, CloseCode::too_slow, "too slow");
}

}  // namespace hubbub::rooms
