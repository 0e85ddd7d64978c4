#include "data/corpus/shard_claims.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/data/small_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

class CheckShardFilesTest : public testing::Test {
 protected:
  const std::string& shard() const { return corpus_.Split("train").shards[0].file; }

  TempFolder folder_;
  CorpusInfo corpus_ = WriteDnaCorpus(folder_ / "corpus", MixedLengths(12, 20));
};

TEST_F(CheckShardFilesTest, AcceptsWhatWasWritten) { CheckShardFiles(folder_ / "corpus", corpus_); }

TEST_F(CheckShardFilesTest, RefusesAFileOfAnotherSize) {
  const std::string path = folder_ / ("corpus/" + shard());
  const std::uintmax_t bytes = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, bytes - 1);
  ExpectError(ExitCode::kBadData,
              path + ": has " + std::to_string(bytes - 1) + " bytes, corpus.json says " +
                  std::to_string(bytes) + "; restore the file or prepare the corpus again",
              [&] { CheckShardFiles(folder_ / "corpus", corpus_); });
}

TEST_F(CheckShardFilesTest, RefusesAClaimThatNoFileHolds) {
  corpus_.splits["train"].shards[0].bytes = Index{1} << 60;
  ExpectError(ExitCode::kBadData, "corpus.json says 1152921504606846976",
              [&] { CheckShardFiles(folder_ / "corpus", corpus_); });
}

TEST_F(CheckShardFilesTest, LeavesAMissingFileToItsReader) {
  std::filesystem::remove(folder_ / ("corpus/" + shard()));
  CheckShardFiles(folder_ / "corpus", corpus_);
}

}  // namespace
}  // namespace lockstep
