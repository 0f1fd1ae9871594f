// An object with a tail: any number of bytes right behind the object, in the same allocation. For types of which there may be a great many
// objects: text in the tail costs neither a pointer nor a second allocation.
//
//     class Name final : public WithTail<Name> {
//       friend class WithTail<Name>;
//       explicit Name(std::size_t size) : size_(size) {}
//       const std::size_t size_;
//      public:
//       std::string_view text() const { return {tail(), size_}; }  // `T` keeps the size, in as few bytes as it likes
//     };
//     std::unique_ptr<Name> name = Name::make({"Jo", "hn"}, 4);
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hubbub {

// The base of `T`, which is final and has no other base with data.
template <class T>
class WithTail {
 public:
  // An object made of `arguments`, whose tail is `pieces`, one behind the other.
  template <class... Arguments>
  static std::unique_ptr<T> make(std::initializer_list<std::string_view> pieces, Arguments&&... arguments) {
    static_assert(std::is_final_v<T> && alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    std::size_t size = 0;
    for (const auto piece : pieces) size += piece.size();
    std::unique_ptr<void, Release> memory{::operator new(sizeof(T) + size)};
    std::unique_ptr<T> made{::new (memory.get()) T(std::forward<Arguments>(arguments)...)};
    memory.release();
    auto* out = made->tail();
    for (const auto piece : pieces) out += piece.copy(out, piece.size());
    return made;
  }

  // An object that is shared, with a tail of `size` bytes that the caller writes before anybody else sees it. The reference
  // count is in the same allocation. `T` must need no destructor: it is never called.
  template <class... Arguments>
  static std::shared_ptr<T> make_shared(std::size_t size, Arguments&&... arguments) {
    static_assert(std::is_final_v<T> && alignof(T) <= alignof(Word) && std::is_trivially_destructible_v<T>);
    auto memory = std::make_shared_for_overwrite<Word[]>((sizeof(T) + size + sizeof(Word) - 1) / sizeof(Word));
    auto* made = ::new (static_cast<void*>(memory.get())) T(std::forward<Arguments>(arguments)...);
    return {std::move(memory), made};
  }

  static void operator delete(void* memory) { ::operator delete(memory); }  // unsized: the memory is larger than a `T`

  const char* tail() const { return reinterpret_cast<const char*>(static_cast<const T*>(this) + 1); }
  char* tail() { return reinterpret_cast<char*>(static_cast<T*>(this) + 1); }

 private:
  using Word = std::uint64_t;
  struct Release {
    void operator()(void* memory) const { ::operator delete(memory); }
  };
};

}  // namespace hubbub
