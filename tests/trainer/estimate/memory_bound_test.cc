// The rank that needs most memory, against the predictions for every rank.
#include "trainer/estimate/memory_bound.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/trainer/small_training.h"

namespace lockstep {
namespace {

// 40 sequences of 30 steps.
CorpusInfo SmallCorpus() {
  CorpusInfo corpus;
  corpus.schema = SchemaOf(SmallModel());
  SplitInfo split;
  split.sequences = 40;
  split.steps = 1200;
  split.longest = 30;
  split.fields.assign(2, {1200, 30});
  corpus.splits["train"] = split;
  return corpus;
}

void ExpectTheLargest(int ranks, Index slots, int ranks_per_host) {
  const SmallEncoderModel<float> model(SmallModel());
  TrainerOptions options;
  options.stream.plan.batch_sequences = 2 * slots;
  options.stream.plan.slots = slots;
  const CorpusInfo corpus = SmallCorpus();
  const PlannedJob job{.program = Index{1} << 24, .ranks = ranks, .ranks_per_host = ranks_per_host};
  Index most = 0;
  for (int rank = 0; rank < ranks; ++rank)
    most = std::max(most, PredictMemory(job, model, corpus, options, rank).total());
  EXPECT_EQ(PredictMostMemory(job, model, corpus, options), most)
      << ranks << " ranks, " << slots << " slots, " << ranks_per_host << " ranks per host";
}

TEST(PredictMostMemory, IsThatOfTheRankThatNeedsMost) {
  for (const int ranks : {1, 2, 3, 5, 16}) {
    for (const Index slots : {16, 21}) ExpectTheLargest(ranks, slots, 1);
  }
}

// Ranks that exchange in groups receive more or less, and those that leave early own no moments.
TEST(PredictMostMemory, IsThatOfTheRankThatReceivesMostInUnevenGroups) {
  for (const int ranks : {64, 67, 77, 90}) {
    for (const Index slots : {128, 140}) ExpectTheLargest(ranks, slots, 1);
  }
}

}  // namespace
}  // namespace lockstep
