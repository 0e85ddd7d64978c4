#include "base/process_memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/aligned_buffer.h"

namespace lockstep {
namespace {

constexpr Index kBytes = 3 << 20;

// The first and the last page of an array also hold what others have written.
TEST(UseLargePages, ClearsTheArrayAndNothingElse) {
  AlignedBuffer<std::byte> buffer(kBytes);
  std::ranges::fill(buffer.span(), std::byte{1});
  UseLargePages(buffer.span().subspan(100, kBytes - 300));
  const auto holds = [&](Index first, Index count, std::byte value) {
    return std::ranges::count(buffer.span().subspan(first, count), value) == count;
  };
  EXPECT_TRUE(holds(0, 100, std::byte{1}));
  EXPECT_TRUE(holds(100, kBytes - 300, std::byte{0}));
  EXPECT_TRUE(holds(kBytes - 200, 200, std::byte{1}));
}

TEST(UseLargePages, TakesAnArrayThatIsSmallerThanAPage) {
  AlignedBuffer<std::byte> buffer(64);
  UseLargePages(buffer.span());
  UseLargePages({});
}

TEST(UseLargePages, LeavesTheResidentMemoryAsItWas) {
  AlignedBuffer<std::byte> buffer(4 * kBytes);
  const Index before = ResidentBytes();
  UseLargePages(buffer.span());
  EXPECT_NEAR(static_cast<double>(ResidentBytes()), static_cast<double>(before), 1 << 20);
}

}  // namespace
}  // namespace lockstep
