// A change of a text, in the JSON form of CodeMirror 6's ChangeSet: an array of sections that together span the old text. A number
// n keeps n units, [n] deletes n units, [n,"line","line",…] replaces n units by the lines, joined with "\n". Units are UTF-16.
//
// Change sets are canonical, as CodeMirror's are: no section is empty, and neighbouring sections that both keep, both delete or
// both insert are joined. A plain value; apply() changes its argument only.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "text.hpp"

class ChangeSet {
 public:
  // Throws Json::exception if `json` is not an array of sections.
  static ChangeSet from_json(const nlohmann::json& json);
  nlohmann::json to_json() const;

  // The length of the text before and after the change, in units.
  std::size_t old_length() const;
  std::size_t new_length() const;

  // The memory that it takes, in bytes.
  std::size_t memory() const;

  // This change, mapped to the text after `other`. Both must have been made to the same text (same old_length()); `other` came
  // first: text that both delete is deleted once, and if both insert at one place, the insertion of `other` comes first. Equals
  // CodeMirror's map(other, false), which the clients compute.
  ChangeSet map(const ChangeSet& other) const;

  // Whether the change would split a surrogate pair; `text` must have old_length().
  bool splits_character(const Text& text) const;

  // Makes the change; `text` must have old_length().
  void apply(Text& text) const;

 private:
  struct Section {
    std::size_t length;       // of the old text
    bool is_kept;
    std::u16string inserted;  // what replaces it, if it is not kept
  };
  struct Replacement;

  void keep(std::size_t length);
  void replace(std::size_t length, const std::u16string& inserted);
  std::vector<Replacement> replacements() const;

  std::vector<Section> sections_;
};
