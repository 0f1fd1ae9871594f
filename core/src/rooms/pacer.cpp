#include "rooms/pacer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace hubbub::rooms {
namespace {

using std::chrono::milliseconds;

constexpr auto short_answer = std::chrono::microseconds{200};  // such an answer costs no more than other messages do
const TimeShare for_answers{10, milliseconds{100}};

milliseconds ceil_ms(std::chrono::steady_clock::duration time) {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(time));
}

}  // namespace

// The rates of other plugins, which had these types before a reload, are not found.
Pace* Pacer::find(Sender& sender, plugins::RouteKey route) {
  const auto found = std::ranges::find(sender.paces, route, &Pace::route);
  return found == sender.paces.end() ? nullptr : &*found;
}

Pace& Pacer::pace_of(Sender& sender, const plugins::Route& route, Time now) {
  if (auto* pace = find(sender, route.key)) return *pace;
  std::erase_if(sender.paces, [&](const Pace& pace) { return pace.route.generation != route.key.generation; });
  const std::chrono::duration<double> between{1 / route.type.max_rate()};
  return sender.paces.emplace_back(route.key, std::chrono::duration_cast<Time::duration>(between), now);
}

bool Pacer::step(Pace& pace, Time now) {
  const bool may_go = now >= pace.free && !pace.held;
  if (may_go) pace.free = now + pace.between;
  return may_go;
}

milliseconds Pacer::wait(Sender& sender, const plugins::Route& route) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto now = shard_.now();
  if (const auto rest = wait_for_answers(route, now); rest.count() > 0) return ceil_ms(rest);
  if (route.type.max_rate() <= 0) return milliseconds{0};
  auto& pace = pace_of(sender, route, now);
  return step(pace, now) ? milliseconds{0} : ceil_ms(pace.free - now);
}

std::optional<Envelope> Pacer::pass(Sender& sender, const plugins::Route& route, Envelope envelope) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (route.type.max_rate() <= 0) return envelope;
  const auto now = shard_.now();
  auto& pace = pace_of(sender, route, now);
  if (step(pace, now)) return envelope;
  if (auto replaced = std::exchange(pace.held, std::move(envelope))) {
    owner_.skip(sender, *replaced);
  } else {
    due_.emplace(pace.free, Due{sender.who.connection, route.key});
    arm(now);
  }
  return {};
}

void Pacer::answered(const plugins::Route& route, std::chrono::nanoseconds took) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (took <= short_answer) return;
  answers_.try_emplace(route.key.number, for_answers).first->second.spent(took, shard_.now());
  all_answers_.spent(took, shard_.now());
}

// A question that is not known to take long does not wait for others.
std::chrono::steady_clock::duration Pacer::wait_for_answers(const plugins::Route& question, Time now) const {
  const auto share = answers_.find(question.key.number);
  return share == answers_.end() ? Time::duration{} : std::max(share->second.wait(now), all_answers_.wait(now));
}

void Pacer::release(const Due& due, Time now) {
  auto* sender = owner_.find_sender(due.member);
  auto* pace = sender ? find(*sender, due.route) : nullptr;
  if (!pace || !pace->held) return;
  auto envelope = std::move(*pace->held);
  pace->held.reset();
  step(*pace, now);
  owner_.release(*sender, due.route, std::move(envelope));
}

void Pacer::release_due() {
  const auto now = shard_.now();
  std::vector<Due> ready;
  for (auto next = due_.begin(); next != due_.end() && next->first <= now; next = due_.erase(next)) ready.push_back(next->second);
  for (const auto& due : ready) release(due, now);
  if (!due_.empty()) arm(now);
}

void Pacer::release_all() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  answers_.clear();
  const auto now = shard_.now();
  for (const auto& [time, due] : std::exchange(due_, {})) release(due, now);
}

void Pacer::arm(Time now) {
  if (!timer_) timer_ = shard_.make_timer([this] { release_due(); });
  timer_->arm(ceil_ms(due_.begin()->first - now));
}

}  // namespace hubbub::rooms
