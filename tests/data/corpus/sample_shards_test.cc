#include "data/corpus/sample_shards.h"

#include <gtest/gtest.h>

#include "tests/data/small_corpus.h"
#include "tests/data/speech_corpus.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

const std::vector<Index> kLengths = {30, 1, 12, 55, 4, 40, 40, 23};

TEST(SampleShards, FindsNamesAndFeaturesOfAnySampleInAnyOrder) {
  const TempFolder folder;
  const CorpusInfo info = WriteSpeechCorpus(folder.path(), kLengths, 1000);
  const SplitInfo& split = info.Split("train");
  ASSERT_GT(split.shards.size(), 2u);
  SampleShards samples(folder.path(), info, split);
  for (const Index sample : {0, 7, 3, 3, 1, 6, 2, 5, 4}) {
    const auto id = static_cast<std::uint64_t>(split.first_sample_id + sample);
    EXPECT_EQ(samples.NameOf(id), NameOf(sample));
    const std::span<const float> features = samples.FeaturesOf(id);
    const Index frames = kLengths[static_cast<std::size_t>(sample)];
    ASSERT_EQ(features.size(), static_cast<std::size_t>(frames * kFrameWidth));
    EXPECT_EQ(features.back(), FrameValue(sample, frames - 1, kFrameWidth - 1));
  }
}

TEST(SampleShards, GivesIdsWhereThereAreNoNames) {
  const TempFolder folder;
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {10, 20});
  SampleShards samples(folder.path(), info, info.Split("train"));
  EXPECT_EQ(samples.NameOf(1), "1");
}

}  // namespace
}  // namespace lockstep
