// A text of UTF-16 units that can be edited anywhere at a cost that grows with the edit and hardly with the text.
//
// It is a rope: the text in chunks, in order, in a tree that stays balanced. Two neighbouring chunks together are never
// nearly empty, so the tree is small whatever the edits were. Movable, not copyable; used on one thread at a time.
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

  // Puts `inserted` in the place of `removed` units from `at` on; `at + removed` must be at most size().
  void replace(std::size_t at, std::size_t removed, std::u16string_view inserted);

  struct Node;
  using Tree = std::unique_ptr<Node>;

 private:
  Tree root_;
};
