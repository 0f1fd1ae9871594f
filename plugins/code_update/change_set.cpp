#include "change_set.hpp"

#include <algorithm>
#include <utility>

#include "utf16.hpp"

using Json = nlohmann::json;

// A section that is replaced, with its position in the old text.
struct ChangeSet::Replacement {
  std::size_t from;
  std::size_t to;
  const std::u16string& inserted;

  // Whether this replacement comes before `later`, which is from the other change set. At the same position, the shorter one does.
  bool precedes(const Replacement& later) const {
    return from < later.from || (from == later.from && to <= later.to);
  }
};

ChangeSet ChangeSet::from_json(const Json& json) {
  ChangeSet changes;
  for (const auto& section : json) {
    if (!section.is_array()) {
      changes.keep(section.get<std::size_t>());
      continue;
    }
    std::string inserted;
    for (std::size_t i = 1; i < section.size(); ++i) {
      if (i > 1) inserted += '\n';
      inserted += section[i].get_ref<const std::string&>();
    }
    changes.replace(section.at(0).get<std::size_t>(), to_utf16(inserted));
  }
  return changes;
}

Json ChangeSet::to_json() const {
  Json json = Json::array();
  for (const auto& section : sections_) {
    if (section.is_kept) {
      json.push_back(section.length);
      continue;
    }
    Json replaced = Json::array({section.length});
    const std::u16string_view inserted = section.inserted;
    for (std::size_t from = 0; !inserted.empty() && from <= inserted.size();) {
      const auto to = std::min(inserted.find(u'\n', from), inserted.size());
      replaced.push_back(to_utf8(inserted.substr(from, to - from)));
      from = to + 1;
    }
    json.push_back(std::move(replaced));
  }
  return json;
}

std::size_t ChangeSet::old_length() const {
  std::size_t length = 0;
  for (const auto& section : sections_) length += section.length;
  return length;
}

std::size_t ChangeSet::new_length() const {
  std::size_t length = 0;
  for (const auto& section : sections_) length += section.is_kept ? section.length : section.inserted.size();
  return length;
}

std::size_t ChangeSet::memory() const {
  std::size_t bytes = sizeof *this;
  for (const auto& section : sections_) bytes += sizeof section + section.inserted.size() * sizeof(char16_t);
  return bytes;
}

ChangeSet ChangeSet::map(const ChangeSet& other) const {
  const auto theirs = other.replacements();
  auto next = theirs.begin();
  ChangeSet mapped;
  std::size_t at = 0;  // the old text before this position is done

  const auto pass = [&] {
    mapped.keep(next->from - at);
    mapped.keep(next->inserted.size());
    at = next->to;
    ++next;
  };

  for (const auto& mine : replacements()) {
    while (next != theirs.end() && next->precedes(mine)) pass();
    if (at < mine.from) {
      mapped.keep(mine.from - at);
      at = mine.from;
    }
    std::size_t removed = 0;
    bool is_inserted = false;
    const auto put = [&] {
      mapped.replace(std::exchange(removed, 0), std::exchange(is_inserted, true) ? std::u16string{} : mine.inserted);
    };
    while (next != theirs.end() && next->from < mine.to) {
      removed += next->from - at;
      at = next->from;
      if (!next->inserted.empty()) put();  // their insertion stays, in the middle of my replacement
      pass();
    }
    if (at < mine.to) {
      removed += mine.to - at;
      at = mine.to;
    }
    put();
  }
  while (next != theirs.end()) pass();
  mapped.keep(old_length() - at);
  return mapped;
}

bool ChangeSet::splits_character(const Text& text) const {
  const auto is_inside = [&text](std::size_t at) {
    return at > 0 && at < text.size() && is_low_surrogate(text[at]) && is_high_surrogate(text[at - 1]);
  };
  return std::ranges::any_of(replacements(), [&](const auto& part) { return is_inside(part.from) || is_inside(part.to); });
}

void ChangeSet::apply(Text& text) const {
  std::size_t at = 0;
  for (const auto& section : sections_) {
    if (!section.is_kept) text.replace(at, section.length, section.inserted);
    at += section.is_kept ? section.length : section.inserted.size();
  }
}

void ChangeSet::keep(std::size_t length) {
  if (length == 0) return;
  if (!sections_.empty() && sections_.back().is_kept) {
    sections_.back().length += length;
  } else {
    sections_.push_back({length, true, {}});
  }
}

void ChangeSet::replace(std::size_t length, const std::u16string& inserted) {
  if (length == 0 && inserted.empty()) return;
  if (!sections_.empty() && !sections_.back().is_kept) {
    auto& last = sections_.back();
    if (inserted.empty() && last.inserted.empty()) {
      last.length += length;
      return;
    }
    if (length == 0 && last.length == 0) {
      last.inserted += inserted;
      return;
    }
  }
  sections_.push_back({length, false, inserted});
}

std::vector<ChangeSet::Replacement> ChangeSet::replacements() const {
  std::vector<Replacement> parts;
  std::size_t at = 0;
  for (const auto& section : sections_) {
    if (!section.is_kept) parts.push_back({at, at + section.length, section.inserted});
    at += section.length;
  }
  return parts;
}
