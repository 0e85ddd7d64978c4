#include <gtest/gtest.h>

#include "worker/comm/communicator.h"

namespace lockstep {
namespace {

TEST(Segments, CoverEverythingWithBordersAtTheGrain) {
  for (Index count : {0, 1, 1024, 5000, 1000000}) {
    for (int ranks : {1, 2, 3, 7, 64}) {
      const Segments segments = DivideIntoSegments(count, 1024, ranks);
      EXPECT_EQ(segments.begin(0), 0);
      EXPECT_EQ(segments.offsets.back(), count);
      for (int r = 0; r < ranks; ++r) {
        EXPECT_GE(segments.count(r), 0);
        EXPECT_TRUE(segments.begin(r) % 1024 == 0 || segments.begin(r) == count);
      }
    }
  }
}

TEST(Segments, DifferByAtMostOneGrain) {
  const Segments segments = DivideIntoSegments(100 * 1024, 1024, 7);
  for (int r = 0; r < 7; ++r) {
    EXPECT_GE(segments.count(r), 14 * 1024);
    EXPECT_LE(segments.count(r), 15 * 1024);
  }
}

}  // namespace
}  // namespace lockstep
