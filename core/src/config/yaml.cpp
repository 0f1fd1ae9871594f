#include "config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/text_file.hpp"

namespace hubbub::config {
namespace {

constexpr std::size_t most_nodes = 100'000;
constexpr std::size_t most_depth = 32;

// Appended to the text: without it the library lets the end of the text close an open quote.
constexpr std::string_view end_mark = "\n#";

// Thrown to leave the parser from inside its callbacks; always caught in this file.
struct Stop {
  Problem problem;
};

[[noreturn]] void fail(const Location& where, const std::string& text) { throw Stop{{where, text}}; }

std::size_t count_of(const Node& node) {
  std::size_t count = 1;
  for (const auto& inner : node.inner) count += count_of(inner);
  return count;
}

std::size_t depth_of(const Node& node) {
  std::size_t depth = 0;
  for (const auto& inner : node.inner) depth = std::max(depth, depth_of(inner));
  return node.kind == Node::Kind::list || node.kind == Node::Kind::map ? depth + 1 : depth;
}

// Builds the tree from the parser's events. The library's own nodes would keep the last of two equal keys, follow aliases
// without a bound, and nest as deep as the text does.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Location& where) : where_(where), latest_(where) {}

  Tree take() { return std::move(tree_); }

  Location at(const YAML::Mark& mark) const {
    Location where = where_;
    if (where.variable.empty() && !mark.is_null()) where.line += mark.line;
    return where;
  }

  // Where the latest value or name began.
  const Location& latest() const { return latest_; }

  // Where the innermost open list or map began.
  Location innermost() const { return open_.empty() ? where_ : open_.back().node.where; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(at(mark), "a second document begins here; a configuration is one document");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(started(mark, ""), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = started(mark, tag);
    if (tag == "?" && !awaits_key()) {
      set_plain(node, value);
    } else {
      set_string(node, value);
    }
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(at(mark), "an alias inside the value it names; write the value out");
    Node node = found->second;
    node.where = at(mark);
    check_depth(depth_of(node), mark);
    count(node, mark);
    add(std::move(node), YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  // A list or map that is still being read.
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<Node> key = {};                     // the latest key, if its value is still to come
    std::unordered_map<std::string, int> lines = {};  // of the keys so far
  };

  bool awaits_key() const { return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().key; }

  Node started(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      fail(at(mark), "YAML tags such as !!int or !name are not supported; remove it");
    }
    Node node;
    node.where = latest_ = at(mark);
    count(node, mark);
    return node;
  }

  void count(const Node& node, const YAML::Mark& mark) {
    nodes_ += count_of(node);
    if (nodes_ > most_nodes) {
      fail(at(mark), "holds more than " + std::to_string(most_nodes) + " values, counting those that aliases repeat");
    }
  }

  void check_depth(std::size_t more, const YAML::Mark& mark) const {
    if (open_.size() + more > most_depth) {
      fail(at(mark), "is nested deeper than " + std::to_string(most_depth) + " levels");
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    check_depth(1, mark);
    if (awaits_key()) {
      fail(at(mark),
           "a list or section where a name belongs; close each [ and {, and put text that begins with one in quotes");
    }
    Node node = started(mark, tag);
    node.kind = kind;
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      count(node, YAML::Mark::null_mark());
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      tree_.root = std::move(node);
    } else if (awaits_key()) {
      if (node.kind != Node::Kind::scalar) fail(node.where, "a name must be plain text");
      open_.back().key = std::move(node);
    } else if (open_.back().node.kind == Node::Kind::map) {
      add_to_map(open_.back(), std::move(node));
    } else {
      open_.back().node.inner.push_back(std::move(node));
    }
  }

  void add_to_map(Open& map, Node node) {
    node.name = map.key->text;
    node.where = map.key->where;
    map.key.reset();
    const auto [first, is_new] = map.lines.emplace(node.name, node.where.line);
    if (is_new) {
      map.node.inner.push_back(std::move(node));
    } else {
      const std::string before = node.where.line > 0 ? ", first on line " + std::to_string(first->second) : "";
      tree_.problems.push_back({node.where, path_to(node.name) + ": is given twice" + before + "; remove one"});
    }
  }

  std::string path_to(const std::string& name) const {
    std::string path;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      if (open_[i].key) path += shown_name(open_[i].key->text) + ".";
    }
    return path + shown_name(name);
  }

  Location where_;
  Location latest_;
  Tree tree_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// Replaces the library's messages for the most common mistakes by messages that say what to do.
std::string in_plain_words(const std::string& message) {
  using namespace YAML::ErrorMsg;
  static const std::map<std::string_view, std::string_view> words{
      {MAP_VALUE,
       "a \":\" that does not belong here; put text that contains one in quotes, and indent with spaces, not tabs"},
      {TAB_IN_INDENTATION, "a tab in the indentation; indent with spaces"},
      {UNKNOWN_TOKEN, "text that begins with this character needs quotes"},
      {END_OF_MAP, "this line is indented unlike the lines around it; indent the lines of a section equally"},
      {END_OF_SEQ, "this line is indented unlike the list around it; indent the lines of a list equally"},
      {END_OF_MAP_FLOW, "a { that is not closed"},
      {END_OF_SEQ_FLOW, "a [ that is not closed"},
      {EOF_IN_SCALAR, "a quote that is not closed, here or below"},
  };
  const auto found = words.find(message);
  return found == words.end() ? message : std::string{found->second};
}

void parse(std::string_view text, const Location& where, Builder& builder) {
  // Refuses bytes that YAML does not allow first: the library would take some of them for the end of the file.
  if (auto problem = bad_characters(text, where)) throw Stop{*std::move(problem)};
  try {
    std::istringstream stream{std::string{text}.append(end_mark)};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    Location place = builder.at(e.mark);
    // The library notices an unclosed list, map or quote at the end of the file. The user needs the place where it began.
    if (e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
      place = builder.innermost();
    } else if (e.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
      place = builder.latest();
    } else if (place.line > 0 && !e.mark.is_null()) {
      place.column = e.mark.column + 1;
    }
    fail(place, "is not valid YAML: " + in_plain_words(e.msg));
  }
}

}  // namespace

Tree read_yaml(std::string_view text, const Location& where) {
  Builder builder{where};
  try {
    parse(text, where, builder);
    return builder.take();
  } catch (Stop& stop) {
    Tree tree{.problems = builder.take().problems};
    tree.problems.push_back(std::move(stop.problem));
    return tree;
  }
}

Tree read_yaml_file(const std::filesystem::path& file, bool may_wait) {
  std::string text;
  if (auto problem = read_text(file, text, may_wait)) return {.problems = {*std::move(problem)}};
  return read_yaml(text, {.file = file.string(), .line = 1});
}

}  // namespace hubbub::config
