// A text of UTF-16 units. The cost of an edit grows with the size of the edit, and hardly with the size of the text.
//
// It is a rope: a balanced tree of chunks, in order. Two neighbouring chunks together always hold at least a full chunk, so the tree
// stays small whatever the edits are. Movable, not copyable; used on one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

class Text {
 public:
  Text();
  explicit Text(std::u16string_view units);
  ~Text();
  Text(Text&&) noexcept;
  Text& operator=(Text&&) noexcept;

  std::size_t size() const;
  std::u16string units() const;

  // The unit at `at`, which must be below size().
  char16_t operator[](std::size_t at) const;

  // Replaces the `removed` units from `at` on by `inserted`; `at + removed` must be at most size().
  void replace(std::size_t at, std::size_t removed, std::u16string_view inserted);

  struct Node;
  using Tree = std::unique_ptr<Node>;

 private:
  Tree root_;
};
