#include "rooms/audience.hpp"

#include <utility>

namespace hubbub::rooms {
namespace {

constexpr std::size_t most_collected = 256 * 1024;  // bytes: about what a socket takes at once

}  // namespace

void Seats::leave(MemberId member) {
  const auto found = seats_.find(member);
  if (found == seats_.end()) return;
  if (auto* audience = found->second.audience) audience->remove(found->second.row);
  seats_.erase(found);
}

void Audience::admit(MemberId member, std::span<const Frame> greeting) {
  auto* seat = seats_.find(member);
  if (!seat) return;
  seat->sink->catch_up(greeting);
  seat->audience = this;
  seat->row = rows_.size();
  rows_.push_back({seat, seat->sink, batch_.size()});
}

void Audience::deliver(const Frame& frame) {
  batch_.add(frame);
  if (!std::exchange(collecting_, true)) shard_.at_end_of_turn(shared_from_this());
  if (batch_.bytes() >= most_collected) flush();
}

void Audience::send(MemberId member, const Frame& frame) {
  if (auto* seat = up_to_date(member)) seat->sink->send(frame);
}

void Audience::close(MemberId member, CloseCode code, const std::string& reason) {
  if (auto* seat = up_to_date(member)) seat->sink->close(code, reason);
}

void Audience::on_turn_end() {
  collecting_ = false;
  flush();
}

void Audience::flush() {
  for (auto& row : rows_) {
    const auto first = std::exchange(row.first, 0);
    if (first != batch_.size()) row.sink->send(batch_, first);
  }
  batch_.clear();
}

// The member's seat, after it has been given what was delivered before.
Seat* Audience::up_to_date(MemberId member) {
  auto* seat = seats_.find(member);
  if (seat && seat->audience == this) {
    auto& row = rows_[seat->row];
    for (const auto& frame : batch_.frames(std::exchange(row.first, batch_.size()))) row.sink->send(frame);
  }
  return seat;
}

void Audience::remove(std::size_t row) {
  rows_[row] = rows_.back();
  rows_[row].seat->row = row;
  rows_.pop_back();
}

}  // namespace hubbub::rooms
