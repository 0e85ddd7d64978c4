#include "data/corpus/word_cuts.h"

#include <gtest/gtest.h>

#include "base/durable_file.h"
#include "data/corpus/shard_reader.h"
#include "tests/data/spliced_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

TEST(WordCuts, AreReadAsTheyWereWritten) {
  const TempFolder folder;
  const CorpusInfo written = WriteSplicedCorpus(folder.path(), 30, true, 4000);
  const CorpusInfo info = ReadCorpusInfo(folder.path());
  EXPECT_TRUE(info.has_cuts);
  ASSERT_GT(info.Split("train").shards.size(), 2u);
  Index sample = 0;
  for (const ShardInfo& shard : info.Split("train").shards) {
    VerifyShard(folder.path(), info, shard);
    const ShardReader reader(folder.path(), info, shard);
    for (Index record = 0; record < reader.sequences(); ++record, ++sample) {
      const std::vector<WordCut> expected = CutsOfSample(WordsOfSample(sample));
      ASSERT_EQ(reader.tables().Cuts(record), std::ssize(expected));
      for (std::size_t k = 0; k < expected.size(); ++k) {
        EXPECT_EQ(reader.tables().Cut(record, static_cast<Index>(k)), expected[k]) << sample;
      }
    }
  }
  EXPECT_EQ(sample, 30);
}

// Programs before there were cuts wrote no key of them.
TEST(WordCuts, LeaveNoTraceInACorpusWithoutThem) {
  const TempFolder folder;
  const CorpusInfo info = WriteSplicedCorpus(folder.path(), 5, false);
  EXPECT_FALSE(info.has_cuts);
  EXPECT_EQ(ReadTextFile(folder.path() + "/corpus.json").find("cut"), std::string::npos);
  const ShardReader reader(folder.path(), info, info.Split("train").shards[0]);
  EXPECT_FALSE(reader.tables().has_cuts());
}

TEST(WordCuts, ThatAreDamagedAreFound) {
  const TempFolder folder;
  const CorpusInfo info = WriteSplicedCorpus(folder.path(), 5);
  const ShardInfo& shard = info.Split("train").shards[0];
  const std::string path = folder.path() + "/" + shard.file;
  RawFile file = RawFile::OpenForWriting(path);
  const std::int32_t wrong = 7;
  file.WriteAt(shard.places.cuts + 16, std::as_bytes(std::span(&wrong, 1)));
  ExpectError(ExitCode::kBadData, "they are damaged",
              [&] { const ShardReader reader(folder.path(), info, shard); });
}

TEST(WordCuts, ThatCannotBeAreNamed) {
  const std::vector<WordCut> good = {{}, {5, 2, 3}, {9, 4, 5}};
  EXPECT_FALSE(FindBadCut(good, 9, 4));
  EXPECT_FALSE(FindBadCut(std::vector<WordCut>{{}, {5, 2, 3, 3}, {9, 4, 5}}, 9, 4));
  EXPECT_TRUE(FindBadCut(good, 10, 4));
  EXPECT_TRUE(FindBadCut(good, 9, 5));
  EXPECT_TRUE(FindBadCut({}, 0, 0));
  for (const std::vector<WordCut>& bad : {std::vector<WordCut>{{1, 0, 0}, {9, 4, 5}},
                                          {{}, {0, 2, 2}, {9, 4, 5}},
                                          {{}, {5, 5, 5}, {9, 4, 5}},
                                          {{}, {5, 2, 1}, {9, 4, 5}},
                                          {{}, {5, 2, 5}, {9, 4, 7}},
                                          {{}, {5, 2, 3, -1}, {9, 4, 5}},
                                          {{}, {5, 2, 3, 4}, {9, 4, 5}},
                                          {{}, {5, 2, 3}, {9, 4, 5, 1}}}) {
    EXPECT_TRUE(FindBadCut(bad, 9, 4));
  }
}

}  // namespace
}  // namespace lockstep
