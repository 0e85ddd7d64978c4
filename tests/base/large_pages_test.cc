#include "base/large_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace lockstep {
namespace {

constexpr Index kPage = 2 << 20;

std::uintptr_t Place(LargePages* pages) { return reinterpret_cast<std::uintptr_t>(pages->data()); }

TEST(LargePages, BeginAtAPageAndAreZero) {
  for (const Index bytes : {kPage / 2, kPage, kPage + 1}) {
    LargePages pages(bytes);
    EXPECT_EQ(Place(&pages) % kPage, 0U) << bytes;
    EXPECT_EQ(std::count(pages.data(), pages.data() + bytes, std::byte{0}), bytes);
  }
}

TEST(LargePages, OfAFewBytesAreAlignedToACacheLine) {
  for (const Index bytes : {0, 1, 64, 1000}) {
    LargePages pages(bytes);
    EXPECT_EQ(Place(&pages) % kAlignmentBytes, 0U) << bytes;
    EXPECT_EQ(std::count(pages.data(), pages.data() + bytes, std::byte{0}), bytes);
  }
}

TEST(MakeLargeWorkspace, GivesAllBytesItWasAskedFor) {
  for (const Index bytes : {Index{64}, 2 * kPage}) {
    const auto workspace = MakeLargeWorkspace(bytes);
    EXPECT_EQ(workspace->used_bytes(), 0);
    std::fill_n(workspace->Take<std::byte>(bytes), bytes, std::byte{1});
  }
}

}  // namespace
}  // namespace lockstep
