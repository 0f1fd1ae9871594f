#include "rooms/conduct.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <utility>

#include "config/quantity.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {

using config::duration_text;
using std::chrono::milliseconds;

Conduct::Conduct(runtime::Shard& shard, Roster& roster, Owner& owner, const std::string& room)
    : shard_(shard), roster_(roster), owner_(owner), room_(room) {}

Conduct::Record& Conduct::record_of(std::size_t plugin) {
  const auto found = std::ranges::find(records_, plugin, &Record::plugin);
  return found == records_.end() ? records_.emplace_back(plugin) : *found;
}

void Conduct::opens() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  opening_.assign(roster_.registry().plugins().size(), {});
}

void Conduct::is_open(std::chrono::nanoseconds took, const std::string& source) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto spent = std::exchange(opening_, {});
  if (took <= limits().budget || spent.empty()) return;
  const auto most = std::ranges::max_element(spent);
  const auto plugin = static_cast<std::size_t>(most - spent.begin());
  if (!roster_.account(plugin).remarks->opening.is_due(shard_.now(), std::chrono::minutes{1})) return;
  log::warn("room={} took {} ms to open, {} ms of them in plugin={}, from {}; plugins.limits.budget is {}", shown_name(room_),
            std::chrono::ceil<milliseconds>(took).count(), std::chrono::ceil<milliseconds>(*most).count(), name(plugin), source,
            duration_text(limits().budget));
}

void Conduct::is_out(std::size_t plugin, const std::string& why) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (std::exchange(record_of(plugin).is_known_to_be_out, true)) return;
  log::error("room={} plugin={} is out here: its stored state is kept, and its messages are refused until the room is opened with "
             "a build that can use this state: {}", shown_name(room_), name(plugin), escaped(why));
}

void Conduct::took(std::size_t plugin, const char* call, std::chrono::nanoseconds time) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  roster_.account(plugin).ns->add(static_cast<std::uint64_t>(time.count()));
  if (!opening_.empty()) {
    opening_[plugin] += time;
    return;
  }
  if (time <= limits().budget) return;
  auto& remarks = *roster_.account(plugin).remarks;
  const auto count = ++remarks.slow_calls;
  if (!remarks.slow.is_due(shard_.now(), std::chrono::minutes{1})) return;
  log::warn("room={} plugin={} {} took {} ms; plugins.limits.budget is {}, and slower calls so far: {}", shown_name(room_),
            name(plugin), call, std::chrono::ceil<milliseconds>(time).count(), duration_text(limits().budget),
            count);
}

void Conduct::failed(std::size_t plugin) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (off_for(plugin).count() > 0) return;
  auto& faults = record_of(plugin).faults;
  const auto now = shard_.now();
  faults.push_back(now);
  while (now - faults.front() > limits().within) faults.pop_front();
  if (faults.size() < limits().faults) return;
  switch_off(plugin, std::to_string(limits().faults) + " calls failed within " + duration_text(limits().within));
}

milliseconds Conduct::off_for(std::size_t plugin) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto found = std::ranges::find(records_, plugin, &Record::plugin);
  if (found == records_.end() || found->off_until == Time{}) return {};
  return std::max(std::chrono::ceil<milliseconds>(found->off_until - shard_.now()), milliseconds{1});
}

void Conduct::switch_off(std::size_t plugin, const std::string& why) {
  log::error("room={} plugin={} is switched off here for {}: {}", shown_name(room_), name(plugin), duration_text(limits().off), why);
  auto& record = record_of(plugin);
  record.faults.clear();
  record.off_until = shard_.now() + limits().off;
  if (!record.timer) record.timer = shard_.make_timer([this, plugin] { try_again(plugin); });
  record.timer->arm(limits().off);
}

void Conduct::try_again(std::size_t plugin) {
  log::info("room={} plugin={} is tried again", shown_name(room_), name(plugin));
  record_of(plugin).off_until = {};
  if (!owner_.renew(plugin)) switch_off(plugin, "it could not be restored");
}

}  // namespace hubbub::rooms
