#include "launch/run/corpus_warnings.h"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(OneBatchWarning, TellsOfABatchOfTheWholeCorpus) {
  EXPECT_EQ(OneBatchWarning(100, 100), "");
  EXPECT_EQ(OneBatchWarning(100, 101),
            "batch.sequences is 101, but the training split has 100 samples: each epoch is one "
            "batch, with one update; set batch.sequences to a part of them, such as 10");
  EXPECT_NE(OneBatchWarning(1, 64).find("such as 1"), std::string::npos);
}

}  // namespace
}  // namespace lockstep
