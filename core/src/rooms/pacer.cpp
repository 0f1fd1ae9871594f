#include "rooms/pacer.hpp"

#include <algorithm>
#include <limits>
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

Pacer::Pace& Pacer::pace_of(MemberId member, const plugins::Route& route, Time now) {
  const std::chrono::duration<double> between{1 / route.type.max_rate()};
  const Pace fresh{route.key, std::chrono::duration_cast<Time::duration>(between), now, {}};
  return paces_.try_emplace({member, route.key.number}, fresh).first->second;
}

bool Pacer::step(Pace& pace, Time now) {
  const bool may_go = now >= pace.free && !pace.held;
  if (may_go) pace.free = now + pace.between;
  return may_go;
}

milliseconds Pacer::wait(MemberId member, const plugins::Route& route) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto now = shard_.now();
  if (const auto rest = wait_for_answers(route, now); rest.count() > 0) return ceil_ms(rest);
  if (route.type.max_rate() <= 0) return milliseconds{0};
  auto& pace = pace_of(member, route, now);
  return step(pace, now) ? milliseconds{0} : ceil_ms(pace.free - now);
}

std::optional<Envelope> Pacer::pass(MemberId member, const plugins::Route& route, Envelope envelope) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (route.type.max_rate() <= 0) return envelope;
  const auto now = shard_.now();
  auto& pace = pace_of(member, route, now);
  if (step(pace, now)) return envelope;
  if (auto replaced = std::exchange(pace.held, std::move(envelope))) {
    skip_(member, *std::move(replaced));
  } else {
    due_.emplace(pace.free, Key{member, route.key.number});
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

void Pacer::forget(MemberId member) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto first = paces_.lower_bound({member, 0});
  const auto last = paces_.upper_bound({member, std::numeric_limits<std::uint16_t>::max()});
  paces_.erase(first, last);  // release_due() passes over keys without a pace
}

void Pacer::release_due() {
  const auto now = shard_.now();
  std::vector<Key> ready;
  for (auto next = due_.begin(); next != due_.end() && next->first <= now; next = due_.erase(next)) {
    ready.push_back(next->second);
  }
  for (const auto& key : ready) {
    const auto found = paces_.find(key);
    if (found == paces_.end() || !found->second.held) continue;
    auto& pace = found->second;
    auto envelope = *std::exchange(pace.held, {});
    step(pace, now);
    release_(key.first, pace.route, std::move(envelope));
  }
  if (!due_.empty()) arm(now);
}

void Pacer::release_all() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  due_.clear();
  answers_.clear();
  for (auto& [key, pace] : std::exchange(paces_, {})) {
    if (pace.held) release_(key.first, pace.route, std::move(*pace.held));
  }
}

void Pacer::arm(Time now) {
  if (!timer_) timer_ = shard_.make_timer([this] { release_due(); });
  timer_->arm(ceil_ms(due_.begin()->first - now));
}

}  // namespace hubbub::rooms
