#include "pattern.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string>

namespace script {
namespace {

constexpr std::size_t longest = 1000;      // bytes; also bounds the recursion of the matcher
constexpr std::size_t most_captures = 32;

}  // namespace

class Parser {
 public:
  Parser(std::string_view text, Pattern& pattern) : text_(text), pattern_(pattern) {}

  void parse(bool may_anchor) {
    if (text_.size() > longest) fail("it is longer than 1000 bytes");
    if (may_anchor && text_.starts_with('^')) pattern_.anchored_ = true, ++at_;
    while (at_ < text_.size()) item();
    if (!open_.empty()) fail("unfinished capture");
  }

 private:
  using Kind = Pattern::Kind;
  using Set = Pattern::Set;

  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error("malformed pattern: " + what); }

  bool at_end() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  char next(const char* missing) {
    if (at_end()) fail(missing);
    return text_[at_++];
  }
  Pattern::Item& add(Kind kind) { return pattern_.items_.emplace_back(Pattern::Item{.kind = kind}); }

  void item() {
    const char c = peek();
    if (c == '(') return open();
    if (c == ')') return close();
    if (c == '$' && at_ + 1 == text_.size()) return ++at_, static_cast<void>(add(Kind::end));
    if (c == '%' && peek(1) == 'b') return balance();
    if (c == '%' && peek(1) == 'f') return frontier();
    if (c == '%' && std::isdigit(static_cast<unsigned char>(peek(1)))) return again();
    const auto set = single();
    auto& made = add(Kind::one);
    made.set = set;
    switch (peek()) {
      case '?': made.kind = Kind::maybe; break;
      case '-': made.kind = Kind::least; break;
      case '+': made.needs_one = true; [[fallthrough]];
      case '*': made.kind = Kind::most; break;
      default: return;
    }
    ++at_;
  }

  void open() {
    ++at_;
    if (pattern_.captures_ == most_captures) fail("too many captures");
    const auto number = pattern_.captures_++;
    if (peek() == ')') return ++at_, static_cast<void>(add(Kind::position).number = number);
    add(Kind::open).number = number;
    open_.push_back(number);
  }

  void close() {
    ++at_;
    if (open_.empty()) fail("a ) without a (");
    add(Kind::close).number = open_.back();
    open_.pop_back();
  }

  void balance() {
    at_ += 2;
    auto& made = add(Kind::balance);
    made.left = next("%b needs two characters");
    made.right = next("%b needs two characters");
  }

  void frontier() {
    at_ += 2;
    if (peek() != '[') fail("a [ is missing after %f");
    const auto set = single();
    add(Kind::frontier).set = set;
  }

  void again() {
    const auto number = static_cast<std::size_t>(text_[at_ + 1] - '1');  // %0 becomes a number that is too large
    if (number >= pattern_.captures_ || std::ranges::find(open_, number) != open_.end()) {
      fail(std::string{"there is no finished capture %"} + text_[at_ + 1]);
    }
    at_ += 2;
    add(Kind::again).number = number;
  }

  // Parses what stands for one character: a character, a class or a set.
  Set single() {
    const char c = next("");
    if (c == '.') return Set{}.set();
    if (c == '%') return letter_class(next("it ends with %"));
    return c == '[' ? bracket() : only(c);
  }

  Set bracket() {
    Set set;
    const bool inverted = peek() == '^' && !at_end();
    if (inverted) ++at_;
    for (bool is_first = true; is_first || peek() != ']' || at_end(); is_first = false) {
      const char c = next("a ] is missing");
      if (c == '%') {
        set |= letter_class(next("a ] is missing"));
      } else if (peek() == '-' && at_ + 1 < text_.size() && peek(1) != ']') {
        for (auto each = static_cast<unsigned char>(c); each <= static_cast<unsigned char>(peek(1)); ++each) {
          set.set(each);
          if (each == 255) break;
        }
        at_ += 2;
      } else {
        set |= only(c);
      }
    }
    ++at_;
    return inverted ? ~set : set;
  }

  static Set only(char c) { return Set{}.set(static_cast<unsigned char>(c)); }

  static Set letter_class(char c) {
    int (*is)(int) = nullptr;
    switch (std::tolower(static_cast<unsigned char>(c))) {
      case 'a': is = std::isalpha; break;
      case 'c': is = std::iscntrl; break;
      case 'd': is = std::isdigit; break;
      case 'g': is = std::isgraph; break;
      case 'l': is = std::islower; break;
      case 'p': is = std::ispunct; break;
      case 's': is = std::isspace; break;
      case 'u': is = std::isupper; break;
      case 'w': is = std::isalnum; break;
      case 'x': is = std::isxdigit; break;
      default: return only(c);
    }
    Set set;
    for (int each = 0; each < 256; ++each) set.set(static_cast<std::size_t>(each), is(each) != 0);
    return std::isupper(static_cast<unsigned char>(c)) ? ~set : set;
  }

  std::string_view text_;
  Pattern& pattern_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;
};

class Matcher {
 public:
  Matcher(const Pattern& pattern, std::string_view subject, std::int64_t& steps, Pattern::Match& match)
      : items_(pattern.items_), subject_(subject), steps_(steps), match_(match) {
    match_.captures.assign(pattern.captures_, {});
  }

  bool match(std::size_t at) {
    match_.begin = at;
    return rest(0, at);
  }

 private:
  using Kind = Pattern::Kind;

  // Whether the items from `item` on match from `at` on. It recurses only if it may have to backtrack. Captures left by a failed
  // attempt do no harm: the next attempt overwrites them before it reads them.
  bool rest(std::size_t item, std::size_t at) {
    for (; item < items_.size(); ++item) {
      if (--steps_ < 0) return false;
      const auto& it = items_[item];
      switch (it.kind) {
        case Kind::one:
          if (!fits(it, at)) return false;
          ++at;
          break;
        case Kind::maybe:
          if (fits(it, at) && rest(item + 1, at + 1)) return true;
          break;
        case Kind::most: return most(it, item, at);
        case Kind::least:
          while (!rest(item + 1, at)) {
            if (--steps_ < 0 || !fits(it, at)) return false;
            ++at;
          }
          return true;
        case Kind::open: capture(it) = {at, 0, false}; break;
        case Kind::position: capture(it) = {at, 0, true}; break;
        case Kind::close: capture(it).size = at - capture(it).begin; break;
        case Kind::balance:
          if (!balance(it, at)) return false;
          break;
        case Kind::frontier:
          if (it.set[at == 0 ? 0 : byte(at - 1)] || !it.set[at == subject_.size() ? 0 : byte(at)]) return false;
          break;
        case Kind::again: {
          const auto text = subject_.substr(capture(it).begin, capture(it).size);
          steps_ -= static_cast<std::int64_t>(text.size() / 16);
          if (!subject_.substr(at).starts_with(text)) return false;
          at += text.size();
          break;
        }
        case Kind::end:
          if (at != subject_.size()) return false;
          break;
      }
    }
    match_.end = at;
    return true;
  }

  bool most(const Pattern::Item& it, std::size_t item, std::size_t at) {
    std::size_t count = 0;
    while (fits(it, at + count)) ++count;
    steps_ -= static_cast<std::int64_t>(count / 4);
    for (const std::size_t least = it.needs_one ? 1 : 0; count + 1 > least; --count) {
      if (rest(item + 1, at + count)) return true;
      if (steps_ < 0 || count == 0) return false;
    }
    return false;
  }

  // Moves `at` behind a text that begins with `left` and ends with the balancing `right`.
  bool balance(const Pattern::Item& it, std::size_t& at) {
    if (at == subject_.size() || subject_[at] != it.left) return false;
    std::size_t depth = 1;
    for (auto end = at + 1; end < subject_.size(); ++end) {
      if (--steps_ < 0) return false;
      if (subject_[end] == it.right) {
        if (--depth == 0) return at = end + 1, true;
      } else if (subject_[end] == it.left) {
        ++depth;
      }
    }
    return false;
  }

  std::size_t byte(std::size_t at) const { return static_cast<unsigned char>(subject_[at]); }
  bool fits(const Pattern::Item& it, std::size_t at) const { return at < subject_.size() && it.set[byte(at)]; }
  Pattern::Capture& capture(const Pattern::Item& it) { return match_.captures[it.number]; }

  const std::vector<Pattern::Item>& items_;
  const std::string_view subject_;
  std::int64_t& steps_;
  Pattern::Match& match_;
};

Pattern::Pattern(std::string_view text, bool may_anchor) { Parser{text, *this}.parse(may_anchor); }

bool Pattern::search(std::string_view subject, std::size_t at, std::int64_t& steps, Match& match) const {
  for (; at <= subject.size() && steps >= 0; ++at) {
    if (Matcher{*this, subject, steps, match}.match(at)) return steps >= 0;
    if (anchored_) return false;
    --steps;
  }
  return false;
}

}  // namespace script
