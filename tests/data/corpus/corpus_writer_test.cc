#include "data/corpus/corpus_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "data/corpus/shard_reader.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(CorpusWriter, FinishesWithWhatTheFolderSays) {
  const TempFolder folder;
  const CorpusInfo written = WriteDnaCorpus(folder.path(), {5, 3});
  const CorpusInfo read = ReadCorpusInfo(folder.path());
  EXPECT_EQ(CorpusToJson(read), CorpusToJson(written));
  const SplitInfo& train = read.Split("train");
  EXPECT_EQ(train.sequences, 2);
  EXPECT_EQ(train.steps, 8);
  EXPECT_EQ(train.longest, 5);
  // Targets 0 1 2 0 -, 1 2 0: the ignored one is in no count.
  EXPECT_EQ(train.label_counts, (std::vector<Index>{3, 2, 2}));
}

TEST(CorpusWriter, CutsShardsAtTheirTargetSize) {
  const TempFolder folder;
  // Two bytes a step: shards of 100 bytes take samples of 20 and 30 steps, then 40, then 60.
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {20, 30, 40, 60}, 100);
  const std::vector<ShardInfo>& shards = info.Split("train").shards;
  ASSERT_EQ(shards.size(), 3u);
  EXPECT_EQ(shards[0].steps, 50);
  EXPECT_EQ(shards[1].steps, 40);
  EXPECT_EQ(shards[2].steps, 60) << "a sample larger than a shard has one for itself";
  EXPECT_EQ(shards[2].file, "train-00002.h5");
}

TEST(CorpusWriter, KeepsSplitsApartThatGrowSideBySide) {
  const TempFolder folder;
  CorpusWriter writer(folder.path(), DnaHeader(), {"train", "valid", "test"});
  AddDnaSamples(writer, "train", {4});
  AddDnaSamples(writer, "valid", {2});
  AddDnaSamples(writer, "train", {3});
  const CorpusInfo info = writer.Finish("{}");
  EXPECT_EQ(info.Split("train").sequences, 2);
  EXPECT_EQ(info.Split("valid").first_sample_id, Index{1} << 40);
  EXPECT_EQ(info.splits.count("test"), 0u) << "a split without samples is left out";
}

TEST(CorpusWriter, GivesTheSameBytesForTheSameSamples) {
  const TempFolder one, two;
  WriteDnaCorpus(one.path(), {20, 30});
  WriteDnaCorpus(two.path(), {20, 30});
  for (const char* name : {"corpus.json", "train-00000.h5"}) {
    EXPECT_EQ(Slurp(one / name), Slurp(two / name)) << name;
  }
}

TEST(CorpusWriter, RefusesAFolderThatHoldsACorpus) {
  const TempFolder folder;
  WriteDnaCorpus(folder.path(), {5});
  ExpectError(ExitCode::kCannotCreate, "corpus.json exists, so there is a complete corpus already",
              [&] { WriteDnaCorpus(folder.path(), {5}); });
}

TEST(CorpusWriter, RemovesWhatAnInterruptedPrepareLeftAndNothingElse) {
  const TempFolder folder;
  WriteDnaCorpus(folder.path(), {20, 30, 40}, 50);
  std::filesystem::remove(folder / "corpus.json");
  Spill(folder / ".tmp-train-00003.h5", "half a shard");
  Spill(folder / ".tmp-7-13-0-train-00003.h5", "half a shard");
  Spill(folder / ".tmp-7-13-x-train-00003.h5", "the user's");
  Spill(folder / "train-notes.h5", "the user's");
  const CorpusInfo info = WriteDnaCorpus(folder.path(), {6});
  EXPECT_EQ(info.Split("train").shards.size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(folder / "train-00001.h5"));
  EXPECT_FALSE(std::filesystem::exists(folder / ".tmp-train-00003.h5"));
  EXPECT_FALSE(std::filesystem::exists(folder / ".tmp-7-13-0-train-00003.h5"));
  EXPECT_TRUE(std::filesystem::exists(folder / ".tmp-7-13-x-train-00003.h5"));
  EXPECT_TRUE(std::filesystem::exists(folder / "train-notes.h5"));
  VerifyShard(folder.path(), info, info.Split("train").shards[0]);
}

TEST(CorpusWriter, LeavesNoCorpusWhenItIsNotFinished) {
  const TempFolder folder;
  {
    CorpusWriter writer(folder.path(), DnaHeader(), {"train"}, 10);
    AddDnaSamples(writer, "train", {20, 30});
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "corpus.json"));
}

TEST(CorpusWriter, RefusesACorpusWithoutSamples) {
  const TempFolder folder;
  CorpusWriter writer(folder.path(), DnaHeader(), {"train"});
  ExpectError(ExitCode::kBadData, "there is no sample to write", [&] { writer.Finish("{}"); });
}

TEST(CorpusWriter, RefusesValuesOutsideTheAlphabet) {
  const TempFolder folder;
  CorpusWriter writer(folder.path(), DnaHeader(), {"train"});
  const std::vector<std::uint8_t> good{0, 1, 2}, bad{0, 1, 9};
  const auto add = [&](const std::vector<std::uint8_t>& inputs,
                       const std::vector<std::uint8_t>& targets) {
    writer.Add("train", {{std::as_bytes(std::span(inputs)), std::as_bytes(std::span(targets))}, 3});
  };
  add(good, good);
  ExpectError(ExitCode::kBadData, "inputs of sequence 1 have 9 at step 2, allowed: 0..4",
              [&] { add(bad, good); });
  ExpectError(ExitCode::kBadData, "targets of sequence 1 have 9 at step 2, allowed: 0..2 or 255",
              [&] { add(good, bad); });
  EXPECT_EQ(writer.Finish("{}").Split("train").sequences, 1);
}

}  // namespace
}  // namespace lockstep
