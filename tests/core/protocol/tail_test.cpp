#include "protocol/tail.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hubbub {
namespace {

class Name final : public WithTail<Name> {
 public:
  std::string_view text() const { return {tail(), size_}; }
  ~Name() { ++destroyed; }
  static inline int destroyed = 0;

 private:
  friend class WithTail<Name>;
  explicit Name(std::uint8_t size) : size_(size) {
    if (size == 0) throw std::runtime_error("no name");
  }
  const std::uint8_t size_;
};

TEST(Tail, holds_the_pieces_one_behind_the_other_in_the_objects_own_allocation) {
  const std::string long_piece(100, 'x');
  Name::destroyed = 0;
  {
    const auto name = Name::make({"Jo", "", "hn", long_piece}, std::uint8_t{104});
    EXPECT_EQ(name->text(), "John" + long_piece);
    EXPECT_EQ(name->tail(), reinterpret_cast<const char*>(name.get()) + sizeof(Name));
  }
  EXPECT_EQ(Name::destroyed, 1);
}

TEST(Tail, leaves_nothing_behind_if_the_object_cannot_be_made) {  // which AddressSanitizer would tell
  EXPECT_THROW(Name::make({"a name"}, std::uint8_t{0}), std::runtime_error);
}

struct Shared final : WithTail<Shared> {
  explicit Shared(int its_number) : number(its_number) {}
  int number;
};

TEST(Tail, is_written_by_who_makes_a_shared_object_and_goes_with_the_last_who_shares_it) {
  for (std::size_t size : {0U, 1U, 3U, 4U, 5U, 1000U}) {
    auto made = Shared::make_shared(size, 7);
    const std::string text(size, 'y');
    text.copy(made->tail(), size);
    std::shared_ptr<const Shared> other = std::move(made);
    EXPECT_EQ(other->number, 7);
    EXPECT_EQ((std::string_view{other->tail(), size}), text);
  }
}

}  // namespace
}  // namespace hubbub
