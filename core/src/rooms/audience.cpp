#include "rooms/audience.hpp"

namespace hubbub::rooms {

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
  rows_.push_back(seat);
}

void Audience::deliver(const Frame& frame) {
  for (auto* seat : rows_) seat->sink->send(frame);
}

void Audience::send(MemberId member, const Frame& frame) {
  if (auto* seat = seats_.find(member)) seat->sink->send(frame);
}

void Audience::close(MemberId member, CloseCode code, const std::string& reason) {
  if (auto* seat = seats_.find(member)) seat->sink->close(code, reason);
}

void Audience::remove(std::size_t row) {
  rows_[row] = rows_.back();
  rows_[row]->row = row;
  rows_.pop_back();
}

}  // namespace hubbub::rooms
