#include "base/work_progress.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(WorkProgress, SaysShareAndTimeLeft) {
  EXPECT_EQ(FormatWorkProgress("predict", "10 of 40 recordings", 0.25, 30),
            "predict: 10 of 40 recordings, 25 %, 1m30s left");
}

TEST(WorkProgress, WithoutAShareSaysWhatHasPassed) {
  EXPECT_EQ(FormatWorkProgress("predict", "10 sequences", -1, 12),
            "predict: 10 sequences, 12s passed");
}

}  // namespace
}  // namespace lockstep
