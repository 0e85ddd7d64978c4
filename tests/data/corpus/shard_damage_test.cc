// Every byte of a small shard is damaged in turn, whatever it is for: reading all records must then
// end in BadData.
#include <gtest/gtest.h>

#include "base/raw_file.h"
#include "data/corpus/shard_reader.h"
#include "tests/data/small_corpus.h"
#include "tests/data/speech_corpus.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_folder.h"

namespace lockstep {
namespace {

using WriteCorpus = CorpusInfo (*)(const std::string& folder);

CorpusInfo WriteGenes(const std::string& folder) { return WriteDnaCorpus(folder, {30, 41, 50}); }
CorpusInfo WriteTranscripts(const std::string& folder) {
  return WriteSpeechCorpus(folder, {30, 2, 21});
}

class ShardDamage : public testing::Test {
 protected:
  explicit ShardDamage(WriteCorpus write = WriteGenes) : info_(write(folder_.path())) {}

  // Damages every byte in turn.
  void ExpectAnyFlipIsFound() {
    EXPECT_EQ(VerifyError(), "");
    for (std::size_t at = 0; at < intact_.size(); ++at) {
      for (const int mask : {0x01, 0x80, 0xff}) {
        const std::string error = ErrorAfterFlip(at, mask);
        ASSERT_THAT(error, testing::HasSubstr("train-00000.h5: "))
            << "byte " << at << " mask " << mask;
        ASSERT_THAT(error, testing::HasSubstr("restore the file or prepare the corpus again"));
      }
    }
  }
  // The message of the error when the byte at this offset is damaged; nothing when there is none.
  std::string ErrorAfterFlip(std::size_t at, int mask) {
    RawFile file = RawFile::OpenForWriting(shard_);
    const auto damaged = static_cast<std::byte>(intact_[at] ^ mask);
    file.WriteAt(static_cast<Index>(at), std::span(&damaged, 1));
    const std::string error = VerifyError();
    file.WriteAt(static_cast<Index>(at), std::as_bytes(std::span(&intact_[at], 1)));
    return error;
  }
  std::string VerifyError() {
    try {
      VerifyShard(folder_.path(), info_, info_.Split("train").shards[0]);
      return "";
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadData) << error.what();
      return error.what();
    }
  }
  // Where the bytes of the first record lie in the file.
  std::size_t Find(const std::string& record) const {
    const std::size_t at = intact_.find(record);
    EXPECT_NE(at, std::string::npos);
    EXPECT_EQ(intact_.find(record, at + 1), std::string::npos);
    return at;
  }

  TempFolder folder_;
  CorpusInfo info_;
  std::string shard_ = folder_ / "train-00000.h5";
  std::string intact_ = Slurp(shard_);
};

TEST_F(ShardDamage, OfAnyByteIsFound) { ExpectAnyFlipIsFound(); }

// Names, offsets of labels, features.
class TranscriptShardDamage : public ShardDamage {
 protected:
  TranscriptShardDamage() : ShardDamage(WriteTranscripts) {}
};

TEST_F(TranscriptShardDamage, OfAnyByteIsFound) { ExpectAnyFlipIsFound(); }

TEST_F(ShardDamage, OfARecordIsNamedByFileDatasetAndRecord) {
  std::string inputs, targets;
  for (Index step = 0; step < 41; ++step) {
    inputs.push_back(static_cast<char>(SymbolOf(1, step)));
    targets.push_back(static_cast<char>(TargetOf(1, step)));
  }
  for (const auto& [name, record] : {std::pair{"inputs", inputs}, std::pair{"targets", targets}}) {
    const std::size_t first = Find(record);
    for (std::size_t at = first; at < first + record.size(); ++at) {
      const std::string error = ErrorAfterFlip(at, 0x10);
      ASSERT_EQ(error, fmt::format("{}: dataset \"{}\" record 1 (sample 1): checksum does not "
                                   "match: the bytes are damaged; restore the file or prepare the "
                                   "corpus again",
                                   shard_, name));
    }
  }
}

}  // namespace
}  // namespace lockstep
