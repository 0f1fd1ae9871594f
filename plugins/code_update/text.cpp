#include "text.hpp"

#include <algorithm>
#include <utility>

namespace {

constexpr std::size_t longest_chunk = 1024;  // units

using Tree = Text::Tree;

}  // namespace

// A chunk, with the subtrees of the chunks before and after it. The heights of the subtrees differ by at most one.
struct Text::Node {
  std::u16string chunk;
  std::size_t size = 0;  // units in the chunk and both subtrees
  int height = 0;
  Tree before;
  Tree after;
};

namespace {

std::size_t size_of(const Tree& tree) { return tree ? tree->size : 0; }
int height_of(const Tree& tree) { return tree ? tree->height : 0; }

void measure(Text::Node& node) {
  node.size = size_of(node.before) + node.chunk.size() + size_of(node.after);
  node.height = 1 + std::max(height_of(node.before), height_of(node.after));
}

Tree link(Tree before, Tree node, Tree after) {
  node->before = std::move(before);
  node->after = std::move(after);
  measure(*node);
  return node;
}

Tree chunk_of(std::u16string_view units) {
  auto node = std::make_unique<Text::Node>();
  node->chunk = units;
  return link({}, std::move(node), {});
}

// Rotates the higher subtree up; `lower` and `higher` name the sides.
Tree rotate(Tree node, Tree Text::Node::*lower, Tree Text::Node::*higher) {
  auto top = std::move((*node).*higher);
  (*node).*higher = std::move((*top).*lower);
  measure(*node);
  (*top).*lower = std::move(node);
  measure(*top);
  return top;
}

// Balances a node whose subtrees are balanced and differ in height by at most two.
Tree balance(Tree node) {
  measure(*node);
  auto lower = &Text::Node::before;
  auto higher = &Text::Node::after;
  if (height_of(node->before) > height_of(node->after)) std::swap(lower, higher);
  auto& tall = (*node).*higher;
  if (height_of(tall) <= height_of((*node).*lower) + 1) return node;
  if (height_of((*tall).*lower) > height_of((*tall).*higher)) tall = rotate(std::move(tall), higher, lower);
  return rotate(std::move(node), lower, higher);
}

// Concatenates `before`, the chunk of `node` without its subtrees, and `after`.
Tree join(Tree before, Tree node, Tree after) {
  if (height_of(before) > height_of(after) + 1) {
    before->after = join(std::move(before->after), std::move(node), std::move(after));
    return balance(std::move(before));
  }
  if (height_of(after) > height_of(before) + 1) {
    after->before = join(std::move(before), std::move(node), std::move(after->before));
    return balance(std::move(after));
  }
  return link(std::move(before), std::move(node), std::move(after));
}

// Splits a tree into its first `at` units and the rest.
std::pair<Tree, Tree> split(Tree tree, std::size_t at) {
  if (!tree) return {};
  auto before = std::move(tree->before);
  auto after = std::move(tree->after);
  const auto begin = size_of(before);
  const auto end = begin + tree->chunk.size();
  if (at <= begin) {
    auto [left, right] = split(std::move(before), at);
    return {std::move(left), join(std::move(right), std::move(tree), std::move(after))};
  }
  if (at >= end) {
    auto [left, right] = split(std::move(after), at - end);
    return {join(std::move(before), std::move(tree), std::move(left)), std::move(right)};
  }
  auto rest = chunk_of(std::u16string_view{tree->chunk}.substr(at - begin));
  tree->chunk.resize(at - begin);
  return {join(std::move(before), std::move(tree), {}), join({}, std::move(rest), std::move(after))};
}

const std::u16string& outermost(const Tree& tree, Tree Text::Node::*side) {
  const auto* node = tree.get();
  while ((*node).*side) node = ((*node).*side).get();
  return node->chunk;
}

}  // namespace

Text::Text() = default;
Text::~Text() = default;
Text::Text(Text&&) noexcept = default;
Text& Text::operator=(Text&&) noexcept = default;

Text::Text(std::u16string_view units) { replace(0, 0, units); }

std::size_t Text::size() const { return size_of(root_); }

std::u16string Text::units() const {
  std::u16string all;
  all.reserve(size());
  const auto collect = [&all](const auto& self, const Tree& tree) -> void {
    if (!tree) return;
    self(self, tree->before);
    all += tree->chunk;
    self(self, tree->after);
  };
  collect(collect, root_);
  return all;
}

char16_t Text::operator[](std::size_t at) const {
  const auto* node = root_.get();
  for (;;) {
    const auto begin = size_of(node->before);
    if (at < begin) {
      node = node->before.get();
    } else if (at - begin < node->chunk.size()) {
      return node->chunk[at - begin];
    } else {
      at -= begin + node->chunk.size();
      node = node->after.get();
    }
  }
}

void Text::replace(std::size_t at, std::size_t removed, std::u16string_view inserted) {
  auto [left, rest] = split(std::move(root_), at);
  auto right = split(std::move(rest), removed).second;

  // The new text absorbs neighbouring chunks that are small or that fit into one chunk with it. So two neighbouring chunks together
  // always hold at least a full chunk, and there are at most two chunks to absorb on each side.
  std::u16string fresh{inserted};
  const auto takes = [&](const std::u16string& chunk) {
    return chunk.size() < longest_chunk / 2 || fresh.size() + chunk.size() <= longest_chunk;
  };
  while (left && takes(outermost(left, &Node::after))) {
    const auto& chunk = outermost(left, &Node::after);
    const auto begin = left->size - chunk.size();
    fresh.insert(0, chunk);
    left = split(std::move(left), begin).first;
  }
  while (right && takes(outermost(right, &Node::before))) {
    const auto& chunk = outermost(right, &Node::before);
    const auto end = chunk.size();
    fresh += chunk;
    right = split(std::move(right), end).second;
  }

  const auto chunks = (fresh.size() + longest_chunk - 1) / longest_chunk;
  for (std::size_t i = 0, from = 0; i < chunks; ++i) {
    const auto to = fresh.size() * (i + 1) / chunks;
    auto chunk = chunk_of(std::u16string_view{fresh}.substr(from, to - from));
    left = join(std::move(left), std::move(chunk), i + 1 == chunks ? std::move(right) : Tree{});
    from = to;
  }
  root_ = std::move(left);  // also right if `chunks` is 0: then `fresh` has absorbed nothing, so `right` is empty
}
