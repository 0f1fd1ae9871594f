// Reads the options of one section: the server's own and every plugin's go through this class.
//
// It never throws for a user's mistake: it notes it, with file and line or the environment variable, and returns the
// default. Names are known by having been asked for, so that what is left over is unknown, and so that a manual can be
// written of what was asked. Used on one thread; the tree behind it is immutable, and any number of readers on any
// threads may share it.
#pragma once

#include <hubbub/options.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/files.hpp"
#include "config/tree.hpp"

namespace hubbub::config {

// A place in the tree that may hold options. It shares the tree, and can be copied and kept.
struct Section {
  std::string path;                       // `plugins.chat`; empty for the whole
  std::shared_ptr<const Node> node = {};  // null where nothing was written
  Location where = {};                    // of the section or, where there is none, of what is around it
  std::shared_ptr<Files> files = {};      // that its options name; null: from the working directory
};

// One option as a manual would list it.
struct Description {
  std::string name;      // relative to the section: `rate.messages`
  std::string fallback;  // as it would be written in YAML; empty for empty text
  std::string value;     // in use, likewise: what is written, or the fallback
  std::string allowed;   // completes "must be …"; empty where the caller checks it
};

class OptionsReader final : public Options {
 public:
  explicit OptionsReader(Section section);

  bool boolean(std::string_view name, bool fallback) override;
  std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                       std::int64_t most = unbounded) override;
  double number(std::string_view name, double fallback, double least, double most) override;
  std::string text(std::string_view name, std::string_view fallback, std::size_t longest = 4096) override;
  std::string choice(std::string_view name, std::string_view fallback,
                     std::initializer_list<std::string_view> allowed) override;
  std::chrono::milliseconds duration(std::string_view name, std::chrono::milliseconds fallback,
                                     std::chrono::milliseconds least, std::chrono::milliseconds most) override;
  std::size_t size(std::string_view name, std::size_t fallback, std::size_t least, std::size_t most) override;
  Json json(std::string_view name, Json fallback) override;
  std::vector<TextFile> files(std::string_view name) override;
  OptionsReader& section(std::string_view name) override;
  void refuse(std::string_view name, std::string_view allowed) override;
  void note(std::string_view name, std::string_view text) override;

  // A single value of any type, as it was written, that `accepts` says yes to. `allowed` as for refuse().
  std::string matching(std::string_view name, std::string_view fallback, std::string_view allowed,
                       bool (*accepts)(const std::string&));

  // What was not asked for here is for somebody else to read, and not unknown.
  void leave_rest() { leaves_rest_ = true; }

  // What was written in this section, in order, known or not.
  std::vector<std::string> names() const;

  // The section `name` in this one, to be read by a reader of its own.
  Section inner(std::string_view name) const;

  // All that was asked so far, in that order, those in sections included.
  std::vector<Description> described() const;

  // All that is wrong, sections and unknown names included. Ask after the last option was read.
  std::vector<Problem> found() const;

  // The same as finished lines in the order of the file.
  std::vector<std::string> problems() const;

 private:
  struct Child {
    std::string name;
    std::unique_ptr<OptionsReader> reader;
  };

  const Node* written(std::string_view name) const;
  const Node* nearest_written(std::string_view name) const;
  const Node* ask(std::string_view name, std::string fallback, std::string allowed);
  void wrong(std::string_view name, const Node& node, std::string_view allowed, const std::string& advice = "");
  std::string line(const Location& where, std::string_view name, const std::string& text) const;
  Problem unknown(const Node& node) const;
  Problem not_a_section() const;

  Section section_;
  std::vector<Description> asked_;
  std::vector<Child> children_;
  std::vector<std::string> known_;    // options and sections as they were asked for
  std::vector<std::string> refused_;  // options that have a problem already
  std::vector<Problem> problems_;
  bool leaves_rest_ = false;
};

}  // namespace hubbub::config
