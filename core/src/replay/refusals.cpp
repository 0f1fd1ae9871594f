#include "replay/refusals.hpp"

#include <optional>

#include "replay/trial.hpp"
#include "rooms/fold.hpp"

namespace hubbub::replay {

std::map<std::uint64_t, std::string> refusals(const plugins::Registry& registry, std::size_t plugin,
                                              const store::RecordedRoom& room) {
  const auto& its = registry.plugins()[plugin];
  Trial trial{its, StillRoom{room.name, 0}};
  const auto why = [&](const Entry& entry) -> std::optional<std::string> {
    const auto* route = registry.find(entry.type);
    if (!route || route->plugin != plugin) return "it has no type " + entry.type;
    if (route->type.is_from_server()) return "only the server sends " + entry.type;
    if (auto unfit = route->schema.check(entry.content)) return unfit;
    Verdict verdict;
    const Member sender{entry.id, entry.nickname};
    if (auto fault = trial.plugin().on_message(sender, {entry.type, entry.content}, verdict)) return fault->text;
    return verdict.kind == Verdict::Kind::reject ? std::optional{verdict.reason} : std::nullopt;
  };

  std::uint64_t after = 0;
  if (room.log.first != 1) {
    const auto state = state_of(its.name(), *room.log.snapshot);
    if (state && trial.plugin().restore(*state)) return {};
    after = room.log.snapshot->seq;
  }
  std::map<std::uint64_t, std::string> refused;
  for (const auto& record : room.log.records) {
    if (record.seq <= after || record.plugin != its.name()) continue;
    const auto entry = rooms::entry_of(record);
    trial.room().set_time(entry.ts);
    const bool of_a_member = !entry.id.empty();
    if (auto reason = of_a_member ? why(entry) : std::nullopt) refused.emplace(entry.seq, std::move(*reason));
    trial.plugin().apply(entry);
  }
  return refused;
}

}  // namespace hubbub::replay
