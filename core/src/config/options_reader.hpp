// Reads the options of one section, for the server's own options and for every plugin's.
//
// It never throws for a user's mistake: it records the problem, with file and line or the environment variable, and returns
// the default. It remembers every name it was asked for: a name in the section that was never asked for is an unknown option,
// and described() lists all known ones. Use one reader on one thread; readers on any threads may share the immutable tree.
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
  std::shared_ptr<const Node> node = {};  // null if nothing was written
  Location where = {};                    // of the section, or of the section around it if it was not written
  std::shared_ptr<Files> files = {};      // reads the files that options name; null: relative to the working directory
};

// One option as `--explain` lists it.
struct Description {
  std::string name;      // relative to the section: `rate.messages`
  std::string fallback;  // the default as it would be written in YAML; empty for empty text
  std::string value;     // the value in use: what is written, or the default
  std::string allowed;   // completes "must be …"; empty if the caller checks the value
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

  // A scalar of any type, as it was written, if `accepts` returns true for it. `allowed` as for refuse().
  std::string matching(std::string_view name, std::string_view fallback, std::string_view allowed,
                       bool (*accepts)(const std::string&));

  // Names that were not asked for are read elsewhere: do not report them as unknown.
  void leave_rest() { leaves_rest_ = true; }

  // All names written in this section, in order, known or not.
  std::vector<std::string> names() const;

  // The section `name` inside this section, for another reader.
  Section inner(std::string_view name) const;

  // All options asked for so far, in that order, then those of inner sections.
  std::vector<Description> described() const;

  // All problems, with those of inner sections and unknown names. Call it after the last option was read.
  std::vector<Problem> found() const;

  // found() as finished lines in the order of the file.
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
  std::vector<std::string> known_;    // options and sections, in the order they were asked for
  std::vector<std::string> refused_;  // options that already have a problem: only the first is recorded
  std::vector<Problem> problems_;
  bool leaves_rest_ = false;
};

}  // namespace hubbub::config
