#include "history.hpp"

#include <algorithm>
#include <utility>

using Json = nlohmann::json;

void History::restart(std::uint64_t seq) {
  edits_.clear();
  size_ = 0;
  replaced_ = reaches_to_ = seq;
}

void History::add(std::uint64_t seq, ChangeSet changes) {
  size_ += changes.memory();
  edits_.push_back({seq, std::move(changes)});
  while (edits_.size() > most_ || size_ > bytes_) {
    size_ -= edits_.front().changes.memory();
    reaches_to_ = edits_.front().seq;
    edits_.pop_front();
  }
}

std::variant<ChangeSet, std::string> History::bring_up(ChangeSet changes, std::uint64_t version, std::size_t length) const {
  if (version < replaced_) {
    return "the text was replaced meanwhile, by message " + std::to_string(replaced_) + ": load the text anew and edit that";
  }
  if (version < reaches_to_) {
    return "too much has happened since version " + std::to_string(version) + ": load the text anew and edit that";
  }
  auto edit = std::ranges::upper_bound(edits_, version, {}, &Edit::seq);
  const auto old_length = edit == edits_.end() ? length : edit->changes.old_length();
  if (changes.old_length() != old_length) {
    return "changes: are for a text of " + std::to_string(changes.old_length()) + " UTF-16 units, but at version " +
           std::to_string(version) + " it has " + std::to_string(old_length) + ": load the text anew and edit that";
  }
  for (; edit != edits_.end(); ++edit) changes = changes.map(edit->changes);
  return changes;
}

Json History::to_json() const {
  Json edits = Json::array();
  for (const auto& edit : edits_) edits.push_back({{"seq", edit.seq}, {"changes", edit.changes.to_json()}});
  return {{"replaced", replaced_}, {"reaches_to", reaches_to_}, {"edits", std::move(edits)}};
}

void History::from_json(const Json& json) {
  restart(json.at("replaced").get<std::uint64_t>());
  json.at("reaches_to").get_to(reaches_to_);
  for (const auto& edit : json.at("edits")) {
    add(edit.at("seq").get<std::uint64_t>(), ChangeSet::from_json(edit.at("changes")));
  }
}
