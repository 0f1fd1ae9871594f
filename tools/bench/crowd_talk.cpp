#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "crowd.hpp"
#include "crowd_parts.hpp"
#include "wire.hpp"

namespace hubbub::bench {
namespace {

// Parses sixteen digits at once, by adding neighbours; gives garbage if they are not digits.
std::uint64_t parse_ref(const char* digits) {
  const auto eight = [](const char* text) {
    std::uint64_t value = 0;
    std::memcpy(&value, text, 8);
    value = (value & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
    value = (value & 0x00ff00ff00ff00ff) * 6553601 >> 16;
    return (value & 0x0000ffff0000ffff) * 42949672960001 >> 32;
  };
  return eight(digits) * 100'000'000 + eight(digits + 8);
}

}  // namespace

void Crowd::talk_for(Clock::duration duration) {
  begin_talk();
  for (const auto end = now_ + duration; now_ < end;) talk_once(end);
}

void Crowd::talk_until(std::uint64_t deliveries) {
  begin_talk();
  last_heard_ = now_;
  const auto end = [&] { return last_heard_ + seconds(options_.patience); };
  while (tally_.delivered + tally_.refused < deliveries && now_ < end()) talk_once(end());
}

void Crowd::begin_talk() {
  now_ = Clock::now();
  if (!std::exchange(talking_, true)) began_ = now_;
  for (auto& sender : senders_) wake(sender);
}

void Crowd::talk_once(Clock::time_point until) {
  say_due();
  const auto next = began_ + seconds(static_cast<double>(due_ + 1) / (options_.rate * static_cast<double>(senders_.size())));
  turn(options_.rate > 0 && !senders_.empty() ? std::min(next, until) : until);
}

// The open loop: senders take turns, so that their messages are evenly spread.
void Crowd::say_due() {
  if (options_.rate <= 0 || senders_.empty()) return;
  const auto all = options_.rate * static_cast<double>(senders_.size());
  for (;; ++due_) {
    const auto when = began_ + seconds(static_cast<double>(due_ + 1) / all);
    if (when > now_) return;
    auto& sender = senders_[due_ % senders_.size()];
    if (sender.member->state != State::open) continue;
    say(sender, when);
    flush(*sender.member);
  }
}

// The closed loop.
void Crowd::wake(Sender& sender) {
  if (!talking_ || options_.rate > 0 || sender.member->state != State::open) return;
  while (sender.sent - sender.returned < options_.in_flight) say(sender, now_);
  flush(*sender.member);
}

void Crowd::say(Sender& sender, Clock::time_point when) {
  const auto number = ++sender.sent;
  sender.times[number % sender.times.size()] = {number, when};
  const auto ref = first_ref + (static_cast<std::uint64_t>(&sender - senders_.data()) << 32) + number;
  std::to_chars(text_.data() + digits_, text_.data() + digits_ + ref_digits, ref);
  const auto compressed = sender.member->compressed;
  const auto payload = compressed ? deflater_.deflate(text_) : std::string_view{text_};
  append_masked_frame(sender.member->unsent, final_bit | (compressed ? compressed_bit : 0) | text_frame, payload);
  ++sender.member->room->owed;
  ++tally_.sent;
}

void Crowd::on_text(Member& member, std::string_view text, bool shared) {
  const auto tail = ref_key.size() + ref_digits + suffix_.size();
  if (text.size() > tail && text.ends_with(suffix_) && text.substr(text.size() - tail).starts_with(ref_key)) {
    const auto ref = parse_ref(text.data() + text.size() - suffix_.size() - ref_digits);
    if (shared) inflated_.keep(ref);
    return on_delivery(member, ref);
  }
  const auto begins = text.substr(0, 48);
  if (begins.find(R"("type":"users_update")") != begins.npos) return on_list(member, text);
  if (begins.find(R"("type":"error")") != begins.npos) return on_refusal(member, text);
  if (options_.dialect == Dialect::socket_io && text == "2") {
    append_masked_frame(member.unsent, final_bit | text_frame, "3");
  }
}

void Crowd::on_delivery(Member& member, std::uint64_t ref) {
  auto& room = *member.room;
  const auto index = (ref - first_ref) >> 32;
  const auto number = static_cast<std::uint32_t>(ref);
  if (index >= senders_.size() || senders_[index].member->room != &room) {
    room.disordered = true;  // it comes from somewhere else
    return;
  }
  auto& sender = senders_[index];
  ++tally_.delivered;
  const auto& sent = sender.times[number & (sender.times.size() - 1)];
  sent.number == number ? tally_.latency.add(nanoseconds(now_ - sent.when)) : void(++tally_.untimed);
  ++member.received;
  member.order = (member.order ^ ref) * 0x9e3779b97f4a7c15;
  member.order ^= member.order >> 32;
  if (&sender == member.sender) ++sender.returned;
  if (&member == room.witness) {
    room.disordered |= number <= sender.witnessed;
    sender.witnessed = number;
  }
}

void Crowd::on_list(Member& member, std::string_view text) {
  if (member.complete) return;
  const auto begin = text.find('['), end = text.find(']', begin);
  auto count = static_cast<unsigned>(std::ranges::count(text.substr(begin, end - begin), '"') / 2);
  if (const auto at = text.rfind(R"("count":)"); at != text.npos) std::from_chars(text.data() + at + 8, text.data() + text.size(), count);
  if (count >= member.room->members) complete_ += !std::exchange(member.complete, true);
}

void Crowd::on_refusal(Member& member, std::string_view text) {
  ++tally_.refused;
  if (tally_.refusal.empty()) tally_.refusal = text;
  --member.room->owed;
  if (member.sender) ++member.sender->returned;
}

std::uint64_t Crowd::owed() const {
  std::uint64_t sum = 0;
  for (const auto& member : members_) {
    if (member.reads && member.state == State::open) sum += member.room->owed - std::min(member.received, member.room->owed);
  }
  return sum;
}

void Crowd::settle() {
  talking_ = false;
  now_ = last_heard_ = Clock::now();
  while (owed() > 0 && now_ - last_heard_ < seconds(options_.patience)) turn(last_heard_ + seconds(options_.patience));
  tally_.lost += owed();
  for (const auto& member : members_) {
    auto& room = *member.room;
    if (!member.reads) continue;
    const bool both = member.received == room.owed && room.witness->received == room.owed;
    room.disordered |= member.received > room.owed || (both && member.order != room.witness->order);
  }
  tally_.disordered = static_cast<std::uint64_t>(std::ranges::count(rooms_, true, &Room::disordered));
}

void Crowd::reset_tally() {
  tally_.sent = tally_.delivered = tally_.untimed = 0;
  tally_.latency = {};
}

}  // namespace hubbub::bench
