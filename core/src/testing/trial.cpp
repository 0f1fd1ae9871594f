#include "testing/trial.hpp"

#include <stdexcept>

#include "rooms/fold.hpp"

namespace hubbub::testing {

Trial::Trial(const plugins::LoadedPlugin& plugin) : plugin_(plugin), instance_(plugin.instantiate()) {
  instance_.set_room(room_);
}

void Trial::restore(const store::Snapshot& snapshot) {
  const auto states = Json::parse(snapshot.state);
  const auto own = states.find(plugin_.name());
  if (own != states.end()) check(instance_.restore(*own), "cannot use the state " + own->dump());
}

void Trial::apply(const std::vector<store::Record>& records) {
  for (const auto& record : records) {
    if (record.plugin != plugin_.name()) continue;
    check(instance_.apply(rooms::entry_of(record)), "cannot apply " + std::string{record.frame.payload()});
  }
}

Json Trial::snapshot() const {
  Json state;
  check(instance_.snapshot(state), "cannot tell its state");
  return state;
}

void Trial::check(const std::optional<plugins::Fault>& fault, const std::string& what) const {
  if (fault) throw std::runtime_error(plugin_.name() + " " + what + ": " + fault->text);
}

}  // namespace hubbub::testing
