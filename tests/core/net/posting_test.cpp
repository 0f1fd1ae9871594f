// What a shard posts to another one while there is no memory. (In this directory, because its tests can make memory scarce.)
#include <gtest/gtest.h>

#include <future>
#include <new>

#include "core/net/allocations.hpp"
#include "runtime/io_shard.hpp"

namespace hubbub::net::test {
namespace {

TEST(Posting, EitherThrowsOrIsDone) {
  for (std::size_t number = 1; number <= 30; ++number) {
    SCOPED_TRACE(number);
    runtime::IoShard from, to;
    to.start();
    from.start();
    int posted = 0, done = 0;
    std::promise<void> ended;
    from.post([&] {
      fail_allocation(number);
      for (int i = 0; i < 10; ++i) {
        try {
          to.post([&done] { ++done; });
          ++posted;
        } catch (const std::bad_alloc&) {
        }
      }
      const auto end = [&] {
        fail_allocation(0);
        to.post([&] { ended.set_value(); });
      };
      try {
        from.post(end);  // in a later turn
      } catch (const std::bad_alloc&) {
        from.post(end);
      }
    });
    ended.get_future().wait();
    EXPECT_GE(posted, 9);
    EXPECT_EQ(done, posted);
  }
}

}  // namespace
}  // namespace hubbub::net::test
