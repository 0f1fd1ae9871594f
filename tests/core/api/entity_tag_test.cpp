#include "api/entity_tag.hpp"

#include <gtest/gtest.h>

namespace hubbub::api {
namespace {

constexpr auto tag = R"("a-1")";

TEST(EntityTag, is_named_by_a_star_by_itself_and_by_a_list_that_holds_it) {
  for (const auto* header :
       {"*", " *\t", R"("a-1")", R"(W/"a-1")", R"("x","a-1")", R"("x" ,W/"y" , W/"a-1", "z")", R"(,, "a-1",)", R"("x, y", "a-1")"}) {
    EXPECT_TRUE(names_tag(header, tag)) << header;
  }
}

TEST(EntityTag, is_not_named_by_what_only_looks_like_it) {
  for (const auto* header : {"", " ", ",", "a-1", "'a-1'", R"("a-1)", R"(a-1")", R"("A-1")", R"("a-12")", R"("b" "a-1")", R"("a-1"x)",
                             R"(w/"a-1")", R"(W/ "a-1")", R"(W/)", R"("x"a-1")", R"("x, "a-1"")", R"(*, "b")", R"("*")", "**"}) {
    EXPECT_FALSE(names_tag(header, tag)) << header;
  }
}

}  // namespace
}  // namespace hubbub::api
