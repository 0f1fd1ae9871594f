// The edits since the text was last replaced as a whole, oldest first, as far back as the bounds allow: what a late edit is
// brought up to date with.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "change_set.hpp"

class History {
 public:
  // Keeps at most `most` edits, and at most `bytes` of them.
  History(std::size_t most, std::size_t bytes) : most_(most), bytes_(bytes) {}

  // The text of the entry `seq` begins anew.
  void restart(std::uint64_t seq);

  void add(std::uint64_t seq, ChangeSet changes);

  // `changes`, made to the text after the entry `version`, for the text of now, which is `length` long; or why that
  // cannot be.
  std::variant<ChangeSet, std::string> bring_up(ChangeSet changes, std::uint64_t version, std::size_t length) const;

  // The seq of the newest entry that changed the text; 0 where none did.
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
