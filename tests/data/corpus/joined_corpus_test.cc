#include "data/corpus/joined_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "data/corpus/corpus_writer.h"
#include "data/corpus/shard_reader.h"
#include "data/corpus/source_table.h"
#include "data/stream/sample_reads.h"
#include "data/stream/stream_bounds.h"
#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using ::testing::ElementsAre;

CorpusInfo WriteCorpus(const std::string& folder, const std::vector<Index>& lengths) {
  CorpusWriter writer(folder, DnaHeader(), {"train", "valid"});
  AddDnaSamples(writer, "train", lengths);
  AddDnaSamples(writer, "valid", {3});
  return writer.Finish("{}");
}

class JoinedCorpusTest : public ::testing::Test {
 protected:
  JoinedCorpusTest()
      : a_(folder_ / "a"),
        b_(folder_ / "b"),
        first_(WriteCorpus(a_, {4, 5})),
        second_(WriteCorpus(b_, {6, 7, 8})),
        joined_(JoinCorpora(first_, {{b_, second_, 2}, {a_, first_, 5}})) {}

  const TempFolder folder_;
  const std::string a_, b_;
  const CorpusInfo first_, second_, joined_;
};

TEST_F(JoinedCorpusTest, HasTheTrainingSamplesOfAllAndTheOtherSplitsOfTheFirst) {
  const SplitInfo& train = joined_.Split("train");
  EXPECT_EQ(train.sequences, 2 + 3 + 2);
  EXPECT_EQ(train.steps, 9 + 21 + 9);
  EXPECT_EQ(train.longest, 8);
  EXPECT_EQ(train.fields[0].rows, 39);
  EXPECT_THAT(train.joined_reads, ElementsAre(2, 5));
  EXPECT_EQ(joined_.Split("valid").sequences, 1);
  EXPECT_THAT(SourcesOf(joined_), ElementsAre("all", "b", "a"));
  const std::vector<SourceCounts> counts = CountSources(joined_, train);
  EXPECT_EQ(counts[1].steps, 21);
  EXPECT_EQ(counts[2].sequences, 2);
}

TEST_F(JoinedCorpusTest, ItsSampleIdsFollowEachOther) {
  Index next = joined_.Split("train").first_sample_id;
  std::vector<Index> lengths;
  for (const ShardInfo& shard : joined_.Split("train").shards) {
    ShardReader reader(a_, joined_, shard);
    for (Index record = 0; record < reader.sequences(); ++record) {
      EXPECT_EQ(reader.SampleId(record), static_cast<std::uint64_t>(next++));
      reader.Read(0, record);  // verifies the checksum, which holds the id on disk
      lengths.push_back(reader.Length(record));
    }
  }
  EXPECT_THAT(lengths, ElementsAre(4, 5, 6, 7, 8, 4, 5));
}

TEST_F(JoinedCorpusTest, FindsTheFolderOfASample) {
  const auto first = static_cast<std::uint64_t>(joined_.Split("train").first_sample_id);
  EXPECT_EQ(PlaceOf(joined_.Split("train"), first).folder, "");
  EXPECT_EQ(PlaceOf(joined_.Split("train"), first + 4).folder, b_);
  EXPECT_EQ(PlaceOf(joined_.Split("train"), first + 4).record, 2);
  EXPECT_EQ(PlaceOf(joined_.Split("train"), first + 6).folder, a_);
}

TEST_F(JoinedCorpusTest, ItsHashIsThatOfItsTextWhichHasThoseOfAll) {
  const CorpusInfo read = CorpusFromJson(CorpusToJson(joined_), "corpus.json");
  EXPECT_EQ(read.hash, joined_.hash);
  EXPECT_NE(joined_.hash, first_.hash);
  EXPECT_THAT(HashesOf(read), ElementsAre(first_.hash, second_.hash, first_.hash));
  EXPECT_THAT(HashesOf(first_), ElementsAre(first_.hash));
  EXPECT_THAT(ProvenancesOf(first_), ElementsAre(first_.provenance));
  EXPECT_EQ(ProvenancesOf(read).size(), 3u);
  CorpusInfo by_hand = first_;
  by_hand.provenance = R"({"joined": [3, {}, {"hash": 4}]})";
  EXPECT_THAT(HashesOf(by_hand), ElementsAre("", "", ""));
  EXPECT_THAT(ProvenancesOf(by_hand), ElementsAre("{}", "{}", "{}"));
  EXPECT_NE(JoinCorpora(second_, {{a_, first_, 1}}).hash, joined_.hash);
}

// Two threads draw the reads of the largest shard, which has 3 samples.
TEST_F(JoinedCorpusTest, ItsDrawsCountInTheMemoryBound) {
  StreamOptions options;
  options.plan.source_weights = {1, 2.0 / 3, 2.5};
  const SplitInfo& split = joined_.Split("train");
  SplitInfo plain = split;
  plain.joined_reads.clear();
  const SlotRange all{0, options.plan.slots};
  EXPECT_EQ(StreamBytes(joined_, split, options, all) - StreamBytes(joined_, plain, options, all),
            2 * 3 * kExactDrawBytes);
}

TEST_F(JoinedCorpusTest, AMissingShardIsNamedInItsFolder) {
  const ShardInfo shard = joined_.Split("train").shards[1];
  std::filesystem::remove(b_ + "/" + shard.file);
  ExpectError(ExitCode::kMissingInput, b_ + "/" + shard.file,
              [&] { ShardReader reader(a_, joined_, shard); });
}

}  // namespace
}  // namespace lockstep
