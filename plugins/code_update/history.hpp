// The edits since the text was last replaced as a whole, oldest first, as far back as the bounds allow. An edit that was made to an
// older version is mapped over them.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "change_set.hpp"

class History {
 public:
  // Keeps at most `most` edits, in at most `bytes` of memory.
  History(std::size_t most, std::size_t bytes) : most_(most), bytes_(bytes) {}

  // The entry `seq` replaced the whole text: drops all edits.
  void restart(std::uint64_t seq);

  void add(std::uint64_t seq, ChangeSet changes);

  // Maps `changes`, which were made to the text after the entry `version`, to the current text, which is `length` units long. Returns
  // the reason if that is impossible.
  std::variant<ChangeSet, std::string> bring_up(ChangeSet changes, std::uint64_t version, std::size_t length) const;

  // The seq of the newest entry that changed the text; 0 if none did.
  std::uint64_t last() const { return edits_.empty() ? reaches_to_ : edits_.back().seq; }

  nlohmann::json to_json() const;
  void from_json(const nlohmann::json& json);

 private:
  struct Edit {
    std::uint64_t seq;
    ChangeSet changes;
  };

  std::size_t most_;
  std::size_t bytes_;
  std::deque<Edit> edits_;
  std::size_t size_ = 0;          // of the edits, in bytes
  std::uint64_t replaced_ = 0;    // the entry that last replaced the text
  std::uint64_t reaches_to_ = 0;  // all edits after this entry are here
};
