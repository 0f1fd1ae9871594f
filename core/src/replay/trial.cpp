#include "replay/trial.hpp"

namespace hubbub::replay {

std::optional<Json> state_of(const std::string& plugin, const store::Snapshot& snapshot) {
  const auto states = Json::parse(snapshot.state);
  const auto own = states.find(plugin);
  return own == states.end() ? std::nullopt : std::optional{*own};
}

}  // namespace hubbub::replay
