// A change of a text, as CodeMirror 6 writes its ChangeSet in JSON: an array of sections that together span the old text.
// A number n keeps n units, [n] deletes n, [n,"line","line",…] replaces n by the lines with "\n" between them. Units are
// UTF-16.
//
// Change sets are canonical, as CodeMirror's are: no section is empty, and neighbours are joined where they keep, where
// they delete, and where they insert. A value; only apply() touches anything else.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "text.hpp"

class ChangeSet {
 public:
  // `json` must be an array of sections; throws Json::exception where it is not.
  static ChangeSet from_json(const nlohmann::json& json);
  nlohmann::json to_json() const;

  // The length of the text that it applies to, and of what becomes of that.
  std::size_t old_length() const;
  std::size_t new_length() const;

  // Bytes that it takes, for whoever keeps many.
  std::size_t memory() const;

  // This change for the text after `other`, which was made to the same text at the same time and came first: what both
  // delete is gone, and of two insertions at one place the other's stands before. The same as CodeMirror's
  // map(other, false), which the other side of the wire computes. Both must have the same old_length().
  ChangeSet map(const ChangeSet& other) const;

  // Whether it would take one half of a pair that stands for one character from the other; `text` must have old_length().
  bool splits_character(const Text& text) const;

  // Makes the change; `text` must have old_length().
  void apply(Text& text) const;

 private:
  struct Section {
    std::size_t length;       // of the old text
    bool is_kept;
    std::u16string inserted;  // in its place, where it is not kept
  };
  struct Replacement;

  void keep(std::size_t length);
  void replace(std::size_t length, const std::u16string& inserted);
  std::vector<Replacement> replacements() const;

  std::vector<Section> sections_;
};
